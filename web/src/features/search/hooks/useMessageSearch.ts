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
  /** The server could not be asked. */
  failed: boolean;
  more(): void;
  retry(): void;
}

interface Found {
  query: string;
  filter: SearchFilter;
  hits: readonly SearchHit[];
  nextCursor: string | null;
  failed: boolean;
}

const NOTHING: Found = { query: "", filter: {}, hits: [], nextCursor: null, failed: false };

/** Messages that hold what was typed and are what the filters say, newest first. */
export function useMessageSearch(typed: string): MessageSearch {
  const client = useChatClient();
  const query = useDebounced(typed.trim(), 200);
  const [found, setFound] = useState<Found>(NOTHING);
  const [tries, setTries] = useState(0);
  const parsed = parseTyped(query);
  const { words } = parsed;
  const asks = isSearchable(parsed);

  useEffect(() => {
    if (!asks) return;
    let stale = false;
    const search = async (): Promise<Found> => {
      const filter = await resolveFilters(client.getState(), parseTyped(query).filters);
      if (!filter) return { ...NOTHING, query };
      return { query, filter, ...(await api.search(words, filter)), failed: false };
    };
    search().then(
      (page) => {
        if (!stale) setFound(page);
      },
      () => {
        if (!stale) setFound({ ...NOTHING, query, failed: true });
      },
    );
    return () => {
      stale = true;
    };
  }, [client, query, words, asks, tries]);

  const more = () => {
    api.search(words, found.filter, found.nextCursor).then(
      (page) => setFound((now) => (now.query === found.query ? { ...now, hits: [...now.hits, ...page.hits], nextCursor: page.nextCursor } : now)),
      () => setFound((now) => (now.query === found.query ? { ...now, failed: true } : now)),
    );
  };
  const retry = () => {
    setFound((now) => ({ ...now, failed: false }));
    if (found.hits.length > 0) more();
    else setTries((before) => before + 1);
  };
  return { ...(asks ? found : NOTHING), more, retry };
}
