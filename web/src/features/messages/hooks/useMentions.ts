import type { ChatState, User } from "@chatconnect/protocol";
import { useEffect, useMemo, useState, type KeyboardEvent } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";

const MOST = 6;

/** The name that is being typed: where its `@` stands, and what follows that. */
export interface TypedName {
  start: number;
  typed: string;
}

/** What is typed before the caret, when it is the beginning of somebody's name. */
export function typedName(text: string, caret: number): TypedName | null {
  const match = /(?<![\p{L}\p{N}@._/-])@([\p{L}\p{N}._-]{0,32})$/u.exec(text.slice(0, caret));
  return match ? { start: match.index, typed: fold(match[1] ?? "") } : null;
}

/** Those whose username, or a word of whose name, begins so. Usernames come first. */
export function matching(people: readonly User[], typed: string): User[] {
  const rank = (user: User) => {
    if (user.username.startsWith(typed)) return 0;
    return fold(user.displayName).split(/[\s-]+/u).some((word) => word.startsWith(typed)) ? 1 : 2;
  };
  return people
    .filter((user) => rank(user) < 2)
    .sort((one, other) => rank(one) - rank(other) || one.username.localeCompare(other.username))
    .slice(0, MOST);
}

/** Without case and accents. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

export interface Mentions {
  options: readonly User[];
  active: number;
  pick(user: User): void;
  /** Whether the key was meant for the list. */
  onKeyDown(event: KeyboardEvent): boolean;
}

/** Offers the members of a conversation while a name is typed behind an `@`. */
export function useMentions(
  conversationId: string,
  text: string,
  caret: number,
  replace: (text: string, caret: number) => void,
): Mentions {
  const client = useChatClient();
  const name = typedName(text, caret);
  const start = name?.start ?? null;
  const users = useChat((state) => state.users);
  const conversation = useChat((state) => state.threads[conversationId]?.conversation);
  const me = useChat((state) => state.me.id);
  const [choice, setChoice] = useState({ key: "", active: 0, closed: false });

  useEffect(() => {
    if (start !== null && conversation) client.needUsers(conversation.members.map((member) => member.userId));
  }, [client, conversation, start]);

  const typed = name?.typed ?? null;
  const options = useMemo(
    () => (typed === null || !conversation ? [] : matching(candidates(users, conversation, me), typed)),
    [typed, users, conversation, me],
  );
  const key = `${start} ${typed}`;
  const current = choice.key === key ? choice : { key, active: 0, closed: choice.closed && choice.key.startsWith(`${start} `) };
  const shown = current.closed ? [] : options;

  const pick = (user: User) => {
    if (!name) return;
    const inserted = `@${user.username} `;
    replace(text.slice(0, name.start) + inserted + text.slice(caret).replace(/^ /u, ""), name.start + inserted.length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = shown[current.active];
    if (!chosen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setChoice({ ...current, active: (current.active + step + shown.length) % shown.length });
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") pick(chosen);
    else if (event.key === "Escape") setChoice({ ...current, closed: true });
    else return false;
    event.preventDefault();
    return true;
  };
  return { options: shown, active: current.active, pick, onKeyDown };
}

/** The members whom we know; of a large conversation also who has written in it. */
function candidates(users: ChatState["users"], conversation: { kind: string; members: readonly { userId: string }[] }, me: string): User[] {
  const known =
    conversation.kind === "channel"
      ? Object.values(users)
      : conversation.members.flatMap(({ userId }) => users[userId] ?? []);
  return known.filter((user) => user.id !== me);
}
