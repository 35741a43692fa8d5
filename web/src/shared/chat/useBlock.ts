import { useCallback } from "react";
import { useI18n } from "../i18n/I18n";
import { useAttempt } from "../ui/Toasts";
import { useChatClient } from "./Chat";

/** Blocks somebody, after asking whether that is meant, or unblocks them. */
export function useBlock(): (userId: string, name: string, blocked: boolean) => Promise<boolean> {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  return useCallback(
    async (userId, name, blocked) => {
      if (blocked && !window.confirm(t("block.confirm", { name }))) return false;
      return attempt(() => client.setBlocked(userId, blocked));
    },
    [t, client, attempt],
  );
}
