import type { Say } from "../texts/useTexts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its two largest units: "3 days, 4 hours". */
export function uptime(t: Say, ms: number): string {
  const days = Math.floor(ms / DAY);
  const hours = Math.floor((ms % DAY) / HOUR);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  const parts = [
    days > 0 && t("days", { count: days }),
    hours > 0 && t("hours", { count: hours }),
    (minutes > 0 || ms < HOUR) && t("minutes", { count: Math.max(0, minutes) }),
  ].filter((part) => part !== false);
  return parts.slice(0, 2).join(", ");
}
