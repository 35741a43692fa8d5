import { CommandError, isTransient, OFFLINE, retryDelay, TIMEOUT } from "./errors";
import type { Message } from "./generated/Message";
import { startTimer, stopTimer, type Timer } from "./platform";
import type { OutboxItem } from "./state";

/** How often a send may fail with `internal` before we believe it. */
const INTERNAL_ATTEMPTS = 5;

export interface SenderPorts {
  connected(): boolean;
  outbox(): readonly OutboxItem[];
  send(item: OutboxItem): Promise<Message>;
  /** Replaces the item, if it is still in the outbox. */
  put(item: OutboxItem): void;
  delivered(item: OutboxItem, message: Message): void;
  random(): number;
}

/**
 * Empties the outbox: one message at a time in each conversation, so that what was written first is read first; the
 * conversations side by side. A lost ack is answered by sending the same `clientId` again.
 */
export class Sender {
  readonly #ports: SenderPorts;
  readonly #busy = new Set<string>();
  readonly #waits = new Map<Timer, () => void>();

  constructor(ports: SenderPorts) {
    this.#ports = ports;
  }

  /** Sends whatever waits; harmless at any time. */
  flush(): void {
    for (const item of this.#ports.outbox()) {
      if (item.status !== "failed") void this.#drain(item.conversationId);
    }
  }

  /** Ends all waiting at once, because the connection is new. */
  wake(): void {
    for (const [timer, resume] of this.#waits) {
      stopTimer(timer);
      resume();
    }
    this.#waits.clear();
  }

  async #drain(conversationId: string): Promise<void> {
    if (this.#busy.has(conversationId)) return;
    this.#busy.add(conversationId);
    try {
      let attempt = 0;
      for (;;) {
        const item = this.#next(conversationId);
        if (!item || !this.#ports.connected()) return;
        const error = await this.#attempt(item);
        if (!error) {
          attempt = 0;
        } else if (isTransient(error) && !(error.code === "internal" && attempt + 1 >= INTERNAL_ATTEMPTS)) {
          this.#ports.put({ ...item, status: "queued" });
          if (!this.#ports.connected() || error.code === OFFLINE) return;
          await this.#wait(retryDelay(attempt, error.retryAfterMs, this.#ports.random()));
          attempt += 1;
        } else {
          this.#ports.put({ ...item, status: "failed", error: { code: error.code, title: error.message } });
          attempt = 0;
        }
      }
    } finally {
      this.#busy.delete(conversationId);
    }
  }

  #next(conversationId: string): OutboxItem | undefined {
    return this.#ports.outbox().find((item) => item.conversationId === conversationId && item.status !== "failed");
  }

  async #attempt(item: OutboxItem): Promise<CommandError | null> {
    this.#ports.put({ ...item, status: "sending" });
    try {
      this.#ports.delivered(item, await this.#ports.send(item));
      return null;
    } catch (error) {
      return error instanceof CommandError ? error : new CommandError({ code: TIMEOUT, title: String(error) });
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = startTimer(() => {
        this.#waits.delete(timer);
        resolve();
      }, ms);
      this.#waits.set(timer, resolve);
    });
  }
}
