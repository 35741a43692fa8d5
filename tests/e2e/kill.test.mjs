// kill -9 under load, again and again on the same data: what was acked is there, once.

import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { it } from 'node:test';

import { io } from 'socket.io-client';

import { assertSound } from './support/database.mjs';
import { register, request } from './support/http.mjs';
import { startServer } from './support/server.mjs';
import { eventually, within } from './support/wait.mjs';

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 20);
const SENDERS = 6;
const IN_FLIGHT = 8;
const EDIT_EVERY = 10;
const LOAD_MS = { least: 100, most: 1_000 };

/** Keeps some commands in flight; remembers what was acked and what was not. */
class Sender {
  acked = new Map();
  pending = new Map();
  /** What was asked to be edited and not acked so; a kill may come before or after it was done. */
  edits = new Map();
  refused = [];
  #socket;
  #sending = false;
  #number = 0;

  constructor(person, conversationId) {
    this.person = person;
    this.conversationId = conversationId;
  }

  async connect(url) {
    this.#socket = io(url, {
      transports: ['websocket'],
      extraHeaders: { cookie: this.person.cookie },
      forceNew: true,
      reconnection: false,
    });
    const connected = new Promise((resolve, reject) => {
      this.#socket.once('session:ready', resolve);
      this.#socket.once('connect_error', reject);
    });
    await within(connected, 10_000, 'a sender is let in with its old cookie');
  }

  /** Sends again what was not acked, then new messages until `disconnect`. */
  start() {
    this.#sending = true;
    for (const command of this.pending.values()) this.#send(command);
    while (this.pending.size < IN_FLIGHT) this.#sendNew();
  }

  /** Sends again what was not acked, and nothing else. */
  async settle() {
    for (const command of this.pending.values()) this.#send(command);
    await eventually(() => this.pending.size === 0, 'everything is acked');
  }

  disconnect() {
    this.#sending = false;
    this.#socket.disconnect();
  }

  #sendNew() {
    const command = {
      conversationId: this.conversationId,
      clientId: randomUUID(),
      body: `${this.person.username} ${(this.#number += 1)}`,
    };
    this.pending.set(command.clientId, command);
    this.#send(command);
  }

  #send(command) {
    this.#socket.emit('message:send', command, (ack) => {
      if (!ack.ok) {
        this.refused.push(ack);
        return;
      }
      this.pending.delete(command.clientId);
      const { message } = ack.data;
      this.acked.set(command.clientId, message);
      if (!this.#sending) return;
      if (this.acked.size % EDIT_EVERY === 0) this.#edit(message);
      this.#sendNew();
    });
  }

  #edit(message) {
    const body = `${message.body}, edited`;
    this.edits.set(message.clientId, body);
    this.#socket.emit('message:edit', { messageId: message.id, body }, (ack) => {
      if (!ack.ok) {
        this.refused.push(ack);
        return;
      }
      this.edits.delete(message.clientId);
      this.acked.set(message.clientId, ack.data.message);
    });
  }
}

it(`acked messages survive ${ROUNDS} kills`, async (t) => {
  let server = await startServer();
  const first = server;
  let id;
  try {
    const people = [];
    for (let n = 0; n < SENDERS; n += 1) people.push(await register(server.url));
    const [owner, ...others] = people;
    ({ id } = await owner.converse('group', others, 'Under fire'));
    const senders = people.map((person) => new Sender(person, id));
    let killedWithPending = 0;

    for (let round = 1; round <= ROUNDS; round += 1) {
      await Promise.all(senders.map((sender) => sender.connect(server.url)));
      for (const sender of senders) sender.start();
      const acked = () => senders.reduce((sum, sender) => sum + sender.acked.size, 0);
      const before = acked();
      await eventually(() => acked() > before, 'the load is under way');
      const moment = Date.now() + randomInt(LOAD_MS.least, LOAD_MS.most);
      await eventually(() => Date.now() >= moment, 'the moment comes');
      await server.kill();
      for (const sender of senders) sender.disconnect();
      if (senders.some((sender) => sender.pending.size > 0)) killedWithPending += 1;
      await assertSound(server, id);
      server = await startServer({ dataDir: first.dataDir });
      await assertNothingLost(server, owner, id, senders);
    }
    assert.ok(killedWithPending > 0, 'the kills came while messages were on the way');

    await Promise.all(senders.map((sender) => sender.connect(server.url)));
    await Promise.all(senders.map((sender) => sender.settle()));
    for (const sender of senders) sender.disconnect();
    const history = await assertNothingLost(server, owner, id, senders);
    const total = senders.reduce((sum, sender) => sum + sender.acked.size, 0);
    assert.equal(history.length, total, 'every message is there, and nothing else');
    assert.deepEqual(senders.flatMap((sender) => sender.refused), [], 'nothing was refused');
    t.diagnostic(`${total} messages, ${killedWithPending} kills with messages on the way`);
  } finally {
    await server.stop({ keepData: true });
    if (id) await assertSound(server, id);
    await first.removeData();
  }
});

async function assertNothingLost(server, owner, id, senders) {
  owner.base = server.url;
  const history = await owner.history(id);
  assert.deepEqual(
    history.map((message) => message.seq),
    history.map((_, n) => n + 1),
    'seq is dense',
  );
  const byClientId = new Map(history.map((message) => [message.clientId, message]));
  assert.equal(byClientId.size, history.length, 'no clientId twice');
  for (const sender of senders) {
    for (const [clientId, message] of sender.acked) {
      const found = byClientId.get(clientId);
      if (found?.rev > message.rev && found.body === sender.edits.get(clientId)) {
        sender.acked.set(clientId, found);
      }
      assert.deepEqual(found, sender.acked.get(clientId), 'an acked message is there as it was acked');
    }
    sender.edits.clear();
    const headers = { cookie: sender.person.cookie };
    const me = await request(server.url, 'GET', '/api/v1/users/me', { headers });
    assert.equal(me.status, 200, 'sessions go on');
  }
  return history;
}
