import { useRef } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { IconButton } from "../../../shared/ui/Button";

/** Lets the person choose files; on a phone, take a picture, too. */
export function AttachButton({ onFiles }: { onFiles(files: readonly File[]): void }) {
  const { t } = useI18n();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={t("attachment.add")}
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          // The same file may be chosen again.
          currentTarget.value = "";
        }}
      />
      <IconButton icon="clip" label={t("attachment.add")} onClick={() => input.current?.click()} />
    </>
  );
}
