// Search for files and links, and without words.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';

import { assertRefusedFields, register } from './support/http.mjs';
import { startServer } from './support/server.mjs';

let server;
let ana;
let bruno;
let id;
before(async () => {
  server = await startServer();
  [ana, bruno] = [await register(server.url), await register(server.url)];
  ({ id } = await ana.converse('direct', [bruno]));
});
after(() => server?.stop());

const send = async (person, body) => {
  const answer = await person.post(`/api/v1/conversations/${id}/messages`, { clientId: randomUUID(), body });
  assert.equal(answer.status, 201, answer.text);
  return answer.body.message.id;
};
const search = async (query) => {
  const answer = await ana.get(`/api/v1/search?${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};
const ids = ({ hits }) => hits.map(({ message }) => message.id);

it('finds links, and what somebody wrote, without words', async () => {
  const [link, plain] = [await send(bruno, 'See https://example.org/page'), await send(bruno, 'http is a protocol')];
  const mine = await send(ana, 'HTTPS://EXAMPLE.ORG again');
  const { hits, nextCursor } = await search('has=link');
  assert.deepEqual([hits.map(({ message }) => message.id), nextCursor], [[mine, link], null]);
  assert.equal(hits[1].snippet, 'See https://example.org/page');
  assert.deepEqual(ids(await search('q=&has=link')), [mine, link]);
  assert.deepEqual(ids(await search('q=again&has=link')), [mine]);
  assert.deepEqual(ids(await search(`senderId=${bruno.id}`)), [plain, link]);
  assert.deepEqual(ids(await search(`has=link&senderId=${bruno.id}&conversationId=${id}`)), [link]);
  assert.deepEqual(ids(await search('since=2100-01-01T00:00:00.000Z')), []);
  assert.deepEqual(await search('has=file'), { hits: [], nextCursor: null });
  const first = await search('has=link&limit=1');
  assert.deepEqual(ids(first), [mine]);
  assert.deepEqual(ids(await search(`has=link&limit=1&cursor=${first.nextCursor}`)), [link]);
});

it('refuses what makes no sense', async () => {
  const get = (query) => ana.get(`/api/v1/search?${query}`);
  for (const query of ['', 'q=', 'q=%20', `conversationId=${id}`, 'q=!&has=link']) assertRefusedFields(await get(query), 'q');
  for (const has of ['', 'x', 'File', 'file,link']) assertRefusedFields(await get(`has=${has}`), 'has');
  assertRefusedFields(await get('has=link&cursor=x'), 'cursor');
});
