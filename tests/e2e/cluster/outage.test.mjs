// MongoDB goes away while people are connected: commands are answered `unavailable`, the sockets stay, and all is well
// by itself when it is back.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';

import { startCluster } from '../support/cluster.mjs';
import { assertProblem } from '../support/http.mjs';
import { Pair } from '../support/pair.mjs';
import { eventually, within } from '../support/wait.mjs';

const ANSWERED_MS = 15_000;
const RECOVERS_MS = 30_000;

const OUTAGES = {
  'its process dies': { begin: (member) => member.kill(), end: (member) => member.start() },
  'it answers nothing': { begin: async (member) => member.freeze(), end: async (member) => member.thaw() },
};

for (const [what, { begin, end }] of Object.entries(OUTAGES)) {
  it(`MongoDB is gone for a while: ${what}`, async () => {
    const cluster = await startCluster({ members: 1, nodes: 2 });
    const [member] = cluster.set.members;
    const [node] = cluster.nodes;
    let pair;
    try {
      pair = await Pair.meet(cluster.nodes);
      const { from, to, id, ana } = pair;
      const { message: before } = await from.do('message:send', { conversationId: id, clientId: randomUUID(), body: 'before' });
      await to.fact('message:created', (fact) => fact.message.id === before.id);

      await begin(member);
      const command = { conversationId: id, clientId: randomUUID(), body: 'meanwhile' };
      const emit = (event, payload) =>
        new Promise((resolve) => {
          from.driver.socket.emit(event, payload, resolve);
        });
      const ack = await within(emit('message:send', command), ANSWERED_MS, 'a send is answered');
      assert.equal(ack.ok, false);
      assert.equal(ack.error.code, 'unavailable');
      assert.ok(Number.isInteger(ack.error.retryAfterMs) && ack.error.retryAfterMs > 0, JSON.stringify(ack));
      const list = await within(emit('conversation:list', {}), ANSWERED_MS, 'a question is answered');
      assert.equal(list.error?.code, 'unavailable', JSON.stringify(list));
      await Promise.all(cluster.nodes.map((each) => each.isNotReady()));
      const answer = await ana.get(`/api/v1/conversations/${id}`);
      const problem = assertProblem(answer, 503, 'unavailable');
      assert.ok(problem.retryAfterMs > 0);
      assert.ok(answer.headers['retry-after'], 'Retry-After');
      for (const each of [from, to]) assert.deepEqual(each.heard('disconnect'), [], 'the sockets stay');

      await end(member);
      await Promise.all(cluster.nodes.map((each) => each.isReady()));
      const sent = async () => {
        const again = await emit('message:send', command);
        return again.ok && again.data.message;
      };
      const message = await eventually(sent, 'the same message is taken', RECOVERS_MS);
      assert.equal(message.seq, 2, 'it is there once');
      // A client that may have missed something is told so; here it must hear of the message one way or the other.
      const heard = ({ event, payload }) =>
        event === 'sync:needed' || (event === 'message:created' && payload.message.id === message.id);
      await to.facts.find(heard, 'the other one hears of it', { ms: RECOVERS_MS });
      const { messages } = await to.do('sync', { cursors: { [id]: before.rev } });
      assert.deepEqual(messages, [message]);
      const { message: after } = await from.do('message:send', { conversationId: id, clientId: randomUUID(), body: 'after' });
      await to.fact('message:created', (fact) => fact.message.id === after.id);
      for (const each of [from, to]) assert.deepEqual(each.heard('disconnect'), [], 'the sockets stayed');
      await pair.signalsWork();
      assert.doesNotMatch(node.output, /panicked/);
    } finally {
      member.thaw();
      await pair?.part();
      if (!member.isRunning) await member.start();
      await cluster.stop();
    }
  });
}
