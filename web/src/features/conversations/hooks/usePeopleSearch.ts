import type { User } from "@chatconnect/protocol";
import { useEffect, useState } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useDebounced } from "../../../shared/lib/useDebounced";

/** People whose username or name begins with what was typed; null while the first answer is under way. */
export function usePeopleSearch(typed: string): readonly User[] | null {
  const client = useChatClient();
  const me = useChat((state) => state.me.id);
  const query = useDebounced(typed.trim(), 150);
  const [found, setFound] = useState<readonly User[] | null>(null);

  useEffect(() => {
    let stale = false;
    api.findUsers(query, { limit: 20 }).then(
      ({ users }) => {
        if (stale) return;
        client.learnUsers(users);
        setFound(users.filter((user) => user.id !== me));
      },
      () => {
        if (!stale) setFound([]);
      },
    );
    return () => {
      stale = true;
    };
  }, [client, me, query]);
  return found;
}
