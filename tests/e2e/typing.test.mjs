// Typing ends by itself.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { Stage } from './support/checks.mjs';
import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { startServer } from './support/server.mjs';

const ENDS_AFTER_MS = 6_000;

it('typing ends after six seconds, or with the connection', async () => {
  const server = await startServer();
  const stage = new Stage(WEBSOCKET_CLIENT, server);
  try {
    const { id, from, to } = await stage.pair();
    await from.do('typing:set', { conversationId: id, typing: true });
    await to.fact('typing:changed', (fact) => fact.typing);
    const start = Date.now();
    await to.fact('typing:changed', (fact) => !fact.typing, { ms: 2 * ENDS_AFTER_MS });
    const took = Date.now() - start;
    assert.ok(took > ENDS_AFTER_MS - 1_500 && took < ENDS_AFTER_MS + 2_500, `ended after ${took} ms`);

    const here = to.facts.length;
    await from.do('typing:set', { conversationId: id, typing: true });
    await from.disconnect();
    await to.fact('typing:changed', (fact) => !fact.typing, { from: here, ms: 2 * ENDS_AFTER_MS });
  } finally {
    await stage.clear();
    await server.stop();
  }
});
