import type { Conversation } from "@chatconnect/protocol";
import { Avatar } from "../ui/Avatar";
import { useChat } from "./Chat";
import { otherPerson, useConversationTitle, useIsGone, useIsOnline, useUser, useUserName } from "./people";

/** The other person's picture in a direct conversation, a mark of its own for any other. */
export function ConversationAvatar({ conversation, size }: { conversation: Conversation; size: number }) {
  const me = useChat((state) => state.me.id);
  const title = useConversationTitle(conversation);
  const other = otherPerson(conversation, me);
  const src = useUser(other)?.avatarUrl;
  const online = useIsOnline(other);
  const gone = useIsGone(other);
  const kind = conversation.kind === "direct" ? (gone ? "gone" : "person") : conversation.kind;
  return <Avatar name={title} id={other ?? conversation.id} src={src} kind={kind} size={size} online={online} />;
}

export function PersonAvatar({ userId, size }: { userId: string; size: number }) {
  const name = useUserName(userId);
  const src = useUser(userId)?.avatarUrl;
  const gone = useIsGone(userId);
  return <Avatar name={name} id={userId} src={src} kind={gone ? "gone" : "person"} size={size} />;
}
