// Links that lead into a group or channel.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';

import { assertProblem, assertRefusedFields, register, request } from './support/http.mjs';
import { startServer } from './support/server.mjs';

const API = '/api/v1/conversations';
const INVITES = '/api/v1/invites';

let server;
let ana;
let bruno;
let clara;
before(async () => {
  server = await startServer();
  [ana, bruno, clara] = [await register(server.url), await register(server.url), await register(server.url)];
});
after(() => server?.stop());

const group = () => ana.converse('group', [bruno], `Group ${randomUUID()}`);
const invite = async (id, terms = {}) => {
  const answer = await ana.post(`${API}/${id}/invites`, terms);
  assert.equal(answer.status, 201, answer.text);
  return answer.body.invite;
};

it('whoever has the link sees where it leads, and joins', async () => {
  const { id, title } = await group();
  const made = await invite(id, { expiresInHours: 24, maxUses: 1 });
  assert.deepEqual([made.conversationId, made.creatorId, made.uses, made.maxUses], [id, ana.id, 0, 1]);
  assert.equal(Date.parse(made.expiresAt) - Date.parse(made.createdAt), 24 * 3_600_000);
  const seen = await clara.get(`${INVITES}/${made.id}`);
  assert.equal(seen.status, 200, seen.text);
  assert.deepEqual([seen.body.kind, seen.body.title, seen.body.memberCount, seen.body.creator.id], ['group', title, 2, ana.id]);

  const stranger = await request(server.url, 'GET', `${INVITES}/${made.id}`);
  assert.deepEqual([stranger.status, stranger.body], [200, seen.body], 'also signed out');
  assertProblem(await request(server.url, 'GET', `${INVITES}/${randomUUID()}`), [404]);

  const joined = await clara.post(`${INVITES}/${made.id}/join`);
  assert.equal(joined.status, 200, joined.text);
  assert.equal(joined.body.conversation.memberCount, 3);
  const late = await register(server.url);
  assertProblem(await late.get(`${INVITES}/${made.id}`), [404]);
  assertProblem(await late.post(`${INVITES}/${made.id}/join`), [404]);
  assert.deepEqual((await ana.get(`${API}/${id}/invites`)).body, { invites: [] });
});

it('who is in it already uses nothing up', async () => {
  const { id } = await group();
  const made = await invite(id, { maxUses: 1 });
  assert.equal((await bruno.post(`${INVITES}/${made.id}/join`)).status, 200);
  assert.equal((await clara.post(`${INVITES}/${made.id}/join`)).status, 200);
});

it('is taken back', async () => {
  const { id } = await group();
  const [first, second] = [await invite(id), await invite(id)];
  assert.deepEqual((await ana.get(`${API}/${id}/invites`)).body, { invites: [second, first] });
  assert.equal((await ana.delete(`${API}/${id}/invites/${first.id}`)).status, 204);
  assertProblem(await ana.delete(`${API}/${id}/invites/${first.id}`), [404]);
  assertProblem(await clara.post(`${INVITES}/${first.id}/join`), [404]);
  assert.deepEqual((await ana.get(`${API}/${id}/invites`)).body, { invites: [second] });
});

it('holds as long as its maker may invite', async () => {
  const { id } = await group();
  assert.equal((await ana.patch(`${API}/${id}/members/${bruno.id}`, { role: 'admin' })).status, 200);
  const { body } = await bruno.post(`${API}/${id}/invites`, {});
  assert.equal((await ana.patch(`${API}/${id}/members/${bruno.id}`, { role: 'member' })).status, 200);
  assertProblem(await clara.post(`${INVITES}/${body.invite.id}/join`), [404]);
});

it('leads administrators’ guests into the channel that everybody is in', async () => {
  const fresh = await startServer();
  try {
    assert.equal((await request(fresh.url, 'GET', '/api/v1/server')).body.generalId, null);
    const admin = await register(fresh.url);
    const other = await register(fresh.url);
    const { generalId } = (await admin.get('/api/v1/server')).body;
    const { body } = await admin.post(`${API}/${generalId}/invites`, {});
    assert.equal((await request(fresh.url, 'GET', `${INVITES}/${body.invite.id}`)).body.title, 'general');
    assert.equal((await other.post(`${INVITES}/${body.invite.id}/join`)).status, 200);
    assertProblem(await other.post(`${API}/${generalId}/invites`, {}), [403]);
  } finally {
    await fresh.stop();
  }
});

it('is made by who moderates, with sane terms', async () => {
  const { id } = await group();
  assertProblem(await bruno.post(`${API}/${id}/invites`, {}), [403]);
  assertProblem(await bruno.get(`${API}/${id}/invites`), [403]);
  assertProblem(await clara.post(`${API}/${id}/invites`, {}), [403, 404]);
  assertRefusedFields(await ana.post(`${API}/${id}/invites`, { expiresInHours: 0 }), 'expiresInHours');
  assertRefusedFields(await ana.post(`${API}/${id}/invites`, { maxUses: 10_001 }), 'maxUses');
  const direct = await ana.converse('direct', [bruno]);
  assert.equal((await ana.post(`${API}/${direct.id}/invites`, {})).status, 409);
  for (const unknown of [randomUUID(), 'x']) assertProblem(await clara.get(`${INVITES}/${unknown}`), [404]);
});
