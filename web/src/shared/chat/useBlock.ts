import { useCallback } from "react";
import { useI18n } from "../i18n/I18n";
import { useConfirm } from "../ui/Confirm";
import { useAttempt } from "../ui/Toasts";
import { useChatClient } from "./Chat";

/** Blocks somebody, after asking whether that is meant, or unblocks them. */
export function useBlock(): (userId: string, name: string, blocked: boolean) => Promise<boolean> {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const confirm = useConfirm();
  return useCallback(
    async (userId, name, blocked) => {
      const question = { title: t("block.confirm", { name }), detail: t("block.confirmDetail"), action: t("block.do") };
      if (blocked && !(await confirm(question))) return false;
      return attempt(() => client.setBlocked(userId, blocked));
    },
    [t, client, attempt, confirm],
  );
}
