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
    const held = this.#marks.get(conversationId);
    this.#marks.set(conversationId, { seq: Math.max(seq, held?.seq ?? 0), busy: held?.busy ?? false });
    void this.#flush(conversationId);
  }

  /** Tells what could not be told; harmless at any time. */
  flush(): void {
    for (const conversationId of this.#marks.keys()) void this.#flush(conversationId);
  }

  async #flush(conversationId: string): Promise<void> {
    const mark = this.#marks.get(conversationId);
    if (!mark || mark.busy || !this.#ports.connected()) return;
    const told = { ...mark, busy: true };
    this.#marks.set(conversationId, told);
    const failure = await this.#tell(conversationId, mark.seq);
    const latest = this.#marks.get(conversationId) ?? told;
    // What was read anew meanwhile is told anew, also up to the same place: that takes a mark away that came later.
    if (!failure && latest === told) {
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
