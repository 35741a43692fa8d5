import { expect, it } from "vitest";
import { say } from "../../../shared/i18n/translate";
import { texts, type Say } from "../texts/useTexts";
import { uptime } from "./uptime";

const english: Say = (key, params) => say("en", texts.en[key], params);
const portuguese: Say = (key, params) => say("pt-BR", texts["pt-BR"][key], params);
const HOUR = 3_600_000;

it("says how long the server runs in two units at most", () => {
  expect(uptime(english, 0)).toBe("0 minutes");
  expect(uptime(english, 61_000)).toBe("1 minute");
  expect(uptime(english, HOUR)).toBe("1 hour");
  expect(uptime(english, 49 * HOUR + 120_000)).toBe("2 days, 1 hour");
  expect(uptime(english, 48 * HOUR + 120_000)).toBe("2 days, 2 minutes");
  expect(uptime(portuguese, 25 * HOUR)).toBe("1 dia, 1 hora");
});
