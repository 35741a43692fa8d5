// Messages: stored before they are told and acked.

import { ObjectId } from 'mongodb';

const PAGE = 200;

/** The fields of a ChatConnect message but its numbers, so that both servers write about as many bytes. */
export async function storeMessage({ messages }, { conversationId, senderId, clientId, body }) {
  const createdAt = new Date();
  const _id = new ObjectId();
  await messages.insertOne({ _id, conversationId, senderId, clientId, body, createdAt });
  return toWire({ _id, conversationId, senderId, clientId, body, createdAt });
}

export async function listMessages({ messages }, { conversationId, before, limit }) {
  const size = Math.min(Math.max(limit, 1), PAGE);
  const filter = { conversationId, ...(before && { _id: { $lt: new ObjectId(before) } }) };
  const found = await messages.find(filter).sort({ _id: -1 }).limit(size + 1).toArray();
  return { messages: found.slice(0, size).reverse().map(toWire), hasMore: found.length > size };
}

/** What came after the newest message that the client holds of each of its conversations. */
export async function missedMessages({ messages }, conversationIds, cursors) {
  const pages = await Promise.all(
    conversationIds.map((conversationId) => {
      // 0 is before the first message.
      const after = cursors?.[conversationId];
      const filter = { conversationId, ...(after && { _id: { $gt: new ObjectId(after) } }) };
      return messages.find(filter).sort({ _id: -1 }).limit(50).toArray();
    }),
  );
  return pages.flatMap((page) => page.reverse().map(toWire));
}

function toWire({ _id, ...message }) {
  return {
    id: _id.toHexString(),
    ...message,
    attachments: [],
    replyTo: null,
    reactions: [],
    editedAt: null,
    deletedAt: null,
  };
}
