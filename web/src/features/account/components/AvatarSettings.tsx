import { useRef, useState } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { upload } from "../../../shared/lib/upload";
import { Button } from "../../../shared/ui/Button";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import { CropDialog } from "./CropDialog";
import styles from "./settings.module.css";

/** The picture that others see beside the name. */
export function AvatarSettings() {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const toast = useToast();
  const hasOne = useChat((state) => state.me.avatarUrl !== null);
  const input = useRef<HTMLInputElement>(null);
  const [picture, setPicture] = useState<ImageBitmap | null>(null);
  const [busy, setBusy] = useState(false);

  const choose = (file: File) => {
    createImageBitmap(file).then(setPicture, () => toast(t("profile.noPicture")));
  };
  const change = async (avatarId: string | null) => client.learnUsers([(await api.updateMe({ avatarId })).user]);
  const save = async (file: Blob) => {
    setBusy(true);
    const saved = await attempt(async () => {
      const signal = new AbortController().signal;
      const { id } = await upload({ file, name: "avatar.jpg", signal, onProgress: () => undefined });
      await change(id);
    });
    setBusy(false);
    if (saved) setPicture(null);
  };

  return (
    <div className={styles.picture}>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/gif,image/webp"
        hidden
        aria-label={t("profile.picture")}
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) choose(file);
          currentTarget.value = "";
        }}
      />
      <Button onClick={() => input.current?.click()}>{t("profile.picture")}</Button>
      {hasOne && <Button onClick={() => attempt(() => change(null))}>{t("profile.removePicture")}</Button>}
      {picture && <CropDialog picture={picture} busy={busy} onDone={(cut) => void save(cut)} onClose={() => setPicture(null)} />}
    </div>
  );
}
