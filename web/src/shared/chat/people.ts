import type { ChatState, Conversation, Member, User } from "@chatconnect/protocol";
import { useEffect } from "react";
import { useI18n } from "../i18n/I18n";
import { useChat, useChatClient } from "./Chat";

/** A user by id; asks the server for those that we have not met. */
export function useUser(id: string | null): User | null {
  const client = useChatClient();
  const user = useChat((state) => (id === null ? null : (state.users[id] ?? null)));
  useEffect(() => {
    if (id !== null && !user) client.needUsers([id]);
  }, [client, id, user]);
  return user;
}

/** Whether somebody's account was deleted. */
export function useIsGone(id: string | null): boolean {
  return useChat((state) => id !== null && state.gone.has(id));
}

export function useUserName(id: string | null): string {
  const { t } = useI18n();
  const gone = useIsGone(id);
  return useUser(id)?.displayName ?? t(gone ? "person.gone" : "messages.unknownPerson");
}

/** The other person of a direct conversation; null in groups and channels. */
export function otherPerson(conversation: Conversation, me: string): string | null {
  if (conversation.kind !== "direct") return null;
  return conversation.members.find((member) => member.userId !== me)?.userId ?? me;
}

/** `gone` is what those are called whose account was deleted. */
export function conversationTitle(state: Pick<ChatState, "me" | "users" | "gone">, conversation: Conversation, gone: string): string {
  if (conversation.kind === "channel") return `#${conversation.title ?? ""}`;
  if (conversation.title) return conversation.title;
  const others = conversation.members.filter((member) => member.userId !== state.me.id).slice(0, 4);
  const named = others.length > 0 ? others : [{ userId: state.me.id }];
  return named.map(({ userId }) => state.users[userId]?.displayName ?? (state.gone.has(userId) ? gone : "…")).join(", ");
}

/** The title of a conversation as its reader sees it. */
export function useConversationTitle(conversation: Conversation): string {
  const client = useChatClient();
  const { t } = useI18n();
  const title = useChat((state) => conversationTitle(state, conversation, t("person.gone")));
  useEffect(() => {
    if (conversation.title === null) client.needUsers(conversation.members.slice(0, 5).map((member) => member.userId));
  }, [client, conversation]);
  return title;
}

/** One's own role; null in a conversation so large that it does not name everybody, among those it leaves out. */
export function useMyRole(conversation: Conversation): Member["role"] | null {
  const me = useChat((state) => state.me.id);
  return roleOf(conversation, me);
}

/** Whether one may delete what others wrote. */
export function useModerates(conversationId: string): boolean {
  return useChat(({ me, threads }) => {
    const thread = threads[conversationId];
    const role = thread && roleOf(thread.conversation, me.id);
    return role === "owner" || role === "admin";
  });
}

function roleOf(conversation: Conversation, userId: string): Member["role"] | null {
  if (conversation.kind === "direct") return null;
  return conversation.members.find((member) => member.userId === userId)?.role ?? null;
}

export function useIsOnline(userId: string | null): boolean {
  return useChat((state) => userId !== null && state.presence[userId]?.status === "online");
}

const byName = new WeakMap<ChatState["users"], ReadonlyMap<string, User>>();

/** The person with this username (in lower case), if we have met them. */
export function userNamed({ users }: Pick<ChatState, "users">, username: string): User | null {
  let names = byName.get(users);
  if (!names) {
    names = new Map(Object.values(users).map((user) => [user.username, user]));
    byName.set(users, names);
  }
  return names.get(username) ?? null;
}
