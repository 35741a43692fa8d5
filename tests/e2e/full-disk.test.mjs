// A full disk: sends are answered `unavailable`, nothing that was acked is lost, and all is well once there is room.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { it } from 'node:test';

import { Stage } from './support/checks.mjs';
import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { ONLY_EMBEDDED } from './support/database.mjs';
import { assertProblem } from './support/http.mjs';
import { mountTmpfs, whyNoMount } from './support/mounts.mjs';
import { startServer } from './support/server.mjs';
import { assertIntegrity } from './support/sqlite.mjs';
import { eventually } from './support/wait.mjs';

const DISK = '32m';
const BODY = 'x'.repeat(7_000);
const CHUNK = Buffer.alloc(64 * 1024);
const FEW_BYTES = Buffer.alloc(512);

/** Writes into a file until the disk takes nothing more. */
async function fill(file) {
  const handle = await open(file, 'a');
  try {
    for (const piece of [CHUNK, FEW_BYTES]) {
      for (;;) {
        const full = await handle.write(piece).then(
          () => false,
          (error) => {
            assert.equal(error.code, 'ENOSPC');
            return true;
          },
        );
        if (full) break;
      }
    }
  } finally {
    await handle.close();
  }
}

it('a full disk', ONLY_EMBEDDED, async (t) => {
  const reason = await whyNoMount();
  if (reason) {
    t.skip(reason);
    return;
  }
  const disk = await mountTmpfs(DISK);
  const server = await startServer({ dataDir: disk.path });
  const stage = new Stage(WEBSOCKET_CLIENT, server);
  const filler = path.join(disk.path, 'filler');
  try {
    const { ana, id, from, to } = await stage.pair();
    const acked = [];
    const waiting = [];
    const send = async (command) => {
      const ack = await from.ask('message:send', command);
      if (ack.ok) acked.push(ack.data.message);
      return ack;
    };
    const command = (n) => ({ conversationId: id, clientId: randomUUID(), body: `${n} ${BODY}` });
    for (let n = 0; n < 20; n += 1) assert.equal((await send(command(n))).ok, true);

    await fill(filler);
    // The log may have room of its own left, so it can take some messages until the first refusal.
    for (let n = 0; waiting.length < 10 && n < 5_000; n += 1) {
      const order = command(`full ${n}`);
      const ack = await send(order);
      if (ack.ok) continue;
      assert.equal(ack.error.code, 'unavailable', JSON.stringify(ack));
      assert.ok(Number.isInteger(ack.error.retryAfterMs) && ack.error.retryAfterMs > 0);
      assert.doesNotMatch(JSON.stringify(ack), /disk|SQLITE|full\b/i, 'the cause is for the log');
      waiting.push(order);
    }
    assert.equal(waiting.length, 10, 'the disk is full at last');
    const overHttp = await ana.post(`/api/v1/conversations/${id}/messages`, {
      clientId: randomUUID(),
      body: BODY,
    });
    assertProblem(overHttp, 503, 'unavailable');
    assert.equal((await ana.get('/healthz')).status, 200);
    assert.equal((await ana.history(id)).length, acked.length, 'reading goes on');

    await rm(filler);
    for (const order of waiting) {
      await eventually(async () => (await send(order)).ok, 'what waited is sent again');
    }
    const history = await ana.history(id);
    assert.deepEqual(history, acked, 'every acked message, in order, and nothing else');
    const last = history.at(-1).seq;
    await to.fact('message:created', (fact) => fact.message.seq === last);
    await server.stop({ keepData: true });
    await assertIntegrity(server.databaseFile);
  } finally {
    await stage.clear();
    await server.kill();
    await disk.remove();
  }
});
