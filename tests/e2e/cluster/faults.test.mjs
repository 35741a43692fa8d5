// Two servers on a replica set of three, many people who write, and parts that die while they do. Every client keeps its
// own log; in the end all logs are compared with each other and with the servers: what was acked is there once, in one
// order for all, without a hole, and everybody ends in the same state.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { startCluster } from '../support/cluster.mjs';
import { Crowd } from '../support/crowd.mjs';
import { assertDense } from '../support/database.mjs';
import { Pair } from '../support/pair.mjs';
import { eventually } from '../support/wait.mjs';

const ROUNDS = Number(process.env.CLUSTER_ROUNDS ?? 3);
const PARTITION_MS = Number(process.env.CLUSTER_PARTITION_SECONDS ?? 30) * 1_000;
/** So many more acked messages say that things go on. */
const SOME = 200;

/** Runs the fault again and again while everybody writes, then lets the logs be compared. */
async function underLoad(t, options, fault) {
  const cluster = await startCluster(options);
  let crowd;
  try {
    crowd = await Crowd.gather(cluster.nodes);
    crowd.write();
    await crowd.progress(SOME);
    for (let round = 0; round < ROUNDS; round += 1) {
      await fault(cluster, crowd, round);
      await crowd.progress(SOME);
    }
    const figures = await crowd.check();
    for (const id of crowd.conversations.keys()) await assertDense(cluster.set.client.db('chat'), id);
    for (const [what, figure] of Object.entries(figures)) t.diagnostic(`${what}: ${figure}`);
  } finally {
    crowd?.close();
    await cluster.stop();
  }
}

it(`the primary is killed, ${ROUNDS} times`, async (t) => {
  await underLoad(t, {}, async ({ set }, crowd) => {
    const primary = await set.primary();
    await primary.kill();
    await crowd.progress(SOME);
    await primary.start();
    await set.isWhole();
  });
});

it(`a server is killed and its people go to the other, ${ROUNDS} times`, async (t) => {
  await underLoad(t, {}, async ({ nodes }, crowd, round) => {
    const doomed = nodes[round % nodes.length];
    const people = crowd.on(doomed);
    assert.ok(people.length > 0, 'there are people on it');
    await doomed.kill();
    await crowd.progress(SOME);
    await crowd.isOnline();
    assert.ok(people.every(({ url }) => url !== doomed.url), 'they are elsewhere');
    await doomed.start();
    await crowd.spread();
  });
});

it(`a server is cut off from MongoDB for ${PARTITION_MS / 1_000} s, ${ROUNDS} times`, async (t) => {
  await underLoad(t, { network: true }, async ({ nodes, network }, crowd) => {
    const [whole, lonely] = nodes;
    const people = crowd.on(lonely);
    const lost = () => people.reduce((sum, each) => sum + each.entries('disconnected').length, 0);
    const before = lost();
    const end = Date.now() + PARTITION_MS;
    assert.ok(network.cutOff(lonely.pid) > 0, 'it had connections');
    await lonely.isNotReady();
    const since = Date.now();
    const refused = ({ at, kind, name, answer }) =>
      at >= since && kind === 'answered' && name === 'message:send' && answer.error?.code === 'unavailable';
    await eventually(() => people.some(({ log }) => log.some(refused)), 'somebody is told `unavailable`', PARTITION_MS);
    await crowd.progress(SOME);
    await eventually(() => Date.now() >= end, 'the partition has lasted', 2 * PARTITION_MS);
    assert.equal(await whole.readiness(), 200, 'the other one is well');
    assert.equal(lost(), before, 'the sockets stayed');
    network.heal();
    await lonely.isReady();
  });
});

it(`Redis is killed and comes back, ${ROUNDS} times`, async (t) => {
  let pair;
  try {
    await underLoad(t, { redis: true }, async ({ nodes, redis }, crowd) => {
      pair ??= await Pair.meet(nodes);
      await pair.signalsWork();
      await redis.kill();
      await crowd.progress(SOME);
      await redis.start();
      await pair.signalsWork();
    });
  } finally {
    await pair?.part();
  }
});
