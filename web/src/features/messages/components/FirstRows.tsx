import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import styles from "./MessageList.module.css";

interface Props {
  /** The row to open at, of those that `children` makes, one element each, and where it goes. */
  at: number;
  align: "start" | "center" | "end";
  /** Pixels that the row is kept below the upper edge, with `start`. */
  gap: number;
  /** Called as long as they are needed only. */
  children(): ReactNode;
}

/**
 * Some rows, at once. The virtual list beside this measures itself for a dozen frames before it shows anything, in
 * which one would look at an empty page; when it shows its rows, these go. They cannot be touched or read out.
 */
export function FirstRows({ at, align, gap, children }: Props) {
  const [needed, setNeeded] = useState(true);
  const ref = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const box = ref.current;
    const row = box?.firstElementChild?.children[at];
    if (!box || !(row instanceof HTMLElement)) return;
    const top = row.getBoundingClientRect().top - box.getBoundingClientRect().top;
    const room = box.clientHeight - row.offsetHeight;
    if (align === "end") box.scrollTop = box.scrollHeight;
    else box.scrollTop = top - (align === "start" ? gap : room / 2);
  }, [at, align, gap]);

  useEffect(() => {
    let frame = requestAnimationFrame(function look() {
      const row = ref.current?.parentElement?.querySelector("[data-virtuoso-scroller] [data-row]");
      if (row && getComputedStyle(row).visibility !== "hidden") setNeeded(false);
      else frame = requestAnimationFrame(look);
    });
    return () => cancelAnimationFrame(frame);
  }, []);

  if (!needed) return null;
  return (
    <div ref={ref} className={styles.first} aria-hidden inert>
      <div>{children()}</div>
    </div>
  );
}
