// What of a device outlives the app: the unsent messages and the saved state. Writes take their time, in order, and
// what was not written when the app ended is lost.

export class Disk {
  #outbox = new Map();
  #threads = new Map();
  #people = null;
  #marks = null;
  #slowness;
  #writes = Promise.resolve();
  #start = 0;
  /** The `clientId` of every message that was ever on the disk. */
  written = new Set();

  /** `slowness` answers how many milliseconds a write takes; null for a storage that is written at once. */
  constructor(slowness) {
    this.#slowness = slowness;
  }

  /** The app was ended: what it had not written yet will not be. */
  forgetWrites() {
    this.#start += 1;
    this.#writes = Promise.resolve();
  }

  /** The system wanted the room: what can be fetched again is gone. */
  loseState() {
    this.#threads.clear();
    this.#people = null;
    this.#marks = null;
  }

  /** Ids of the messages that wait. */
  get unsent() {
    return [...this.#outbox.values()].map((text) => JSON.parse(text).clientId);
  }

  /** The Web Storage under a LocalStorageOutbox. */
  get storage() {
    const start = this.#start;
    const outbox = this.#outbox;
    return {
      get length() {
        return outbox.size;
      },
      key: (index) => [...outbox.keys()][index] ?? null,
      getItem: (key) => outbox.get(key) ?? null,
      setItem: (key, text) => {
        if (this.#start !== start) return;
        outbox.set(key, text);
        this.written.add(JSON.parse(text).clientId);
      },
      removeItem: (key) => {
        if (this.#start === start) outbox.delete(key);
      },
    };
  }

  /** An OutboxStore of which each operation takes its time. */
  slowed(store, clock) {
    if (this.#slowness === null) return store;
    return {
      load: () => this.#later(clock, () => store.load()),
      put: (item) => this.#later(clock, () => store.put(item)),
      remove: (clientId) => this.#later(clock, () => store.remove(clientId)),
    };
  }

  /** A StateStore. */
  stateStore(clock) {
    return {
      load: () =>
        this.#later(clock, () => ({
          threads: [...this.#threads.values()].map((text) => JSON.parse(text)),
          users: JSON.parse(this.#people ?? '[]'),
          marks: JSON.parse(this.#marks ?? 'null'),
        })),
      save: ({ threads, removed, users, marks }) =>
        this.#later(clock, () => {
          for (const thread of threads) this.#threads.set(thread.conversation.id, JSON.stringify(thread));
          for (const id of removed) this.#threads.delete(id);
          if (users) this.#people = JSON.stringify(users);
          if (marks) this.#marks = JSON.stringify(marks);
        }),
    };
  }

  #later(clock, work) {
    const start = this.#start;
    const done = this.#writes.then(async () => {
      if (this.#slowness !== null) await new Promise((resolve) => clock.setTimeout(resolve, this.#slowness()));
      if (this.#start !== start) return new Promise(() => undefined);
      return work();
    });
    this.#writes = done;
    return done;
  }
}
