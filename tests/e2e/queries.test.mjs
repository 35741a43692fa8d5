// No command asks the database more often because there are more conversations, members or messages.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { Stage } from './support/checks.mjs';
import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { countQueries } from './support/queries.mjs';
import { startServer } from './support/server.mjs';

const FEW = 3;
const MANY = 30;
const MESSAGES = 10;
/** What the server does by itself may fall into a measurement, but hardly into all of them. */
const TIMES = 5;

const send = ({ socket, group }) =>
  socket.do('message:send', { conversationId: group, clientId: randomUUID(), body: 'somebody says a word' });
const get = (path) => async ({ person, group }) => {
  const answer = await person.get(path.replace('{group}', group));
  assert.equal(answer.status, 200, answer.text);
};

/** Each is done by somebody in few conversations with few members, and by somebody in many with many. */
const COMMANDS = {
  connect: async ({ stage, person }) => {
    const socket = await stage.open(person);
    // Commands are answered once the socket has settled.
    await socket.do('presence:watch', { userIds: [] });
    await socket.disconnect();
  },
  'conversation:list': ({ socket }) => socket.do('conversation:list', {}),
  'sync from the beginning': ({ socket }) => socket.do('sync', { cursors: {} }),
  'sync of who has everything': ({ socket, cursors }) => socket.do('sync', { cursors }),
  'message:send': send,
  'message:edit': async ({ socket, mine }) =>
    socket.do('message:edit', { messageId: mine, body: `edited ${randomUUID()}` }),
  'message:react': async ({ socket, mine }, time) =>
    socket.do('message:react', { messageId: mine, emoji: '👍', on: time % 2 === 0 }),
  'message:list': ({ socket, group }) => socket.do('message:list', { conversationId: group, limit: 50 }),
  'conversation:read': ({ socket, group }, time) =>
    socket.do('conversation:read', { conversationId: group, seq: time + 1 }),
  'presence:watch': ({ socket, others }) => socket.do('presence:watch', { userIds: others }),
  'typing:set': ({ socket, group }, time) =>
    socket.do('typing:set', { conversationId: group, typing: time % 2 === 0 }),
  'GET /conversations': get('/api/v1/conversations'),
  'GET /conversations/{group}/members': get('/api/v1/conversations/{group}/members'),
  'GET /search': get('/api/v1/search?q=word'),
  'GET /search without words': get('/api/v1/search?has=link'),
  'GET /users/me/marks': get('/api/v1/users/me/marks'),
  'GET /users': get('/api/v1/users?q=person'),
};

describe('queries', () => {
  let server;
  let stage;
  let queries;
  let worlds;
  before(async () => {
    server = await startServer();
    stage = new Stage(WEBSOCKET_CLIENT, server);
    worlds = [await world(stage, FEW), await world(stage, MANY)];
    queries = await countQueries(server);
  });
  after(async () => {
    await queries?.close();
    await stage?.clear();
    await server?.stop();
  });

  for (const [name, command] of Object.entries(COMMANDS)) {
    it(`${name} asks as often among ${MANY} as among ${FEW}`, async () => {
      const [few, many] = [await cost(queries, command, worlds[0]), await cost(queries, command, worlds[1])];
      assert.ok(many <= few, `${few} among ${FEW}, ${many} among ${MANY}`);
    });
  }
});

/** The least that the command asks for. */
async function cost(queries, command, world) {
  const costs = [];
  for (let time = 0; time < TIMES; time += 1) {
    const before = await queries.total();
    await command(world, time);
    costs.push((await queries.total()) - before);
  }
  return Math.min(...costs);
}

/** Somebody in `size` groups, each with `size` members and so many messages that all of them fit on a page of `sync`. */
async function world(stage, size) {
  const person = await stage.person();
  const others = await Promise.all(Array.from({ length: size - 1 }, () => stage.person()));
  const socket = await stage.open(person);
  const groups = [];
  for (let number = 0; number < size; number += 1) {
    groups.push((await person.converse('group', others, `group ${number}`)).id);
  }
  let mine;
  for (const group of groups) {
    for (let number = 0; number < Math.min(size, MESSAGES); number += 1) mine = (await send({ socket, group })).message.id;
  }
  const { conversations } = await socket.do('conversation:list', {});
  const cursors = Object.fromEntries(conversations.map(({ id, rev }) => [id, rev]));
  return { stage, person, socket, others: others.map(({ id }) => id), group: groups.at(-1), cursors, mine };
}
