// What the contract says an object looks like; a missing or an additional field fails.

import assert from 'node:assert/strict';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export function assertTime(value, what) {
  assert.match(String(value), TIME, what);
  assert.ok(Math.abs(Date.parse(value) - Date.now()) < 300_000, `${what} is about now: ${value}`);
}

const text = (value, what) => assert.ok(typeof value === 'string' && value !== '', `${what}: ${value}`);
const count = (value, what) => assert.ok(Number.isInteger(value) && value >= 0, `${what}: ${value}`);
const list = (value, what) => assert.ok(Array.isArray(value), `${what}: ${JSON.stringify(value)}`);
const flag = (value, what) => assert.equal(typeof value, 'boolean', what);
const oneOf =
  (...allowed) =>
  (value, what) =>
    assert.ok(allowed.includes(value), `${what}: ${value}`);
const orNull = (check) => (value, what) => value === null || check(value, what);

function assertObject(value, shape, what, optional = []) {
  assert.ok(value !== null && typeof value === 'object', `${what}: ${JSON.stringify(value)}`);
  const keys = Object.keys(value);
  const expected = Object.keys(shape).filter((key) => !optional.includes(key) || keys.includes(key));
  assert.deepEqual(keys.sort(), expected.sort(), `fields of ${what}`);
  for (const key of keys) shape[key](value[key], `${what}.${key}`);
}

const USER = {
  id: text,
  username: text,
  displayName: text,
  avatarUrl: orNull(text),
  createdAt: assertTime,
};

const MESSAGE = {
  id: text,
  conversationId: text,
  seq: count,
  rev: count,
  senderId: text,
  clientId: text,
  body: (value, what) => assert.equal(typeof value, 'string', what),
  attachments: list,
  replyTo: orNull(text),
  reactions: (reactions, what) => {
    list(reactions, what);
    for (const each of reactions) assertObject(each, { emoji: text, count, userIds: list }, `${what}[]`);
  },
  createdAt: assertTime,
  editedAt: orNull(assertTime),
  deletedAt: orNull(assertTime),
};

const PERSONAL = ['readSeq', 'unreadCount', 'muted'];
const CONVERSATION = {
  id: text,
  kind: oneOf('direct', 'group', 'channel'),
  title: orNull(text),
  members: (members, what) => {
    list(members, what);
    assert.ok(members.length <= 100, `${what} is capped at 100`);
    const role = oneOf('owner', 'admin', 'member');
    for (const each of members) assertObject(each, { userId: text, role }, `${what}[]`);
  },
  memberCount: count,
  lastMessage: orNull((message, what) => assertObject(message, MESSAGE, what)),
  lastSeq: count,
  rev: count,
  readSeq: count,
  unreadCount: count,
  muted: flag,
  createdAt: assertTime,
};

export const assertUser = (user, what = 'user') => assertObject(user, USER, what);
export const assertMessage = (message, what = 'message') => assertObject(message, MESSAGE, what);
/** As its reader sees it: with the personal fields. */
export const assertConversation = (conversation, what = 'conversation') =>
  assertObject(conversation, CONVERSATION, what);
/** As a fact carries it: the personal fields may be absent. */
export const assertSharedConversation = (conversation, what = 'conversation') =>
  assertObject(conversation, CONVERSATION, what, PERSONAL);
export const assertPresence = (presence, what = 'presence') =>
  assertObject(
    presence,
    { userId: text, status: oneOf('online', 'offline'), lastSeenAt: orNull(assertTime) },
    what,
  );
