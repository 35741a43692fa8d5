import type { Conversation, Member } from "@chatconnect/protocol";
import { useCallback, useEffect, useMemo, useState } from "react";
import { api } from "../../../shared/api";
import { useChatClient } from "../../../shared/chat/Chat";

const PAGE = 100;

interface Members {
  members: readonly Member[];
  /** Null when everybody is there. */
  loadMore: (() => Promise<void>) | null;
}

/** Who is in a conversation: it names its first hundred itself, and the others come page by page. */
export function useMembers(conversation: Conversation): Members {
  const client = useChatClient();
  const { id } = conversation;
  const first = conversation.members;
  const isWhole = first.length >= conversation.memberCount;
  const [rest, setRest] = useState<readonly Member[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);

  useEffect(() => {
    if (isWhole) return;
    let stale = false;
    // Those who are known already, for the place at which the others begin.
    api.members(id, { limit: PAGE }).then(
      ({ nextCursor }) => {
        if (!stale) setCursor(nextCursor);
      },
      () => undefined,
    );
    return () => {
      stale = true;
    };
  }, [id, isWhole]);

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
  return { members, loadMore: cursor === null ? null : loadMore };
}
