import { useCallback, useRef } from "react";

/**
 * Keeps the end of a list in sight when rows grow there: a reaction makes the last message taller, and nothing scrolls.
 * Who has scrolled up stays where they are.
 *
 * @param near how many pixels above the end are still at it
 */
export function useEnd(near: number) {
  const scroller = useRef<HTMLElement | null>(null);
  const atEnd = useRef(false);

  const look = useCallback(() => {
    const list = scroller.current;
    if (list) atEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight <= near;
  }, [near]);
  const attach = useCallback(
    (element: HTMLElement | Window | null) => {
      scroller.current?.removeEventListener("scroll", look);
      scroller.current = element instanceof HTMLElement ? element : null;
      scroller.current?.addEventListener("scroll", look, { passive: true });
    },
    [look],
  );
  /** To be called when the list has another height. */
  const onHeight = useCallback(() => {
    if (atEnd.current) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, []);
  return { attach, onHeight };
}
