// A session that ends on one server ends on the others: its sockets close, its cookie is dead, within a second.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startCluster } from '../support/cluster.mjs';
import { assertProblem, register } from '../support/http.mjs';
import { at, connect } from '../support/pair.mjs';
import { eventually } from '../support/wait.mjs';

const TRIES = Number(process.env.LOGOUT_TRIES ?? 100);
const WITHIN_MS = 1_000;
const PATIENCE_MS = 10 * WITHIN_MS;

let cluster;
before(async () => {
  cluster = await startCluster();
});
after(() => cluster?.stop());

/** A person with a session on both servers, known to the second one by a request and by a socket. */
async function known(person, node) {
  const there = at(person, node);
  assert.equal((await there.get('/api/v1/users/me')).status, 200);
  return { there, socket: await connect(person, node) };
}

/** How long after `since` the socket was closed and the cookie refused, in milliseconds. */
async function ending({ there, socket }, since) {
  const refused = async () => {
    const answer = await there.get('/api/v1/users/me');
    return answer.status === 401 && Date.now();
  };
  const [closed, dead] = await Promise.all([
    socket.closedAt({ ms: PATIENCE_MS }),
    eventually(refused, 'the cookie is refused', PATIENCE_MS),
  ]);
  return { closed: closed - since, dead: dead - since };
}

function summary(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return { p50: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
}

describe('a session that ends on another server', () => {
  it(`by logging out, ${TRIES} times`, async (t) => {
    const [a, b] = cluster.nodes;
    const closed = [];
    const dead = [];
    for (let n = 0; n < TRIES; n += 1) {
      const ana = await register(a.url);
      const session = await known(ana, b);
      const since = Date.now();
      assert.equal((await ana.post('/api/v1/auth/logout')).status, 204);
      const times = await ending(session, since);
      closed.push(times.closed);
      dead.push(times.dead);
      // Used again, it stays dead: nothing brings it back.
      assertProblem(await session.there.get('/api/v1/users/me'), 401, 'unauthenticated');
      assertProblem(await ana.get('/api/v1/users/me'), 401, 'unauthenticated');
    }
    for (const [what, { p50, max }] of [
      ['the socket is closed', summary(closed)],
      ['the cookie is refused', summary(dead)],
    ]) {
      t.diagnostic(`${what} after ${p50} ms (median), ${max} ms (most)`);
      assert.ok(max <= WITHIN_MS, `${what} after ${max} ms`);
    }
  });

  it('by being revoked', async () => {
    const [a, b] = cluster.nodes;
    const ana = await register(a.url);
    const stolen = await ana.logInAgain();
    const [mine, theirs] = [await known(ana, b), await known(stolen, b)];
    const { body } = await ana.get('/api/v1/users/me/sessions');
    const target = body.sessions.find((session) => !session.current);
    const since = Date.now();
    assert.equal((await ana.delete(`/api/v1/users/me/sessions/${target.id}`)).status, 204);
    const { closed, dead } = await ending(theirs, since);
    assert.ok(Math.max(closed, dead) <= WITHIN_MS, `closed after ${closed} ms, refused after ${dead} ms`);
    await mine.socket.do('conversation:list', {});
    await mine.socket.disconnect();
  });

  it('by a new password', async () => {
    const [a, b] = cluster.nodes;
    const ana = await register(a.url);
    const other = await ana.logInAgain();
    const [mine, theirs] = [await known(ana, b), await known(other, b)];
    const since = Date.now();
    const change = { currentPassword: ana.password, newPassword: 'another long secret' };
    assert.equal((await ana.post('/api/v1/users/me/password', change)).status, 204);
    const { closed, dead } = await ending(theirs, since);
    assert.ok(Math.max(closed, dead) <= WITHIN_MS, `closed after ${closed} ms, refused after ${dead} ms`);
    await mine.socket.do('conversation:list', {});
    await mine.socket.disconnect();
  });
});
