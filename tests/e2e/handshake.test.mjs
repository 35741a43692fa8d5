// Who may open a session, and who may use one: polling is bound to its cookie, origins are checked.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import {
  PASSWORD,
  assertProblem,
  freshName,
  register,
  request,
  sendJson,
} from './support/http.mjs';
import { startServer } from './support/server.mjs';
import { Wire, webSocketUrl } from './support/wire.mjs';

const FRIEND = 'https://app.example';
const FOE = 'https://evil.example';
const SEPARATOR = '\x1e';

let server;
let ana;
let bruno;
before(async () => {
  server = await startServer({ env: { ALLOWED_ORIGINS: FRIEND } });
  [ana, bruno] = [await register(server.url), await register(server.url)];
});
after(() => server?.stop());

const socketIo = (method, query, { body, ...headers } = {}) =>
  request(server.url, method, `/socket.io/?${new URLSearchParams({ transport: 'polling', ...query })}`, {
    headers: body === undefined ? headers : { 'content-type': 'text/plain;charset=UTF-8', ...headers },
    body,
  });

/** A polling session of Engine.IO 4 with its namespace connected; the sid is what an attacker would know. */
async function openPolling(person) {
  const { cookie } = person;
  const hello = await socketIo('GET', { EIO: '4' }, { cookie });
  assert.equal(hello.status, 200, hello.text);
  const { sid } = JSON.parse(hello.text.slice(1));
  const connect = await socketIo('POST', { EIO: '4', sid }, { cookie, body: '40' });
  assert.equal(connect.status, 200, connect.text);
  let seen = '';
  while (!seen.includes('session:ready')) {
    const poll = await socketIo('GET', { EIO: '4', sid }, { cookie });
    assert.equal(poll.status, 200, poll.text);
    seen += poll.text + SEPARATOR;
  }
  return sid;
}

describe('a polling session is bound to the cookie of its handshake', () => {
  it('a query that can be read in two ways opens none', async () => {
    const [theirs, mine] = [await openPolling(ana), await openPolling(bruno)];
    for (const query of [
      `%73id=${mine}&sid=${theirs}`,
      `sid=${mine}&sid=${theirs}`,
      `sid=${theirs}&sid=${mine}`,
      `%73id=${mine}`,
    ]) {
      const path = `/socket.io/?EIO=4&transport=polling&${query}`;
      const answer = await request(server.url, 'GET', path, { headers: { cookie: bruno.cookie } });
      assert.equal(answer.status, 400, `${query}: ${answer.text}`);
    }
  });

  for (const [who, headers] of [
    ['without a cookie', () => ({})],
    ['with the cookie of somebody else', () => ({ cookie: bruno.cookie })],
    ['with a made-up cookie', () => ({ cookie: 'connect.sid=AAAAAAAAAAAAAAAAAAAAAA' })],
  ]) {
    it(`${who} one cannot read, write, upgrade or end it`, async () => {
      const sid = await openPolling(ana);
      const { id } = await ana.converse('channel', [], `bound ${randomUUID()}`);
      const order = { conversationId: id, clientId: randomUUID(), body: 'forged' };
      const forged = `420${JSON.stringify(['message:send', order])}`;
      const query = { EIO: '4', sid };

      const write = await socketIo('POST', query, { ...headers(), body: forged });
      assert.ok([400, 401, 403].includes(write.status), `write: ${write.status}`);
      const end = await socketIo('POST', query, { ...headers(), body: '1' });
      assert.ok([400, 401, 403].includes(end.status), `end: ${end.status}`);
      const read = await socketIo('GET', query, headers());
      assert.ok([400, 401, 403].includes(read.status), `read: ${read.status}`);
      assert.ok(!read.text.includes(ana.username));
      const upgrade = new Wire(webSocketUrl(server.url, { EIO: '4', transport: 'websocket', sid }), {
        headers: headers(),
      });
      await assert.rejects(upgrade.open(), /refused with 40[013]/);

      assert.deepEqual(await ana.history(id), [], 'nothing was sent in her name');
      const own = await socketIo('POST', query, {
        cookie: ana.cookie,
        body: `421${JSON.stringify(['conversation:list', {}])}`,
      });
      assert.equal(own.status, 200, 'the session of the owner is unharmed');
      let answer = '';
      while (!answer.includes('431')) {
        const poll = await socketIo('GET', query, { cookie: ana.cookie });
        assert.equal(poll.status, 200, poll.text);
        answer += poll.text;
      }
    });
  }

  it('the session of Engine.IO 3 too', async () => {
    const hello = await socketIo('GET', { EIO: '3' }, { cookie: ana.cookie });
    assert.equal(hello.status, 200, hello.text);
    const sid = /"sid":"([^"]+)"/.exec(hello.text)[1];
    for (const headers of [{}, { cookie: bruno.cookie }]) {
      const read = await socketIo('GET', { EIO: '3', sid }, headers);
      assert.ok([400, 401, 403].includes(read.status), `read: ${read.status}`);
      assert.ok(!read.text.includes(ana.username));
    }
  });

  it('after a logout the cookie reads nothing any more', async () => {
    const clara = await register(server.url);
    const sid = await openPolling(clara);
    assert.equal((await clara.post('/api/v1/auth/logout')).status, 204);
    const query = { EIO: '4', sid };
    // One poll may still bring the end of the session itself.
    const polls = [];
    for (let n = 0; n < 3; n += 1) polls.push(await socketIo('GET', query, { cookie: clara.cookie }));
    assert.ok([400, 401, 403].includes(polls.at(-1).status), `poll: ${polls.at(-1).status}`);
    const write = await socketIo('POST', query, { cookie: clara.cookie, body: '3' });
    assert.ok([400, 401, 403].includes(write.status), `write: ${write.status}`);
  });
});

describe('origins', () => {
  const own = () => server.url;

  it('a foreign origin opens no session, on either transport', async () => {
    for (const EIO of ['3', '4']) {
      const polling = await socketIo('GET', { EIO }, { cookie: ana.cookie, origin: FOE });
      assertProblem(polling, 403, 'forbidden');
      const wire = new Wire(webSocketUrl(server.url, { EIO, transport: 'websocket' }), {
        headers: { cookie: ana.cookie, origin: FOE },
      });
      await assert.rejects(wire.open(), /refused with 403/);
      assert.equal(JSON.parse(wire.refusal).code, 'forbidden');
    }
  });

  for (const odd of ['null', 'http://127.0.0.1', 'https://app.example.evil.example', 'file://', 'nonsense', '']) {
    it(`the origin ${JSON.stringify(odd)} is foreign`, async () => {
      const answer = await socketIo('GET', { EIO: '4' }, { cookie: ana.cookie, origin: odd });
      assertProblem(answer, 403, 'forbidden');
    });
  }

  it('the own origin, an allowed one and none open sessions, on both transports', async () => {
    for (const headers of [{ origin: own() }, { origin: FRIEND }, {}]) {
      const polling = await socketIo('GET', { EIO: '4' }, { cookie: ana.cookie, ...headers });
      assert.equal(polling.status, 200, `${JSON.stringify(headers)} ${polling.text}`);
      const wire = new Wire(webSocketUrl(server.url, { EIO: '4', transport: 'websocket' }), {
        headers: { cookie: ana.cookie, ...headers },
      });
      await wire.open();
      wire.terminate();
    }
  });

  it('a foreign origin cannot change anything over HTTP', async () => {
    for (const [method, path, body] of [
      ['POST', '/api/v1/auth/login', { username: ana.username, password: PASSWORD }],
      ['POST', '/api/v1/auth/register', { username: freshName(), password: PASSWORD }],
      ['PATCH', '/api/v1/users/me', { displayName: 'Hacked' }],
      ['POST', '/api/v1/conversations', { kind: 'direct', memberIds: [bruno.id] }],
      ['DELETE', `/api/v1/users/me/sessions/${randomUUID()}`, undefined],
      ['POST', '/api/v1/auth/logout', undefined],
    ]) {
      assertProblem(await ana.call(method, path, body, { origin: FOE }), 403, 'forbidden');
    }
    const me = await ana.get('/api/v1/users/me');
    assert.equal(me.body.user.displayName, ana.user.displayName);
  });

  it('a foreign origin that sends a form is refused as well', async () => {
    const answer = await request(server.url, 'POST', '/api/v1/auth/login', {
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: FOE },
      body: new URLSearchParams({ username: ana.username, password: PASSWORD }).toString(),
    });
    assertProblem(answer, 403, 'forbidden');
  });

  it('an allowed origin gets CORS headers with credentials, a foreign one gets none', async () => {
    const read = await ana.call('GET', '/api/v1/users/me', undefined, { origin: FRIEND });
    assert.equal(read.status, 200);
    assert.equal(read.headers['access-control-allow-origin'], FRIEND);
    assert.equal(read.headers['access-control-allow-credentials'], 'true');
    assert.match(read.headers.vary ?? '', /origin/i);

    const polling = await socketIo('GET', { EIO: '4' }, { cookie: ana.cookie, origin: FRIEND });
    assert.equal(polling.headers['access-control-allow-origin'], FRIEND);
    assert.equal(polling.headers['access-control-allow-credentials'], 'true');

    const write = await sendJson(
      server.url,
      'PATCH',
      '/api/v1/users/me',
      { displayName: 'From a friend' },
      { cookie: ana.cookie, origin: FRIEND },
    );
    assert.equal(write.status, 200, write.text);

    const foreign = await ana.call('GET', '/api/v1/users/me', undefined, { origin: FOE });
    assert.equal(foreign.headers['access-control-allow-origin'], undefined);
  });

  it('a preflight is answered for an allowed origin only', async () => {
    const preflight = (origin) =>
      request(server.url, 'OPTIONS', '/api/v1/users/me', {
        headers: {
          origin,
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'content-type',
        },
      });
    const friend = await preflight(FRIEND);
    assert.ok([200, 204].includes(friend.status), friend.text);
    assert.equal(friend.headers['access-control-allow-origin'], FRIEND);
    assert.equal(friend.headers['access-control-allow-credentials'], 'true');
    assert.match(friend.headers['access-control-allow-methods'], /PATCH/);
    assert.match(friend.headers['access-control-allow-headers'], /content-type/i);
    const foe = await preflight(FOE);
    assert.equal(foe.headers['access-control-allow-origin'], undefined);
  });

  it('the public URL is the own origin behind a proxy', async () => {
    const proxied = await startServer({ env: { PUBLIC_URL: 'https://chat.example' } });
    try {
      const attempt = (origin) =>
        request(proxied.url, 'GET', '/socket.io/?EIO=4&transport=polling', { headers: { origin } });
      assert.equal((await attempt('https://chat.example')).status, 200);
      assertProblem(await attempt(FOE), 403, 'forbidden');
      assertProblem(await attempt('http://chat.example'), 403, 'forbidden');
    } finally {
      await proxied.stop();
    }
  });
});
