// What must be true when the network is well again.

import assert from 'node:assert/strict';

import { ownThreads } from './people.mjs';

const byName = ([a], [b]) => (a < b ? -1 : 1);

/** A record without the members of it that do not belong to the run, in one order. */
const recordOf = (entries) => Object.fromEntries(entries.sort(byName));

/** What the person at a device sees, of all that is kept up to date. */
export function view({ state }, everybody) {
  const threads = ownThreads(state);
  const ids = new Set(threads.map(({ conversation }) => conversation.id));
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
    reads: recordOf(Object.entries(state.reads).filter(([id]) => ids.has(id)).map(([id, reads]) => [id, recordOf(Object.entries(reads))])),
    marks: state.marks,
    people: everybody.map(({ id }) => state.users[id]?.username ?? null),
  };
}

/** Reads what is not kept at hand: the whole history, how far the others have read, who they are. */
export async function readEverything({ client, api }, everybody) {
  client.needUsers(everybody.map(({ id }) => id));
  for (const { conversation } of ownThreads(client.getState())) {
    const { id } = conversation;
    while ((client.getState().threads[id]?.from ?? 1) > 1) await client.loadOlder(id);
    client.learnReads(id, (await api.reads(id)).reads);
  }
}

/** Every message once, and each device's messages in the order in which they were written. */
export function assertEachOnceInOrder(phones, states) {
  const threads = new Map(states.flatMap((state) => ownThreads(state)).map((thread) => [thread.conversation.id, thread]));
  const places = new Map();
  for (const [id, { messages }] of threads) {
    assert.deepEqual(messages.map(({ seq }) => seq), messages.map((_, index) => index + 1), `the places in ${id}`);
    for (const { clientId, seq } of messages) {
      assert.ok(!places.has(clientId), `message ${clientId} is there twice`);
      places.set(clientId, { seq, id });
    }
  }
  const written = new Set(phones.flatMap(({ sent }) => sent.map(({ clientId }) => clientId)));
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
