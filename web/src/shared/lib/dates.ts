import type { I18n } from "../i18n/I18n";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(regional(locale), options);
  formats.set(key, made);
  return made;
}

/** The person's own region, if it is of this language: an English speaker in London reads 13:58, one in New York 1:58 PM. */
function regional(locale: string): string {
  const base = locale.split("-")[0];
  return navigator.languages.find((language) => language.split("-")[0] === base) ?? locale;
}

export function timeOfDay(locale: string, time: string | number): string {
  return format(locale, "time", { timeStyle: "short" }).format(new Date(time));
}

export function fullDate(locale: string, time: string | number): string {
  return format(locale, "full", { dateStyle: "full", timeStyle: "short" }).format(new Date(time));
}

/** A day of these weeks, and the time. */
export function dayAndTime(locale: string, time: string | number): string {
  return format(locale, "day and time", { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }).format(new Date(time));
}

/** A day, written out. */
export function longDate(locale: string, time: string | number): string {
  return format(locale, "long", { dateStyle: "long" }).format(new Date(time));
}

/** Local midnight: two times of the same day have the same. */
export function dayOf(time: string | number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

/** The local day as a date input has it: 2026-11-23. */
export function dayInput(time: string | number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Local midnight of a date input's day. */
export function startOfDay(day: string): Date {
  return new Date(`${day}T00:00:00`);
}

function daysAgo(time: string | number, now: number): number {
  return Math.round((dayOf(now) - dayOf(time)) / 86_400_000);
}

/** The heading of a day in a conversation. */
export function dayName({ locale, t }: I18n, time: string | number, now = Date.now()): string {
  const ago = daysAgo(time, now);
  if (ago === 0) return t("messages.today");
  if (ago === 1) return t("messages.yesterday");
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return sameYear
    ? format(locale, "day", { weekday: "long", day: "numeric", month: "long" }).format(new Date(time))
    : format(locale, "day of year", { day: "numeric", month: "long", year: "numeric" }).format(new Date(time));
}

/** As short as a list needs it: a time today, a weekday this week, a date before. */
export function shortTime(locale: string, time: string | number, now = Date.now()): string {
  const ago = daysAgo(time, now);
  if (ago <= 0) return timeOfDay(locale, time);
  if (ago < 7) return format(locale, "weekday", { weekday: "short" }).format(new Date(time));
  return format(locale, "date", { day: "2-digit", month: "2-digit", year: "2-digit" }).format(new Date(time));
}
