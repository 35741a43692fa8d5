import { en, type Dictionary, type Key } from "./en";
import { ptBR } from "./pt-BR";

export type Locale = "en" | "pt-BR";
export type Params = Readonly<Record<string, string | number>>;

/** A text, or its plural forms; see en.ts. */
export type Entry = string | { readonly one: string; readonly other: string };
export type Texts = Readonly<Record<string, Entry>>;

export const dictionaries: Readonly<Record<Locale, Dictionary>> = { en, "pt-BR": ptBR };
export const localeNames: Readonly<Record<Locale, string>> = { en: "English", "pt-BR": "Português (Brasil)" };

const plurals: Readonly<Record<Locale, Intl.PluralRules>> = {
  en: new Intl.PluralRules("en"),
  "pt-BR": new Intl.PluralRules("pt-BR"),
};
const numbers: Readonly<Record<Locale, Intl.NumberFormat>> = {
  en: new Intl.NumberFormat("en"),
  "pt-BR": new Intl.NumberFormat("pt-BR"),
};

export function translate(locale: Locale, key: Key, params: Params = {}): string {
  return say(locale, dictionaries[locale][key], params);
}

/** The text with its values, in the plural form of its `count`. */
export function say(locale: Locale, entry: Entry, params: Params = {}): string {
  const text = typeof entry === "string" ? entry : pluralForm(locale, entry, Number(params["count"] ?? 0));
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    return typeof value === "number" ? numbers[locale].format(value) : (value ?? "");
  });
}

/** A number as it is written in a language. */
export function written(locale: Locale, value: number): string {
  return numbers[locale].format(value);
}

function pluralForm(locale: Locale, forms: { one: string; other: string }, count: number): string {
  return plurals[locale].select(count) === "one" ? forms.one : forms.other;
}

/** The first of the browser's languages that we speak; English otherwise. */
export function detectLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    const base = language.toLowerCase().split("-")[0];
    if (base === "pt") return "pt-BR";
    if (base === "en") return "en";
  }
  return "en";
}
