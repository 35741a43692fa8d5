import { ApiError, type AdminAccount } from "@chatconnect/protocol";
import { useCallback, useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { IconButton } from "../../../shared/ui/Button";
import { useConfirm } from "../../../shared/ui/Confirm";
import { Menu, MenuItem } from "../../../shared/ui/Menu";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import { adminApi } from "../api";
import type { AdminKey } from "../texts/en";
import { useTexts } from "../texts/useTexts";

interface Props {
  account: AdminAccount;
  isMe: boolean;
  onChanged(account: AdminAccount): void;
  onDeleted(userId: string): void;
  onPassword(password: string): void;
}

/** What an administrator may do with an account; with their own and with other administrators' it is less. */
export function AccountActions({ account, isMe, onChanged, onDeleted, onPassword }: Props) {
  const { t } = useI18n();
  const say = useTexts();
  const attempt = useAttempt();
  const confirm = useConfirm();
  const toast = useToast();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  const { user, admin, bannedAt } = account;
  const name = user.displayName;
  const label = say("actions", { name });
  if (isMe && !admin) return null;

  const then = (work: () => Promise<unknown>, question?: Parameters<typeof confirm>[0]) => async () => {
    close();
    anchor?.focus();
    if (question === undefined || (await confirm(question))) await attempt(work);
  };
  const takeAdmin = isMe
    ? { title: say("resignConfirm"), detail: say("resignDetail"), action: say("takeAdmin") }
    : { title: say("takeAdminConfirm", { name }), action: say("takeAdmin") };
  const asked = (about: "makeAdmin" | "reset" | "ban" | "delete", action: AdminKey) => ({
    title: say(`${about}Confirm`, { name }),
    detail: say(`${about}Detail`),
    action: say(action),
  });
  const update = (change: { admin: boolean } | { banned: boolean }) => async () => {
    try {
      onChanged((await adminApi.updateAccount(user.id, change)).account);
    } catch (error) {
      if (!(error instanceof ApiError) || error.fields["admin"] === undefined) throw error;
      toast(t("app.error", { reason: say("lastAdmin") }));
    }
  };
  const reset = async () => onPassword((await adminApi.resetPassword(user.id)).password);
  const remove = async () => {
    await adminApi.deleteAccount(user.id);
    onDeleted(user.id);
    toast(say("deleted"));
  };

  return (
    <>
      <IconButton
        icon="more"
        label={label}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(anchor ? null : event.currentTarget)}
      />
      {anchor && (
        <Menu anchor={anchor} label={label} onClose={close}>
          {admin ? (
            <MenuItem icon="shield" onSelect={then(update({ admin: false }), takeAdmin)}>
              {say("takeAdmin")}
            </MenuItem>
          ) : (
            bannedAt === null && (
              <MenuItem icon="shield" onSelect={then(update({ admin: true }), asked("makeAdmin", "makeAdmin"))}>
                {say("makeAdmin")}
              </MenuItem>
            )
          )}
          {!isMe && (
            <MenuItem icon="key" onSelect={then(reset, asked("reset", "resetPassword"))}>
              {say("resetPassword")}
            </MenuItem>
          )}
          {!admin && (
            <>
              {bannedAt === null ? (
                <MenuItem icon="personOff" danger onSelect={then(update({ banned: true }), asked("ban", "ban"))}>
                  {say("ban")}
                </MenuItem>
              ) : (
                <MenuItem icon="check" onSelect={then(update({ banned: false }))}>
                  {say("unban")}
                </MenuItem>
              )}
              <MenuItem icon="trash" danger onSelect={then(remove, asked("delete", "delete"))}>
                {say("delete")}
              </MenuItem>
            </>
          )}
        </Menu>
      )}
    </>
  );
}
