// Conversations, messages and search over HTTP.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { REFUSED_INPUT, assertProblem, assertRefusedFields, register } from './support/http.mjs';
import { startServer } from './support/server.mjs';
import { assertConversation, assertMessage } from './support/shapes.mjs';

const API = '/api/v1/conversations';

let server;
let ana;
let bruno;
let clara;
before(async () => {
  server = await startServer();
  [ana, bruno, clara] = [
    await register(server.url),
    await register(server.url),
    await register(server.url),
  ];
});
after(() => server?.stop());

const create = (person, body) => person.post(API, body);
const one = async (person, id) => {
  const answer = await person.get(`${API}/${id}`);
  assert.equal(answer.status, 200, answer.text);
  assertConversation(answer.body.conversation);
  return answer.body.conversation;
};
const role = (conversation, person) =>
  conversation.members.find((member) => member.userId === person.id)?.role;
const freshTitle = (name) => `${name} ${randomUUID()}`;
const group = (owner, others) => owner.converse('group', others, freshTitle('Group'));
const channel = (owner) => owner.converse('channel', [], freshTitle('channel'));
/** Which of the two a server says to somebody outside is its own choice. */
const assertOutside = (answer) => assertProblem(answer, [403, 404]);

describe('conversations', () => {
  it('a new user is in the channel general', async () => {
    const { body } = await ana.get(API);
    for (const conversation of body.conversations) assertConversation(conversation);
    const general = body.conversations.filter((each) => each.title === 'general');
    assert.equal(general.length, 1);
    assert.equal(general[0].kind, 'channel');
    assert.equal(role(general[0], ana), 'member');
  });

  it('a direct conversation is never doubled', async () => {
    const [one_, two] = [await register(server.url), await register(server.url)];
    const first = await create(one_, { kind: 'direct', memberIds: [two.id] });
    assert.equal(first.status, 201, first.text);
    assertConversation(first.body.conversation);
    const { id, kind, memberCount } = first.body.conversation;
    assert.deepEqual({ kind, memberCount }, { kind: 'direct', memberCount: 2 });
    for (const [person, other] of [
      [one_, two],
      [two, one_],
    ]) {
      const again = await create(person, { kind: 'direct', memberIds: [other.id] });
      assert.equal(again.status, 200, again.text);
      assert.equal(again.body.conversation.id, id);
    }
  });

  it('a direct conversation made by both at once is one', async () => {
    const [one_, two] = [await register(server.url), await register(server.url)];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => {
        const [from, to] = n % 2 ? [one_, two] : [two, one_];
        return create(from, { kind: 'direct', memberIds: [to.id] });
      }),
    );
    const ids = new Set(answers.map((answer) => answer.body.conversation.id));
    assert.equal(ids.size, 1);
    assert.equal(answers.filter((answer) => answer.status === 201).length, 1);
  });

  for (const [what, body] of [
    ['a direct conversation with nobody', () => ({ kind: 'direct', memberIds: [] })],
    ['a direct conversation of three', () => ({ kind: 'direct', memberIds: [bruno.id, clara.id] })],
    ['a channel without a title', () => ({ kind: 'channel', memberIds: [bruno.id] })],
    ['a group with an empty title', () => ({ kind: 'group', title: ' ', memberIds: [bruno.id] })],
    ['an unknown kind', () => ({ kind: 'castle', memberIds: [bruno.id] })],
    ['members that are no list', () => ({ kind: 'group', title: 'x', memberIds: 'everybody' })],
  ]) {
    it(`refuses ${what}`, async () => {
      const { code } = assertProblem(await create(ana, body()), REFUSED_INPUT);
      assert.match(code, /^invalid(_payload)?$/);
    });
  }

  it('refuses a member that does not exist', async () => {
    for (const id of [randomUUID(), 'nobody']) {
      const answer = await create(ana, { kind: 'direct', memberIds: [id] });
      assertProblem(answer, [400, 404, 422]);
    }
  });

  it('a group: owner, members, title, leaving, deleting', async () => {
    const { id } = await group(ana, [bruno]);
    const made = await one(ana, id);
    assert.equal(role(made, ana), 'owner');
    assert.equal(role(made, bruno), 'member');
    assertOutside(await clara.get(`${API}/${id}`));

    const renamed = await ana.patch(`${API}/${id}`, { title: '  Renamed ' });
    assert.equal(renamed.status, 200, renamed.text);
    assert.equal(renamed.body.conversation.title, 'Renamed');
    assert.equal(renamed.body.conversation.rev, made.rev + 1);
    assertProblem(await bruno.patch(`${API}/${id}`, { title: 'Mine' }), 403);
    assertRefusedFields(await ana.patch(`${API}/${id}`, { title: '' }), 'title');

    assertProblem(await bruno.post(`${API}/${id}/members`, { memberIds: [clara.id] }), 403);
    const added = await ana.post(`${API}/${id}/members`, { memberIds: [clara.id] });
    assert.ok([200, 201, 204].includes(added.status), added.text);
    const three = await one(clara, id);
    assert.equal(three.memberCount, 3);
    const setRole = (who, whose, role) => who.patch(`${API}/${id}/members/${whose.id}`, { role });
    assertProblem(await bruno.patch(`${API}/${id}/members/${bruno.id}`, { role: 'admin' }), 403);
    assertRefusedFields(await setRole(ana, bruno, 'king'), 'role');
    assertRefusedFields(await setRole(ana, ana, 'member'), 'role');
    const promoted = await setRole(ana, bruno, 'admin');
    assert.equal(promoted.status, 200, promoted.text);
    assert.equal(promoted.body.conversation.rev, three.rev + 1);
    assert.equal(role(await one(clara, id), bruno), 'admin');
    assert.equal((await setRole(ana, clara, 'owner')).status, 200);
    assert.deepEqual([ana, bruno, clara].map((person) => role(promoted.body.conversation, person)), ['owner', 'admin', 'member']);
    const handed = await one(bruno, id);
    assert.deepEqual([ana, bruno, clara].map((person) => role(handed, person)), ['admin', 'admin', 'owner']);
    assert.equal((await setRole(clara, ana, 'owner')).status, 200);
    assert.equal((await setRole(ana, clara, 'member')).status, 200);
    assert.equal((await setRole(ana, bruno, 'member')).status, 200);
    assertProblem(await clara.delete(`${API}/${id}/members/${bruno.id}`), 403);
    const removed = await ana.delete(`${API}/${id}/members/${bruno.id}`);
    assert.ok([200, 204].includes(removed.status), removed.text);
    assertOutside(await bruno.get(`${API}/${id}`));
    const left = await clara.delete(`${API}/${id}/members/${clara.id}`);
    assert.ok([200, 204].includes(left.status), left.text);
    assert.equal((await one(ana, id)).memberCount, 1);

    assertOutside(await bruno.delete(`${API}/${id}`));
    const gone = await ana.delete(`${API}/${id}`);
    assert.ok([200, 204].includes(gone.status), gone.text);
    assertProblem(await ana.get(`${API}/${id}`), [403, 404]);
  });

  it('a group cannot be joined, a channel can', async () => {
    const closed = await group(ana, []).catch(() => group(ana, [bruno]));
    assertOutside(await clara.post(`${API}/${closed.id}/join`));
    const open = await channel(ana);
    const joined = await clara.post(`${API}/${open.id}/join`);
    assert.equal(joined.status, 200, joined.text);
    assert.equal(joined.body.conversation.memberCount, 2);
    assert.equal(role(joined.body.conversation, clara), 'member');
  });

  it('channels are browsed by anybody', async () => {
    const { id, title } = await channel(ana);
    const query = new URLSearchParams({ query: title.slice(0, 20) });
    const answer = await clara.get(`/api/v1/channels?${query}`);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(answer.body.channels.some((each) => each.id === id));
    const secret = await group(ana, [bruno]);
    const all = await clara.get(`/api/v1/channels?limit=100`);
    assert.ok(!all.body.channels.some((each) => each.id === secret.id), 'groups are not shown');
  });

  it('newest activity comes first', async () => {
    const person = await register(server.url);
    const [first, second, third] = [
      await channel(person),
      await channel(person),
      await channel(person),
    ];
    for (const { id } of [second, third, first]) await person.say(id, 'hello');
    const { body } = await person.get(API);
    assert.deepEqual(
      body.conversations.slice(0, 3).map((each) => each.id),
      [first.id, third.id, second.id],
    );
    assert.equal(body.conversations[0].lastMessage.body, 'hello');
  });
});

describe('messages', () => {
  it('a repeat of a clientId is answered 200 with the first message', async () => {
    const { id } = await channel(ana);
    const body = { clientId: randomUUID(), body: 'by HTTP' };
    const first = await ana.post(`${API}/${id}/messages`, body);
    assert.equal(first.status, 201, first.text);
    assertMessage(first.body.message);
    for (const repeat of [body, { ...body, body: 'otherwise' }]) {
      const again = await ana.post(`${API}/${id}/messages`, repeat);
      assert.equal(again.status, 200, again.text);
      assert.deepEqual(again.body, first.body);
    }
    assert.equal((await ana.history(id)).length, 1);
  });

  it('the clientIds of two people do not meet', async () => {
    const { id } = await channel(ana);
    await bruno.post(`${API}/${id}/join`);
    const body = { clientId: randomUUID(), body: 'whose?' };
    const mine = await ana.post(`${API}/${id}/messages`, body);
    const yours = await bruno.post(`${API}/${id}/messages`, body);
    assert.deepEqual([mine.status, yours.status], [201, 201]);
    assert.notEqual(mine.body.message.id, yours.body.message.id);
    assert.equal(yours.body.message.senderId, bruno.id);
  });

  it('are paged by seq', async () => {
    const { id } = await channel(ana);
    for (let n = 1; n <= 12; n += 1) await ana.say(id, `n° ${n}`);
    const page = async (query) => {
      const answer = await ana.get(`${API}/${id}/messages${query}`);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(Object.keys(answer.body).sort(), ['hasMore', 'messages']);
      return [answer.body.messages.map((message) => message.seq), answer.body.hasMore];
    };
    assert.deepEqual(await page('?limit=5'), [[8, 9, 10, 11, 12], true]);
    assert.deepEqual(await page('?before=8&limit=5'), [[3, 4, 5, 6, 7], true]);
    assert.deepEqual(await page('?before=3'), [[1, 2], false]);
    assert.deepEqual(await page('?after=10'), [[11, 12], false]);
    assert.deepEqual(await page('?after=0&limit=5'), [[1, 2, 3, 4, 5], true]);
    assert.deepEqual(await page('?after=12'), [[], false]);
    for (const bad of ['limit=0', 'limit=201', 'limit=-1', 'limit=x', 'before=x', 'after=1.5']) {
      assertProblem(await ana.get(`${API}/${id}/messages?${bad}`), REFUSED_INPUT);
    }
  });

  it('are found by their id, by the members', async () => {
    const { id } = await group(ana, [bruno]);
    const message = await ana.say(id, 'the one');
    const answer = await bruno.get(`/api/v1/messages/${message.id}`);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body, { message });
    for (const [who, path] of [[clara, message.id], [bruno, randomUUID()], [bruno, 'x']]) {
      assert.equal((await who.get(`/api/v1/messages/${path}`)).status, 404);
    }
  });

  it('are read, which the members see', async () => {
    const { id } = await group(ana, [bruno]);
    for (let n = 1; n <= 3; n += 1) await ana.say(id, `n° ${n}`);
    const reads = async () => (await ana.get(`${API}/${id}/reads`)).body;
    assert.deepEqual(await reads(), { reads: { [ana.id]: 3, [bruno.id]: 0 } });
    await bruno.say(id, 'seen');
    assert.deepEqual(await reads(), { reads: { [ana.id]: 3, [bruno.id]: 4 } });
    assertOutside(await clara.get(`${API}/${id}/reads`));
  });

  it('are found by when they were written', async () => {
    const { id } = await channel(ana);
    const url = (since) => `${API}/${id}/messages?since=${encodeURIComponent(since)}`;
    const empty = await ana.get(url('2020-01-01T00:00:00Z'));
    assert.deepEqual(empty.body, { messages: [], hasMore: false });
    for (let n = 1; n <= 11; n += 1) await ana.say(id, `n° ${n}`);
    const { messages } = (await ana.get(`${API}/${id}/messages`)).body;
    const since = async (time) => (await ana.get(url(time))).body.messages.map((message) => message.seq);
    for (const { createdAt } of messages) {
      const expected = messages.filter((message) => message.createdAt >= createdAt).map((message) => message.seq);
      assert.deepEqual(await since(createdAt), expected);
    }
    const at = new Date(messages[5].createdAt);
    assert.deepEqual(await since(at.toISOString().replace('Z', '+00:00')), await since(at.toISOString()));
    assert.equal((await since('2020-01-01T00:00:00-03:00')).length, 11);
    assert.deepEqual(await since('2999-01-01T00:00:00Z'), []);
    const limited = (await ana.get(`${url('2020-01-01T00:00:00Z')}&limit=3`)).body;
    assert.deepEqual([limited.messages.map((message) => message.seq), limited.hasMore], [[1, 2, 3], true]);
    for (const bad of ['since=yesterday', 'since=2026-11-23', 'since=', 'since=2026-11-23T00:00:00Z&after=1']) {
      assertRefusedFields(await ana.get(`${API}/${id}/messages?${bad}`), 'since');
    }
  });

  it('are refused with the reason', async () => {
    const { id } = await channel(ana);
    const post = (body) => ana.post(`${API}/${id}/messages`, { clientId: randomUUID(), ...body });
    assertRefusedFields(await post({ body: '' }), 'body');
    assertRefusedFields(await post({ body: 'x'.repeat(8_001) }), 'body');
    assertRefusedFields(await post({ body: 'x', clientId: 'no' }), 'clientId');
    assertProblem(await post({ body: 'x', replyTo: randomUUID() }), [400, 404, 422]);
    assertProblem(await post({}), REFUSED_INPUT);
    assert.equal((await ana.history(id)).length, 0);
  });

  it('are closed to others', async () => {
    const { id } = await channel(ana);
    const stranger = await register(server.url);
    assertOutside(await stranger.get(`${API}/${id}/messages`));
    const body = { clientId: randomUUID(), body: 'let me in' };
    assertOutside(await stranger.post(`${API}/${id}/messages`, body));
  });
});

describe('search', () => {
  const search = async (person, query) => {
    const answer = await person.get(`/api/v1/search?${new URLSearchParams(query)}`);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(Object.keys(answer.body).sort(), ['hits', 'nextCursor']);
    for (const hit of answer.body.hits) {
      assert.deepEqual(Object.keys(hit).sort(), ['message', 'snippet']);
      assertMessage(hit.message);
      assert.equal(typeof hit.snippet, 'string');
    }
    return answer.body;
  };
  const bodies = async (person, query) =>
    (await search(person, query)).hits.map((hit) => hit.message.body);

  it('finds words in any language, newest first, all of them', async () => {
    const { id } = await channel(ana);
    const texts = [
      'O avião sai às dez',
      'An aviation story',
      '明日は東京で会いましょう',
      'Завтра в Москве',
      'nothing of that',
    ];
    for (const text of texts) await ana.say(id, text);
    const find = (q) => bodies(ana, { q, conversationId: id });
    assert.deepEqual(await find('AVIAO'), [texts[0]], 'case and accents do not matter');
    assert.deepEqual(await find('avi'), [texts[1], texts[0]], 'the last word is a beginning');
    assert.deepEqual(await find('dez aviao'), [texts[0]]);
    assert.deepEqual(await find('aviao story'), []);
    assert.deepEqual(await find('東京'), [texts[2]]);
    assert.deepEqual(await find('москве'), [texts[3]]);
  });

  it('only where the caller is a member', async () => {
    const word = `w${randomUUID().replaceAll('-', '')}`;
    const secret = await group(ana, [bruno]);
    await ana.say(secret.id, `the ${word} is hidden`);
    assert.equal((await bodies(bruno, { q: word })).length, 1);
    assert.deepEqual(await bodies(clara, { q: word }), []);
    const peeking = await clara.get(`/api/v1/search?q=${word}&conversationId=${secret.id}`);
    if (peeking.status === 200) assert.deepEqual(peeking.body.hits, []);
    else assertOutside(peeking);
    await ana.delete(`${API}/${secret.id}/members/${bruno.id}`);
    assert.deepEqual(await bodies(bruno, { q: word }), [], 'not after leaving');
  });

  it('pages, and survives what looks like a query language', async () => {
    const { id } = await channel(ana);
    for (let n = 0; n < 5; n += 1) await ana.say(id, `needle ${n}`);
    const of = async (query) => (await search(ana, { q: 'needle', conversationId: id, ...query })).hits;
    const [newest] = await of({});
    const until = await of({ until: newest.message.createdAt });
    assert.ok(until.every(({ message }) => message.createdAt < newest.message.createdAt));
    const since = await of({ since: newest.message.createdAt });
    assert.ok(since.length > 0 && since.every(({ message }) => message.createdAt >= newest.message.createdAt));
    assert.equal((await of({ senderId: ana.id })).length, (await of({})).length);
    assert.deepEqual(await of({ senderId: bruno.id }), []);
    assertRefusedFields(await ana.get('/api/v1/search?q=needle&since=yesterday'), 'since');
    assertRefusedFields(await ana.get('/api/v1/search?q=needle&until=2026'), 'until');
    const first = await search(ana, { q: 'needle', conversationId: id, limit: 3 });
    assert.equal(first.hits.length, 3);
    assert.ok(first.nextCursor);
    const cursor = first.nextCursor;
    const second = await search(ana, { q: 'needle', conversationId: id, limit: 3, cursor });
    assert.deepEqual(
      [...first.hits, ...second.hits].map((hit) => hit.message.body),
      [4, 3, 2, 1, 0].map((n) => `needle ${n}`),
    );
    assert.equal(second.nextCursor, null);
    for (const q of ['needle OR 1', '"needle', 'needle*', 'NEAR(a b)', '-needle', 'a:b', "'; --", '^', '()']) {
      const answer = await ana.get(`/api/v1/search?${new URLSearchParams({ q })}`);
      assert.ok([200, ...REFUSED_INPUT].includes(answer.status), `${q}: ${answer.text}`);
    }
  });
});
