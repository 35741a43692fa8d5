import type { Entry } from "../shared/i18n/translate";

/** The names of the values that a text takes. */
export function placeholders(entry: Entry): string[] {
  const text = typeof entry === "string" ? entry : `${entry.one} ${entry.other}`;
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
}
