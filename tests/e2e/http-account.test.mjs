// Closing one's own account, and taking one's data along.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { assertProblem, assertRefusedFields, register, sendJson } from './support/http.mjs';
import { Member } from './support/member.mjs';
import { startServer } from './support/server.mjs';

const ME = '/api/v1/users/me';

let server;
let ana;
before(async () => {
  server = await startServer();
  ana = await register(server.url);
});
after(() => server?.stop());

const connected = (person) => Member.of(WEBSOCKET_CLIENT, person);

it('an account is closed with the password', async () => {
  const bruno = await register(server.url);
  const group = await bruno.converse('group', [ana], 'Ours');
  const direct = await bruno.converse('direct', [ana]);
  const message = await bruno.say(direct.id, 'what I said stays');
  const member = await connected(bruno);
  const other = await connected(ana);
  const stranger = await connected(await register(server.url));
  await stranger.do('presence:watch', { userIds: [bruno.id] });
  assertProblem(await bruno.call('DELETE', ME, { password: 'not mine' }), 401, 'auth.bad_credentials');
  assertRefusedFields(await bruno.call('DELETE', ME, {}), 'password');
  assert.equal((await bruno.call('DELETE', ME, { password: bruno.password })).status, 204);

  await member.closedAt();
  for (const who of [other, stranger]) {
    assert.deepEqual(await who.fact('user:deleted'), { userId: bruno.id });
    await who.disconnect();
  }
  assertProblem(await bruno.get(ME), 401, 'unauthenticated');
  const { username, password } = bruno;
  const logIn = await sendJson(server.url, 'POST', '/api/v1/auth/login', { username, password });
  assertProblem(logIn, 401, 'auth.bad_credentials');
  assertProblem(await ana.get(`/api/v1/users/${bruno.id}`), 404);
  assert.deepEqual((await ana.get(`/api/v1/users?ids=${bruno.id}`)).body.users, []);
  assert.deepEqual((await ana.get(`/api/v1/users?query=${username}`)).body.users, []);
  const { conversation } = (await ana.get(`/api/v1/conversations/${group.id}`)).body;
  assert.deepEqual(conversation.members, [{ userId: ana.id, role: 'owner' }]);
  assert.deepEqual(await ana.history(direct.id), [message]);
  assert.equal((await ana.get(`/api/v1/conversations/${direct.id}/members`)).status, 200);
  await ana.say(direct.id, 'is anybody there?');
  const next = await register(server.url, { username });
  assert.notEqual(next.id, bruno.id);
});

it('the only administrator stays while there are others', async () => {
  await register(server.url);
  assertRefusedFields(await ana.call('DELETE', ME, { password: ana.password }), 'admin');
  assert.equal((await ana.get(ME)).status, 200, 'nothing has happened');
});

it('what is one’s own is taken along', async () => {
  const bruno = await register(server.url);
  const group = await bruno.converse('group', [ana], 'A "quoted" group');
  const sent = [];
  for (let number = 0; number < 5; number += 1) {
    sent.push(await bruno.say(group.id, `mine ${number} "\\ 🎈`));
    await ana.say(group.id, 'not mine');
  }
  const answer = await bruno.get(`${ME}/export`);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(
    answer.headers['content-disposition'],
    `attachment; filename="chatconnect-${bruno.username}.json"`,
  );
  const { exportedAt, user, sessions, conversations } = answer.body;
  assert.ok(Date.parse(exportedAt) > 0);
  assert.deepEqual(user, bruno.user);
  assert.equal(sessions.length, 1);
  const ours = conversations.find(({ conversation }) => conversation.id === group.id);
  assert.equal(ours.conversation.title, 'A "quoted" group');
  assert.deepEqual(ours.messages, sent);
  assert.equal(conversations.length, 2);
  assert.doesNotMatch(answer.text, /not mine"[^}]*"seq"/);
});
