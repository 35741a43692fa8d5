// With rate limits on, as they are by default: too much is answered as the contract says, and nobody else suffers.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { PASSWORD, assertProblem, register, sendJson } from './support/http.mjs';
import { Member } from './support/member.mjs';
import { startServer } from './support/server.mjs';

const ENOUGH = 400;

/** Logs in with a wrong password until the server has enough of it; how often it took. */
async function guess(server, username, headers = {}, most = ENOUGH) {
  for (let n = 1; n <= most; n += 1) {
    const answer = await sendJson(
      server.url,
      'POST',
      '/api/v1/auth/login',
      { username, password: `wrong ${n}` },
      typeof headers === 'function' ? headers(n) : headers,
    );
    if (answer.status === 429) return { n, answer };
    assertProblem(answer, 401, 'auth.bad_credentials');
  }
  return undefined;
}

describe('rate limits', () => {
  let server;
  let ana;
  before(async () => {
    server = await startServer({ env: { RATE_LIMITS: undefined, RATE_LIMIT_SEND: '300/30' } });
    ana = await register(server.url);
  });
  after(() => server?.stop());

  it('guessing passwords is stopped, and says when to come back', async () => {
    const stopped = await guess(server, ana.username);
    assert.ok(stopped, `not after ${ENOUGH} attempts`);
    const problem = assertProblem(stopped.answer, 429, 'rate_limited');
    assert.ok(problem.retryAfterMs > 0);
    assert.ok(Number(stopped.answer.headers['retry-after']) >= 1, 'Retry-After');
  });

  it('a made-up forwarded address is no way around it', async () => {
    const forged = (n) => ({ 'x-forwarded-for': `10.1.${n >> 8}.${n & 255}`, forwarded: `for=10.2.0.${n & 255}` });
    assert.ok(await guess(server, 'somebody.else', forged), `not after ${ENOUGH} attempts`);
  });

  it('a session that is there goes on', async () => {
    assert.equal((await ana.get('/api/v1/users/me')).status, 200);
  });

  it('a flood of messages is acked rate_limited, each one', async () => {
    const member = new Member(WEBSOCKET_CLIENT, { url: server.url, cookie: ana.cookie });
    try {
      await member.connect();
      const { id } = await ana.converse('channel', [], `flood ${randomUUID()}`);
      const acks = await Promise.all(
        Array.from({ length: 1_000 }, (_, n) =>
          member.ask('message:send', { conversationId: id, clientId: randomUUID(), body: `${n}` }),
        ),
      );
      const refused = acks.filter((ack) => !ack.ok);
      assert.ok(refused.length > 0 && refused.length < acks.length, `${refused.length} refused`);
      for (const { error } of refused) {
        assert.equal(error.code, 'rate_limited');
        assert.ok(error.retryAfterMs > 0);
      }
    } finally {
      await member.disconnect();
    }
  });
});

it('a trusted proxy tells people apart by their own addresses', async () => {
  const server = await startServer({ env: { RATE_LIMITS: undefined, TRUSTED_PROXIES: '127.0.0.0/8' } });
  try {
    const from = (address) => ({ 'x-forwarded-for': address });
    assert.ok(await guess(server, 'nobody.of.this.name', from('203.0.113.7')));
    const answer = await sendJson(
      server.url,
      'POST',
      '/api/v1/auth/login',
      { username: 'another.nobody', password: PASSWORD },
      from('203.0.113.8'),
    );
    assertProblem(answer, 401, 'auth.bad_credentials');
    // The leftmost entry is what the client itself claims.
    const spoofed = (n) => from(`198.51.100.${n & 255}, 203.0.113.9`);
    assert.ok(await guess(server, 'third.nobody', spoofed), 'a claimed address does not count');
  } finally {
    await server.stop();
  }
});
