// Who is online and who is writing, across servers; with and without Redis.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { startCluster } from '../support/cluster.mjs';
import { assertTime } from '../support/shapes.mjs';
import { Pair, connect } from '../support/pair.mjs';
import { eventually } from '../support/wait.mjs';

const GONE_MS = 15_000;

const is = (person, status) => (fact) => fact.userId === person.id && fact.status === status;

for (const redis of [false, true]) {
  describe(`signals by way of ${redis ? 'Redis' : 'MongoDB'}`, () => {
    let cluster;
    let pair;
    before(async () => {
      cluster = await startCluster({ redis });
    });
    after(() => cluster?.stop());
    beforeEach(async () => {
      pair = await Pair.meet(cluster.nodes);
    });
    afterEach(() => pair?.part());

    it('who shares a conversation is told who comes and goes', async () => {
      const { from, to, bruno } = pair;
      await from.fact('presence:changed', is(bruno, 'online'));
      assert.equal(await pair.status(from, bruno), 'online');
      const here = from.facts.length;
      await to.disconnect();
      const gone = await from.fact('presence:changed', is(bruno, 'offline'), { from: here });
      assertTime(gone.lastSeenAt, 'lastSeenAt');
      assert.equal(await pair.status(from, bruno), 'offline');
    });

    it('a person with a device on each server is online until both are gone', async () => {
      const { from, to, bruno } = pair;
      await from.fact('presence:changed', is(bruno, 'online'));
      const [near] = cluster.nodes;
      const device = await connect(bruno, near);
      await to.disconnect();
      // What is told next shows that nothing was told before.
      const here = from.facts.length;
      await device.disconnect();
      await from.fact('presence:changed', is(bruno, 'offline'), { from: here });
      assert.equal(from.heard('presence:changed', is(bruno, 'offline')).length, 1);
    });

    it('who watches is told too', async () => {
      const { ana, to } = pair;
      const stranger = await Pair.meet([...cluster.nodes].reverse());
      try {
        const { presence } = await stranger.to.do('presence:watch', { userIds: [ana.id] });
        if (presence[0].status !== 'online') await stranger.to.fact('presence:changed', is(ana, 'online'));
        // Whoever goes before the other server has heard of them was never there for its people.
        await eventually(async () => (await pair.status(to, ana)) === 'online', 'the other server knows', GONE_MS);
        const here = stranger.to.facts.length;
        await pair.from.disconnect();
        await stranger.to.fact('presence:changed', is(ana, 'offline'), { from: here });
        await to.fact('presence:changed', is(ana, 'offline'));
      } finally {
        await stranger.part();
      }
    });

    it('typing is told, and ends by itself', async () => {
      const { from, to, ana, id } = pair;
      for (const typing of [true, false]) {
        await from.do('typing:set', { conversationId: id, typing });
        const fact = await to.fact('typing:changed', (each) => each.typing === typing);
        assert.deepEqual(fact, { conversationId: id, userId: ana.id, typing });
      }
      const here = to.facts.length;
      await from.do('typing:set', { conversationId: id, typing: true });
      await to.fact('typing:changed', ({ typing }) => typing, { from: here });
      await to.fact('typing:changed', ({ typing }) => !typing, { from: here, ms: 12_000 });
    });

    it(`the people of a killed server are offline within ${GONE_MS / 1_000} s, and online when it is back`, async (t) => {
      const { from, bruno, ana, id } = pair;
      const [near, far] = cluster.nodes;
      await from.fact('presence:changed', is(bruno, 'online'));
      const here = from.facts.length;
      const since = Date.now();
      await far.kill();
      await from.fact('presence:changed', is(bruno, 'offline'), { from: here, ms: GONE_MS });
      t.diagnostic(`offline after ${Date.now() - since} ms`);
      assert.equal(await near.readiness(), 200);
      await far.start();
      pair.to = await connect(bruno, far);
      await from.fact('presence:changed', is(bruno, 'online'), { from: here, ms: GONE_MS });
      const sees = async () => (await pair.status(pair.to, ana)) === 'online';
      await eventually(sees, 'the server that started again knows who is on the other', GONE_MS);
      await from.do('typing:set', { conversationId: id, typing: true });
      await pair.to.fact('typing:changed', ({ typing }) => typing);
    });
  });
}
