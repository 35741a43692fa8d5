// One run: some people, their devices, a while of bad network, and then the question whether all see what the server
// has.

import assert from 'node:assert/strict';

import { register } from '../../support/http.mjs';
import { assertEachOnceInOrder, assertKeepsWhatFailed, assertKnows, lookAtEverything, readsOfAll, view } from './check.mjs';
import { Disk } from './disk.mjs';
import { Line } from './line.mjs';
import { eventually, pause, paceNow } from './pace.mjs';
import { doSomething } from './people.mjs';
import { Phone } from './phone.mjs';
import { Random } from './random.mjs';
import { goWrong } from './weather.mjs';

/** How long the network is bad. */
const BAD_MS = 300;
/** Some minutes of a device: longer than any wait of the client. */
const CONVERGES_MS = 10_000;

/** In so many runs a conversation is longer than what a new client gets of it at first, which is 50 messages. */
const LONG_HISTORIES = 0.1;
const LONG = 70;

export class Run {
  #random;
  #server;
  #phones = [];
  #readers = [];
  /** Messages from before the bad time. */
  #earlier = [];
  #began = paceNow();
  story = [];

  constructor(server, seed) {
    this.#server = server;
    this.#random = new Random(seed);
  }

  async execute() {
    try {
      await this.#begin();
      await this.#beBad();
      await this.#converge();
    } finally {
      for (const phone of [...this.#phones, ...this.#readers]) phone.kill();
      for (const { line } of [...this.#phones, ...this.#readers]) line.cut();
    }
  }

  #note(name, text) {
    this.story.push(`${Math.round(paceNow() - this.#began)} ms ${name}: ${text}`);
  }

  async #begin() {
    const { url } = this.#server;
    this.everybody = await Promise.all(Array.from({ length: 3 }, () => register(url)));
    const [ana, bia, caio] = this.everybody;
    const [group] = await Promise.all([ana.converse('group', [bia, caio], 'all of them'), ana.converse('direct', [bia])]);
    if (this.#random.chance(LONG_HISTORIES)) await this.#fill(group);
    const owners = { 'ana-1': ana, 'ana-2': ana, bia, caio };
    this.#phones = Object.entries(owners).map(([name, person]) => this.#phone(name, person));
    await Promise.all(this.#phones.map((phone) => phone.open()));
    await this.#settle(this.#phones);
  }

  async #fill({ id }) {
    for (let n = 0; n < LONG; n += 10) {
      const said = Array.from({ length: 10 }, (_, more) => this.everybody[more % 3].say(id, `earlier ${n + more}`));
      this.#earlier.push(...(await Promise.all(said)));
    }
  }

  #settle(phones) {
    const done = eventually(() => phones.every(({ isSettled }) => isSettled), 'every client is done', CONVERGES_MS);
    return done.catch((error) => {
      throw new Error(JSON.stringify(phones.map(describe), null, 1), { cause: error });
    });
  }

  #phone(name, person) {
    const random = this.#random.fork(name);
    const slowness = random.fork('disk');
    const disk = new Disk(slowness.chance(0.5) ? () => slowness.between(0, 300) : null);
    const asksFor = this.everybody.map(({ id }) => id);
    const note = (text) => this.#note(name, text);
    return new Phone({ name, person, line: new Line(this.#server), disk, random, note, asksFor });
  }

  async #beBad() {
    const end = paceNow() + BAD_MS;
    const left = () => end - paceNow();
    const during = async (phone, part, every, event) => {
      const random = phone.random.fork(part);
      const scene = {
        phone,
        random,
        everybody: this.everybody,
        note: phone.note,
        pause: (ms) => pause(Math.max(0, Math.min(ms, left()))),
      };
      for (;;) {
        await scene.pause(random.between(0, every));
        if (left() <= 0) return;
        await event(scene);
      }
    };
    const lives = this.#phones.flatMap((phone) => [
      during(phone, 'deeds', 60, (scene) => phone.isAwake && doSomething(scene)),
      during(phone, 'weather', 150, goWrong),
    ]);
    await Promise.all(lives);
    for (const { line } of this.#phones) line.heal();
    this.#note('all', 'the network is well');
  }

  async #converge() {
    const phones = this.#phones;
    await this.#settle(phones);
    this.#readers = this.everybody.map((person, index) => new Phone({
      name: `reader ${index}`,
      person,
      line: new Line(this.#server),
      disk: new Disk(null),
      random: new Random(index),
      note: () => undefined,
    }));
    await Promise.all(this.#readers.map((reader) => reader.open()));
    await this.#settle([...phones, ...this.#readers]);
    const readerOf = ({ person }) => this.#readers.find((reader) => reader.person === person);
    const looking = async (reader) => {
      const reads = await readsOfAll(reader);
      const own = phones.filter(({ person }) => person === reader.person);
      await Promise.all([reader, ...own].map((phone) => lookAtEverything(phone, reads)));
    };
    const compare = async () => {
      // Who has not noticed yet that the connection is dead does not know of all that there is to be looked at.
      await Promise.all(this.#readers.map(looking));
      for (const phone of phones) {
        assert.deepEqual(view(phone), view(readerOf(phone)), `what ${phone.name} sees`);
        assertKnows(phone, this.everybody);
        assertKeepsWhatFailed(phone);
      }
      return true;
    };
    await eventually(compare, 'every client sees what the server has', CONVERGES_MS, 100);
    assertEachOnceInOrder(phones, this.#readers.map(({ state }) => state), this.#earlier);
    for (const { name, unexpected } of phones) assert.deepEqual(unexpected, [], `what no command of ${name} says`);
  }
}

function describe({ name, pending, state: { connection, ready, wanted, outbox } }) {
  return { name, pending, connection, ready, wanted, outbox };
}
