const KEY = "chatconnect.emoji";
const MOST_RECENT = 8;

export const SKIN_TONES = ["none", "light", "medium-light", "medium", "medium-dark", "dark"] as const;
export type SkinTone = (typeof SKIN_TONES)[number];

/** What this browser remembers of the person's emoji. */
export interface EmojiMemory {
  /** The last used first. */
  recent: readonly string[];
  skinTone: SkinTone;
}

/** What cannot be read is as if it were not there. */
export function emojiMemory(): EmojiMemory {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}") as { recent?: unknown; skinTone?: unknown };
    const recent = Array.isArray(found.recent) ? found.recent.filter((emoji): emoji is string => typeof emoji === "string") : [];
    return { recent: recent.slice(0, MOST_RECENT), skinTone: SKIN_TONES.find((tone) => tone === found.skinTone) ?? "none" };
  } catch {
    return { recent: [], skinTone: "none" };
  }
}

export function rememberEmoji(emoji: string): void {
  const { recent, ...rest } = emojiMemory();
  keep({ ...rest, recent: [emoji, ...recent.filter((one) => one !== emoji)].slice(0, MOST_RECENT) });
}

export function rememberSkinTone(skinTone: SkinTone): void {
  keep({ ...emojiMemory(), skinTone });
}

function keep(memory: EmojiMemory): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(memory));
  } catch {
    // It is a convenience.
  }
}
