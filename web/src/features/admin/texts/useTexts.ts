import { useCallback } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { say, type Locale, type Params, type Texts } from "../../../shared/i18n/translate";
import { en, type AdminKey } from "./en";
import { ptBR } from "./pt-BR";

export const texts = { en, "pt-BR": ptBR } as const satisfies Record<Locale, Texts>;

export type Say = (key: AdminKey, params?: Params) => string;

/** The texts of the administration in the person's language. */
export function useTexts(): Say {
  const { locale } = useI18n();
  return useCallback((key, params) => say(locale, texts[locale][key], params), [locale]);
}
