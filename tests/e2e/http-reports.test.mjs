// What is wrong with messages, for the administrators.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';

import { assertProblem, assertRefusedFields, register, request } from './support/http.mjs';
import { connect } from './support/pair.mjs';
import { startServer } from './support/server.mjs';

const REPORTS = '/api/v1/admin/reports';

let server;
let admin;
let ana;
let bruno;
let clara;
before(async () => {
  server = await startServer();
  // The first one looks after the server.
  admin = await register(server.url);
  [ana, bruno, clara] = [await register(server.url), await register(server.url), await register(server.url)];
});
after(() => server?.stop());

const send = async (person, id, body) => {
  const answer = await person.post(`/api/v1/conversations/${id}/messages`, { clientId: randomUUID(), body });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.message;
};
const report = (person, message, reason) => person.post(`/api/v1/messages/${message.id}/reports`, { reason });
const list = async (query = '') => {
  const answer = await admin.get(`${REPORTS}${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};

it('a report is dismissed, or the message goes, for everybody', async () => {
  const group = await ana.converse('group', [bruno, clara], 'Group');
  const [rude, fine] = [await send(ana, group.id, 'rude'), await send(ana, group.id, 'fine')];
  assert.equal((await report(bruno, rude, 'x')).status, 204);
  assert.equal((await report(bruno, rude, ' This is rude. ')).status, 204);
  assert.equal((await report(clara, rude, 'So rude')).status, 204);
  assert.equal((await report(clara, fine, 'Do not like it')).status, 204);

  const { reports } = await list();
  assert.deepEqual(
    reports.map(({ reason, reporter, message, sender }) => [reason, reporter.id, message.id, message.body, sender.id]),
    [
      ['Do not like it', clara.id, fine.id, 'fine', ana.id],
      ['So rude', clara.id, rude.id, 'rude', ana.id],
      ['This is rude.', bruno.id, rude.id, 'rude', ana.id],
    ],
  );
  const [first] = reports;
  assert.deepEqual([first.closedAt, first.closedBy, first.outcome], [null, null, null]);
  assert.deepEqual(
    Object.keys(first.message).sort(),
    ['attachments', 'body', 'conversationId', 'createdAt', 'deletedAt', 'id', 'senderId'],
  );
  const page = await list('?limit=2');
  assert.equal(page.reports.length, 2);
  const rest = await list(`?limit=2&cursor=${page.nextCursor}`);
  assert.deepEqual([rest.reports.map(({ id }) => id), rest.nextCursor], [[reports[2].id], null]);

  const member = await connect(bruno, server);
  assert.equal((await admin.patch(`${REPORTS}/${first.id}`, { outcome: 'dismissed' })).status, 204);
  assert.equal((await admin.patch(`${REPORTS}/${reports[1].id}`, { outcome: 'deleted' })).status, 204);
  const { message } = await member.fact('message:updated');
  assert.deepEqual([message.id, message.body], [rude.id, '']);
  assert.notEqual(message.deletedAt, null);
  await member.disconnect();

  assert.deepEqual(await list(), { reports: [], nextCursor: null });
  const closed = (await list('?state=closed')).reports;
  assert.deepEqual(
    closed.map(({ outcome, closedBy, message: { body } }) => [outcome, closedBy.id, body]),
    [['dismissed', admin.id, 'fine'], ['deleted', admin.id, ''], ['deleted', admin.id, '']],
  );
  // A second decision changes nothing.
  assert.equal((await admin.patch(`${REPORTS}/${first.id}`, { outcome: 'dismissed' })).status, 204);
  assert.equal((await report(bruno, rude, 'again')).status, 409);
});

it('others see none of it', async () => {
  const { id } = await ana.converse('direct', [bruno]);
  const message = await send(ana, id, 'hello');
  assertProblem(await report(clara, message, 'curious'), [404]);
  assertProblem(await ana.get(REPORTS), [403], 'forbidden');
  assertProblem(await ana.patch(`${REPORTS}/${randomUUID()}`, { outcome: 'dismissed' }), [403], 'forbidden');
  assertProblem(await request(server.url, 'GET', REPORTS), [401]);
  assertProblem(await request(server.url, 'POST', `/api/v1/messages/${message.id}/reports`), [401, 415, 422]);
});

it('refuses what makes no sense', async () => {
  const { id } = await ana.converse('direct', [bruno]);
  const message = await send(ana, id, 'hello');
  for (const reason of ['', '  ', 'x'.repeat(1_001), 7, null]) {
    assertRefusedFields(await report(bruno, message, reason), 'reason');
  }
  assert.equal((await report(bruno, message, '👋'.repeat(1_000))).status, 204);
  assertRefusedFields(await report(ana, message, 'my own'), 'messageId');
  for (const unknown of [randomUUID(), 'x']) assertProblem(await report(bruno, { id: unknown }, 'what'), [404]);
  const [{ id: open }] = (await list()).reports;
  assertRefusedFields(await admin.patch(`${REPORTS}/${open}`, { outcome: 'burnt' }), 'outcome');
  assertProblem(await admin.patch(`${REPORTS}/x`, { outcome: 'dismissed' }), [404]);
  assertRefusedFields(await admin.get(`${REPORTS}?state=lost`), 'state');
  assertRefusedFields(await admin.get(`${REPORTS}?cursor=x`), 'cursor');
  assertRefusedFields(await admin.get(`${REPORTS}?limit=0`), 'limit');
});
