// The client of the official Socket.IO tutorial, with nothing added but a session cookie.

import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';

import { io } from 'socket.io-client';

import { Stage } from './support/checks.mjs';
import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { register } from './support/http.mjs';
import { startServer } from './support/server.mjs';
import { Journal, within } from './support/wait.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const open = new Set();
afterEach(() => {
  for (const client of open) client.socket.disconnect();
  open.clear();
});

/** As in the tutorial: keeps the offset of what it saw, numbers what it sends, lets the library try again. */
class TutorialClient {
  seen = new Journal();
  #counter = 0;

  constructor(person, auth = { serverOffset: 0 }) {
    this.socket = io(server.url, {
      auth,
      ackTimeout: 10_000,
      retries: 3,
      transports: ['websocket'],
      extraHeaders: { cookie: person.cookie },
      forceNew: true,
      autoConnect: false,
      reconnection: false,
    });
    this.socket.on('chat message', (body, serverOffset) => {
      this.seen.push({ body, serverOffset });
      this.socket.auth.serverOffset = serverOffset;
    });
    open.add(this);
  }

  async connect() {
    const connected = new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', reject);
    });
    this.socket.connect();
    await within(connected, 10_000, 'the tutorial client connects');
    return this;
  }

  /** Resolves to the arguments of the ack, without the library's own error argument. */
  say(body, clientOffset = `${this.socket.id}-${(this.#counter += 1)}`) {
    const acked = new Promise((resolve, reject) => {
      this.socket.emit('chat message', body, clientOffset, (error, ...args) => {
        if (error) reject(error);
        else resolve(args);
      });
    });
    return within(acked, 15_000, 'the chat message is acked');
  }

  hears(body) {
    return this.seen.find((each) => each.body === body, `"${body}" is heard`);
  }

  get bodies() {
    return this.seen.entries.map((each) => each.body);
  }
}

it('chats with another tutorial client and with the rest of us', async () => {
  const [ana, bruno] = [await register(server.url), await register(server.url)];
  const one = await new TutorialClient(ana).connect();
  const two = await new TutorialClient(bruno).connect();
  const stage = new Stage(WEBSOCKET_CLIENT, server);
  try {
    const modern = await stage.open(await register(server.url));
    assert.deepEqual(await one.say('hello'), [], 'the ack has no arguments');
    for (const client of [one, two]) {
      const { serverOffset } = await client.hears('hello');
      assert.equal(typeof serverOffset, 'number');
    }
    const fact = await modern.fact('message:created', ({ message }) => message.body === 'hello');
    assert.equal(fact.message.senderId, ana.id);
    const { conversations } = await modern.do('conversation:list', {});
    const general = conversations.find((each) => each.id === fact.message.conversationId);
    assert.equal(general.title, 'general');
    await modern.do('message:send', {
      conversationId: general.id,
      clientId: crypto.randomUUID(),
      body: 'from the modern side',
    });
    await two.hears('from the modern side');
  } finally {
    await stage.clear();
  }
});

it('gets what it missed, once and in order', async () => {
  const [ana, bruno] = [await register(server.url), await register(server.url)];
  const one = await new TutorialClient(ana).connect();
  const two = await new TutorialClient(bruno).connect();
  await one.say('before');
  await two.hears('before');
  two.socket.disconnect();
  for (let n = 1; n <= 5; n += 1) await one.say(`missed ${n}`);
  const from = two.seen.length;
  await two.connect();
  await two.hears('missed 5');
  await one.say('after');
  await two.hears('after');
  assert.deepEqual(two.bodies.slice(from), [1, 2, 3, 4, 5].map((n) => `missed ${n}`).concat('after'));
  const offsets = two.seen.entries.map((each) => each.serverOffset);
  assert.deepEqual(offsets, [...offsets].sort((a, b) => a - b));
  assert.equal(new Set(offsets).size, offsets.length);
});

it('a retry with the same client offset is one message', async () => {
  const ana = await register(server.url);
  const one = await new TutorialClient(ana).connect();
  await one.say('just once', 'offset-1');
  assert.deepEqual(await one.say('just once', 'offset-1'), []);
  await one.say('the end');
  await one.hears('the end');
  assert.equal(one.bodies.filter((body) => body === 'just once').length, 1);
});

it('the offsets of two people do not meet', async () => {
  const [ana, bruno] = [await register(server.url), await register(server.url)];
  const one = await new TutorialClient(ana).connect();
  const two = await new TutorialClient(bruno).connect();
  await one.say('one of ana', 'same-offset');
  await two.say('one of bruno', 'same-offset');
  await one.hears('one of bruno');
  await two.hears('one of ana');
});

it('needs a session', async () => {
  await assert.rejects(new TutorialClient({ cookie: '' }).connect(), { message: 'unauthenticated' });
});

it('the client library is served to plain pages', async () => {
  const answer = await fetch(`${server.url}/socket.io/socket.io.js`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/javascript/);
  assert.match(await answer.text(), /Socket\.IO v4/);
});
