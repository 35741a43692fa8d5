// `sync` at its edges: far behind, ahead, unknown, and many pages.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { Stage } from './support/checks.mjs';
import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { startServer } from './support/server.mjs';

const RESET_BEYOND = 2_000;
const LAST = 50;
const AT_A_TIME = 100;

let server;
let stage;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());
beforeEach(() => {
  stage = new Stage(WEBSOCKET_CLIENT, server);
});
afterEach(() => stage.clear());

async function say(member, conversationId, count) {
  for (let sent = 0; sent < count; sent += AT_A_TIME) {
    await Promise.all(
      Array.from({ length: Math.min(AT_A_TIME, count - sent) }, (_, n) =>
        member.do('message:send', { conversationId, clientId: randomUUID(), body: `${sent + n}` }),
      ),
    );
  }
}

async function listed(member, id) {
  const { conversations } = await member.do('conversation:list', {});
  return conversations.find((each) => each.id === id);
}

/** Calls until it is complete, as a client does; the cursors move with what came. */
async function syncAll(member, cursors) {
  const held = { ...cursors };
  const all = { messages: [], removed: new Set(), reset: new Set(), calls: 0 };
  for (;;) {
    const page = await member.do('sync', { cursors: held });
    all.calls += 1;
    assert.ok(all.calls < 100, 'it comes to an end');
    all.messages.push(...page.messages);
    for (const id of page.removed) {
      all.removed.add(id);
      delete held[id];
    }
    for (const id of page.reset) all.reset.add(id);
    for (const { conversationId, rev } of page.messages) {
      held[conversationId] = Math.max(held[conversationId] ?? 0, rev);
    }
    if (page.complete) {
      for (const { id, rev } of page.conversations) held[id] = rev;
      return { ...all, held };
    }
  }
}

describe('sync', () => {
  it('tells everything up to the limit, and resets beyond it', async () => {
    const { ana, id, from, to } = await stage.pair();
    const start = (await listed(to, id)).rev;
    await say(from, id, RESET_BEYOND);
    const whole = await syncAll(to, { [id]: start });
    assert.deepEqual([...whole.reset], []);
    const caught = whole.messages.filter((message) => message.conversationId === id);
    assert.deepEqual(caught, await ana.history(id));

    await say(from, id, 1);
    const far = await syncAll(to, { [id]: start });
    assert.deepEqual([...far.reset], [id]);
    const kept = far.messages.filter((message) => message.conversationId === id);
    const history = await ana.history(id);
    assert.deepEqual(
      kept.sort((a, b) => a.seq - b.seq),
      history.slice(-LAST),
    );
  });

  it('a conversation that is new to the client comes with its last messages', async () => {
    const { ana, id, from, to } = await stage.pair();
    await say(from, id, LAST + 10);
    const { messages } = await syncAll(to, {});
    const mine = messages.filter((message) => message.conversationId === id);
    assert.deepEqual(
      mine.sort((a, b) => a.seq - b.seq),
      (await ana.history(id)).slice(-LAST),
    );
  });

  it('many conversations at once come completely', async () => {
    const { ana, bruno, from, to } = await stage.pair();
    const ids = [];
    for (let n = 0; n < 30; n += 1) ids.push((await ana.converse('group', [bruno], `group ${n}`)).id);
    for (const id of ids) await say(from, id, 5);
    const { messages, held } = await syncAll(to, {});
    for (const id of ids) {
      const mine = messages.filter((message) => message.conversationId === id);
      assert.equal(mine.length, 5);
      assert.equal(held[id], (await listed(to, id)).rev);
    }
    const again = await syncAll(to, held);
    assert.deepEqual(again.messages, []);
  });

  it('what one is not in, or never was, is removed', async () => {
    const { from, to } = await stage.pair();
    const { conversation } = await from.do('conversation:create', {
      kind: 'channel',
      title: `not yours ${randomUUID()}`,
      memberIds: [],
    });
    const nowhere = randomUUID();
    const { removed, messages } = await syncAll(to, { [conversation.id]: 1, [nowhere]: 7 });
    assert.deepEqual([...removed].sort(), [conversation.id, nowhere].sort());
    assert.ok(!messages.some((message) => message.conversationId === conversation.id));
  });

  it('a client that claims to be ahead, as after a restored backup, ends in the true state', async () => {
    const { ana, id, from, to } = await stage.pair();
    await say(from, id, 3);
    const { rev } = await listed(to, id);
    const answer = await syncAll(to, { [id]: rev + 1_000 });
    const mine = answer.messages.filter((message) => message.conversationId === id);
    assert.deepEqual([...answer.reset], [id], 'the client must drop what does not exist');
    assert.deepEqual(
      mine.sort((a, b) => a.seq - b.seq),
      await ana.history(id),
    );
  });
});
