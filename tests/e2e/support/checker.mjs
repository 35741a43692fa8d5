// Compares what many clients noted, each for itself, with what the servers say in the end.

import assert from 'node:assert/strict';

import { Person } from './http.mjs';
import { eventually } from './wait.mjs';

/** What a command may be refused with while a server is in trouble. */
const TROUBLE = new Set(['unavailable']);

/** The messages that an entry of a log carries. */
function messagesOf({ kind, payload, answer }) {
  if (kind === 'fact') return payload.message ? [payload.message] : [];
  if (kind !== 'answered' || !answer.ok) return [];
  return answer.data.message ? [answer.data.message] : (answer.data.messages ?? []);
}

async function truthOf(conversation, url) {
  const reader = new Person(url, conversation.members[0].person);
  const messages = await reader.history(conversation.id);
  const { body } = await reader.get(`/api/v1/conversations/${conversation.id}`);
  return { messages, rev: body.conversation.rev, lastSeq: body.conversation.lastSeq };
}

/** Waits until every client is where the servers are, then checks all that was promised. Answers some figures. */
export async function checkCrowd(crowd, ms) {
  const conversations = [...crowd.conversations.values()];
  const truths = new Map();
  for (const conversation of conversations) {
    const [first, ...others] = await Promise.all(crowd.nodes.map(({ url }) => truthOf(conversation, url)));
    for (const other of others) assert.deepEqual(other, first, 'every server tells the same');
    truths.set(conversation.id, first);
  }
  for (const conversation of conversations) {
    const truth = truths.get(conversation.id);
    assertStored(crowd, conversation, truth);
    assertSendingOrder(crowd, truth);
    const there = (member) => member.state.threads[conversation.id]?.cursor >= truth.rev;
    const missing = () => conversation.members.filter((member) => !there(member));
    await eventually(() => missing().length === 0, `everybody hears of rev ${truth.rev}`, ms).catch((error) => {
      const [one] = missing();
      const { cursor, ahead } = one.state.threads[conversation.id] ?? {};
      error.message += `: ${missing().length} do not, one is at ${cursor}, ahead ${ahead}`;
      throw error;
    });
    for (const member of conversation.members) assertState(member, conversation, truth);
  }
  assertWritten(crowd, truths);
  for (const participant of crowd.participants) assertLog(participant, truths);
  for (const participant of crowd.participants) {
    const sameView = () => assertPersonal(crowd, participant).then(() => true);
    await eventually(sameView, 'a client holds what its person has read', ms);
  }
  return figures(crowd);
}

/** Places without a hole, changes without a hole, no message twice. */
function assertStored(crowd, { id, edited, isGeneral }, { messages, rev, lastSeq }) {
  const numbers = messages.map((_, n) => n + 1);
  assert.deepEqual(messages.map(({ seq }) => seq), numbers, 'seq is dense');
  assert.equal(lastSeq, messages.length);
  assert.equal(new Set(messages.map(({ clientId }) => clientId)).size, messages.length, 'no clientId twice');
  assert.equal(new Set(messages.map((message) => message.rev)).size, messages.length, 'no rev twice');
  const own = crowd.edits.filter((edit) => edit.conversationId === id);
  const done = own.filter(({ isDone }) => isDone).length;
  // The first hundred who register are told as they join, which takes a rev each.
  if (isGeneral) return;
  assert.ok(messages.every((message) => message.rev <= rev), 'no message is ahead of its conversation');
  assert.ok(rev >= messages.length + done, `${rev} changes are less than ${messages.length} messages and ${done} edits`);
  assert.ok(rev <= messages.length + own.length, `${rev} changes are more than were asked for`);
  if (!edited) assert.deepEqual(messages.map((message) => message.rev), numbers, 'rev is dense');
}

/** What one person wrote into a conversation stands there in the order in which it was written. */
function assertSendingOrder(crowd, { messages }) {
  const order = new Map([...crowd.written.keys()].map((clientId, n) => [clientId, n]));
  const last = new Map();
  for (const { senderId, clientId } of messages) {
    assert.ok(order.get(clientId) > (last.get(senderId) ?? -1), 'in the order of writing');
    last.set(senderId, order.get(clientId));
  }
}

/** All that was written is there, once, where and as it was written or edited. */
function assertWritten(crowd, truths) {
  const stored = new Map([...truths.values()].flatMap(({ messages }) => messages.map((each) => [each.clientId, each])));
  assert.equal(stored.size, crowd.written.size, 'as many messages as were written');
  for (const [clientId, { conversationId, senderId, body }] of crowd.written) {
    const message = stored.get(clientId);
    assert.ok(message, `"${body}" is there`);
    assert.equal(message.conversationId, conversationId);
    assert.equal(message.senderId, senderId);
    const edits = crowd.edits.filter(({ id }) => id === message.id);
    const allowed = [...(edits.some(({ isDone }) => isDone) ? [] : [body]), ...edits.map((edit) => edit.body)];
    assert.ok(allowed.includes(message.body), `"${message.body}" is one of ${JSON.stringify(allowed)}`);
  }
}

/** A client ends as one that never left. */
function assertState(member, { id }, { messages, rev, lastSeq }) {
  const thread = member.state.threads[id];
  assert.equal(thread.cursor, rev, 'holds every change');
  assert.deepEqual(thread.ahead, []);
  assert.equal(thread.conversation.lastSeq, lastSeq);
  assert.deepEqual(thread.messages, messages.slice(thread.from - 1), 'holds the same messages as the server');
}

/** What was acked and told never contradicts the end, and comes in order. */
function assertLog(participant, truths) {
  const who = participant.person.username;
  const ends = new Map([...truths].flatMap(([, { messages }]) => messages.map((each) => [each.id, each])));
  const told = new Map();
  for (const entry of participant.log) {
    for (const message of messagesOf(entry)) {
      const end = ends.get(message.id);
      assert.ok(end, `${who} was told of a message that is not there: ${JSON.stringify(message)}`);
      const { seq, clientId, senderId, conversationId, createdAt } = message;
      const fixed = { seq, clientId, senderId, conversationId, createdAt };
      for (const [field, value] of Object.entries(fixed)) assert.equal(value, end[field], `${field}, for ${who}`);
      assert.ok(message.rev <= end.rev, `${who} was told of a rev that was lost: ${JSON.stringify(message)}`);
      if (message.rev === end.rev) assert.deepEqual(message, end, `one rev, one content, for ${who}`);
    }
    if (entry.kind === 'fact' && /^message:/.test(entry.name)) {
      const { conversationId, rev } = entry.payload.message;
      const key = `${entry.connection} ${conversationId}`;
      assert.ok(rev > (told.get(key) ?? 0), `${who} was told rev ${rev} after ${told.get(key)} on one connection`);
      told.set(key, rev);
    }
    if (entry.kind === 'answered' && !entry.answer.ok) {
      const { code, retryAfterMs } = entry.answer.error;
      assert.ok(TROUBLE.has(code), `${who}: ${entry.name} was answered ${JSON.stringify(entry.answer.error)}`);
      assert.ok(Number.isInteger(retryAfterMs) && retryAfterMs > 0, 'says when to come back');
    }
    if (entry.kind === 'refused') assert.notEqual(entry.reason, 'unauthenticated', `${who} was taken for a stranger`);
  }
}

/** What is a person's own: how far they have read. */
async function assertPersonal(crowd, participant) {
  const { body } = await participant.person.get('/api/v1/conversations');
  for (const { id, readSeq, unreadCount, rev, title, memberCount } of body.conversations) {
    if (!crowd.conversations.has(id)) continue;
    const { conversation } = participant.state.threads[id];
    assert.deepEqual(
      { readSeq: conversation.readSeq, unreadCount: conversation.unreadCount, title: conversation.title },
      { readSeq, unreadCount, title },
      `${participant.person.username}'s view of ${title} (rev ${rev}, ${memberCount} members)`,
    );
  }
}

/** The longest time in which nobody was acked anything, and how much was sent again. */
function figures(crowd) {
  const entries = crowd.participants.flatMap((each) => each.log);
  const of = (kind, name) => entries.filter((entry) => entry.kind === kind && (!name || entry.name === name));
  const acks = of('answered', 'message:send').filter(({ answer }) => answer.ok);
  const times = acks.map(({ at }) => at).sort((a, b) => a - b);
  const silence = times.reduce((most, at, n) => Math.max(most, at - (times[n - 1] ?? at)), 0);
  return {
    messages: crowd.written.size,
    edits: crowd.edits.filter(({ isDone }) => isDone).length,
    'longest silence in ms': silence,
    'sent again': of('asked', 'message:send').length - crowd.written.size,
    unavailable: of('answered').filter(({ answer }) => !answer.ok).length,
    'connections lost': of('disconnected').length,
    syncs: of('answered', 'sync').length,
  };
}
