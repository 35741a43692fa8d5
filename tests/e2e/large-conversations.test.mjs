// Beyond 100 members nothing grows with the square of the users.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';

import { Stage } from './support/checks.mjs';
import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { register } from './support/http.mjs';
import { startServer } from './support/server.mjs';

const MANY = 101;

it('a conversation of more than 100 members', async () => {
  const server = await startServer();
  const stage = new Stage(WEBSOCKET_CLIENT, server);
  try {
    const people = [];
    for (let n = 0; n < MANY; n += 1) people.push(await register(server.url));
    const [ana, bruno] = people;
    const [from, to] = [await stage.open(ana), await stage.open(bruno)];
    const general = async () => {
      const { conversations } = await from.do('conversation:list', {});
      return conversations.find((each) => each.title === 'general');
    };
    const before = await general();
    assert.equal(before.memberCount, MANY);
    assert.equal(before.members.length, 100, 'members are capped');
    const { id } = before;

    await register(server.url);
    const after = await general();
    assert.equal(after.memberCount, MANY + 1);
    assert.equal(after.rev, before.rev, 'joining takes no rev');

    await from.do('typing:set', { conversationId: id, typing: true });
    const clientId = randomUUID();
    const { message } = await from.do('message:send', { conversationId: id, clientId, body: 'hello' });
    assert.equal(message.rev, before.rev + 1);
    await to.fact('message:created', (fact) => fact.message.id === message.id);
    const tablet = await stage.open(bruno);
    await to.do('conversation:read', { conversationId: id, seq: message.seq });
    const isBruno = (fact) => fact.userId === bruno.id;
    await tablet.fact('conversation:read', isBruno);
    const last = { conversationId: id, clientId: randomUUID(), body: 'the end' };
    await from.do('message:send', last);
    await to.fact('message:created', (fact) => fact.message.clientId === last.clientId);
    assert.deepEqual(to.heard('typing:changed'), [], 'typing is not told');
    await from.fact('message:created', (fact) => fact.message.clientId === last.clientId);
    assert.deepEqual(from.heard('conversation:read', isBruno), [], 'reading is told to nobody else');
    assert.deepEqual(to.heard('conversation:updated', (fact) => fact.conversation.id === id), []);

    const device = await stage.open(people[2]);
    const { presence } = await from.do('presence:watch', { userIds: [people[2].id] });
    assert.equal(presence[0].status, 'online');
    await device.disconnect();
    await from.fact('presence:changed', (fact) => fact.userId === people[2].id && fact.status === 'offline');
    assert.deepEqual(
      to.heard('presence:changed', (fact) => fact.userId === people[2].id),
      [],
      'a shared channel is no reason to be told of somebody’s presence',
    );
  } finally {
    await stage.clear();
    await server.stop();
  }
});
