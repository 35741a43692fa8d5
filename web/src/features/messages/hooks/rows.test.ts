import type { Message, OutboxItem } from "@chatconnect/protocol";
import { describe, expect, it } from "vitest";
import { buildRows } from "./rows";

function message(seq: number, senderId: string, createdAt: string): Message {
  return {
    id: `m${seq}`,
    conversationId: "c",
    seq,
    rev: seq,
    senderId,
    clientId: `client ${seq}`,
    body: `text ${seq}`,
    attachments: [],
    replyTo: null,
    reactions: [],
    createdAt,
    editedAt: null,
    deletedAt: null,
  };
}

const unsent: OutboxItem = {
  clientId: "client 9",
  conversationId: "c",
  body: "unsent",
  replyTo: null,
  at: Date.parse("2026-03-02T10:02:00"),
  attachments: [],
  status: "queued",
  error: null,
};

describe("buildRows", () => {
  it("groups what one person wrote in one go, and starts days", () => {
    const rows = buildRows(
      [
        message(1, "ana", "2026-03-01T10:00:00"),
        message(2, "ana", "2026-03-01T10:01:00"),
        message(3, "ana", "2026-03-01T10:30:00"),
        message(4, "me", "2026-03-01T10:31:00"),
        message(5, "me", "2026-03-02T10:01:00"),
      ],
      [unsent],
      "me",
      null,
    );
    expect(rows.map((row) => row.startsDay)).toEqual([true, false, false, false, true, false]);
    expect(rows.map((row) => row.startsGroup)).toEqual([true, false, true, true, true, false]);
    expect(rows.map((row) => row.endsGroup)).toEqual([false, true, true, true, false, true]);
    expect(rows.at(-1)).toMatchObject({ message: null, delivery: "sending", body: "unsent" });
  });

  it("marks the first message of somebody else that was unread", () => {
    const messages = [message(1, "ana", "2026-03-01T10:00:00"), message(2, "me", "2026-03-01T10:00:01"), message(3, "ana", "2026-03-01T10:00:02")];
    expect(buildRows(messages, [], "me", 1).map((row) => row.firstUnread)).toEqual([false, false, true]);
    expect(buildRows(messages, [], "me", 3).some((row) => row.firstUnread)).toBe(false);
    expect(buildRows(messages, [], "me", null).some((row) => row.firstUnread)).toBe(false);
  });

  it("keeps the key of a message of mine when the server has it", () => {
    const [before] = buildRows([], [unsent], "me", null);
    const [after] = buildRows([message(9, "me", "2026-03-02T10:02:00")], [], "me", null);
    expect(after?.key).toBe(before?.key);
  });
});
