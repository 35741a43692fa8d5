import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Key } from "./en";
import { detectLocale, dictionaries, translate, type Locale, type Params } from "./translate";

export interface I18n {
  locale: Locale;
  setLocale(locale: Locale): void;
  t(key: Key, params?: Params): string;
}

const STORAGE_KEY = "chatconnect.locale";
const I18nContext = createContext<I18n | null>(null);

function initialLocale(): Locale {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored && stored in dictionaries ? (stored as Locale) : detectLocale(navigator.languages);
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [locale, setState] = useState<Locale>(initialLocale);

  const setLocale = useCallback((chosen: Locale) => {
    localStorage.setItem(STORAGE_KEY, chosen);
    setState(chosen);
  }, []);

  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);

  useEffect(() => {
    const follow = (event: StorageEvent) => {
      if (event.key === STORAGE_KEY) setState(initialLocale());
    };
    window.addEventListener("storage", follow);
    return () => window.removeEventListener("storage", follow);
  }, []);

  const value = useMemo<I18n>(
    () => ({ locale, setLocale, t: (key, params) => translate(locale, key, params) }),
    [locale, setLocale],
  );
  return <I18nContext value={value}>{children}</I18nContext>;
}

export function useI18n(): I18n {
  const i18n = use(I18nContext);
  if (!i18n) throw new Error("useI18n is used outside of I18nProvider");
  return i18n;
}
