// What must be true when the network is well again.

import assert from 'node:assert/strict';

import { ownThreads } from './people.mjs';

/** A group that everybody has left is gone. */
const NOT_IN_IT = /^(conversation\.not_member|not_found)$/;

const byName = ([a], [b]) => (a < b ? -1 : 1);

/** A record in one order. */
const recordOf = (entries) => Object.fromEntries(entries.sort(byName));

/** What the person at a device sees, of all that is kept up to date. */
export function view({ state }) {
  const threads = ownThreads(state);
  return {
    // `muted` of a conversation is not kept up to date: the marks are.
    threads: recordOf(
      threads.map(({ conversation: { muted: _, ...conversation }, messages, from, cursor, ahead }) => [
        conversation.id,
        { conversation, messages, from, cursor, ahead },
      ]),
    ),
    order: threads
      .map(({ conversation: { id, createdAt, lastMessage } }) => `${lastMessage?.createdAt ?? createdAt} ${id}`)
      .sort(),
    reads: recordOf(threads.map(({ conversation }) => [conversation.id, readsOf(conversation, state.reads)])),
    marks: state.marks,
  };
}

/** How far its members have read; of those who have left, something may be remembered. */
function readsOf({ id, members }, { [id]: reads = {} }) {
  return recordOf(members.filter(({ userId }) => userId in reads).map(({ userId }) => [userId, reads[userId]]));
}

/** How far everybody has read, in every conversation. */
export async function readsOfAll({ state, api }) {
  const ids = ownThreads(state).map(({ conversation }) => conversation.id);
  return new Map(await Promise.all(ids.map(async (id) => [id, (await api.reads(id)).reads])));
}

/**
 * Opens every conversation and scrolls up to its beginning. What others read while one was away is told to nobody: an
 * app asks for it as it shows a conversation.
 */
export async function lookAtEverything(phone, reads) {
  for (const { conversation } of ownThreads(phone.state)) {
    const { id } = conversation;
    phone.client.leaveExcerpt(id);
    while ((phone.state.threads[id]?.from ?? 1) > 1) await phone.client.loadOlder(id);
    phone.client.learnReads(id, reads.get(id) ?? {});
  }
}

/** Who was asked for is known. */
export function assertKnows({ name, state }, everybody) {
  const known = everybody.map(({ id }) => state.users[id]?.username);
  assert.deepEqual(known, everybody.map(({ username }) => username), `whom ${name} knows`);
}

/** What waits on the disk is what was refused, and that only because somebody is not in the conversation any more. */
export function assertKeepsWhatFailed({ name, state, disk }) {
  const failed = state.outbox.map(({ clientId }) => clientId);
  assert.deepEqual(disk.unsent.sort(), failed.sort(), `what ${name} has not sent`);
  for (const { error } of state.outbox) assert.match(error.code, NOT_IN_IT, `why ${name} could not send`);
}

/** Every message once, and each device's messages in the order in which they were written. */
export function assertEachOnceInOrder(phones, states, earlier) {
  const threads = new Map(states.flatMap(ownThreads).map((thread) => [thread.conversation.id, thread]));
  const places = new Map();
  for (const [id, { messages }] of threads) {
    assert.deepEqual(messages.map(({ seq }) => seq), messages.map((_, index) => index + 1), `the places in ${id}`);
    for (const { clientId, seq } of messages) {
      assert.ok(!places.has(clientId), `message ${clientId} is there twice`);
      places.set(clientId, { seq, id });
    }
  }
  const written = new Set([...phones.flatMap(({ sent }) => sent), ...earlier].map(({ clientId }) => clientId));
  for (const clientId of places.keys()) assert.ok(written.has(clientId), `nobody wrote ${clientId}`);
  for (const phone of phones) assertInOrder(phone, places, threads);
}

function assertInOrder(phone, places, threads) {
  const failed = new Set(phone.state.outbox.map(({ clientId }) => clientId));
  const last = new Map();
  for (const message of phone.sent) {
    const { clientId, conversationId } = message;
    const place = places.get(clientId);
    if (!place) {
      const mayMiss = failed.has(clientId) || !phone.kept(message) || !threads.has(conversationId);
      assert.ok(mayMiss, `message ${clientId} of ${phone.name} never came`);
      continue;
    }
    assert.equal(place.id, conversationId, `the conversation of ${clientId}`);
    if (!phone.kept(message)) continue;
    assert.ok(place.seq > (last.get(conversationId) ?? 0), `${phone.name} wrote ${clientId} later than it stands`);
    last.set(conversationId, place.seq);
  }
}
