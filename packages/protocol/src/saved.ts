/** What of the state outlives the page or the app: it opens with that, also without a network, and syncs from there. */
import type { ChatClient } from "./client";
import type { Marks } from "./generated/Marks";
import type { User } from "./generated/User";
import { trim } from "./history";
import { startTimer, stopTimer, type Timer } from "./platform";
import type { ChatState, Thread } from "./state";

export interface SavedState {
  readonly threads: readonly Thread[];
  readonly users: readonly User[];
  /** Null when none were ever saved. */
  readonly marks: Marks | null;
}

/** What has changed since the last time. */
export interface StateChange {
  readonly threads: readonly Thread[];
  /** Ids of conversations that are gone. */
  readonly removed: readonly string[];
  /** Everybody who is known; null when that is as it was. */
  readonly users: readonly User[] | null;
  /** What the person marked; null when that is as it was. */
  readonly marks: Marks | null;
}

/** One user's place on this device. One record a conversation: each says by itself up to where it goes. */
export interface StateStore {
  load(): Promise<SavedState>;
  save(change: StateChange): Promise<void>;
}

const SAVE_AFTER_MS = 1_000;
/** Messages of a conversation that are kept. */
const KEPT_MESSAGES = 200;

/**
 * Saves what changes, together and a moment later. What cannot be saved is tried again with the next change.
 * `saved` is what the store holds already.
 */
export class StateKeeper {
  readonly #client: ChatClient;
  readonly #store: StateStore;
  readonly #stopListening: () => void;
  #threads: ReadonlyMap<string, Thread>;
  #users: ChatState["users"] | null = null;
  #marks: Marks | null = null;
  #timer: Timer = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(client: ChatClient, store: StateStore) {
    this.#client = client;
    this.#store = store;
    this.#threads = new Map(Object.entries(client.getState().threads));
    this.#stopListening = client.subscribe(() => {
      this.#timer ??= startTimer(() => void this.flush(), SAVE_AFTER_MS);
    });
  }

  /** Saves now what is left to save. */
  flush(): Promise<void> {
    stopTimer(this.#timer);
    this.#timer = null;
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  /** Nothing is saved any more. */
  stop(): void {
    this.#stopListening();
    stopTimer(this.#timer);
    this.#timer = null;
  }

  async #save(): Promise<void> {
    const { threads, users, marks } = this.#client.getState();
    const now = new Map(Object.entries(threads));
    const change: StateChange = {
      threads: [...now].filter(([id, thread]) => this.#threads.get(id) !== thread).map(([, thread]) => savedForm(thread)),
      removed: [...this.#threads.keys()].filter((id) => !now.has(id)),
      users: users === this.#users ? null : Object.values(users),
      marks: marks === this.#marks ? null : marks,
    };
    if (change.threads.length + change.removed.length === 0 && change.users === null && change.marks === null) return;
    try {
      await this.#store.save(change);
      this.#threads = now;
      this.#users = users;
      this.#marks = marks;
    } catch {
      // No room, or no right to: the next start syncs more.
    }
  }
}

function savedForm(thread: Thread): Thread {
  return { ...trim(thread, KEPT_MESSAGES), older: [] };
}
