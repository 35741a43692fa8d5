import { ApiError, type Attachment } from "@chatconnect/protocol";
import { useMemo, useSyncExternalStore } from "react";
import { api } from "../../../shared/api";
import { useChat } from "../../../shared/chat/Chat";
import { errorKey } from "../../../shared/lib/errors";
import type { Key } from "../../../shared/i18n/en";
import { upload, type MediaFacts } from "../../../shared/lib/upload";
import { factsOf } from "./mediaFacts";

/** A file that was picked for the next message. */
export interface Item {
  readonly key: number;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** A picture of it, when it is one. */
  readonly previewUrl: string | null;
  /** From 0 to 1. */
  readonly progress: number;
  readonly attachment: Attachment | null;
  readonly error: Key | null;
}

/** As many as the server takes in a message. */
export const MOST = 10;

/** The files of the message that is being written in a conversation; they outlive a visit of another one. */
export class Uploads {
  #items: readonly Item[] = [];
  readonly #files = new Map<number, { file: File; facts: MediaFacts | null; abort: AbortController }>();
  readonly #listeners = new Set<() => void>();
  #nextKey = 1;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly items = (): readonly Item[] => this.#items;

  /** Returns how many found no room. */
  add(files: readonly File[], facts: MediaFacts | null = null): number {
    const room = MOST - this.#items.length;
    for (const file of files.slice(0, room)) {
      const key = this.#nextKey;
      this.#nextKey += 1;
      const previewUrl = /^image\/(png|jpeg|gif|webp)$/.test(file.type) ? URL.createObjectURL(file) : null;
      this.#set([...this.#items, { key, name: file.name, size: file.size, previewUrl, progress: 0, attachment: null, error: null }]);
      this.#files.set(key, { file, facts, abort: new AbortController() });
      void this.#upload(key);
    }
    return Math.max(0, files.length - room);
  }

  /** Cancels it if it is under way, and takes it back if it is done. */
  remove(key: number): void {
    this.#files.get(key)?.abort.abort();
    const attachment = this.#items.find((one) => one.key === key)?.attachment;
    // What cannot be taken back now is forgotten by the server after a day.
    if (attachment) api.deleteAttachment(attachment.id).catch(() => undefined);
    this.#forget(key);
  }

  retry(key: number): void {
    this.#change(key, { progress: 0, error: null });
    void this.#upload(key);
  }

  /** They are in a message now. */
  clear(): void {
    for (const { key } of this.#items) this.#forget(key);
  }

  async #upload(key: number): Promise<void> {
    const entry = this.#files.get(key);
    if (!entry) return;
    const { file, abort } = entry;
    try {
      const facts = entry.facts ?? (await factsOf(file));
      const onProgress = (progress: number) => this.#change(key, { progress });
      const attachment = await upload({ file, name: file.name, facts, signal: abort.signal, onProgress });
      this.#change(key, { progress: 1, attachment });
    } catch (error) {
      if (!abort.signal.aborted) this.#change(key, { error: reason(error) });
    }
  }

  #forget(key: number): void {
    this.#files.delete(key);
    const item = this.#items.find((one) => one.key === key);
    if (item?.previewUrl) URL.revokeObjectURL(item.previewUrl);
    this.#set(this.#items.filter((one) => one.key !== key));
  }

  #change(key: number, change: Partial<Item>): void {
    this.#set(this.#items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  #set(items: readonly Item[]): void {
    this.#items = items;
    for (const listener of this.#listeners) listener();
  }
}

function reason(error: unknown): Key {
  if (!(error instanceof ApiError)) return "error.other";
  if (error.status === 413) return "error.tooLarge";
  return error.code === "invalid" ? "attachment.refused" : errorKey(error);
}

const drafts = new Map<string, Uploads>();

/** Those of whoever is signed in. */
export function useUploads(conversationId: string): { uploads: Uploads; items: readonly Item[] } {
  const me = useChat((state) => state.me.id);
  const uploads = useMemo(() => {
    const key = `${me} ${conversationId}`;
    const known = drafts.get(key) ?? new Uploads();
    drafts.set(key, known);
    return known;
  }, [me, conversationId]);
  return { uploads, items: useSyncExternalStore(uploads.subscribe, uploads.items) };
}
