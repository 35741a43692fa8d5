import { describe, expect, it } from "vitest";
import { placeholders } from "../../test/placeholders";
import { detectLocale, dictionaries, translate, type Locale } from "./translate";

const locales = Object.keys(dictionaries) as Locale[];

describe("dictionaries", () => {
  it.each(locales)("%s has every key, with the same placeholders, and no empty text", (locale) => {
    const dictionary = dictionaries[locale];
    expect(Object.keys(dictionary)).toEqual(Object.keys(dictionaries.en));
    for (const [key, entry] of Object.entries(dictionary)) {
      expect(placeholders(entry), key).toEqual(placeholders(dictionaries.en[key as keyof typeof dictionary]));
      for (const text of typeof entry === "string" ? [entry] : Object.values(entry)) expect(text.trim(), key).not.toBe("");
    }
  });
});

describe("translate", () => {
  it("chooses the plural form by the rules of the language", () => {
    expect(translate("en", "list.unread", { count: 0 })).toBe("0 unread messages");
    expect(translate("en", "list.unread", { count: 1 })).toBe("1 unread message");
    expect(translate("pt-BR", "list.unread", { count: 0 })).toBe("0 mensagem não lida");
    expect(translate("pt-BR", "list.unread", { count: 2 })).toBe("2 mensagens não lidas");
    expect(translate("pt-BR", "members", { count: 1234 })).toBe("1.234 membros");
  });

  it("puts values in as they are", () => {
    expect(translate("en", "list.you", { text: "{count} $& <b>" })).toBe("You: {count} $& <b>");
  });

  it("takes the first language that it speaks", () => {
    expect(detectLocale(["fr-FR", "pt-PT", "en"])).toBe("pt-BR");
    expect(detectLocale(["en-GB", "pt-BR"])).toBe("en");
    expect(detectLocale(["de"])).toBe("en");
    expect(detectLocale([])).toBe("en");
  });
});
