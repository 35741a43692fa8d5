import { describe, expect, it } from "vitest";
import { byteSize, clock } from "./bytes";

describe("byteSize", () => {
  it("takes the unit that reads best", () => {
    expect([0, 999, 1_000, 1_250, 25_000_000, 3e12].map((bytes) => byteSize("en", bytes).replace(/\s/gu, " "))).toEqual([
      "0 bytes",
      "999 bytes",
      "1 kB",
      "1.3 kB",
      "25 MB",
      "3,000 GB",
    ]);
    expect(byteSize("pt-BR", 1_250_000).replace(/\s/gu, " ")).toBe("1,3 MB");
  });
});

describe("clock", () => {
  it("shows hours only where there are some", () => {
    expect([0, 7_400, 187_000, 3_600_000, 3_725_000].map(clock)).toEqual(["0:00", "0:07", "3:07", "1:00:00", "1:02:05"]);
  });
});
