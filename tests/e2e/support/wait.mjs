// Waiting without sleeping: every wait names what it waits for and gives up.

export const PATIENCE_MS = 10_000;

/** Settles like `promise`, or rejects after `ms` with a sentence that says what did not happen. */
export function within(promise, ms, what) {
  let timer;
  const expiry = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  return Promise.race([promise, expiry]).finally(() => clearTimeout(timer));
}

/** Asks `probe` again until it answers something truthy; for states that no event announces. */
export async function eventually(probe, what, ms = PATIENCE_MS) {
  const deadline = Date.now() + ms;
  let lastError;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`not within ${ms} ms: ${what}`, { cause: lastError });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** An append-only record of what arrived, in which one can wait for an entry. */
export class Journal {
  #entries = [];
  #waiting = new Set();

  get entries() {
    return this.#entries;
  }

  get length() {
    return this.#entries.length;
  }

  push(entry) {
    this.#entries.push(entry);
    for (const waiter of [...this.#waiting]) waiter(entry);
  }

  filter(predicate) {
    return this.#entries.filter(predicate);
  }

  /** The first entry at or after position `from` that satisfies `predicate`. */
  find(predicate, what, { from = 0, ms = PATIENCE_MS } = {}) {
    const present = this.#entries.slice(from).find(predicate);
    if (present !== undefined) return Promise.resolve(present);
    let waiter;
    const arrival = new Promise((resolve) => {
      waiter = (entry) => {
        if (predicate(entry)) resolve(entry);
      };
      this.#waiting.add(waiter);
    });
    return within(arrival, ms, what).finally(() => this.#waiting.delete(waiter));
  }
}
