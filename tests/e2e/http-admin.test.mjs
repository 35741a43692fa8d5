// What the administrators of the server do, with the sockets of those whom it concerns.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';

import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { assertProblem, assertRefusedFields, freshName, register, request, sendJson } from './support/http.mjs';
import { Member } from './support/member.mjs';
import { startServer } from './support/server.mjs';

const ADMIN = '/api/v1/admin';

let server;
let ana;
before(async () => {
  server = await startServer();
  ana = await register(server.url);
});
after(() => server?.stop());

const logIn = (person, password = person.password) =>
  sendJson(server.url, 'POST', '/api/v1/auth/login', { username: person.username, password });

const connected = (person) => Member.of(WEBSOCKET_CLIENT, person);

it('the first person is the administrator', async () => {
  const bruno = await register(server.url);
  const { conversations } = (await bruno.get('/api/v1/conversations')).body;
  const told = { registration: 'open', admin: false, generalId: conversations[0].id };
  assert.deepEqual((await request(server.url, 'GET', '/api/v1/server')).body, told);
  assert.deepEqual((await ana.get('/api/v1/server')).body, { ...told, admin: true });
  assert.deepEqual((await bruno.get('/api/v1/server')).body, told);
});

it('nobody else administrates', async () => {
  const bruno = await register(server.url);
  for (const [method, path, value] of [
    ['GET', '/users'],
    ['PATCH', `/users/${bruno.id}`, { admin: true }],
    ['DELETE', `/users/${ana.id}`],
    ['POST', `/users/${ana.id}/password`],
    ['GET', '/channels'],
    ['PATCH', `/channels/${randomUUID()}`, { title: 'x' }],
    ['DELETE', `/channels/${randomUUID()}`],
    ['PATCH', '/settings', { registration: 'closed' }],
    ['GET', '/figures'],
  ]) {
    assertProblem(await bruno.call(method, `${ADMIN}${path}`, value), 403, 'forbidden');
    const stranger = value === undefined ? request : sendJson;
    assertProblem(await stranger(server.url, method, `${ADMIN}${path}`, value ?? {}), 401, 'unauthenticated');
  }
});

it('who is banned is signed out at once, and comes in no more', async () => {
  const bruno = await register(server.url);
  const member = await connected(bruno);
  const banned = await ana.patch(`${ADMIN}/users/${bruno.id}`, { banned: true });
  assert.equal(banned.status, 200, banned.text);
  assert.equal(banned.body.account.user.id, bruno.id);
  assert.ok(Date.parse(banned.body.account.bannedAt) > 0);
  await member.closedAt();
  assertProblem(await bruno.get('/api/v1/users/me'), 401, 'unauthenticated');
  assertProblem(await logIn(bruno), 403, 'auth.banned');
  assertProblem(await logIn(bruno, 'not the password'), 401, 'auth.bad_credentials');
  const found = await ana.get(`${ADMIN}/users?query=${bruno.username}&filter=banned`);
  assert.deepEqual(
    found.body.accounts.map((account) => account.user.id),
    [bruno.id],
  );
  assertRefusedFields(await ana.patch(`${ADMIN}/users/${bruno.id}`, { admin: true }), 'admin');
  assert.equal((await ana.patch(`${ADMIN}/users/${bruno.id}`, { banned: false })).status, 200);
  assert.equal((await logIn(bruno)).status, 200);
});

it('the last administrator stays, and none is banned', async () => {
  assertRefusedFields(await ana.patch(`${ADMIN}/users/${ana.id}`, { admin: false }), 'admin');
  assertRefusedFields(await ana.patch(`${ADMIN}/users/${ana.id}`, { banned: true }), 'banned');
  const bruno = await register(server.url);
  assert.equal((await ana.patch(`${ADMIN}/users/${bruno.id}`, { admin: true })).body.account.admin, true);
  assertRefusedFields(await ana.patch(`${ADMIN}/users/${bruno.id}`, { banned: true }), 'banned');
  assertProblem(await ana.delete(`${ADMIN}/users/${bruno.id}`), 403, 'forbidden');
  assert.equal((await ana.get(`${ADMIN}/users?filter=admins`)).body.accounts.length, 2);
  assert.equal((await bruno.patch(`${ADMIN}/users/${bruno.id}`, { admin: false })).status, 200);
  assertProblem(await bruno.get(`${ADMIN}/users`), 403, 'forbidden');
});

it('a password is given anew', async () => {
  const bruno = await register(server.url);
  const member = await connected(bruno);
  const reset = await ana.post(`${ADMIN}/users/${bruno.id}/password`);
  assert.equal(reset.status, 200, reset.text);
  await member.closedAt();
  assertProblem(await bruno.get('/api/v1/users/me'), 401);
  assertProblem(await logIn(bruno), 401, 'auth.bad_credentials');
  assert.equal((await logIn(bruno, reset.body.password)).status, 200);
  const again = await ana.post(`${ADMIN}/users/${bruno.id}/password`);
  assert.notEqual(again.body.password, reset.body.password);
});

it('an account is closed', async () => {
  const bruno = await register(server.url);
  assert.equal((await ana.delete(`${ADMIN}/users/${bruno.id}`)).status, 204);
  assertProblem(await logIn(bruno), 401, 'auth.bad_credentials');
  assertProblem(await ana.get(`/api/v1/users/${bruno.id}`), 404);
  assertProblem(await ana.delete(`${ADMIN}/users/${bruno.id}`), 404);
  assertProblem(await ana.delete(`${ADMIN}/users/nobody`), 404);
});

it('channels are renamed and deleted, also by who is not in them', async () => {
  const bruno = await register(server.url);
  const title = `Channel ${randomUUID()}`;
  const { id } = await bruno.converse('channel', [], title);
  const { channels } = (await ana.get(`${ADMIN}/channels?query=${encodeURIComponent(title)}`)).body;
  assert.equal(channels.length, 1);
  assert.deepEqual(
    { ...channels[0], createdAt: undefined },
    { id, title, memberCount: 1, lastSeq: 0, createdAt: undefined, general: false },
  );
  const renamed = await ana.patch(`${ADMIN}/channels/${id}`, { title: `${title} again` });
  assert.equal(renamed.body.channel.title, `${title} again`, renamed.text);
  assert.equal((await bruno.get(`/api/v1/conversations/${id}`)).body.conversation.title, `${title} again`);
  assertRefusedFields(await ana.patch(`${ADMIN}/channels/${id}`, { title: ' ' }), 'title');
  assert.equal((await ana.delete(`${ADMIN}/channels/${id}`)).status, 204);
  assertProblem(await bruno.get(`/api/v1/conversations/${id}`), 404);
  const [general] = (await ana.get(`${ADMIN}/channels?query=general`)).body.channels;
  assert.equal(general.general, true);
  assertProblem(await ana.patch(`${ADMIN}/channels/${general.id}`, { title: 'mine' }), 403, 'forbidden');
  assertProblem(await ana.delete(`${ADMIN}/channels/${general.id}`), 403, 'forbidden');
  const group = await bruno.converse('group', [ana], 'A group');
  assertProblem(await ana.delete(`${ADMIN}/channels/${group.id}`), 404);
});

it('who may come is decided', async () => {
  const { id } = await ana.converse('group', [], 'Guests');
  const { invite } = (await ana.post(`/api/v1/conversations/${id}/invites`, { maxUses: 1 })).body;
  const come = (rest) =>
    sendJson(server.url, 'POST', '/api/v1/auth/register', { username: freshName(), password: 'correct horse', ...rest });
  const decide = async (registration) =>
    assert.deepEqual((await ana.patch(`${ADMIN}/settings`, { registration })).body, { registration });
  await decide('invite');
  assertProblem(await come(), 403, 'auth.registration_closed');
  assertProblem(await come({ inviteId: 'nonsense' }), 403, 'auth.registration_closed');
  assertProblem(await come({ inviteId: randomUUID() }), 403, 'auth.registration_closed');
  // It is not used up by coming.
  assert.equal((await come({ inviteId: invite.id })).status, 201);
  assert.equal((await come({ inviteId: invite.id })).status, 201);
  await decide('closed');
  assertProblem(await come({ inviteId: invite.id }), 403, 'auth.registration_closed');
  assert.equal((await request(server.url, 'GET', '/api/v1/server')).body.registration, 'closed');
  await decide('open');
  assert.equal((await come()).status, 201);
});

it('there are figures', async () => {
  const { status, body, text } = await ana.get(`${ADMIN}/figures`);
  assert.equal(status, 200, text);
  assert.equal(typeof body.version, 'string');
  assert.ok(Date.parse(body.startedAt) > 0);
  for (const field of ['users', 'bannedUsers', 'conversations', 'messages', 'files', 'fileBytes', 'connections']) {
    assert.ok(Number.isInteger(body[field]), `${field} of ${text}`);
  }
  assert.ok(body.users > 1);
});

it('bad input is named', async () => {
  assertRefusedFields(await ana.patch(`${ADMIN}/settings`, { registration: 'sometimes' }), 'registration');
  assertRefusedFields(await ana.patch(`${ADMIN}/settings`, {}), 'registration');
  assertRefusedFields(await ana.patch(`${ADMIN}/users/${ana.id}`, { admin: 'yes' }), 'admin');
  assertRefusedFields(await ana.get(`${ADMIN}/users?limit=0`), 'limit');
  assertRefusedFields(await ana.get(`${ADMIN}/users?filter=none`), 'filter');
  assertRefusedFields(await ana.get(`${ADMIN}/users?cursor=%00`), 'cursor');
  assertRefusedFields(await ana.get(`${ADMIN}/users?query=${'x'.repeat(101)}`), 'query');
  assertProblem(await ana.patch(`${ADMIN}/users/${randomUUID()}`, { banned: true }), 404);
  assertProblem(await ana.post(`${ADMIN}/users/x/password`), 404);
});
