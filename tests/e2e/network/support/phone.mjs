// One device of a person: the app on it, what it has on the disk, and its way to the server.

import { startProgram } from './program.mjs';
import { World } from './world.mjs';

/** What a command may be answered on a bad network, and when somebody else was quicker. */
const EXPECTED = new Set([
  'offline',
  'timeout',
  'network',
  'unavailable',
  'not_found',
  'conversation.not_member',
  'message.deleted',
  'forbidden',
]);

export class Phone {
  #world = null;
  #start = 0;
  /** Every message that was written: `{clientId, conversationId, start}`, in that order. */
  sent = [];
  /** Commands that have not come to an end. */
  pending = 0;
  unexpected = [];

  /** `random` is there for forks only; `asksFor` are the ids of people whose names are on the screen. */
  constructor({ name, person, line, disk, random, note, asksFor = [] }) {
    Object.assign(this, { name, person, line, disk, random, note, asksFor });
  }

  get isRunning() {
    return this.#world !== null;
  }

  get isAsleep() {
    return this.isRunning && this.#world.clock.isAsleep;
  }

  get isAwake() {
    return this.isRunning && !this.isAsleep;
  }

  get state() {
    return this.client.getState();
  }

  /** The person opens the app. */
  async open() {
    this.#start += 1;
    const world = new World(this.person.cookie, this.line);
    this.#world = world;
    const { globals, clock } = world;
    const { ChatClient, HttpApi, LocalStorageOutbox, StateKeeper, openSocket } = startProgram(globals);
    this.api = new HttpApi(this.line.url, globals.fetch);
    const { api, disk } = this;
    const jitter = this.random.fork(`start ${this.#start}`);
    const client = new ChatClient({
      me: this.person.user,
      socket: this.#noted(openSocket(this.line.url)),
      outbox: disk.slowed(new LocalStorageOutbox(disk.storage, this.person.id), clock),
      fetchUsers: async (ids) => (await api.usersById(ids)).users,
      marks: {
        fetch: async () => (await api.marks()).marks,
        setMarks: (conversationId, change) => api.setMarks(conversationId, change),
        setBlocked: (userId, blocked) => api.setBlocked(userId, blocked),
      },
      random: () => jitter.next(),
    });
    this.client = client;
    this.pending = 0;
    const store = disk.stateStore(clock);
    const saved = await store.load();
    if (this.#world !== world) return;
    client.restore(saved);
    new StateKeeper(client, store);
    void client.start();
    client.needUsers(this.asksFor);
  }

  /** The same connection, of which the run's story tells. */
  #noted(socket) {
    const { note } = this;
    return {
      get connected() {
        return socket.connected;
      },
      listen: (listener) =>
        socket.listen({
          ...listener,
          connected: () => (note('is connected'), listener.connected()),
          disconnected: () => (note('is disconnected'), listener.disconnected()),
        }),
      connect: () => socket.connect(),
      disconnect: () => socket.disconnect(),
      async request(name, payload, timeoutMs) {
        const asked = `${name} ${JSON.stringify(payload)}`;
        note(`asks ${asked}`);
        try {
          const ack = await socket.request(name, payload, timeoutMs);
          note(`was answered ${ack.ok ? 'ok' : ack.error.code} to ${asked}`);
          return ack;
        } catch (error) {
          note(`was not answered to ${asked}: ${error.message}`);
          throw error;
        }
      },
    };
  }

  /** The system ends the app without a word. */
  kill() {
    this.#world?.end();
    this.#world = null;
    this.disk.forgetWrites();
  }

  sleep() {
    this.#world.sleep();
  }

  wake(ms, timersCount) {
    this.#world.wake(ms, timersCount);
  }

  setWall(by) {
    this.#world?.clock.setWall(by);
  }

  send(conversationId, body, replyTo) {
    const clientId = this.client.send(conversationId, body, replyTo);
    this.sent.push({ clientId, conversationId, start: this.#start });
    return clientId;
  }

  /** Whether the message was surely kept: on the disk, or in an app that still runs. */
  kept({ clientId, start }) {
    return this.disk.written.has(clientId) || (this.isRunning && start === this.#start);
  }

  /** Begins a command that may fail as commands do on such a network. */
  try(command) {
    const start = this.#start;
    this.pending += 1;
    const ended = () => {
      if (start === this.#start) this.pending -= 1;
    };
    command(this.client, this.api).then(ended, (error) => {
      ended();
      if (!EXPECTED.has(error?.code)) this.unexpected.push(error);
    });
  }

  /** Whether nothing is left to be done, as far as the client knows. */
  get isSettled() {
    const { connection, ready, wanted, outbox } = this.state;
    const waiting = outbox.some(({ status }) => status !== 'failed');
    return connection === 'online' && ready && Object.keys(wanted).length === 0 && !waiting && this.pending === 0;
  }
}
