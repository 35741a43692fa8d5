import type { SearchHit } from "@chatconnect/protocol";
import { useEffect, useState } from "react";
import { api } from "../../../shared/api";
import { useDebounced } from "../../../shared/lib/useDebounced";

export interface MessageSearch {
  /** What the hits are for; may be behind what is typed. */
  query: string;
  hits: readonly SearchHit[];
  nextCursor: string | null;
  more(): void;
}

interface Found {
  query: string;
  hits: readonly SearchHit[];
  nextCursor: string | null;
}

const NOTHING: Found = { query: "", hits: [], nextCursor: null };

/** Messages that hold what was typed, newest first. */
export function useMessageSearch(typed: string): MessageSearch {
  const query = useDebounced(typed.trim(), 200);
  const [found, setFound] = useState<Found>(NOTHING);

  useEffect(() => {
    if (query.length < 2) return;
    let stale = false;
    api.search(query).then(
      (page) => {
        if (!stale) setFound({ query, ...page });
      },
      () => {
        if (!stale) setFound({ ...NOTHING, query });
      },
    );
    return () => {
      stale = true;
    };
  }, [query]);

  const more = () => {
    api.search(found.query, { cursor: found.nextCursor }).then(
      (page) => setFound((now) => (now.query === found.query ? { ...now, hits: [...now.hits, ...page.hits], nextCursor: page.nextCursor } : now)),
      () => undefined,
    );
  };
  return query.length < 2 ? { ...NOTHING, more } : { ...found, more };
}
