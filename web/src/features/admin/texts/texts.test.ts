import { describe, expect, it } from "vitest";
import { placeholders } from "../../../test/placeholders";
import { texts } from "./useTexts";

describe("the texts of the administration", () => {
  it("are all there in every language, with the same placeholders", () => {
    for (const dictionary of Object.values(texts)) {
      expect(Object.keys(dictionary)).toEqual(Object.keys(texts.en));
      for (const [key, entry] of Object.entries(dictionary)) {
        expect(placeholders(entry), key).toEqual(placeholders(texts.en[key as keyof typeof dictionary]));
        for (const text of typeof entry === "string" ? [entry] : Object.values(entry)) expect(text.trim(), key).not.toBe("");
      }
    }
  });
});
