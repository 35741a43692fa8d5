import type { Conversation, Member } from "@chatconnect/protocol";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useConversationTitle, useIsOnline, useUser } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { Avatar } from "../../../shared/ui/Avatar";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt } from "../../../shared/ui/Toasts";
import styles from "./pick.module.css";

interface Props {
  conversation: Conversation;
  onClose(): void;
  onLeft(): void;
}

/** Who is in a group or a channel (the first hundred), and the way out of it. */
export function MembersDialog({ conversation, onClose, onLeft }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const title = useConversationTitle(conversation);

  const leave = async () => {
    if (!window.confirm(t("members.leaveConfirm", { title }))) return;
    if (await attempt(() => client.leave(conversation.id))) onLeft();
  };

  return (
    <Dialog title={`${title} · ${t("members", { count: conversation.memberCount })}`} onClose={onClose}>
      <div className={styles.form}>
        <ul className={styles.results} aria-label={t("members.title")}>
          {conversation.members.map((member) => (
            <MemberRow key={member.userId} member={member} />
          ))}
        </ul>
        <div className={styles.actions}>
          <Button kind="danger" onClick={leave}>
            <Icon name="leave" size={18} />
            {t("members.leave")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function MemberRow({ member }: { member: Member }) {
  const { t } = useI18n();
  const user = useUser(member.userId);
  const online = useIsOnline(member.userId);
  const isMe = useChat((state) => state.me.id === member.userId);
  if (!user) return null;
  return (
    <li className={styles.result}>
      <Avatar name={user.displayName} id={user.id} size={40} online={online} />
      <span className={styles.names}>
        <span className={styles.name}>
          {user.displayName}
          {isMe && ` (${t("members.you")})`}
        </span>
        <span className={styles.detail}>@{user.username}</span>
      </span>
      {member.role !== "member" && <span className={styles.role}>{t(member.role === "owner" ? "members.owner" : "members.admin")}</span>}
    </li>
  );
}
