import { CommandError, isTransient, retryDelay } from "./errors";
import { startTimer } from "./platform";

export interface ReadMarkPorts {
  connected(): boolean;
  /** Tells the server; rejects with a CommandError. */
  tell(conversationId: string, seq: number): Promise<unknown>;
  random(): number;
}

/** Tells the server what was read: the newest mark of each conversation, one at a time, until the server has it. */
export class ReadMarks {
  readonly #ports: ReadMarkPorts;
  readonly #marks = new Map<string, { seq: number; busy: boolean }>();

  constructor(ports: ReadMarkPorts) {
    this.#ports = ports;
  }

  set(conversationId: string, seq: number): void {
    this.#marks.set(conversationId, { seq, busy: this.#marks.get(conversationId)?.busy ?? false });
    void this.#flush(conversationId);
  }

  /** Tells what could not be told; harmless at any time. */
  flush(): void {
    for (const conversationId of this.#marks.keys()) void this.#flush(conversationId);
  }

  async #flush(conversationId: string): Promise<void> {
    const mark = this.#marks.get(conversationId);
    if (!mark || mark.busy || !this.#ports.connected()) return;
    this.#marks.set(conversationId, { ...mark, busy: true });
    const failure = await this.#tell(conversationId, mark.seq);
    const latest = this.#marks.get(conversationId) ?? mark;
    if (!failure && latest.seq === mark.seq) {
      this.#marks.delete(conversationId);
      return;
    }
    this.#marks.set(conversationId, { seq: latest.seq, busy: false });
    if (!this.#ports.connected()) return;
    const wait = failure ? retryDelay(2, failure.retryAfterMs, this.#ports.random()) : 0;
    startTimer(() => void this.#flush(conversationId), wait);
  }

  /** The error, if the same may succeed later; what never will is dropped. */
  async #tell(conversationId: string, seq: number): Promise<CommandError | null> {
    try {
      await this.#ports.tell(conversationId, seq);
      return null;
    } catch (error) {
      return error instanceof CommandError && isTransient(error) ? error : null;
    }
  }
}
