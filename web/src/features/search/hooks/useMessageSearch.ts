import type { SearchFilter, SearchHit } from "@chatconnect/protocol";
import { useEffect, useState } from "react";
import { api } from "../../../shared/api";
import { useChatClient } from "../../../shared/chat/Chat";
import { useDebounced } from "../../../shared/lib/useDebounced";
import { isSearchable, parseTyped, resolveFilters } from "./filters";

export interface MessageSearch {
  /** What the hits are for; may be behind what is typed. */
  query: string;
  hits: readonly SearchHit[];
  nextCursor: string | null;
  more(): void;
}

interface Found {
  query: string;
  filter: SearchFilter;
  hits: readonly SearchHit[];
  nextCursor: string | null;
}

const NOTHING: Found = { query: "", filter: {}, hits: [], nextCursor: null };

/** Messages that hold what was typed and are what the filters say, newest first. */
export function useMessageSearch(typed: string): MessageSearch {
  const client = useChatClient();
  const query = useDebounced(typed.trim(), 200);
  const [found, setFound] = useState<Found>(NOTHING);
  const parsed = parseTyped(query);
  const { words } = parsed;
  const asks = isSearchable(parsed);

  useEffect(() => {
    if (!asks) return;
    let stale = false;
    const search = async (): Promise<Found> => {
      const filter = await resolveFilters(client.getState(), parseTyped(query).filters);
      if (!filter) return { ...NOTHING, query };
      return { query, filter, ...(await api.search(words, filter)) };
    };
    search().then(
      (page) => {
        if (!stale) setFound(page);
      },
      () => {
        if (!stale) setFound({ ...NOTHING, query });
      },
    );
    return () => {
      stale = true;
    };
  }, [client, query, words, asks]);

  const more = () => {
    api.search(words, found.filter, found.nextCursor).then(
      (page) => setFound((now) => (now.query === found.query ? { ...now, hits: [...now.hits, ...page.hits], nextCursor: page.nextCursor } : now)),
      () => undefined,
    );
  };
  return asks ? { ...found, more } : { ...NOTHING, more };
}
