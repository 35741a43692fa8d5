import { describe, expect, it } from "vitest";
import { endOf, hasEnd } from "./quiet";

const at = (time: string) => new Date(time).getTime();

describe("the end of not being disturbed", () => {
  it("is an hour later, or at 8 in the morning of the next day", () => {
    expect(endOf("hour", at("2026-03-01T23:30:00"))).toBe(at("2026-03-02T00:30:00"));
    expect(endOf("morning", at("2026-03-31T23:30:00"))).toBe(at("2026-04-01T08:00:00"));
    expect(endOf("morning", at("2026-03-01T00:10:00"))).toBe(at("2026-03-02T08:00:00"));
  });

  it("may be none", () => {
    expect(hasEnd(endOf("forever", 0))).toBe(false);
    expect(hasEnd(endOf("hour", 0))).toBe(true);
    expect(Number.isNaN(new Date(endOf("forever", 0)).getTime())).toBe(false);
  });
});
