import { describe, expect, it } from "vitest";
import { squareOf, WHOLE, within } from "./crop";

const WIDE = { width: 400, height: 100 };

describe("the square of a picture", () => {
  it("is the largest in the middle to begin with", () => {
    expect(squareOf(WHOLE, WIDE)).toEqual({ left: 150, top: 0, side: 100 });
  });

  it("stays within the picture wherever it is pulled", () => {
    for (const [x, y, zoom] of [
      [-3, 9, 1],
      [1, 0, 2],
      [0.5, 0.5, 4],
      [0, 1, 3],
    ] as const) {
      const { left, top, side } = squareOf(within({ x, y, zoom }, WIDE), WIDE);
      expect(left).toBeGreaterThanOrEqual(-1e-9);
      expect(top).toBeGreaterThanOrEqual(-1e-9);
      expect(left + side).toBeLessThanOrEqual(WIDE.width + 1e-9);
      expect(top + side).toBeLessThanOrEqual(WIDE.height + 1e-9);
    }
  });
});
