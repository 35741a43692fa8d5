const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A size in the words of a language: "1.2 MB". */
export function byteSize(locale: string, bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1_000 ** step;
  const unit = UNITS[step] ?? "byte";
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: step > 0 ? "short" : "long", maximumFractionDigits: amount < 10 && step > 0 ? 1 : 0 }).format(amount);
}

/** A length of time as players show it: "3:07". */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
