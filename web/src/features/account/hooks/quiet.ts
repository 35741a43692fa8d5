import { useEffect, useState } from "react";
import { usePreferences } from "../../../shared/lib/preferences";

const HOUR_MS = 3_600_000;
const MORNING_HOUR = 8;
/** The latest time that there is. */
const FOREVER = 8.64e15;
/** The longest that a timer of the browser waits. */
const LONGEST_MS = 2 ** 31 - 1;

export type Span = "hour" | "morning" | "forever";

/** When a span that begins `now` ends, in milliseconds since 1970; "morning" is tomorrow at 8:00, local time. */
export function endOf(span: Span, now: number): number {
  if (span === "hour") return now + HOUR_MS;
  if (span === "forever") return FOREVER;
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  return morning.setHours(MORNING_HOUR, 0, 0, 0);
}

/** Whether there is an end that can be told. */
export function hasEnd(quietUntil: number): boolean {
  return quietUntil < FOREVER;
}

/** Until when nothing is announced; null once that is over. */
export function useQuietUntil(): number | null {
  const { quietUntil } = usePreferences();
  const [now, setNow] = useState(Date.now);
  const ends = quietUntil !== null && quietUntil > now ? quietUntil : null;
  useEffect(() => {
    if (ends === null) return;
    const timer = window.setTimeout(() => setNow(Date.now()), Math.min(LONGEST_MS, Math.max(0, ends - Date.now())));
    return () => window.clearTimeout(timer);
  }, [ends]);
  return ends;
}
