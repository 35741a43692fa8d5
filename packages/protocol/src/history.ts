/** Which messages of a conversation are held: the newest ones, and an excerpt around what was jumped to. Pure. */
import type { Message } from "./generated/Message";
import type { Thread } from "./state";

/** How many changes of messages before the held ones are kept for a page that may be under way. */
const MOST_OLDER = 200;

/** Puts a message in its place, unless what is there is as new. */
export function insert(messages: readonly Message[], message: Message): readonly Message[] {
  const at = lowerBound(messages, message.seq);
  const held = messages[at];
  if (held?.seq === message.seq) {
    return message.rev > held.rev ? messages.with(at, message) : messages;
  }
  return messages.toSpliced(at, 0, message);
}

/** Index of the first message whose `seq` is at least the given one. */
function lowerBound(messages: readonly Message[], seq: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A message before the newest run was changed: noted for a page under way, and shown where the excerpt has it. */
export function changeBefore(thread: Thread, message: Message): Thread {
  const older = [...thread.older.filter((held) => held.seq !== message.seq || held.rev > message.rev), message].slice(-MOST_OLDER);
  const { excerpt } = thread;
  if (!excerpt || message.seq < excerpt.from || message.seq > lastSeq(excerpt.messages)) return { ...thread, older };
  return { ...thread, older, excerpt: { ...excerpt, messages: insert(excerpt.messages, message) } };
}

/** The page that ends before the excerpt, or before the newest run. */
export function pageBefore(thread: Thread, before: number, messages: readonly Message[], hasMore: boolean): Thread {
  const from = hasMore ? (messages[0]?.seq ?? before) : 1;
  const page = mended(thread, messages.filter((message) => message.seq < before));
  const { excerpt } = thread;
  if (excerpt?.from === before) return { ...thread, excerpt: { from, messages: [...page, ...excerpt.messages] } };
  if (thread.from !== before) return thread;
  return joined({ ...thread, from, messages: [...page, ...thread.messages] });
}

/** The page that begins after the excerpt. */
export function pageAfter(thread: Thread, after: number, messages: readonly Message[]): Thread {
  const { excerpt } = thread;
  if (!excerpt || lastSeq(excerpt.messages) !== after) return thread;
  return joined({ ...thread, excerpt: { ...excerpt, messages: [...excerpt.messages, ...mended(thread, messages)] } });
}

/** A page that need not touch what is held: it becomes the excerpt. */
export function pageElsewhere(thread: Thread, messages: readonly Message[], hasMore: boolean): Thread {
  const first = messages[0];
  if (!first || first.seq >= thread.from) return leaveExcerpt(thread);
  return joined({ ...thread, excerpt: { from: hasMore ? first.seq : 1, messages: mended(thread, messages) } });
}

export function leaveExcerpt(thread: Thread): Thread {
  return thread.excerpt ? { ...thread, excerpt: null } : thread;
}

/** Keeps the newest messages only, so many of them. */
export function trim(thread: Thread, keep: number): Thread {
  if (thread.messages.length <= keep) return leaveExcerpt(thread);
  const messages = thread.messages.slice(-keep);
  return { ...thread, messages, from: messages[0]?.seq ?? thread.from, excerpt: null };
}

/** A page as it is by now: it may have been read before changes that have been heard of since. */
function mended(thread: Thread, page: readonly Message[]): readonly Message[] {
  const seqs = new Set(page.map((message) => message.seq));
  return thread.older.filter((message) => seqs.has(message.seq)).reduce(insert, page);
}

/** Excerpt and newest run become one where they touch; changes that were noted for what is held now are of no use more. */
function joined(thread: Thread): Thread {
  const { excerpt } = thread;
  const touching = excerpt !== null && lastSeq(excerpt.messages) >= thread.from - 1;
  const whole = touching
    ? {
        ...thread,
        from: excerpt.from,
        messages: [...excerpt.messages.filter((message) => message.seq < thread.from), ...thread.messages],
        excerpt: null,
      }
    : thread;
  const older = whole.older.filter((message) => message.seq < whole.from);
  return older.length === whole.older.length ? whole : { ...whole, older };
}

function lastSeq(messages: readonly Message[]): number {
  return messages.at(-1)?.seq ?? 0;
}
