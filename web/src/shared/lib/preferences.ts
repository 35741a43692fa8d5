import { useSyncExternalStore } from "react";

/** What concerns this browser alone. */
export interface Preferences {
  readonly theme: "system" | "light" | "dark";
  /** Whether a message is announced while the page is not seen. */
  readonly notify: boolean;
  readonly sound: boolean;
  /** Nothing is announced until then, in milliseconds since 1970; null when the person wants to be disturbed. */
  readonly quietUntil: number | null;
}

const KEY = "chatconnect.preferences";
const DEFAULT: Preferences = { theme: "system", notify: false, sound: true, quietUntil: null };

let known: Preferences | null = null;
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  known ??= stored();
  return known;
}

export function setPreferences(change: Partial<Preferences>): void {
  known = { ...preferences(), ...change };
  localStorage.setItem(KEY, JSON.stringify(known));
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

/** Keeps the page in the colours that were chosen, here or in another tab, or else in those of the system. */
export function startTheme(): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { theme } = preferences();
    document.documentElement.dataset["theme"] = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
  };
  apply();
  dark.addEventListener("change", apply);
  subscribe(apply);
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    known = null;
    for (const listener of listeners) listener();
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What cannot be read is as if it were not there. */
function stored(): Preferences {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    const theme = found.theme === "light" || found.theme === "dark" ? found.theme : DEFAULT.theme;
    const flag = (name: "notify" | "sound") => (typeof found[name] === "boolean" ? found[name] : DEFAULT[name]);
    const quietUntil = typeof found.quietUntil === "number" ? found.quietUntil : DEFAULT.quietUntil;
    return { theme, notify: flag("notify"), sound: flag("sound"), quietUntil };
  } catch {
    return DEFAULT;
  }
}
