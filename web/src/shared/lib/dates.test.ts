import { describe, expect, it } from "vitest";
import { translate, type Locale } from "../i18n/translate";
import { dayAndTime, dayInput, dayName, shortTime, startOfDay } from "./dates";

const speaking = (locale: Locale) => ({ locale, setLocale: () => undefined, t: (...of: Parameters<typeof translate> extends [unknown, ...infer Rest] ? Rest : never) => translate(locale, ...of) });
const en = speaking("en");
const pt = speaking("pt-BR");
const at = (text: string) => new Date(text).getTime();
/** A Friday, in the zone of whoever runs this. */
const NOW = at("2026-11-27T00:30:00");

describe("days", () => {
  it("are called by their distance, from midnight to midnight", () => {
    expect(dayName(en, at("2026-11-27T00:00:00"), NOW)).toBe("Today");
    expect(dayName(en, at("2026-11-26T23:59:59"), NOW)).toBe("Yesterday");
    expect(dayName(pt, at("2026-11-26T23:59:59"), NOW)).toBe("Ontem");
    expect(dayName(en, at("2026-11-25T12:00:00"), NOW)).toMatch(/Wednesday.*25|25.*Wednesday/);
    expect(dayName(pt, at("2026-11-25T12:00:00"), NOW)).toBe("quarta-feira, 25 de novembro");
  });

  it("of another year have theirs", () => {
    expect(dayName(en, at("2025-11-27T12:00:00"), NOW)).toMatch(/2025/);
    expect(dayName(pt, at("2025-11-27T12:00:00"), NOW)).toBe("27 de novembro de 2025");
  });

  it("are short in lists: a time, a weekday, a date", () => {
    expect(shortTime("pt-BR", at("2026-11-27T00:10:00"), NOW)).toBe("00:10");
    expect(shortTime("pt-BR", at("2026-11-26T10:00:00"), NOW)).toMatch(/^qui/);
    expect(shortTime("pt-BR", at("2026-11-20T10:00:00"), NOW)).toBe("20/11/26");
  });

  it("that are yet to come are named with their time", () => {
    expect(dayAndTime("pt-BR", at("2026-12-04T10:39:00"))).toMatch(/4 de dez.*10:39/);
  });

  it("come out of a date field as they went in", () => {
    expect(dayInput(startOfDay("2026-11-05").getTime())).toBe("2026-11-05");
  });
});
