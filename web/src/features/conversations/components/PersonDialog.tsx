import type { Conversation } from "@chatconnect/protocol";
import { useMemo } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useMarked } from "../../../shared/chat/marks";
import { conversationTitle, useIsGone, useUser } from "../../../shared/chat/people";
import { useBlock } from "../../../shared/chat/useBlock";
import { useI18n } from "../../../shared/i18n/I18n";
import { longDate, shortTime } from "../../../shared/lib/dates";
import { Avatar } from "../../../shared/ui/Avatar";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Icon } from "../../../shared/ui/Icon";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { useAttempt } from "../../../shared/ui/Toasts";
import styles from "./PersonDialog.module.css";
import pick from "./pick.module.css";

interface Props {
  userId: string;
  onClose(): void;
  onOpen(conversationId: string): void;
}

/** Who somebody is, where one meets them, and the way to talk to them alone. */
export function PersonDialog({ userId, onClose, onOpen }: Props) {
  const { t, locale } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const user = useUser(userId);
  const isMe = useChat((state) => state.me.id === userId);
  const gone = useIsGone(userId);
  const shared = useShared(userId);
  const blocked = useMarked("blocked", userId);
  const block = useBlock();

  const talk = () => attempt(async () => onOpen(await client.create({ kind: "direct", memberIds: [userId] })));

  return (
    <Dialog title={t("person.title")} onClose={onClose} hideTitle>
      {gone ? (
        <div className={styles.person}>
          <Avatar name={t("person.gone")} id={userId} kind="gone" size={88} />
          <h3 className={styles.name}>{t("person.gone")}</h3>
          <p className={styles.detail}>{t("person.goneHint")}</p>
        </div>
      ) : user === null ? (
        <ListSkeleton rows={1} label={t("app.loading")} />
      ) : (
        <div className={pick.form}>
          <div className={styles.person}>
            <Avatar name={user.displayName} id={user.id} src={user.avatarUrl} size={88} />
            <h3 className={styles.name}>{user.displayName}</h3>
            <p className={styles.detail}>@{user.username}</p>
            <Presence userId={userId} />
            <p className={styles.detail}>{t("person.since", { when: longDate(locale, user.createdAt) })}</p>
            {!isMe && (
              <div className={styles.actions}>
                <Button kind="primary" onClick={talk}>
                  <Icon name="newChat" size={18} />
                  {t("person.talk")}
                </Button>
                <Button kind={blocked ? "quiet" : "danger"} onClick={() => void block(userId, user.displayName, !blocked)}>
                  <Icon name="block" size={18} />
                  {t(blocked ? "block.undo" : "block.do")}
                </Button>
              </div>
            )}
          </div>
          {!isMe && shared.length > 0 && (
            <section className={styles.shared} aria-label={t("person.shared")}>
              <h4 className={styles.heading}>{t("person.shared")}</h4>
              <ul>
                {shared.map(({ id, kind, title }) => (
                  <li key={id}>
                    <button type="button" className={pick.result} onClick={() => onOpen(id)}>
                      <Avatar name={title} id={id} kind={kind === "channel" ? "channel" : "group"} size={36} />
                      <span className={pick.name}>{title}</span>
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </Dialog>
  );
}

function Presence({ userId }: { userId: string }) {
  const { t, locale } = useI18n();
  const presence = useChat((state) => state.presence[userId]);
  if (presence?.status === "online") return <p className={styles.online}>{t("presence.online")}</p>;
  if (!presence?.lastSeenAt) return null;
  return <p className={styles.detail}>{t("presence.lastSeen", { when: shortTime(locale, presence.lastSeenAt) })}</p>;
}

/** Groups and channels that both are in, as far as the members are known. */
function useShared(userId: string): readonly { id: string; kind: Conversation["kind"]; title: string }[] {
  const { t } = useI18n();
  const threads = useChat((state) => state.threads);
  const users = useChat((state) => state.users);
  const gone = useChat((state) => state.gone);
  const me = useChat((state) => state.me);
  return useMemo(
    () =>
      Object.values(threads)
        .map(({ conversation }) => conversation)
        .filter(({ kind, members }) => kind !== "direct" && members.some((member) => member.userId === userId))
        .map((conversation) => ({ id: conversation.id, kind: conversation.kind, title: conversationTitle({ users, gone, me }, conversation, t("person.gone")) }))
        .sort((a, b) => a.title.localeCompare(b.title)),
    [threads, users, gone, me, userId, t],
  );
}
