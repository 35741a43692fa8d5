// What people pin, mute and mark as unread, and whom they block.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';

import { assertProblem, assertRefusedFields, register, request } from './support/http.mjs';
import { connect } from './support/pair.mjs';
import { startServer } from './support/server.mjs';

const MARKS = '/api/v1/users/me/marks';
const NOTHING = { pinned: [], unread: [], muted: [], blocked: [] };
const block = (blocker, person) => blocker.call('PUT', `/api/v1/users/me/blocks/${person.id}`);
const unblock = (blocker, person) => blocker.delete(`/api/v1/users/me/blocks/${person.id}`);
const mark = (person, id, marks) => person.patch(`/api/v1/conversations/${id}/me`, marks);
const send = (person, id, body = 'hello') =>
  person.post(`/api/v1/conversations/${id}/messages`, { clientId: randomUUID(), body });

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const people = async (count) => {
  const all = [];
  while (all.length < count) all.push(await register(server.url));
  return all;
};

it('what one device marks the others hear, all of it at once', async () => {
  const [ana, bruno] = await people(2);
  const [{ id }, group] = [await ana.converse('direct', [bruno]), await ana.converse('group', [bruno], 'Group')];
  const devices = [await connect(ana, server), await connect(ana, server)];
  const steps = [
    [id, { pinned: true }, { pinned: [id] }],
    [group.id, { unread: true, muted: true }, { pinned: [id], unread: [group.id], muted: [group.id] }],
    [group.id, { muted: false }, { pinned: [id], unread: [group.id] }],
  ];
  for (const [where, change, marked] of steps) {
    const from = devices.map((device) => device.facts.length);
    const answer = await mark(ana, where, change);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.conversation.id, where);
    const marks = { ...NOTHING, ...marked };
    for (const [place, device] of devices.entries()) {
      assert.deepEqual(await device.fact('marks:changed', () => true, { from: from[place] }), { marks });
    }
    assert.deepEqual((await ana.get(MARKS)).body, { marks });
  }
  const from = devices[1].facts.length;
  await devices[0].do('conversation:read', { conversationId: group.id, seq: 0 });
  const { marks } = await devices[1].fact('marks:changed', () => true, { from });
  assert.deepEqual(marks, { ...NOTHING, pinned: [id] }, 'read, whatever the seq');
  assert.deepEqual((await bruno.get(MARKS)).body, { marks: NOTHING });
  for (const member of devices) await member.disconnect();
});

it('who is blocked does not write to the two of them, and nobody else is concerned', async () => {
  const [ana, bruno, clara] = await people(3);
  const { id } = await ana.converse('direct', [bruno]);
  const group = await ana.converse('group', [bruno, clara], 'Group');
  const { message } = (await send(bruno, id)).body;
  const device = await connect(ana, server);
  const socket = await connect(bruno, server);
  const from = device.facts.length;
  assert.equal((await block(ana, bruno)).status, 204);
  assert.equal((await block(ana, bruno)).status, 204);
  const { marks } = await device.fact('marks:changed', () => true, { from });
  assert.deepEqual(marks, { ...NOTHING, blocked: [bruno.id] });
  assert.deepEqual((await bruno.get(MARKS)).body, { marks: NOTHING }, 'who is blocked is not told');

  const blocked = (answer) => assertProblem(answer, [403], 'conversation.blocked');
  blocked(await send(bruno, id));
  blocked(await send(ana, id));
  const command = async (event, payload) => {
    const ack = await socket.ask(event, payload);
    assert.deepEqual([ack.ok, ack.error?.code], [false, 'conversation.blocked'], event);
  };
  await command('message:send', { conversationId: id, clientId: randomUUID(), body: 'psst' });
  await command('message:edit', { messageId: message.id, body: 'psst' });
  await command('message:react', { messageId: message.id, emoji: '👋', on: true });
  blocked(await bruno.post('/api/v1/conversations', { kind: 'group', title: 'Ours', memberIds: [clara.id, ana.id] }));
  const own = await bruno.converse('group', [clara], 'Mine');
  blocked(await bruno.post(`/api/v1/conversations/${own.id}/members`, { memberIds: [ana.id] }));
  assert.equal((await bruno.converse('direct', [ana])).id, id, 'what is there is there');
  assert.equal((await send(bruno, group.id)).status, 201);
  assert.equal((await send(bruno, (await bruno.converse('direct', [clara])).id)).status, 201);
  await socket.do('message:delete', { messageId: message.id });

  assert.equal((await unblock(ana, bruno)).status, 204);
  assert.equal((await unblock(ana, bruno)).status, 204);
  for (const person of [ana, bruno]) assert.equal((await send(person, id)).status, 201);
  for (const member of [device, socket]) await member.disconnect();
});

it('nobody begins a direct conversation with somebody who blocked them', async () => {
  const [ana, bruno] = await people(2);
  assert.equal((await block(ana, bruno)).status, 204);
  for (const [one, other] of [[bruno, ana], [ana, bruno]]) {
    const answer = await one.post('/api/v1/conversations', { kind: 'direct', memberIds: [other.id] });
    assertProblem(answer, [403], 'conversation.blocked');
  }
  assert.equal((await unblock(ana, bruno)).status, 204);
  await bruno.converse('direct', [ana]);
});

it('another name is told', async () => {
  const [ana, bruno, clara] = await people(3);
  await ana.converse('direct', [bruno]);
  const members = [];
  for (const person of [ana, bruno, clara]) members.push(await connect(person, server));
  await members[2].do('presence:watch', { userIds: [ana.id] });
  const { body } = await ana.patch('/api/v1/users/me', { displayName: 'Ana Another' });
  for (const member of members) {
    const { user } = await member.fact('user:updated');
    assert.deepEqual(user, body.user);
  }
  for (const member of members) await member.disconnect();
});

it('refuses what makes no sense', async () => {
  const [ana, bruno, clara] = await people(3);
  const { id } = await ana.converse('direct', [bruno]);
  for (const marks of [{ pinned: 'yes' }, { unread: 1 }, { muted: [] }]) {
    assertRefusedFields(await mark(ana, id, marks), Object.keys(marks)[0]);
  }
  assert.equal((await mark(ana, id, {})).status, 200);
  assert.equal((await mark(ana, id, { pinned: null })).status, 200);
  for (const body of [[], 'x', 7]) assertProblem(await mark(ana, id, body), [400, 422]);
  assertProblem(await mark(clara, id, { pinned: true }), [403], 'conversation.not_member');
  for (const unknown of [randomUUID(), 'x', '%00']) {
    assertProblem(await mark(ana, unknown, { pinned: true }), [404]);
    assertProblem(await block(ana, { id: unknown }), [404]);
  }
  assertProblem(await unblock(ana, { id: 'x' }), [404]);
  assertRefusedFields(await block(ana, ana), 'userId');
  for (const [method, path] of [['GET', MARKS], ['PUT', `/api/v1/users/me/blocks/${ana.id}`]]) {
    assertProblem(await request(server.url, method, path), [401]);
  }
  assert.deepEqual((await ana.get(MARKS)).body, { marks: NOTHING });
});
