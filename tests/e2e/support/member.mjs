// A person's connected socket: sends commands, keeps every fact that it is told.

import assert from 'node:assert/strict';

import { Journal, PATIENCE_MS, within } from './wait.mjs';

/** Every fact of the contract. */
export const FACTS = [
  'session:ready',
  'message:created',
  'message:updated',
  'conversation:created',
  'conversation:updated',
  'conversation:removed',
  'conversation:read',
  'marks:changed',
  'user:updated',
  'user:deleted',
  'typing:changed',
  'presence:changed',
  'sync:needed',
];

export class Member {
  #driver;

  constructor(client, { url, cookie, auth, ...rest }, events = FACTS) {
    this.facts = new Journal();
    this.#driver = client.open({ url, cookie, auth, ...rest });
    for (const event of events) {
      this.#driver.on(event, (...args) => this.facts.push({ event, args, payload: args[0] }));
    }
    this.#driver.on('disconnect', (reason) =>
      this.facts.push({ event: 'disconnect', payload: reason, at: Date.now() }),
    );
  }

  /** Somebody who has registered, with an open socket. */
  static async of(client, person) {
    const member = new Member(client, { url: person.base, cookie: person.cookie });
    await member.connect();
    return member;
  }

  get driver() {
    return this.#driver;
  }

  /** Connects and waits for the first fact. */
  async connect() {
    const from = this.facts.length;
    await within(this.#driver.connect(), PATIENCE_MS, 'the client connects');
    const ready = await this.facts.find((fact) => fact.event !== 'disconnect', 'the first fact', {
      from,
    });
    assert.equal(ready.event, 'session:ready', 'the first fact');
    return ready.payload;
  }

  async disconnect() {
    await this.#driver.disconnect();
  }

  transportName() {
    return this.#driver.transportName();
  }

  /** The one argument of the ack of a command. */
  async ask(event, ...args) {
    const answer = await this.#driver.emitWithAck(event, args);
    assert.equal(answer.length, 1, `arguments of the ack of ${event}`);
    return answer[0];
  }

  /** The data of a command that must succeed. */
  async do(event, ...args) {
    const ack = await this.ask(event, ...args);
    assert.equal(ack?.ok, true, `${event}: ${JSON.stringify(ack)}`);
    assert.deepEqual(Object.keys(ack).sort(), ['data', 'ok'], `keys of the ack of ${event}`);
    return ack.data;
  }

  /** The error of a command that must fail. */
  async fail(event, ...args) {
    const ack = await this.ask(event, ...args);
    assert.equal(ack?.ok, false, `${event}: ${JSON.stringify(ack)}`);
    const { code, title, requestId } = ack.error;
    assert.match(code, /^[a-z_]+(\.[a-z_]+)?$/);
    assert.equal(typeof title, 'string');
    assert.equal(typeof requestId, 'string');
    return ack.error;
  }

  emit(event, ...args) {
    return this.#driver.emit(event, args);
  }

  /** Waits for a fact; `from` is a position in `facts`, by default the beginning. */
  async fact(event, predicate = () => true, options) {
    const what = `the fact ${event} arrives`;
    const found = await this.facts.find(
      (fact) => fact.event === event && predicate(fact.payload),
      what,
      options,
    );
    return found.payload;
  }

  /** All facts of a kind so far. */
  heard(event, predicate = () => true) {
    return this.facts
      .filter((fact) => fact.event === event && predicate(fact.payload))
      .map((fact) => fact.payload);
  }

  /** When this socket was closed by the other side, as `Date.now()`. */
  async closedAt({ from = 0, ms = PATIENCE_MS } = {}) {
    const what = 'the server closes the socket';
    const end = await this.facts.find((fact) => fact.event === 'disconnect', what, { from, ms });
    return end.at;
  }
}
