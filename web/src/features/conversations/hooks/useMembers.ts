import type { Conversation, Member } from "@chatconnect/protocol";
import { useCallback, useEffect, useMemo, useState } from "react";
import { api } from "../../../shared/api";
import { useChatClient } from "../../../shared/chat/Chat";

/** As many as a conversation names itself. Beyond that nobody is told who comes and goes. */
const PAGE = 100;

interface Members {
  members: readonly Member[];
  count: number;
  /** Null when everybody is there. */
  loadMore: (() => Promise<void>) | null;
}

/** Who is in a conversation: it names its first hundred itself, and the others come page by page. */
export function useMembers(conversation: Conversation): Members {
  const client = useChatClient();
  const { id, memberCount, members: first } = conversation;
  const isLarge = first.length >= PAGE;
  const [counted, setCounted] = useState<number | null>(null);
  const [rest, setRest] = useState<readonly Member[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);

  useEffect(() => {
    if (!isLarge) return;
    let stale = false;
    // The first page is known already: it is asked for the place at which the others begin.
    Promise.all([api.conversation(id), api.members(id, { limit: PAGE })]).then(
      ([now, { nextCursor }]) => {
        if (stale) return;
        setCounted(now.conversation.memberCount);
        setCursor(nextCursor);
      },
      () => undefined,
    );
    return () => {
      stale = true;
    };
  }, [id, isLarge]);

  const loadMore = useCallback(async () => {
    if (cursor === null) return;
    const page = await api.members(id, { limit: PAGE, cursor });
    client.learnUsers(page.members.map(({ user }) => user));
    setRest((before) => [...before, ...page.members.map(({ user, role }) => ({ userId: user.id, role }))]);
    setCursor(page.nextCursor);
  }, [client, id, cursor]);

  const members = useMemo(() => {
    const named = new Set(first.map(({ userId }) => userId));
    return [...first, ...rest.filter(({ userId }) => !named.has(userId))];
  }, [first, rest]);
  return { members, count: counted ?? memberCount, loadMore: cursor === null ? null : loadMore };
}
