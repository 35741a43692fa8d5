import { describe, expect, it } from "vitest";
import type { Attachment } from "../src/generated/Attachment";
import { type KeyValueStorage, LocalStorageOutbox } from "../src/outbox";
import type { OutboxItem } from "../src/state";

class FakeStorage implements KeyValueStorage {
  readonly #values = new Map<string, string>();
  get length(): number {
    return this.#values.size;
  }
  key(index: number): string | null {
    return [...this.#values.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }
  removeItem(key: string): void {
    this.#values.delete(key);
  }
}

function item(clientId: string, at: number): OutboxItem {
  return { clientId, conversationId: "c", body: clientId, replyTo: null, attachments: [], at, status: "queued", error: null };
}

const FILE: Attachment = {
  id: "f",
  kind: "file",
  name: "notes.txt",
  contentType: "application/octet-stream",
  size: 5,
  width: null,
  height: null,
  durationMs: null,
  url: "/api/v1/attachments/f",
  thumbnailUrl: null,
};

describe("LocalStorageOutbox", () => {
  it("gives back what was put, in the order written, to this user only", () => {
    const storage = new FakeStorage();
    const mine = new LocalStorageOutbox(storage, "me");
    const sameUserInAnotherTab = new LocalStorageOutbox(storage, "me");
    mine.put(item("b", 2));
    sameUserInAnotherTab.put(item("a", 1));
    new LocalStorageOutbox(storage, "other").put(item("x", 3));
    expect(mine.load().map((one) => one.clientId)).toEqual(["a", "b"]);
    sameUserInAnotherTab.remove("a");
    expect(mine.load().map((one) => one.clientId)).toEqual(["b"]);
  });

  it("takes up again what was being sent, and keeps what has failed", () => {
    const outbox = new LocalStorageOutbox(new FakeStorage(), "me");
    outbox.put({ ...item("a", 1), status: "sending" });
    outbox.put({ ...item("b", 2), status: "failed", error: { code: "invalid", title: "no" } });
    expect(outbox.load().map((one) => one.status)).toEqual(["queued", "failed"]);
  });

  it("keeps the files of a message, as far as they are some", () => {
    const storage = new FakeStorage();
    const outbox = new LocalStorageOutbox(storage, "me");
    outbox.put({ ...item("a", 1), attachments: [FILE] });
    expect(outbox.load()[0]?.attachments).toEqual([FILE]);
    storage.setItem("chatconnect.outbox.me.a", JSON.stringify({ ...item("a", 1), attachments: [FILE, { id: 1 }, null] }));
    expect(outbox.load()[0]?.attachments).toEqual([FILE]);
    storage.setItem("chatconnect.outbox.me.a", JSON.stringify({ ...item("a", 1), attachments: "of an older version" }));
    expect(outbox.load()[0]?.attachments).toEqual([]);
  });

  it("passes over what it cannot read", () => {
    const storage = new FakeStorage();
    for (const [index, broken] of ["", "{", "null", "[]", '{"clientId":1}'].entries()) {
      storage.setItem(`chatconnect.outbox.me.${index}`, broken);
    }
    expect(new LocalStorageOutbox(storage, "me").load()).toEqual([]);
  });
});
