import type { Conversation } from "@chatconnect/protocol";
import { useChat } from "../../../shared/chat/Chat";
import { useFolded } from "../../../shared/chat/marks";
import { useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { preview } from "../../../shared/text/preview";
import { useState } from "react";
import type { Row } from "./rows";

/** The newest message of somebody else, in words for a screen reader; empty for what was there from the start. */
export function useAnnouncement(rows: readonly Row[], conversation: Conversation): string {
  const i18n = useI18n();
  const me = useChat((state) => state.me.id);
  const last = rows.at(-1);
  const folded = useFolded(conversation, last?.senderId ?? null);
  const [first] = useState(last?.key);
  const sender = useUserName(last?.senderId ?? null);
  if (!last || last.key === first || last.senderId === me || folded || last.message?.deletedAt) return "";
  return i18n.t("messages.from", { name: sender, text: last.body || preview(i18n, last) });
}
