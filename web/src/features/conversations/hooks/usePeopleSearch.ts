import type { User } from "@chatconnect/protocol";
import { useCallback } from "react";
import { api } from "../../../shared/api";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useFound, type Found } from "./useFound";

/** Others whose username or name begins with what was typed. */
export function usePeopleSearch(typed: string): Found<User> {
  const client = useChatClient();
  const me = useChat((state) => state.me.id);
  const find = useCallback(
    async (query: string) => {
      const { users } = await api.findUsers(query, { limit: 20 });
      client.learnUsers(users);
      return users.filter((user) => user.id !== me);
    },
    [client, me],
  );
  return useFound(typed, find);
}
