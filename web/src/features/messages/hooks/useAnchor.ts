import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** The place is held until nothing has moved for so many frames: the virtual list measures its new rows meanwhile. */
const STILL_FRAMES = 30;
const LONGEST_HOLD_MS = 5_000;
const USER_SCROLLS = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

interface Place {
  key: string;
  /** Distance of the row from the top of the list, in pixels. */
  offset: number;
}

/**
 * Keeps what is read where it is while older messages come in above it. The virtual list guesses the height of rows that
 * it has not measured yet and corrects itself later, which shows as a jump on a slow machine; this holds on to a row.
 * Every message's element carries `data-row`, the key of its row.
 *
 * Give the list what it returns, as its `scrollerRef`.
 *
 * @param from the `seq` of the oldest message: the list grew at its top when it became smaller
 */
export function useAnchor(from: number): (element: HTMLElement | Window | null) => void {
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const place = useRef<Place | null>(null);
  const holding = useRef(0);
  const lastFrom = useRef(from);

  const release = useCallback(() => {
    cancelAnimationFrame(holding.current);
    holding.current = 0;
  }, []);

  useEffect(() => {
    if (!scroller) return;
    const track = () => {
      if (holding.current === 0) place.current = firstVisible(scroller);
    };
    scroller.addEventListener("scroll", track, { passive: true });
    for (const type of USER_SCROLLS) scroller.addEventListener(type, release, { passive: true });
    return () => {
      release();
      scroller.removeEventListener("scroll", track);
      for (const type of USER_SCROLLS) scroller.removeEventListener(type, release);
    };
  }, [scroller, release]);

  useLayoutEffect(() => {
    const grew = from < lastFrom.current;
    lastFrom.current = from;
    const held = place.current;
    if (!grew || !scroller || !held) return;
    release();
    const until = performance.now() + LONGEST_HOLD_MS;
    let still = 0;
    const hold = () => {
      const now = offsetOf(scroller, held.key);
      const moved = now !== null && Math.abs(now - held.offset) > 1;
      if (moved) scroller.scrollTop += now - held.offset;
      still = moved ? 0 : still + 1;
      holding.current = still < STILL_FRAMES && performance.now() < until ? requestAnimationFrame(hold) : 0;
    };
    holding.current = requestAnimationFrame(hold);
  }, [from, scroller, release]);

  return useCallback((element) => setScroller(element instanceof HTMLElement ? element : null), []);
}

function firstVisible(scroller: HTMLElement): Place | null {
  const { top } = scroller.getBoundingClientRect();
  for (const row of scroller.querySelectorAll<HTMLElement>("[data-row]")) {
    const box = row.getBoundingClientRect();
    if (box.bottom > top) return { key: row.dataset["row"] ?? "", offset: box.top - top };
  }
  return null;
}

function offsetOf(scroller: HTMLElement, key: string): number | null {
  const row = scroller.querySelector(`[data-row="${CSS.escape(key)}"]`);
  return row ? row.getBoundingClientRect().top - scroller.getBoundingClientRect().top : null;
}
