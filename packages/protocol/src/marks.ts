import type { Marks } from "./generated/Marks";

export interface MarksPorts {
  fetch(): Promise<Marks>;
  /** What the person sees has changed. */
  changed(marks: Marks): void;
}

type Change = (marks: Marks) => Marks;

export const NO_MARKS: Marks = { pinned: [], unread: [], muted: [], blocked: [] };

/**
 * What somebody marked for themselves: what the server said last, and upon it the changes that it has not answered yet.
 * A change is seen at once, and taken back when it is refused; that somebody is blocked is seen when it holds, for whoever
 * reads it relies on it.
 */
export class MarksKeeper {
  readonly #ports: MarksPorts;
  #confirmed: Marks = NO_MARKS;
  #pending: readonly Change[] = [];
  /** How often the server has told all marks: what was asked before that is older. */
  #told = 0;
  /** How often all marks were asked for: an answer that is overtaken by another question says nothing. */
  #asked = 0;

  constructor(ports: MarksPorts) {
    this.#ports = ports;
  }

  /** All marks, as the server tells them. */
  told(marks: Marks): void {
    this.#told += 1;
    this.#confirmed = marks;
    this.#show();
  }

  /** Asks for all marks. Rejects as `fetch` does. */
  async refresh(): Promise<void> {
    const before = this.#told;
    const asked = (this.#asked += 1);
    const marks = await this.#ports.fetch();
    if (this.#told === before && this.#asked === asked) this.told(marks);
  }

  /** Whether anything is marked that the server forgets as soon as one is not in the conversation any more. */
  concern(conversationId: string): boolean {
    const { pinned, unread, muted } = this.#confirmed;
    return [pinned, unread, muted].some((ids) => ids.includes(conversationId));
  }

  /** Changes a list of marks and tells the server by `save`; rejects as that does, and then nothing has changed. */
  async set(list: keyof Marks, id: string, on: boolean, save: () => Promise<unknown>): Promise<void> {
    const change: Change = (marks) => withMark(marks, list, id, on);
    const before = this.#told;
    if (list !== "blocked") this.#pending = [...this.#pending, change];
    this.#show();
    try {
      await save();
      if (this.#told === before) this.#confirmed = change(this.#confirmed);
    } finally {
      this.#pending = this.#pending.filter((held) => held !== change);
      this.#show();
    }
  }

  /** The server takes the mark away by itself, as soon as it hears that the conversation was read. */
  read(conversationId: string): void {
    this.#confirmed = withMark(this.#confirmed, "unread", conversationId, false);
    this.#show();
  }

  #show(): void {
    this.#ports.changed(this.#pending.reduce((marks, change) => change(marks), this.#confirmed));
  }
}

function withMark(marks: Marks, list: keyof Marks, id: string, on: boolean): Marks {
  if (marks[list].includes(id) === on) return marks;
  return { ...marks, [list]: on ? [...marks[list], id] : marks[list].filter((held) => held !== id) };
}
