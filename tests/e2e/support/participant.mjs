// A person with our own ChatClient over a real socket.io-client, who goes to another server when one is lost, and keeps
// a log of all that was asked, acked and told.

import { rolldown } from 'rolldown';
import { io } from 'socket.io-client';

import { request } from './http.mjs';
import { fromRoot } from './processes.mjs';

const HANDSHAKE_MS = 4_000;

/** The ChatClient of packages/protocol, as a browser gets it. */
async function loadChatClient() {
  const bundle = await rolldown({ input: fromRoot('packages/protocol/src/client.ts') });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const code = Buffer.from(output[0].code).toString('base64');
  return (await import(`data:text/javascript;base64,${code}`)).ChatClient;
}

const ChatClient = await loadChatClient();

/** What `ChatClient` needs of a connection. A connection that fails or is lost makes it try the next server. */
class RovingSocket {
  #socket;
  #listener;
  #at;

  constructor(urls, cookie, log) {
    this.urls = urls;
    this.cookie = cookie;
    this.log = log;
    this.connection = 0;
    this.#at = 0;
  }

  get url() {
    return this.urls[this.#at % this.urls.length];
  }

  get connected() {
    return this.#socket?.connected ?? false;
  }

  listen(listener) {
    this.#listener = listener;
  }

  connect() {
    this.#forget();
    const url = this.url;
    const connection = (this.connection += 1);
    const socket = io(url, {
      transports: ['websocket'],
      extraHeaders: { cookie: this.cookie },
      timeout: HANDSHAKE_MS,
      forceNew: true,
      reconnection: false,
    });
    this.#socket = socket;
    const note = (entry) => this.log.push({ at: Date.now(), connection, url, ...entry });
    socket.on('connect', () => {
      note({ kind: 'connected' });
      this.#listener.connected();
    });
    socket.on('connect_error', (error) => {
      note({ kind: 'refused', reason: error.message });
      const reached = !('type' in error) && error.message !== 'timeout';
      this.#at += 1;
      this.#listener.refused(error.message, reached);
    });
    socket.on('disconnect', (reason) => {
      note({ kind: 'disconnected', reason });
      if (reason === 'transport close' || reason === 'transport error' || reason === 'ping timeout') this.#at += 1;
      this.#listener.disconnected();
    });
    socket.onAny((name, payload) => {
      note({ kind: 'fact', name, payload });
      this.#listener.fact(name, payload);
    });
  }

  #forget() {
    this.#socket?.removeAllListeners();
    this.#socket?.offAny();
    this.#socket?.disconnect();
  }

  disconnect() {
    this.#forget();
  }

  /** Leaves for another server, as after a walk from one network into another. */
  moveTo(url) {
    this.#at = this.urls.indexOf(url);
    this.#forget();
    this.#listener.disconnected();
  }

  async request(name, payload, timeoutMs) {
    const { connection, url } = this;
    const asked = { connection, url, name, payload };
    this.log.push({ at: Date.now(), kind: 'asked', ...asked });
    try {
      const answer = await this.#socket.timeout(timeoutMs).emitWithAck(name, payload);
      this.log.push({ at: Date.now(), kind: 'answered', ...asked, answer });
      return answer;
    } catch (error) {
      this.log.push({ at: Date.now(), kind: 'unanswered', ...asked });
      throw error;
    }
  }
}

export class Participant {
  log = [];
  #socket;
  #unsent = new Map();

  /** `urls` are the servers, the first one that to begin with. */
  constructor(person, urls) {
    this.person = person;
    this.#socket = new RovingSocket(urls, person.cookie, this.log);
    this.client = new ChatClient({
      me: person.user,
      socket: this.#socket,
      outbox: {
        load: () => [],
        put: (item) => void this.#unsent.set(item.clientId, item),
        remove: (clientId) => void this.#unsent.delete(clientId),
      },
      fetchUsers: (ids) => this.#fetchUsers(ids),
    });
  }

  get id() {
    return this.person.id;
  }

  get state() {
    return this.client.getState();
  }

  /** The server that it is connected to, or tries next. */
  get url() {
    return this.#socket.url;
  }

  get isOnline() {
    return this.state.connection === 'online' && this.state.ready;
  }

  async #fetchUsers(ids) {
    const { body } = await request(this.url, 'GET', `/api/v1/users?ids=${ids.join(',')}`, {
      headers: { cookie: this.person.cookie },
    });
    return body.users;
  }

  start() {
    return this.client.start();
  }

  moveTo(url) {
    this.#socket.moveTo(url);
  }

  close() {
    this.client.close();
  }

  entries(kind, name) {
    return this.log.filter((entry) => entry.kind === kind && (name === undefined || entry.name === name));
  }
}
