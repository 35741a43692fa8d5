import type { SavedState, StateChange, StateStore, Thread, User } from "@chatconnect/protocol";
import { clear, createStore, delMany, entries, setMany, type UseStore } from "idb-keyval";

/** The form of what is saved; another form has another database. */
const FORM = 1;
const USERS = "users";
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
    for (const [key, value] of await entries<string, unknown>(this.#store)) {
      if (key === USERS) users = value as readonly User[];
      else threads.push(value as Thread);
    }
    return { threads, users };
  }

  async save({ threads, removed, users }: StateChange): Promise<void> {
    const values: [string, unknown][] = threads.map((thread) => [THREAD + thread.conversation.id, thread]);
    if (users) values.push([USERS, users]);
    await setMany(values, this.#store);
    if (removed.length > 0) await delMany(removed.map((id) => THREAD + id), this.#store);
  }

  /** Leaves nothing behind. */
  clear(): Promise<void> {
    return clear(this.#store);
  }
}
