import type { Attachment } from "@chatconnect/protocol";
import type { I18n } from "../i18n/I18n";
import { summary } from "./markdown";

interface Said {
  readonly body: string;
  readonly attachments: readonly Attachment[];
}

/** A message on one line, in words also where it has none. */
export function preview({ t }: Pick<I18n, "t">, { body, attachments }: Said): string {
  if (body !== "") return summary(body);
  const [first] = attachments;
  if (!first) return "";
  if (attachments.length > 1) {
    return attachments.every(({ kind }) => kind === "image")
      ? t("attachment.images", { count: attachments.length })
      : t("attachment.files", { count: attachments.length });
  }
  return attachmentName({ t }, first);
}

/** What a file is called in a conversation. */
export function attachmentName({ t }: Pick<I18n, "t">, attachment: Attachment): string {
  switch (attachment.kind) {
    case "image":
      return t("attachment.image");
    case "video":
      return t("attachment.video");
    case "audio":
      return isVoice(attachment) ? t("attachment.voice") : attachment.name;
    case "file":
      return attachment.name;
  }
}

/** Only a recording of ours says how long it is: see `useVoice`. */
export function isVoice({ kind, durationMs, name }: Attachment): boolean {
  return kind === "audio" && durationMs !== null && name.startsWith("voice-message.");
}
