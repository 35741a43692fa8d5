import { useCallback, useEffect, useState } from "react";

export interface Page<T> {
  items: readonly T[];
  nextCursor: string | null;
}

export type Loaded<T> = { status: "loading" } | { status: "failed"; error: unknown } | ({ status: "ready" } & Page<T>);

export interface Pages<T> {
  loaded: Loaded<T>;
  /** Loads the next page, whose failure it throws. */
  more(): Promise<void>;
  retry(): void;
  /** Changes what is shown, after the server has changed it. */
  change(update: (items: readonly T[]) => readonly T[]): void;
}

/** What the server lists page by page. What was loaded stays until the first page of another `load` is there. */
export function usePages<T>(load: (cursor: string | null) => Promise<Page<T>>): Pages<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ status: "loading" });
  const [round, setRound] = useState(0);

  useEffect(() => {
    let stale = false;
    load(null).then(
      (page) => !stale && setLoaded({ status: "ready", ...page }),
      (error: unknown) => !stale && setLoaded({ status: "failed", error }),
    );
    return () => {
      stale = true;
    };
  }, [load, round]);

  const retry = useCallback(() => {
    setLoaded({ status: "loading" });
    setRound((before) => before + 1);
  }, []);
  const change = useCallback((update: (items: readonly T[]) => readonly T[]) => {
    setLoaded((now) => (now.status === "ready" ? { ...now, items: update(now.items) } : now));
  }, []);
  const cursor = loaded.status === "ready" ? loaded.nextCursor : null;
  const more = useCallback(async () => {
    if (cursor === null) return;
    const page = await load(cursor);
    setLoaded((now) =>
      now.status === "ready" && now.nextCursor === cursor ? { status: "ready", items: [...now.items, ...page.items], nextCursor: page.nextCursor } : now,
    );
  }, [load, cursor]);
  return { loaded, more, retry, change };
}
