import { useCallback, useEffect, useState } from "react";
import { useDebounced } from "../../../shared/lib/useDebounced";

export interface Found<T> {
  /** Null while the first answer is under way, and when there was none. */
  items: readonly T[] | null;
  failed: boolean;
  retry(): void;
}

const PATIENCE_MS = 150;

/**
 * What the server finds for what was typed.
 *
 * @param find stays the same, or the search begins anew
 */
export function useFound<T>(typed: string, find: (query: string) => Promise<readonly T[]>): Found<T> {
  const query = useDebounced(typed.trim(), PATIENCE_MS);
  const [found, setFound] = useState<Omit<Found<T>, "retry">>({ items: null, failed: false });
  const [tries, setTries] = useState(0);

  useEffect(() => {
    let stale = false;
    find(query).then(
      (items) => {
        if (!stale) setFound({ items, failed: false });
      },
      () => {
        if (!stale) setFound({ items: null, failed: true });
      },
    );
    return () => {
      stale = true;
    };
  }, [find, query, tries]);
  const retry = useCallback(() => setTries((before) => before + 1), []);
  return { ...found, retry };
}
