import type { Marks, SavedState, StateChange, StateStore, Thread, User } from "@chatconnect/protocol";
import { clear, createStore, delMany, entries, setMany, type UseStore } from "idb-keyval";

/** The form of what is saved; another form has another database. */
const FORM = 1;
const USERS = "users";
const MARKS = "marks";
const THREAD = "thread ";

/** A person's conversations in the IndexedDB of this browser. */
export class IndexedDbState implements StateStore {
  readonly #store: UseStore;

  constructor(userId: string) {
    this.#store = createStore(`chatconnect-${FORM}-${userId}`, "state");
  }

  async load(): Promise<SavedState> {
    const threads: Thread[] = [];
    let users: readonly User[] = [];
    let marks: Marks | null = null;
    for (const [key, value] of await entries<string, unknown>(this.#store)) {
      if (key === USERS) users = value as readonly User[];
      else if (key === MARKS) marks = value as Marks;
      else threads.push(value as Thread);
    }
    return { threads, users, marks };
  }

  async save({ threads, removed, users, marks }: StateChange): Promise<void> {
    const values: [string, unknown][] = threads.map((thread) => [THREAD + thread.conversation.id, thread]);
    if (users) values.push([USERS, users]);
    if (marks) values.push([MARKS, marks]);
    await setMany(values, this.#store);
    if (removed.length > 0) await delMany(removed.map((id) => THREAD + id), this.#store);
  }

  /** Leaves nothing behind. */
  clear(): Promise<void> {
    return clear(this.#store);
  }
}
