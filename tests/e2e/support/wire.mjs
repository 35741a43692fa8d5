// A bare WebSocket whose packets are read one by one, for what client libraries hide.

import { WebSocket } from 'ws';

import { Journal, PATIENCE_MS, within } from './wait.mjs';

const PING = '2';
const PONG = '3';

export class Wire {
  #socket;
  #journal = new Journal();
  #read = 0;

  /** `answersPings` keeps an Engine.IO 4 connection alive and hides its heartbeat from the reader. */
  constructor(url, { headers = {}, answersPings = true, ...options } = {}) {
    this.#socket = new WebSocket(url, { headers, perMessageDeflate: false, ...options });
    this.#socket.on('message', (data, isBinary) => {
      const packet = isBinary ? data : data.toString('utf8');
      if (answersPings && packet === PING) {
        this.#socket.send(PONG);
        return;
      }
      this.#journal.push({ packet });
    });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('error', reject);
      this.#socket.once('unexpected-response', (_, response) => {
        this.refusedWith = response.statusCode;
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          this.refusal = Buffer.concat(chunks).toString('utf8');
          reject(new Error(`refused with ${response.statusCode}`));
          this.#socket.terminate();
        });
      });
    });
    this.opened.catch(() => {});
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.#socket.once('close', (code) => {
        this.#journal.push({ end: code });
        resolve(code);
      });
    });
  }

  /** The underlying TCP connection. */
  get tcp() {
    return this.#socket._socket;
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get packets() {
    return this.#journal.entries.filter((entry) => !('end' in entry)).map((entry) => entry.packet);
  }

  open(ms = PATIENCE_MS) {
    return within(this.opened, ms, 'the WebSocket opens');
  }

  send(data) {
    this.#socket.send(data);
  }

  /** The next packet that was not read yet. */
  async next(ms = PATIENCE_MS) {
    const from = this.#read;
    const found = await this.#journal.find(() => true, 'a packet arrives', { from, ms });
    return this.#take(found, 'a packet');
  }

  /** The first packet from the present reading position that satisfies `predicate`. */
  async until(predicate, what, ms = PATIENCE_MS) {
    const from = this.#read;
    const isIt = (entry) => 'end' in entry || predicate(entry.packet);
    const found = await this.#journal.find(isIt, what, { from, ms });
    return this.#take(found, what);
  }

  /** The end of the connection stands in the journal too, so that nobody waits for what cannot come. */
  #take(entry, what) {
    if ('end' in entry) throw new Error(`the server closed the connection (${entry.end}): ${what}`);
    this.#read = this.#journal.entries.indexOf(entry) + 1;
    return entry.packet;
  }

  async end(ms = PATIENCE_MS) {
    await within(this.closed, ms, 'the server closes the WebSocket');
  }

  close() {
    this.#socket.close();
  }

  terminate() {
    this.#socket.terminate();
  }
}

export const webSocketUrl = (base, query) =>
  `${base.replace(/^http/, 'ws')}/socket.io/?${new URLSearchParams(query)}`;

/** Opens a Socket.IO session on a bare WebSocket and reads until the namespace is connected. */
export async function openSession(base, { cookie, auth, ...options } = {}) {
  const wire = new Wire(webSocketUrl(base, { EIO: '4', transport: 'websocket' }), {
    headers: cookie ? { cookie } : {},
    ...options,
  });
  await wire.open();
  await wire.until((packet) => String(packet).startsWith('0'), 'the Engine.IO handshake');
  wire.send(`40${auth === undefined ? '' : JSON.stringify(auth)}`);
  await wire.until((packet) => String(packet).startsWith('40'), 'the namespace connects');
  return wire;
}
