import { retryDelay } from "./errors";
import type { User } from "./generated/User";
import { startTimer, stopTimer, type Timer } from "./platform";

export interface DirectoryPorts {
  known(id: string): boolean;
  fetch(ids: readonly string[]): Promise<readonly User[]>;
  learned(users: readonly User[]): void;
  /** These were asked for, and there are no such people. */
  gone(ids: readonly string[]): void;
  random(): number;
}

const GATHER_MS = 10;
const MOST_AT_ONCE = 200;

/** Turns user ids into users: gathers what is asked for in one moment into one request, and asks for nobody twice. */
export class Directory {
  readonly #ports: DirectoryPorts;
  readonly #wanted = new Set<string>();
  readonly #asked = new Set<string>();
  #timer: Timer = null;
  #closed = false;

  constructor(ports: DirectoryPorts) {
    this.#ports = ports;
  }

  need(ids: readonly string[]): void {
    for (const id of ids) {
      if (!this.#ports.known(id) && !this.#asked.has(id)) this.#wanted.add(id);
    }
    if (this.#wanted.size > 0 && this.#timer === null && !this.#closed) {
      this.#timer = startTimer(() => void this.#resolve(), GATHER_MS);
    }
  }

  /** Asks for people who are known, but perhaps not as they are today. */
  refresh(ids: readonly string[]): void {
    for (const id of ids) this.#wanted.add(id);
    this.need([]);
  }

  close(): void {
    this.#closed = true;
    stopTimer(this.#timer);
  }

  async #resolve(): Promise<void> {
    const ids = [...this.#wanted].slice(0, MOST_AT_ONCE);
    for (const id of ids) {
      this.#wanted.delete(id);
      this.#asked.add(id);
    }
    try {
      const users = await this.#ports.fetch(ids);
      this.#ports.learned(users);
      const found = new Set(users.map(({ id }) => id));
      this.#ports.gone(ids.filter((id) => !found.has(id)));
      this.#timer = null;
    } catch {
      if (this.#closed) return;
      for (const id of ids) this.#asked.delete(id);
      for (const id of ids) this.#wanted.add(id);
      this.#timer = startTimer(() => void this.#resolve(), retryDelay(3, null, this.#ports.random()));
      return;
    }
    this.need([]);
  }
}
