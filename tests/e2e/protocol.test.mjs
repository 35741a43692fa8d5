// The cases of the official Socket.IO 5 / Engine.IO 4 protocol suite, in our words, against the test-only
// binary that mounts our Socket.IO layer with the echo handlers which the suite expects of a server:
// namespaces `/` and `/custom`; `auth` on connect; `message` → `message-back`; `message-with-ack` → its
// arguments. Heartbeat: every 300 ms, 200 ms to answer; 1,000,000 bytes at most.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { request } from './support/http.mjs';
import { ECHO_BIN, startServer } from './support/server.mjs';
import { eventually } from './support/wait.mjs';
import { Wire, openSession, webSocketUrl } from './support/wire.mjs';

const PING_INTERVAL = 300;
const PING_TIMEOUT = 200;
const MAX_PAYLOAD = 1_000_000;
const SEPARATOR = '\x1e';
const PLACEHOLDERS = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
const FIRST_BYTES = Buffer.from([1, 2, 3]);
const SECOND_BYTES = Buffer.from([4, 5, 6]);

let server;
before(async () => {
  server = await startServer({ binary: ECHO_BIN, env: { DATA_DIR: undefined, BCRYPT_COST: undefined } });
});
after(() => server?.stop());

const get = (query) => request(server.url, 'GET', `/socket.io/?${new URLSearchParams(query)}`);
const post = (query, body) =>
  request(server.url, 'POST', `/socket.io/?${new URLSearchParams(query)}`, {
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
    body,
  });
const polling = (sid) => ({ EIO: '4', transport: 'polling', ...(sid ? { sid } : {}) });
const upgrading = (sid) => webSocketUrl(server.url, { EIO: '4', transport: 'websocket', sid });
const fresh = (options) => new Wire(webSocketUrl(server.url, { EIO: '4', transport: 'websocket' }), options);

async function openPolling() {
  const answer = await get(polling());
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text.slice(1)).sid;
}

/** Polls until something else than a ping arrives, answering the pings. */
async function pollContent(sid) {
  for (;;) {
    const answer = await get(polling(sid));
    assert.equal(answer.status, 200, answer.text);
    if (answer.text !== '2') return answer.text;
    assert.equal((await post(polling(sid), '3')).status, 200);
  }
}

async function openEngine(options) {
  const wire = fresh(options);
  const hello = await wire.next();
  assert.ok(hello.startsWith('0'), hello);
  return wire;
}

function assertHandshake(text, upgrades) {
  assert.equal(text[0], '0');
  const { sid, ...rest } = JSON.parse(text.slice(1));
  assert.equal(typeof sid, 'string');
  assert.notEqual(sid, '');
  assert.deepEqual(rest, {
    upgrades,
    pingInterval: PING_INTERVAL,
    pingTimeout: PING_TIMEOUT,
    maxPayload: MAX_PAYLOAD,
  });
}

/** No session: the upgrade is refused, or the connection is closed before anything is said. */
async function assertRefused(query) {
  const wire = new Wire(webSocketUrl(server.url, query));
  await wire.end();
  assert.deepEqual(wire.packets, []);
}

/** Opens a namespace and reads its CONNECT answer and the `auth` event. */
async function connectNamespace(wire, request_, prefix) {
  wire.send(request_);
  const answer = await wire.next();
  assert.ok(answer.startsWith(prefix), answer);
  const handshake = JSON.parse(answer.slice(prefix.length));
  assert.deepEqual(Object.keys(handshake), ['sid']);
  assert.equal(typeof handshake.sid, 'string');
  return wire.next();
}

async function openMain(options) {
  const wire = await openSession(server.url, options);
  await wire.until((packet) => String(packet).startsWith('42["auth"'), 'the auth event');
  return wire;
}

/** Finishes the upgrade of a polling session and returns its WebSocket. */
async function upgrade(sid) {
  const wire = new Wire(upgrading(sid));
  await wire.open();
  wire.send('2probe');
  assert.equal(await wire.next(), '3probe');
  wire.send('5');
  return wire;
}

describe('Engine.IO: handshake', () => {
  it('polling opens a session', async () => {
    const answer = await get(polling());
    assert.equal(answer.status, 200);
    assertHandshake(answer.text, ['websocket']);
  });

  it('polling is refused without a protocol version, or with an unknown one', async () => {
    assert.equal((await get({ transport: 'polling' })).status, 400);
    assert.equal((await get({ EIO: 'abc', transport: 'polling' })).status, 400);
  });

  it('polling is refused without a transport, or with an unknown one', async () => {
    assert.equal((await get({ EIO: '4' })).status, 400);
    assert.equal((await get({ EIO: '4', transport: 'abc' })).status, 400);
  });

  it('polling is refused with another method than GET', async () => {
    assert.equal((await post(polling())).status, 400);
    const put = await request(server.url, 'PUT', `/socket.io/?${new URLSearchParams(polling())}`);
    assert.equal(put.status, 400);
  });

  it('WebSocket opens a session', async () => {
    const wire = fresh();
    assertHandshake(await wire.next(), []);
    wire.terminate();
  });

  it('WebSocket is refused without a protocol version, or with an unknown one', async () => {
    await assertRefused({ transport: 'websocket' });
    await assertRefused({ EIO: 'abc', transport: 'websocket' });
  });

  it('WebSocket is refused without a transport, or with an unknown one', async () => {
    await assertRefused({ EIO: '4' });
    await assertRefused({ EIO: '4', transport: 'abc' });
  });
});

describe('Engine.IO: heartbeat', () => {
  it('polling: pings come for as long as they are answered', async () => {
    const sid = await openPolling();
    for (let beat = 0; beat < 3; beat += 1) {
      const poll = await get(polling(sid));
      assert.equal(poll.status, 200);
      assert.equal(poll.text, '2');
      assert.equal((await post(polling(sid), '3')).status, 200);
    }
  });

  it('polling: a silent session is closed', async () => {
    const sid = await openPolling();
    const opened = Date.now();
    // Nothing is sent meanwhile: a request would count as a sign of life.
    await eventually(() => Date.now() - opened > PING_INTERVAL + PING_TIMEOUT + 100, 'time passes');
    assert.equal((await get(polling(sid))).status, 400);
  });

  it('WebSocket: pings come for as long as they are answered', async () => {
    const wire = await openEngine({ answersPings: false });
    for (let beat = 0; beat < 3; beat += 1) {
      assert.equal(await wire.next(), '2');
      wire.send('3');
    }
    assert.ok(wire.isOpen);
    wire.terminate();
  });

  it('WebSocket: a silent session is closed', async () => {
    const wire = await openEngine({ answersPings: false });
    await wire.end(2 * (PING_INTERVAL + PING_TIMEOUT));
  });
});

describe('Engine.IO: close', () => {
  it('polling: closing ends the waiting poll and the session', async () => {
    for (let attempt = 1; ; attempt += 1) {
      const sid = await openPolling();
      // Up to the first ping, so that the poll below has nothing to bring but the end.
      assert.equal((await get(polling(sid))).text, '2');
      assert.equal((await post(polling(sid), '3')).status, 200);
      const [poll] = await Promise.all([get(polling(sid)), post(polling(sid), '1')]);
      assert.equal((await get(polling(sid))).status, 400);
      // Two connections: where the end overtook the poll, there was no poll that waited. Once more, then.
      if (poll.status === 400 && attempt < 5) continue;
      assert.equal(poll.status, 200);
      assert.equal(poll.text, '6');
      return;
    }
  });

  it('WebSocket: closing ends the connection', async () => {
    // A server may wait for the heartbeat that no longer comes, so this client keeps silent.
    const wire = await openEngine({ answersPings: false });
    wire.send('1');
    await wire.end();
  });
});

describe('Engine.IO: upgrade', () => {
  it('a polling session moves to a WebSocket', async () => {
    const sid = await openPolling();
    const wire = await upgrade(sid);
    const auth = await connectNamespace(wire, '40', '40');
    assert.equal(auth, '42["auth",{}]');
    wire.terminate();
  });

  it('a poll that waits while the upgrade is probed is ended by a noop', async () => {
    const sid = await openPolling();
    assert.equal((await get(polling(sid))).text, '2');
    assert.equal((await post(polling(sid), '3')).status, 200);
    const wire = new Wire(upgrading(sid));
    await wire.open();
    const poll = get(polling(sid));
    wire.send('2probe');
    assert.equal(await wire.next(), '3probe');
    assert.equal((await poll).text, '6');
    wire.send('5');
    const auth = await connectNamespace(wire, '40', '40');
    assert.equal(auth, '42["auth",{}]');
    wire.terminate();
  });

  it('polling is over after the upgrade', async () => {
    const sid = await openPolling();
    const wire = await upgrade(sid);
    await connectNamespace(wire, '40', '40');
    assert.equal((await get(polling(sid))).status, 400);
    wire.send('42["message","still here"]');
    assert.equal(await wire.next(), '42["message-back","still here"]');
    wire.terminate();
  });

  it('a second WebSocket cannot take an upgraded session', async () => {
    const sid = await openPolling();
    const wire = await upgrade(sid);
    await connectNamespace(wire, '40', '40');
    const second = new Wire(upgrading(sid));
    await second.end();
    wire.send('42["message","still here"]');
    assert.equal(await wire.next(), '42["message-back","still here"]');
    wire.terminate();
  });
});

describe('Engine.IO: payloads of long-polling', () => {
  /** Connects to the main namespace over polling. */
  async function connectMain(sid) {
    const push = await post(polling(sid), '40');
    assert.equal(push.status, 200);
    assert.equal(push.text, 'ok');
    let seen = '';
    while (!seen.includes('42["auth",{}]')) seen += SEPARATOR + (await pollContent(sid));
    assert.match(seen, /40\{"sid":"[^"]+"\}/);
  }

  it('one packet', async () => {
    const sid = await openPolling();
    await connectMain(sid);
    assert.equal((await post(polling(sid), '42["message","hello"]')).status, 200);
    assert.equal(await pollContent(sid), '42["message-back","hello"]');
  });

  it('several packets at once, in order', async () => {
    const sid = await openPolling();
    await connectMain(sid);
    const packets = ['42["message","1"]', '42["message","2"]', '42["message","3"]'];
    assert.equal((await post(polling(sid), packets.join(SEPARATOR))).status, 200);
    const seen = [];
    while (seen.filter((packet) => packet.includes('message-back')).length < 3) {
      seen.push(...(await pollContent(sid)).split(SEPARATOR));
    }
    const echoes = seen.filter((packet) => packet.includes('message-back'));
    assert.deepEqual(
      echoes,
      ['1', '2', '3'].map((text) => `42["message-back","${text}"]`),
    );
  });

  it('text and binary together', async () => {
    const sid = await openPolling();
    const bytes = FIRST_BYTES.toString('base64');
    await connectMain(sid);
    const packets = ['451-["message",{"_placeholder":true,"num":0}]', `b${bytes}`];
    assert.equal((await post(polling(sid), packets.join(SEPARATOR))).status, 200);
    const seen = [];
    while (!seen.includes(`b${bytes}`)) seen.push(...(await pollContent(sid)).split(SEPARATOR));
    const echo = seen.indexOf('451-["message-back",{"_placeholder":true,"num":0}]');
    assert.ok(echo >= 0, seen.join('\n'));
    assert.equal(seen[echo + 1], `b${bytes}`);
  });

  it('nonsense closes the session', async () => {
    const sid = await openPolling();
    // A server answers this with 400 or, closing the session at once, not at all: what counts is the next poll.
    await post(polling(sid), 'abc').catch(() => undefined);
    assert.equal((await get(polling(sid))).status, 400);
  });

  it('two polls at a time close the session', async () => {
    const sid = await openPolling();
    assert.equal((await get(polling(sid))).text, '2');
    assert.equal((await post(polling(sid), '3')).status, 200);
    const polls = await Promise.all([get(polling(sid)), get(polling(sid))]);
    const statuses = polls.map((poll) => poll.status);
    assert.ok(
      statuses.some((status) => [400, 500].includes(status)),
      `one of the polls is refused: ${statuses}`,
    );
    assert.equal((await get(polling(sid))).status, 400);
  });
});

describe('Socket.IO: connect', () => {
  for (const [where, request_, prefix, event] of [
    ['the main namespace', '40', '40', '42["auth",{}]'],
    ['the main namespace with a payload', '40{"token":"123"}', '40', '42["auth",{"token":"123"}]'],
    ['another namespace', '40/custom,', '40/custom,', '42/custom,["auth",{}]'],
    [
      'another namespace with a payload',
      '40/custom,{"token":"abc"}',
      '40/custom,',
      '42/custom,["auth",{"token":"abc"}]',
    ],
  ]) {
    it(`to ${where}`, async () => {
      const wire = await openEngine();
      assert.equal(await connectNamespace(wire, request_, prefix), event);
      wire.terminate();
    });
  }

  it('not to a namespace that does not exist', async () => {
    const wire = await openEngine();
    wire.send('40/random');
    assert.equal(await wire.next(), '44/random,{"message":"Invalid namespace"}');
    wire.terminate();
  });

  it('nonsense instead of a CONNECT closes the connection', async () => {
    const wire = await openEngine();
    wire.send('4abc');
    await wire.end();
  });
});

describe('Socket.IO: disconnect', () => {
  it('leaving the main namespace, the only one, closes the connection', async () => {
    // As above: a server may leave this to the heartbeat.
    const wire = await openMain({ answersPings: false });
    wire.send('41');
    await wire.end();
  });

  it('leaving another namespace leaves the main one alone', async () => {
    const wire = await openMain();
    await connectNamespace(wire, '40/custom', '40/custom,');
    wire.send('41/custom');
    wire.send('42["message","message to main namespace"]');
    assert.equal(await wire.next(), '42["message-back","message to main namespace"]');
    wire.terminate();
  });
});

describe('Socket.IO: messages', () => {
  const exchange = async (sent, received) => {
    const wire = await openMain();
    for (const packet of sent) wire.send(packet);
    for (const packet of received) assert.deepEqual(await wire.next(), packet);
    wire.terminate();
  };

  it('text', () =>
    exchange(['42["message",1,"2",{"3":[true]}]'], ['42["message-back",1,"2",{"3":[true]}]']));

  it('with binary attachments', () =>
    exchange(
      [`452-["message",${PLACEHOLDERS}]`, FIRST_BYTES, SECOND_BYTES],
      [`452-["message-back",${PLACEHOLDERS}]`, FIRST_BYTES, SECOND_BYTES],
    ));

  it('text with an ack', () =>
    exchange(['42456["message-with-ack",1,"2",{"3":[false]}]'], ['43456[1,"2",{"3":[false]}]']));

  it('with binary attachments and an ack', () =>
    exchange(
      [`452-789["message-with-ack",${PLACEHOLDERS}]`, FIRST_BYTES, SECOND_BYTES],
      [`462-789[${PLACEHOLDERS}]`, FIRST_BYTES, SECOND_BYTES],
    ));

  for (const [what, packet] of [
    ['an unknown packet type', '4abc'],
    ['a payload that is no array', '42{}'],
    ['an ack id that is no number', '42abc["message-with-ack",1,"2",{"3":[false]}]'],
  ]) {
    it(`${what} closes the connection`, async () => {
      const wire = await openMain();
      wire.send(packet);
      await wire.end();
    });
  }
});
