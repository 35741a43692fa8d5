// What every client must be able to do: one list, run for each library and each transport.
// A check gets a stage: `open(person)` connects a client of the kind under test.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { assertProblem, register, request } from './http.mjs';
import { Member } from './member.mjs';
import {
  UUID,
  assertConversation,
  assertMessage,
  assertPresence,
  assertSharedConversation,
  assertTime,
  assertUser,
} from './shapes.mjs';
import { eventually } from './wait.mjs';

const CLOSED_WITHIN_MS = 1_000;
const NOT_YOURS = /^(forbidden|not_found|conversation\.[a-z_]+|message\.[a-z_]+)$/;
/** An object whose fields do not fit may fail at decoding or at validation. */
const UNFIT = /^invalid(_payload)?$/;
const BURST = 200;

export class Stage {
  #members = [];

  /** `isSpread` when people may be on different servers, which hear from each other a moment later. */
  constructor(client, server, { isSpread = false } = {}) {
    this.client = client;
    this.server = server;
    this.isSpread = isSpread;
  }

  /** Makes sure that `condition` holds: at once, or soon where people are on different servers. */
  async sees(condition, what) {
    if (this.isSpread) await eventually(condition, what);
    else assert.ok(await condition(), what);
  }

  person(details) {
    return register(this.server.url, details);
  }

  /** A client that is not connected yet. */
  member(person, rest = {}) {
    const member = new Member(this.client, {
      url: this.server.url,
      cookie: person?.cookie,
      ...rest,
    });
    this.#members.push(member);
    return member;
  }

  async open(person) {
    const member = this.member(person);
    await member.connect();
    return member;
  }

  /** Two people with a direct conversation, both connected. */
  async pair() {
    const [ana, bruno] = [await this.person(), await this.person()];
    const { id } = await ana.converse('direct', [bruno]);
    return { ana, bruno, id, from: await this.open(ana), to: await this.open(bruno) };
  }

  async clear() {
    await Promise.all(this.#members.map((member) => member.disconnect().catch(() => {})));
  }
}

const send = (member, conversationId, body, extra = {}) =>
  member.do('message:send', { conversationId, clientId: randomUUID(), body, ...extra });

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

const of = (id) => (payload) => payload.message.conversationId === id;

async function listed(member, id) {
  const { conversations } = await member.do('conversation:list', {});
  const found = conversations.find((each) => each.id === id);
  assert.ok(found, 'the conversation is listed');
  return found;
}

async function refused(stage, cookie) {
  const again = stage.member({ cookie });
  await assert.rejects(again.driver.connect(), { message: 'unauthenticated' });
  assert.deepEqual(again.facts.filter((fact) => fact.event !== 'disconnect'), [], 'nothing is told');
}

async function assertClosedWithin(member, since, ms = CLOSED_WITHIN_MS) {
  const took = (await member.closedAt()) - since;
  assert.ok(took <= ms, `the socket was closed after ${took} ms`);
}

async function assertCookieIsDead(stage, person) {
  assertProblem(await person.get('/api/v1/users/me'), 401, 'unauthenticated');
  await refused(stage, person.cookie);
}

const checks = {
  'connects; session:ready is the first fact': async (stage) => {
    const person = await stage.person({ displayName: 'Ana Lúcia' });
    const member = stage.member(person);
    const ready = await member.connect();
    assert.deepEqual(Object.keys(ready).sort(), ['serverTime', 'user']);
    assertTime(ready.serverTime, 'serverTime');
    assertUser(ready.user);
    assert.deepEqual(ready.user, person.user);
    const settles = async () => (await member.transportName()) === stage.client.settlesOn;
    await eventually(settles, `the transport becomes ${stage.client.settlesOn}`);
  },

  'is refused without a cookie, and with a wrong one': async (stage) => {
    await refused(stage, undefined);
    await refused(stage, 'connect.sid=AAAAAAAAAAAAAAAAAAAAAA');
    await refused(stage, 'connect.sid=s%3Anonsense.%00');
  },

  'sends; the ack carries the message': async (stage) => {
    const { ana, id, from } = await stage.pair();
    const clientId = randomUUID();
    assert.match(clientId, UUID);
    const { message } = await from.do('message:send', {
      conversationId: id,
      clientId,
      body: '  olá, 世界 👋🏽  ',
    });
    assertMessage(message);
    const { senderId, body, seq, replyTo, attachments, reactions, editedAt, deletedAt } = message;
    assert.deepEqual(
      { senderId, body, seq, replyTo, attachments, reactions, editedAt, deletedAt },
      {
        senderId: ana.id,
        body: 'olá, 世界 👋🏽',
        seq: 1,
        replyTo: null,
        attachments: [],
        reactions: [],
        editedAt: null,
        deletedAt: null,
      },
    );
    assert.equal(message.clientId, clientId);
    assert.equal(message.conversationId, id);
    const answer = await send(from, id, 'and an answer', { replyTo: message.id });
    assert.equal(answer.message.replyTo, message.id);
    assert.equal(answer.message.seq, 2);
    assert.equal(answer.message.rev, message.rev + 1);
  },

  'every member receives: the other, the sender, the other devices': async (stage) => {
    const { ana, id, from, to } = await stage.pair();
    const device = await stage.open(ana);
    const { message } = await send(from, id, 'for all of you');
    for (const member of [to, from, device]) {
      const fact = await member.fact('message:created', of(id));
      assert.deepEqual(fact, { message });
    }
  },

  'somebody else receives nothing': async (stage) => {
    const { id, from, to } = await stage.pair();
    const stranger = await stage.person();
    const outside = await stage.open(stranger);
    await send(from, id, 'between us');
    await to.fact('message:created', of(id));
    // What comes to the stranger next shows that nothing came before.
    const { conversation } = await outside.do('conversation:create', {
      kind: 'channel',
      title: `alone ${randomUUID()}`,
      memberIds: [],
    });
    await send(outside, conversation.id, 'echo');
    await outside.fact('message:created', of(conversation.id));
    assert.deepEqual(outside.heard('message:created', of(id)), []);
    const error = await outside.fail('message:send', {
      conversationId: id,
      clientId: randomUUID(),
      body: 'let me in',
    });
    assert.match(error.code, NOT_YOURS);
    assert.match((await outside.fail('message:list', { conversationId: id })).code, NOT_YOURS);
  },

  'the same clientId again acks the same message and publishes nothing': async (stage) => {
    const { ana, id, from, to } = await stage.pair();
    const clientId = randomUUID();
    const command = { conversationId: id, clientId, body: 'once' };
    const first = await from.do('message:send', command);
    assert.deepEqual(await from.do('message:send', command), first);
    for (const other of [{ body: 'other' }, { body: '' }, { replyTo: 'nothing' }, { conversationId: 'nowhere' }]) {
      assert.deepEqual(await from.do('message:send', { ...command, ...other }), first);
    }
    const device = await stage.open(ana);
    assert.deepEqual(await device.do('message:send', command), first);
    const last = await send(from, id, 'the end');
    assert.equal(last.message.seq, first.message.seq + 1);
    await to.fact('message:created', (fact) => fact.message.id === last.message.id);
    assert.deepEqual(
      to.heard('message:created', of(id)).map((fact) => fact.message.body),
      ['once', 'the end'],
    );
  },

  'the same clientId many times at once is one message': async (stage) => {
    const { id, from, to } = await stage.pair();
    const command = { conversationId: id, clientId: randomUUID(), body: 'together' };
    const acks = await Promise.all(Array.from({ length: 10 }, () => from.do('message:send', command)));
    for (const ack of acks) assert.deepEqual(ack, acks[0]);
    const last = await send(from, id, 'the end');
    assert.equal(last.message.seq, 2);
    await to.fact('message:created', (fact) => fact.message.id === last.message.id);
    assert.equal(to.heard('message:created', of(id)).length, 2);
  },

  edits: async (stage) => {
    const { id, from, to } = await stage.pair();
    const { message } = await send(from, id, 'teh');
    const edited = await from.do('message:edit', { messageId: message.id, body: 'the' });
    assertMessage(edited.message);
    assertTime(edited.message.editedAt, 'editedAt');
    const { editedAt, rev } = edited.message;
    assert.deepEqual(edited.message, { ...message, body: 'the', editedAt, rev });
    assert.equal(rev, message.rev + 1);
    assert.deepEqual(await to.fact('message:updated', of(id)), edited);
    const error = await to.fail('message:edit', { messageId: message.id, body: 'mine' });
    assert.match(error.code, NOT_YOURS);
  },

  'deletes; the place is kept': async (stage) => {
    const { id, from, to } = await stage.pair();
    const { message } = await send(from, id, 'a secret');
    await send(from, id, 'what follows');
    const error = await to.fail('message:delete', { messageId: message.id });
    assert.match(error.code, NOT_YOURS);
    const deleted = await from.do('message:delete', { messageId: message.id });
    assertTime(deleted.message.deletedAt, 'deletedAt');
    const { body, seq, id: messageId } = deleted.message;
    assert.deepEqual({ body, seq, messageId }, { body: '', seq: 1, messageId: message.id });
    assert.deepEqual(await to.fact('message:updated', of(id)), deleted);
    const { messages } = await to.do('message:list', { conversationId: id });
    assert.deepEqual(
      messages.map((each) => [each.seq, each.body]),
      [
        [1, ''],
        [2, 'what follows'],
      ],
    );
  },

  reacts: async (stage) => {
    const { ana, bruno, id, from, to } = await stage.pair();
    const { message } = await send(from, id, 'like this');
    const react = (member, emoji, on) =>
      member.do('message:react', { messageId: message.id, emoji, on });
    const first = await react(to, '👍', true);
    assert.deepEqual(first.message.reactions, [{ emoji: '👍', count: 1, userIds: [bruno.id] }]);
    assert.deepEqual(await from.fact('message:updated', of(id)), first);
    const second = await react(from, '👍', true);
    assert.equal(second.message.reactions[0].count, 2);
    assert.deepEqual(
      [...second.message.reactions[0].userIds].sort(),
      [ana.id, bruno.id].sort(),
    );
    const repeated = await react(from, '👍', true);
    assert.equal(repeated.message.reactions[0].count, 2, 'the same reaction twice counts once');
    await react(to, '👍', false);
    const none = await react(from, '👍', false);
    assert.deepEqual(none.message.reactions, []);
  },

  'reads; the other member and the own devices are told': async (stage) => {
    const { bruno, id, from, to } = await stage.pair();
    const device = await stage.open(bruno);
    for (const body of ['one', 'two', 'three']) await send(from, id, body);
    const read = await to.do('conversation:read', { conversationId: id, seq: 2 });
    assert.deepEqual(read, { readSeq: 2, unreadCount: 1 });
    const told = { conversationId: id, userId: bruno.id, seq: 2 };
    for (const member of [from, device]) {
      const fact = await member.fact('conversation:read', (each) => each.userId === bruno.id);
      assert.deepEqual(fact, told);
    }
    const back = await to.do('conversation:read', { conversationId: id, seq: 1 });
    assert.deepEqual(back, { readSeq: 2, unreadCount: 1 }, 'reading does not go backwards');
    const beyond = await to.do('conversation:read', { conversationId: id, seq: 3 });
    assert.deepEqual(beyond, { readSeq: 3, unreadCount: 0 });
  },

  'mutes; the own devices are told': async (stage) => {
    const { bruno, id, from, to } = await stage.pair();
    const device = await stage.open(bruno);
    const answer = await bruno.patch(`/api/v1/conversations/${id}/me`, { muted: true });
    assert.equal(answer.body.conversation.muted, true);
    const marks = { pinned: [], unread: [], muted: [id], blocked: [] };
    for (const own of [to, device]) assert.deepEqual(await own.fact('marks:changed'), { marks });
    assert.equal((await listed(to, id)).muted, true);
    assert.equal((await listed(from, id)).muted, false);
  },

  'counts what is unread': async (stage) => {
    const { id, from, to } = await stage.pair();
    const unread = async (member) => (await listed(member, id)).unreadCount;
    assert.equal(await unread(to), 0);
    for (const body of ['one', 'two', 'three']) await send(from, id, body);
    assert.equal(await unread(to), 3);
    assert.equal(await unread(from), 0, 'what one wrote oneself is not unread');
    await to.do('conversation:read', { conversationId: id, seq: 3 });
    assert.equal(await unread(to), 0);
    const conversation = await listed(to, id);
    assertConversation(conversation);
    assert.equal(conversation.lastSeq, 3);
    assert.equal(conversation.readSeq, 3);
    assert.equal(conversation.lastMessage.body, 'three');
  },

  'tells who is typing': async (stage) => {
    const { ana, id, from, to } = await stage.pair();
    for (const typing of [true, false]) {
      assert.deepEqual(await from.do('typing:set', { conversationId: id, typing }), {});
      const fact = await to.fact('typing:changed', (each) => each.typing === typing);
      assert.deepEqual(fact, { conversationId: id, userId: ana.id, typing });
    }
    assert.deepEqual(from.heard('typing:changed', (each) => each.userId === ana.id), []);
  },

  'tells who is online': async (stage) => {
    const { bruno, from, to } = await stage.pair();
    const stranger = await stage.person();
    const watch = () => from.do('presence:watch', { userIds: [bruno.id, stranger.id] });
    const status = (presence, person) => presence.find((each) => each.userId === person.id)?.status;
    await stage.sees(async () => status((await watch()).presence, bruno) === 'online', 'the other one is online');
    const { presence } = await watch();
    for (const each of presence) assertPresence(each);
    assert.equal(status(presence, stranger), 'offline');
    const visitor = await stage.open(stranger);
    const about = (person, value) => (fact) => fact.userId === person.id && fact.status === value;
    assertPresence(await from.fact('presence:changed', about(stranger, 'online')));
    const here = from.facts.length;
    await visitor.disconnect();
    await from.fact('presence:changed', about(stranger, 'offline'), { from: here });
    await to.disconnect();
    const gone = await from.fact('presence:changed', about(bruno, 'offline'), { from: here });
    assertTime(gone.lastSeenAt, 'lastSeenAt');
    assert.equal(status((await watch()).presence, bruno), 'offline');
  },

  'one of two devices going does not take a person offline': async (stage) => {
    const { bruno, from, to } = await stage.pair();
    const device = await stage.open(bruno);
    await device.disconnect();
    const watch = () => from.do('presence:watch', { userIds: [bruno.id] });
    await stage.sees(async () => (await watch()).presence[0].status === 'online', 'the other one is online');
    await to.disconnect();
    await from.fact('presence:changed', (fact) => fact.status === 'offline');
    assert.equal(from.heard('presence:changed', (fact) => fact.status === 'offline').length, 1);
  },

  'pages through a conversation': async (stage) => {
    const { id, from, to } = await stage.pair();
    const sent = await Promise.all(Array.from({ length: 25 }, (_, n) => send(from, id, `n° ${n}`)));
    assert.equal(sent.length, 25);
    const page = async (query) => {
      const { messages, hasMore } = await to.do('message:list', { conversationId: id, ...query });
      return [messages.map((message) => message.seq), hasMore];
    };
    const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
    assert.deepEqual(await page({}), [numbers(1, 25), false]);
    assert.deepEqual(await page({ limit: 10 }), [numbers(16, 25), true]);
    assert.deepEqual(await page({ before: 16, limit: 10 }), [numbers(6, 15), true]);
    assert.deepEqual(await page({ before: 6, limit: 10 }), [numbers(1, 5), false]);
    assert.deepEqual(await page({ after: 5, limit: 10 }), [numbers(6, 15), true]);
    assert.deepEqual(await page({ after: 15, limit: 10 }), [numbers(16, 25), false]);
    assert.deepEqual(await page({ after: 25 }), [[], false]);
  },

  'creates a group, whose members are told and receive at once': async (stage) => {
    const { ana, bruno, from, to } = await stage.pair();
    const { conversation } = await from.do('conversation:create', {
      kind: 'group',
      title: 'Plans',
      memberIds: [bruno.id],
    });
    assertConversation(conversation);
    const { kind, title, memberCount, lastSeq } = conversation;
    assert.deepEqual(
      { kind, title, memberCount, lastSeq },
      { kind: 'group', title: 'Plans', memberCount: 2, lastSeq: 0 },
    );
    const role = (person) => conversation.members.find((each) => each.userId === person.id)?.role;
    assert.equal(role(ana), 'owner');
    assert.equal(role(bruno), 'member');
    const isIt = (fact) => fact.conversation.id === conversation.id;
    const told = await to.fact('conversation:created', isIt);
    assertSharedConversation(told.conversation);
    await send(from, conversation.id, 'welcome');
    await to.fact('message:created', of(conversation.id));
    const [answer] = await Promise.all([
      to.do('conversation:leave', { conversationId: conversation.id }),
      to.fact('conversation:removed', (fact) => fact.conversationId === conversation.id),
    ]);
    assert.deepEqual(answer, {});
    await from.fact('conversation:updated', (fact) => isIt(fact) && fact.conversation.memberCount === 1);
    const error = await to.fail('message:send', {
      conversationId: conversation.id,
      clientId: randomUUID(),
      body: 'still here?',
    });
    assert.match(error.code, NOT_YOURS);
  },

  'joins a channel': async (stage) => {
    const { from, to } = await stage.pair();
    const { conversation } = await from.do('conversation:create', {
      kind: 'channel',
      title: `news ${randomUUID()}`,
      memberIds: [],
    });
    const joined = await to.do('conversation:join', { conversationId: conversation.id });
    assertConversation(joined.conversation);
    assert.equal(joined.conversation.memberCount, 2);
    const { message } = await send(from, conversation.id, 'breaking');
    assert.deepEqual(await to.fact('message:created', of(conversation.id)), { message });
    const again = await to.do('conversation:join', { conversationId: conversation.id });
    assert.equal(again.conversation.memberCount, 2, 'joining twice is joining once');
  },

  'an unknown event is acked unknown_event': async (stage) => {
    const { id, from } = await stage.pair();
    assert.equal((await from.fail('no:such:event', {})).code, 'unknown_event');
    assert.equal((await from.fail('message:explode')).code, 'unknown_event');
    assert.equal((await from.fail('constructor', 1, 2, 3)).code, 'unknown_event');
    // Names in which JSON escapes something; some encoders escape everything beyond ASCII.
    for (const name of ['olá "mundo"', 'a\\b\n', '👋']) {
      assert.equal((await from.fail(name, {})).code, 'unknown_event', name);
    }
    from.emit('no:such:event', { quietly: true });
    await send(from, id, 'the connection is kept');
  },

  'bad payloads are acked, once, and the connection is kept': async (stage) => {
    const { id, from } = await stage.pair();
    const unreadable = [[], [null], [7], ['text'], [true], [[]], [{}], [[{}, {}]]];
    for (const event of ['message:send', 'message:edit', 'message:react', 'conversation:read']) {
      for (const args of unreadable) {
        const { code } = await from.fail(event, ...args);
        const expected = isObject(args[0]) ? UNFIT : /^invalid_payload$/;
        assert.match(code, expected, `${event} ${JSON.stringify(args)}`);
      }
    }
    const good = { conversationId: id, clientId: randomUUID(), body: 'hello' };
    for (const wrong of [
      { conversationId: 7 },
      { clientId: {} },
      { body: ['a'] },
      { body: null },
      { attachmentIds: 'none' },
    ]) {
      const { code } = await from.fail('message:send', { ...good, ...wrong });
      assert.match(code, UNFIT, JSON.stringify(wrong));
    }
    for (const [field, wrong] of [
      ['body', ''],
      ['body', ' \n\t '],
      ['body', 'x'.repeat(8_001)],
      ['clientId', 'not a UUID'],
    ]) {
      const { code, fields } = await from.fail('message:send', { ...good, [field]: wrong });
      assert.equal(code, 'invalid', `${field}: ${wrong.slice(0, 20)}`);
      assert.deepEqual(Object.keys(fields), [field]);
      assert.equal(typeof fields[field], 'string');
    }
    const { message } = await from.do('message:send', { ...good, body: 'é'.repeat(8_000) });
    assert.equal(message.seq, 1, 'nothing of the above took a place');
    const list = { conversationId: id, limit: 201 };
    assert.match((await from.fail('message:list', list)).code, UNFIT);
    const unknown = { ...good, conversationId: 'nowhere', clientId: randomUUID() };
    assert.match((await from.fail('message:send', unknown)).code, /^(not_found|conversation\.\w+|invalid)$/);
    const everybody = Array.from({ length: 201 }, (_, n) => `user-${n}`);
    const { code } = await from.fail('presence:watch', { userIds: everybody });
    assert.match(code, UNFIT);
  },

  'a burst is numbered in the order it was sent': async (stage) => {
    const { id, from, to } = await stage.pair();
    const bodies = Array.from({ length: BURST }, (_, n) => `burst ${n}`);
    const acks = await Promise.all(bodies.map((body) => send(from, id, body)));
    assert.deepEqual(
      acks.map(({ message }) => message.seq),
      bodies.map((_, n) => n + 1),
    );
    await to.fact('message:created', (fact) => fact.message.seq === BURST && of(id)(fact));
    assert.deepEqual(
      to.heard('message:created', of(id)).map(({ message }) => [message.seq, message.body]),
      bodies.map((body, n) => [n + 1, body]),
    );
  },

  'a client that comes back gets by sync what it missed': async (stage) => {
    const { ana, bruno, id, from, to } = await stage.pair();
    const old = (await send(from, id, 'old')).message;
    const doomed = (await send(from, id, 'doomed')).message;
    const { conversation: left } = await from.do('conversation:create', {
      kind: 'group',
      title: 'Shrinking',
      memberIds: [bruno.id],
    });
    const before = await to.do('conversation:list', {});
    const cursors = Object.fromEntries(before.conversations.map((each) => [each.id, each.rev]));
    assert.ok(left.id in cursors);
    await to.disconnect();

    await send(from, id, 'missed one');
    await send(from, id, 'missed two');
    await from.do('message:edit', { messageId: old.id, body: 'new' });
    await from.do('message:delete', { messageId: doomed.id });
    await from.do('message:react', { messageId: old.id, emoji: '🎉', on: true });
    const { conversation: fresh } = await from.do('conversation:create', {
      kind: 'group',
      title: 'Made meanwhile',
      memberIds: [bruno.id],
    });
    await send(from, fresh.id, 'first words');
    const removal = await ana.delete(`/api/v1/conversations/${left.id}/members/${bruno.id}`);
    assert.ok([200, 204].includes(removal.status), removal.text);

    await to.connect();
    const caught = await to.do('sync', { cursors });
    const keys = ['complete', 'conversations', 'messages', 'reads', 'removed', 'reset'];
    assert.deepEqual(Object.keys(caught).sort(), keys);
    assert.equal(caught.complete, true);
    assert.deepEqual(caught.reset, []);
    assert.deepEqual(caught.removed, [left.id]);
    assert.equal(caught.reads[id], 0);
    const ids = caught.conversations.map((each) => each.id);
    assert.ok(ids.includes(id) && ids.includes(fresh.id), 'changed and new conversations come');
    assert.ok(!ids.includes(left.id));
    for (const each of caught.conversations) assertConversation(each);
    for (const each of caught.messages) assertMessage(each);

    const missed = caught.messages.filter((message) => message.conversationId === id);
    const revs = missed.map((message) => message.rev);
    assert.deepEqual(revs, [...revs].sort((a, b) => a - b), 'ascending by rev');
    assert.ok(revs.every((rev) => rev > cursors[id]), 'only what is new');
    const { messages: truth } = await from.do('message:list', { conversationId: id });
    const bySeq = [...missed].sort((a, b) => a.seq - b.seq);
    assert.deepEqual(bySeq, truth, 'every message changed, so sync tells the whole conversation');
    const news = caught.messages.filter((message) => message.conversationId === fresh.id);
    assert.deepEqual(
      news.map((message) => message.body),
      ['first words'],
    );

    const now = Object.fromEntries(caught.conversations.map((each) => [each.id, each.rev]));
    const { [left.id]: _, ...rest } = cursors;
    const again = await to.do('sync', { cursors: { ...rest, ...now } });
    assert.deepEqual(again.messages, [], 'nothing is told twice');
    await send(from, id, 'live again');
    await to.fact('message:created', (fact) => fact.message.body === 'live again');
  },

  'logging out closes the sockets of that session alone': async (stage) => {
    const ana = await stage.person();
    const other = await ana.logInAgain();
    const [socket, elsewhere] = [await stage.open(ana), await stage.open(other)];
    assert.equal((await ana.post('/api/v1/auth/logout')).status, 204);
    await assertClosedWithin(socket, Date.now());
    await assertCookieIsDead(stage, ana);
    await elsewhere.do('conversation:list', {});
    assert.equal((await other.get('/api/v1/users/me')).status, 200);
  },

  'revoking a session closes its sockets': async (stage) => {
    const ana = await stage.person();
    const stolen = await ana.logInAgain();
    const [socket, thief] = [await stage.open(ana), await stage.open(stolen)];
    const { body } = await ana.get('/api/v1/users/me/sessions');
    const target = body.sessions.find((session) => !session.current);
    const answer = await ana.delete(`/api/v1/users/me/sessions/${target.id}`);
    assert.equal(answer.status, 204, answer.text);
    await assertClosedWithin(thief, Date.now());
    await assertCookieIsDead(stage, stolen);
    await socket.do('conversation:list', {});
  },

  'changing the password closes the sockets of the other sessions': async (stage) => {
    const ana = await stage.person();
    const other = await ana.logInAgain();
    const [socket, elsewhere] = [await stage.open(ana), await stage.open(other)];
    const answer = await ana.post('/api/v1/users/me/password', {
      currentPassword: ana.password,
      newPassword: 'another long secret',
    });
    assert.equal(answer.status, 204, answer.text);
    await assertClosedWithin(elsewhere, Date.now());
    await assertCookieIsDead(stage, other);
    await socket.do('conversation:list', {});
    assert.equal((await ana.get('/api/v1/users/me')).status, 200);
  },

  'tells over the socket what others do over HTTP': async (stage) => {
    const { ana, id, to } = await stage.pair();
    const message = await ana.say(id, 'by HTTP');
    assert.deepEqual(await to.fact('message:created', of(id)), { message });
    const alive = await request(stage.server.url, 'GET', '/healthz');
    assert.equal(alive.status, 200);
  },
};

export const CHECKS = Object.entries(checks).map(([name, run]) => ({ name, run }));
