// SIGTERM with everybody still connected: they are told, what was acked is kept, exit code 0 in ten seconds.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';

import { Stage } from './support/checks.mjs';
import { CLIENTS, WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { Member } from './support/member.mjs';
import { startServer } from './support/server.mjs';
import { openSession } from './support/wire.mjs';

it('stops while clients of every kind are connected, one of them stalled', async () => {
  const server = await startServer();
  const stage = new Stage(WEBSOCKET_CLIENT, server);
  const members = [];
  let stalled;
  try {
    const { ana, bruno, id, from } = await stage.pair();
    for (const client of CLIENTS) {
      const member = new Member(client, { url: server.url, cookie: bruno.cookie });
      await member.connect();
      members.push(member);
    }
    stalled = await openSession(server.url, { cookie: ana.cookie });
    stalled.tcp.pause();
    const acked = [];
    const send = (n) =>
      from.ask('message:send', { conversationId: id, clientId: randomUUID(), body: `${n}` }).then(
        (ack) => ack.ok && acked.push(ack.data.message),
        () => {},
      );
    for (let n = 0; n < 50; n += 1) send(n);
    await send('last before the end');
    for (let n = 0; n < 50; n += 1) send(`late ${n}`);

    await server.stop({ keepData: true });
    for (const member of [from, ...members]) await member.closedAt();

    const again = await startServer({ dataDir: server.dataDir });
    ana.base = again.url;
    const kept = new Map((await ana.history(id)).map((message) => [message.id, message]));
    for (const message of acked) assert.deepEqual(kept.get(message.id), message);
    await again.stop();
  } finally {
    stalled?.terminate();
    await Promise.all(members.map((member) => member.disconnect().catch(() => {})));
    await stage.clear();
    await server.removeData();
  }
});
