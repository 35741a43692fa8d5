import type { Conversation, Member } from "@chatconnect/protocol";
import { useState, type FormEvent } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useConversationTitle, useIsGone, useIsOnline, useMyRole, useUser } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { useServer } from "../../../shared/session/useServer";
import { Avatar } from "../../../shared/ui/Avatar";
import { Button } from "../../../shared/ui/Button";
import { useConfirm } from "../../../shared/ui/Confirm";
import { Dialog } from "../../../shared/ui/Dialog";
import { Field } from "../../../shared/ui/Field";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt } from "../../../shared/ui/Toasts";
import { useMembers } from "../hooks/useMembers";
import { LONGEST_TITLE } from "../title";
import { AddPeopleDialog } from "./AddPeopleDialog";
import { InvitesDialog } from "./InvitesDialog";
import { MemberActions } from "./MemberActions";
import styles from "./pick.module.css";

interface Props {
  conversation: Conversation;
  onClose(): void;
  onLeft(): void;
  onPerson(userId: string): void;
}

/** Who is in a group or a channel, its name, and the ways in and out of it. */
export function MembersDialog({ conversation, onClose, onLeft, onPerson }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const confirm = useConfirm();
  const title = useConversationTitle(conversation);
  const myRole = useMyRole(conversation);
  const moderates = myRole === "owner" || myRole === "admin";
  const { members, count, loadMore } = useMembers(conversation);
  const { server } = useServer();
  const invites = moderates || (server?.admin === true && server.generalId === conversation.id);
  const [bringing, setBringing] = useState<"people" | "links" | null>(null);
  /** What was open before: the focus goes back to where it was opened. */
  const [brought, setBrought] = useState<typeof bringing>(null);
  const back = () => {
    setBrought(bringing);
    setBringing(null);
  };

  const leaveText = t(conversation.kind === "channel" ? "members.leaveChannel" : "members.leaveGroup");

  const leave = async () => {
    const question = { title: t("members.leaveConfirm", { title }), detail: t("members.leaveDetail"), action: leaveText };
    if (!(await confirm(question))) return;
    if (await attempt(() => client.leave(conversation.id))) onLeft();
  };
  const remove = async () => {
    const question = { title: t("members.deleteConfirm", { title }), detail: t("members.deleteDetail"), action: t("members.delete") };
    if (!(await confirm(question))) return;
    if (await attempt(() => api.deleteConversation(conversation.id))) onLeft();
  };

  if (bringing === "people") return <AddPeopleDialog conversation={conversation} onClose={back} />;
  if (bringing === "links") return <InvitesDialog conversation={conversation} onClose={back} />;
  return (
    <Dialog title={`${title} · ${t("members", { count })}`} onClose={onClose}>
      <div className={styles.form}>
        {invites && (
          <div className={styles.fields}>
            {moderates && <Rename conversation={conversation} />}
            <div className={styles.ways}>
              {moderates && (
                <Button data-autofocus={brought === "people" || undefined} onClick={() => setBringing("people")}>
                  <Icon name="plus" size={18} />
                  {t("members.add")}
                </Button>
              )}
              <Button data-autofocus={brought === "links" || undefined} onClick={() => setBringing("links")}>
                <Icon name="link" size={18} />
                {t("invite.links")}
              </Button>
            </div>
          </div>
        )}
        <ul className={styles.results} aria-label={t("members.title")}>
          {members.map((member) => (
            <MemberRow key={member.userId} conversation={conversation} member={member} onPerson={onPerson} />
          ))}
          {loadMore && (
            <li className={styles.more}>
              <Button onClick={() => attempt(loadMore)}>{t("members.more")}</Button>
            </li>
          )}
        </ul>
        <div className={styles.actions}>
          {myRole === "owner" && (
            <Button kind="danger" onClick={remove}>
              <Icon name="trash" size={18} />
              {t("members.delete")}
            </Button>
          )}
          <Button kind="danger" onClick={leave}>
            <Icon name="leave" size={18} />
            {leaveText}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Rename({ conversation }: { conversation: Conversation }) {
  const { t } = useI18n();
  const attempt = useAttempt();
  const before = conversation.title ?? "";
  const [typed, setTyped] = useState(before);
  const [busy, setBusy] = useState(false);
  const title = typed.trim();

  const rename = async (event: FormEvent) => {
    event.preventDefault();
    if (title === "" || title === before || busy) return;
    setBusy(true);
    await attempt(() => api.renameConversation(conversation.id, title));
    setBusy(false);
  };

  return (
    <form className={styles.inline} onSubmit={rename}>
      <Field
        label={t(conversation.kind === "channel" ? "channel.name" : "new.groupName")}
        value={typed}
        maxLength={LONGEST_TITLE}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button kind="primary" type="submit" disabled={busy || title === "" || title === before}>
        {t("settings.save")}
      </Button>
    </form>
  );
}

interface MemberRowProps {
  conversation: Conversation;
  member: Member;
  onPerson(userId: string): void;
}

function MemberRow({ conversation, member, onPerson }: MemberRowProps) {
  const { t } = useI18n();
  const user = useUser(member.userId);
  const gone = useIsGone(member.userId);
  const online = useIsOnline(member.userId);
  const isMe = useChat((state) => state.me.id === member.userId);
  if (gone) return <GoneMember userId={member.userId} />;
  if (!user) return null;
  return (
    <li className={styles.result}>
      <button type="button" className={styles.who} title={t("person.open", { name: user.displayName })} onClick={() => onPerson(user.id)}>
        <Avatar name={user.displayName} id={user.id} src={user.avatarUrl} size={40} online={online} />
        <span className={styles.names}>
          <span className={styles.name}>
            {user.displayName}
            {isMe && ` (${t("members.you")})`}
          </span>
          <span className={styles.detail}>@{user.username}</span>
        </span>
      </button>
      {member.role !== "member" && <span className={styles.role}>{t(member.role === "owner" ? "members.owner" : "members.admin")}</span>}
      {!isMe && <MemberActions conversation={conversation} member={member} name={user.displayName} />}
    </li>
  );
}

function GoneMember({ userId }: { userId: string }) {
  const { t } = useI18n();
  return (
    <li className={styles.result}>
      <Avatar name={t("person.gone")} id={userId} kind="gone" size={40} />
      <span className={styles.name}>{t("person.gone")}</span>
    </li>
  );
}
