// A client that stops reading is cut off, slows nobody down, and comes back by sync.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';

import { Stage } from './support/checks.mjs';
import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { startServer } from './support/server.mjs';
import { openSession } from './support/wire.mjs';

// Together 19 MB: more than what the kernel's buffers of both sides hold, fewer than 2,000 revs.
const MESSAGES = 800;
const BODY = '界'.repeat(8_000);
const AT_A_TIME = 20;
const ACK_MS = 3_000;
const CUT_OFF_MS = 120_000;

it('a client that stops reading is cut off without slowing others', async () => {
  const server = await startServer();
  const stage = new Stage(WEBSOCKET_CLIENT, server);
  let slow;
  try {
    const { ana, bruno, id, from, to } = await stage.pair();
    const clara = await stage.person();
    const { id: room } = await ana.converse('group', [clara, bruno], 'crowd');
    slow = await openSession(server.url, { cookie: clara.cookie });
    const watch = await from.do('presence:watch', { userIds: [clara.id] });
    assert.equal(watch.presence[0].status, 'online');
    slow.tcp.pause();

    let slowest = 0;
    for (let sent = 0; sent < MESSAGES; sent += AT_A_TIME) {
      await Promise.all(
        Array.from({ length: AT_A_TIME }, async (_, n) => {
          const start = Date.now();
          await from.do('message:send', {
            conversationId: room,
            clientId: randomUUID(),
            body: `${sent + n} ${BODY}`.slice(0, 8_000),
          });
          slowest = Math.max(slowest, Date.now() - start);
        }),
      );
    }
    assert.ok(slowest < ACK_MS, `the slowest ack took ${slowest} ms`);
    const inRoom = (fact) => fact.message.conversationId === room;
    await to.fact('message:created', (fact) => inRoom(fact) && fact.message.seq === MESSAGES);
    assert.deepEqual(
      to.heard('message:created', inRoom).map((fact) => fact.message.seq),
      Array.from({ length: MESSAGES }, (_, n) => n + 1),
    );
    const isGone = (fact) => fact.userId === clara.id && fact.status === 'offline';
    await from.fact('presence:changed', isGone, { ms: CUT_OFF_MS });

    const back = await stage.open(clara);
    const caught = [];
    const cursors = { [room]: 0 };
    for (let complete = false; !complete; ) {
      const page = await back.do('sync', { cursors });
      caught.push(...page.messages.filter((message) => message.conversationId === room));
      cursors[room] = caught.at(-1).rev;
      for (const each of page.conversations) if (each.id !== room) cursors[each.id] = each.rev;
      complete = page.complete;
    }
    assert.deepEqual(caught, await ana.history(room));
    assert.equal(caught.length, MESSAGES);
    await from.do('message:send', { conversationId: id, clientId: randomUUID(), body: 'and on' });
  } finally {
    slow?.terminate();
    await stage.clear();
    await server.stop();
  }
});
