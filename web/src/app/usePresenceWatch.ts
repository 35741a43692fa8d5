import { useEffect } from "react";
import { useChat, useChatClient } from "../shared/chat/Chat";
import { otherPerson } from "../shared/chat/people";

const MOST = 200;

/** Asks for the presence of whom the screen shows: the open conversation first, then the people in the list. */
export function usePresenceWatch(openId: string | null): void {
  const client = useChatClient();
  const threads = useChat((state) => state.threads);
  useEffect(() => {
    const me = client.getState().me.id;
    const open = openId === null ? undefined : threads[openId];
    const members = open?.conversation.members.map((member) => member.userId) ?? [];
    const listed = Object.values(threads).map(({ conversation }) => otherPerson(conversation, me));
    const wanted = [...members, ...listed].filter((id): id is string => id !== null && id !== me);
    client.watchPresence([...new Set(wanted)].slice(0, MOST));
  }, [client, threads, openId]);
}
