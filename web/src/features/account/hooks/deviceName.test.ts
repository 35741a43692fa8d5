import { expect, it } from "vitest";
import { deviceName } from "./deviceName";

it("names what people know", () => {
  const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
  expect(deviceName(chrome)).toBe("Chrome · Windows");
  expect(deviceName(`${chrome} Edg/142.0.0.0`)).toBe("Edge · Windows");
  expect(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1")).toBe("Safari · iPhone");
  expect(deviceName("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")).toBe("Firefox · Linux");
  expect(deviceName("curl/8.5.0")).toBe("curl");
  expect(deviceName("my own client")).toBe("my own client");
  expect(deviceName(" ")).toBeNull();
});
