import type { Attachment } from "./generated/Attachment";
import type { OutboxItem } from "./state";

/**
 * Where unsent messages wait, so that closing the page or the app does not lose them. One entry an item: two tabs of the
 * same user do not overwrite each other's.
 */
export interface OutboxStore {
  load(): readonly OutboxItem[] | Promise<readonly OutboxItem[]>;
  put(item: OutboxItem): void | Promise<void>;
  remove(clientId: string): void | Promise<void>;
}

export class MemoryOutbox implements OutboxStore {
  readonly #items = new Map<string, OutboxItem>();

  load(): readonly OutboxItem[] {
    return [...this.#items.values()];
  }

  put(item: OutboxItem): void {
    this.#items.set(item.clientId, item);
  }

  remove(clientId: string): void {
    this.#items.delete(clientId);
  }
}

/** The part of the Web Storage interface that is used. */
export interface KeyValueStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class LocalStorageOutbox implements OutboxStore {
  readonly #storage: KeyValueStorage;
  readonly #prefix: string;

  constructor(storage: KeyValueStorage, userId: string) {
    this.#storage = storage;
    this.#prefix = `chatconnect.outbox.${userId}.`;
  }

  load(): readonly OutboxItem[] {
    const items: OutboxItem[] = [];
    for (let i = 0; i < this.#storage.length; i += 1) {
      const key = this.#storage.key(i);
      if (!key?.startsWith(this.#prefix)) continue;
      const item = parseItem(this.#storage.getItem(key));
      if (item) items.push(item);
    }
    return items.sort((a, b) => a.at - b.at);
  }

  put(item: OutboxItem): void {
    this.#storage.setItem(this.#prefix + item.clientId, JSON.stringify(item));
  }

  remove(clientId: string): void {
    this.#storage.removeItem(this.#prefix + clientId);
  }
}

/** What is in the storage may be of an older version or broken by hand: take it only if it has the right form. */
function parseItem(text: string | null): OutboxItem | null {
  try {
    const item = JSON.parse(text ?? "null") as Partial<OutboxItem> | null;
    if (typeof item?.clientId !== "string" || typeof item.conversationId !== "string") return null;
    if (typeof item.body !== "string" || typeof item.at !== "number") return null;
    const failed = item.status === "failed" && item.error ? item.error : null;
    return {
      clientId: item.clientId,
      conversationId: item.conversationId,
      body: item.body,
      replyTo: typeof item.replyTo === "string" ? item.replyTo : null,
      attachments: Array.isArray(item.attachments) ? item.attachments.filter(isAttachment) : [],
      at: item.at,
      status: failed ? "failed" : "queued",
      error: failed,
    };
  } catch {
    return null;
  }
}

function isAttachment(value: unknown): value is Attachment {
  const { id, kind, name, url } = (value ?? {}) as Partial<Attachment>;
  return [id, kind, name, url].every((text) => typeof text === "string");
}
