import type { ChatState, SearchFilter, SearchKind } from "@chatconnect/protocol";
import { api } from "../../../shared/api";
import { conversationTitle, userNamed } from "../../../shared/chat/people";
import { startOfDay } from "../../../shared/lib/dates";
import { fold } from "../../../shared/lib/fold";

const NAMES = {
  from: "from",
  de: "from",
  in: "in",
  em: "in",
  before: "before",
  antes: "before",
  after: "after",
  depois: "after",
  has: "has",
  tem: "has",
} as const;
/** What a message can have, in both languages, without accents. */
const KINDS: Readonly<Record<string, SearchKind>> = {
  file: "file",
  arquivo: "file",
  image: "image",
  imagem: "image",
  video: "video",
  audio: "audio",
  link: "link",
};
/** What narrows a search so far down that it needs no words. */
const WORDLESS: readonly Name[] = ["has", "from", "before", "after"];
/** Fewer characters are no word. */
const SHORTEST = 2;
type Name = (typeof NAMES)[keyof typeof NAMES];

/** What somebody typed: words, and what their messages are besides. */
export interface Typed {
  words: string;
  filters: Readonly<Partial<Record<Name, string>>>;
}

const FILTER = new RegExp(`(?<=^|\\s)(${Object.keys(NAMES).join("|")}):(?:"([^"]*)"|(\\S+))`, "giu");

/** Takes `from:ana in:"Launch crew" before:2026-01-31 after:2026-01-01 has:image` out of a text; de, em, antes, depois, tem are the same. */
export function parseTyped(text: string): Typed {
  const filters: Partial<Record<Name, string>> = {};
  const words = text.replace(FILTER, (_, name: string, quoted: string | undefined, plain: string | undefined) => {
    filters[NAMES[name.toLowerCase() as keyof typeof NAMES]] = quoted ?? plain ?? "";
    return " ";
  });
  return { words: words.trim().replace(/\s+/g, " "), filters };
}

/** The filter for one conversation; `word` is that for "in". */
export function onlyIn(word: string, title: string): string {
  return `${word}:"${title.replaceAll('"', "")}"`;
}

/** Whether there is enough to search for. */
export function isSearchable({ words, filters }: Typed): boolean {
  if (words === "") return WORDLESS.some((name) => filters[name] !== undefined);
  return words.length >= SHORTEST;
}

/** The filters as the server takes them; null when one of them names nobody and nothing. */
export async function resolveFilters(state: ChatState, filters: Typed["filters"]): Promise<SearchFilter | null> {
  const resolved: SearchFilter = {};
  if (filters.has !== undefined) {
    const kind = KINDS[fold(filters.has)];
    if (!kind) return null;
    resolved.has = kind;
  }
  if (filters.in !== undefined) {
    const wanted = fold(filters.in);
    const found = Object.values(state.threads).find(({ conversation }) => fold(conversationTitle(state, conversation, "")).includes(wanted));
    if (!found) return null;
    resolved.conversationId = found.conversation.id;
  }
  if (filters.from !== undefined) {
    const name = filters.from.replace(/^@/, "");
    const user = userNamed(state, name.toLowerCase()) ?? (await api.findUsers(name, { limit: 1 })).users[0];
    if (!user) return null;
    resolved.senderId = user.id;
  }
  const until = filters.before === undefined ? undefined : dayOf(filters.before, 0);
  const since = filters.after === undefined ? undefined : dayOf(filters.after, 1);
  if (until === null || since === null) return null;
  return { ...resolved, ...(until && { until }), ...(since && { since }) };
}

/** The beginning of a day, or of one some days later; null when it is none. */
function dayOf(text: string, later: number): string | null {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? startOfDay(text) : new Date(NaN);
  if (Number.isNaN(day.getTime())) return null;
  day.setDate(day.getDate() + later);
  return day.toISOString();
}
