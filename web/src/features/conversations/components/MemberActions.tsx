import type { Conversation, Member } from "@chatconnect/protocol";
import { useCallback, useState } from "react";
import { api } from "../../../shared/api";
import { useConversationTitle, useMyRole } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { IconButton } from "../../../shared/ui/Button";
import { useConfirm } from "../../../shared/ui/Confirm";
import { Menu, MenuItem } from "../../../shared/ui/Menu";
import { useAttempt } from "../../../shared/ui/Toasts";

interface Props {
  conversation: Conversation;
  /** Somebody else. */
  member: Member;
  name: string;
}

/** What one may do with another member; nothing is shown to who may do nothing. */
export function MemberActions({ conversation, member, name }: Props) {
  const { t } = useI18n();
  const attempt = useAttempt();
  const confirm = useConfirm();
  const title = useConversationTitle(conversation);
  const myRole = useMyRole(conversation);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  const owns = myRole === "owner";
  const { id } = conversation;
  if (!owns && !(myRole === "admin" && member.role === "member")) return null;

  const then = (work: () => Promise<unknown>, question?: Parameters<typeof confirm>[0]) => async () => {
    close();
    anchor?.focus();
    if (question === undefined || (await confirm(question))) await attempt(work);
  };
  const makeOwner = { title: t("members.makeOwnerConfirm", { name }), detail: t("members.makeOwnerDetail"), action: t("members.makeOwner") };
  const remove = { title: t("members.removeConfirm", { name, title }), action: t("members.remove") };
  const setRole = (role: Member["role"]) => () => api.setRole(id, member.userId, role);

  return (
    <>
      <IconButton
        icon="more"
        label={t("members.actions", { name })}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(anchor ? null : event.currentTarget)}
      />
      {anchor && (
        <Menu anchor={anchor} label={t("members.actions", { name })} onClose={close}>
          {owns && (
            <>
              <MenuItem onSelect={then(setRole(member.role === "admin" ? "member" : "admin"))}>
                {t(member.role === "admin" ? "members.makeMember" : "members.makeAdmin")}
              </MenuItem>
              <MenuItem onSelect={then(setRole("owner"), makeOwner)}>{t("members.makeOwner")}</MenuItem>
            </>
          )}
          <MenuItem icon="leave" danger onSelect={then(() => api.removeMember(id, member.userId), remove)}>
            {t("members.remove")}
          </MenuItem>
        </Menu>
      )}
    </>
  );
}
