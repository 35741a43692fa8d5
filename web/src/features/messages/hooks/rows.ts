import type { Attachment, Message, OutboxItem } from "@chatconnect/protocol";
import { dayOf } from "../../../shared/lib/dates";

export type Delivery = "sent" | "sending" | "failed";

/** A line of the message list: a message of the server's, or one of ours that is on its way. */
export interface Row {
  /** Stays the same when a message of ours comes back from the server. */
  key: string;
  /** Null while the message is in the outbox. */
  message: Message | null;
  clientId: string;
  senderId: string;
  body: string;
  attachments: readonly Attachment[];
  replyTo: string | null;
  time: string | number;
  delivery: Delivery;
  /** Why it failed: the code of the error. */
  failure: string | null;
  startsDay: boolean;
  /** First and last of what one person wrote in one go. */
  startsGroup: boolean;
  endsGroup: boolean;
  /** Whether the line "new messages" stands above it. */
  firstUnread: boolean;
}

const GROUP_MS = 5 * 60_000;

/**
 * @param unreadAfter the `seq` that was read when the conversation was opened; null when all of it was
 */
export function buildRows(messages: readonly Message[], outbox: readonly OutboxItem[], me: string, unreadAfter: number | null): Row[] {
  const rows = [...messages.map((message) => fromMessage(message, me)), ...outbox.map((item) => fromOutbox(item, me))];
  let marked = unreadAfter === null;
  rows.forEach((row, index) => {
    const before = rows[index - 1];
    row.startsDay = !before || dayOf(before.time) !== dayOf(row.time);
    if (!marked && row.message && row.message.seq > (unreadAfter ?? 0) && row.senderId !== me) {
      marked = true;
      row.firstUnread = true;
    }
    row.startsGroup = row.startsDay || row.firstUnread || !before || !together(before, row);
    if (before) before.endsGroup = row.startsGroup;
  });
  return rows;
}

function together(before: Row, row: Row): boolean {
  return before.senderId === row.senderId && new Date(row.time).getTime() - new Date(before.time).getTime() < GROUP_MS;
}

function fromMessage(message: Message, me: string): Row {
  const { clientId, senderId, body, attachments, replyTo, createdAt } = message;
  const key = senderId === me ? `mine ${clientId}` : message.id;
  return { ...BLANK, key, message, clientId, senderId, body, attachments, replyTo, time: createdAt, delivery: "sent" };
}

function fromOutbox({ clientId, body, attachments, replyTo, at, status, error }: OutboxItem, me: string): Row {
  const delivery = status === "failed" ? "failed" : "sending";
  return { ...BLANK, key: `mine ${clientId}`, message: null, clientId, senderId: me, body, attachments, replyTo, time: at, delivery, failure: error?.code ?? null };
}

const BLANK = { failure: null, startsDay: false, startsGroup: true, endsGroup: true, firstUnread: false };
