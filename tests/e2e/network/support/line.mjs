// The way of one device to the server: it carries the bytes between the device's end of a connection and a TCP
// connection to the server, and breaks in the ways that mobile networks do. The device's end is a stream in this process
// and no second TCP connection: the same is seen on both sides, at half the cost.

import net from 'node:net';
import { Duplex } from 'node:stream';

const UP = 'up';
const DOWN = 'down';
const WEBSOCKET = /^GET [^\r\n]*\btransport=websocket\b/;
const BAD_GATEWAY = 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** The device's end of a connection, as `http` and `ws` take it for a TCP socket. */
class DeviceEnd extends Duplex {
  constructor() {
    super({ allowHalfOpen: false });
  }

  _read() {}

  _write(chunk, _, done) {
    this.emit('sent', chunk);
    done();
  }

  setTimeout() {}
  setNoDelay() {}
  setKeepAlive() {}
  ref() {}
  unref() {}
}

/** One connection through a line. */
class Link {
  #line;
  #device = new DeviceEnd();
  #server;
  #waiting = { [UP]: [], [DOWN]: [] };
  #timers = { [UP]: null, [DOWN]: null };
  /** What was swallowed is missing for ever, so nothing that comes later is of use. */
  #deaf = { [UP]: false, [DOWN]: false };
  #isNew = true;
  isWebSocket = false;
  #losesAnswer = false;
  #asked = false;

  constructor(line, target) {
    this.#line = line;
    this.#server = net.connect({ port: target, host: '127.0.0.1', noDelay: true });
    this.#device.on('sent', (chunk) => this.#take(UP, chunk));
    this.#server.on('data', (chunk) => this.#take(DOWN, chunk));
    for (const [end, way] of [
      [this.#device, UP],
      [this.#server, DOWN],
    ]) {
      end.on('error', () => undefined);
      end.once('close', () => this.#close(way));
    }
  }

  get deviceEnd() {
    return this.#device;
  }

  /** Carries on what the server is asked next, and is cut as the answer comes. */
  loseAnswer() {
    this.#losesAnswer = true;
  }

  destroy() {
    for (const way of [UP, DOWN]) clearTimeout(this.#timers[way]);
    this.#device.destroy();
    this.#server.destroy();
  }

  #close(way) {
    this.#take(way, null);
    if (this.#device.destroyed && this.#server.destroyed) this.#line.forget(this);
  }

  /** `null` is the end. */
  #take(way, chunk) {
    if (this.#line.swallows[way]) this.#deaf[way] = true;
    if (this.#deaf[way]) return;
    if (chunk && way === UP && this.#isNew) {
      this.#isNew = false;
      this.isWebSocket = WEBSOCKET.test(chunk.toString('latin1', 0, 400));
      if (this.isWebSocket && this.#line.noWebSocket) return this.#refuse();
    }
    if (this.#losesAnswer && chunk) {
      if (way === UP) this.#asked = true;
      else if (this.#asked) return void this.destroy();
    }
    this.#waiting[way].push({ due: performance.now() + this.#line.delay(), chunk });
    if (this.#timers[way] === null) this.#pump(way);
  }

  /** As a proxy does that has no idea what is asked of it. */
  #refuse() {
    this.#device.push(BAD_GATEWAY);
    this.#device.push(null);
    this.#server.destroy();
  }

  #pump(way) {
    this.#timers[way] = null;
    const waiting = this.#waiting[way];
    while (waiting.length > 0) {
      const wait = waiting[0].due - performance.now();
      if (wait > 0) {
        this.#timers[way] = setTimeout(() => this.#pump(way), wait);
        return;
      }
      this.#deliver(way, waiting.shift().chunk);
    }
  }

  #deliver(way, chunk) {
    if (way === DOWN) {
      if (!this.#device.destroyed && !this.#device.readableEnded) this.#device.push(chunk);
    } else if (chunk === null) this.#server.destroy();
    else if (!this.#server.destroyed) this.#server.write(chunk);
  }
}

function refused() {
  const end = new DeviceEnd();
  end.on('error', () => undefined);
  // Nobody listens before the next turn.
  setImmediate(() => end.destroy(new Error('connect ENETUNREACH')));
  return end;
}

export class Line {
  #target;
  #links = new Set();
  /** Bytes of these ways vanish, on open connections for good; both ends see an open connection. */
  swallows = { [UP]: false, [DOWN]: false };
  /** There is no way to anybody. */
  isDown = false;
  /** Like a proxy that knows no WebSocket: only polling gets through. */
  noWebSocket = false;
  /** How many milliseconds some bytes take, asked for each piece. */
  delay = () => 0;

  /** A way to a server. */
  constructor({ url, port }) {
    this.url = url;
    this.#target = port;
  }

  /** Opens a connection; what `net.connect` would answer. */
  connect = () => {
    if (this.isDown) return refused();
    const link = new Link(this, this.#target);
    this.#links.add(link);
    return link.deviceEnd;
  };

  forget(link) {
    this.#links.delete(link);
  }

  /** Every connection is lost, and both ends hear of it. */
  cut() {
    for (const link of [...this.#links]) link.destroy();
  }

  /** The same, of connections with a WebSocket alone. */
  cutWebSockets() {
    for (const link of [...this.#links]) if (link.isWebSocket) link.destroy();
  }

  loseAnswer() {
    for (const link of this.#links) link.loseAnswer();
  }

  /** From now on all is well; what was swallowed stays so, and the ends have to find out. */
  heal() {
    this.swallows = { [UP]: false, [DOWN]: false };
    this.isDown = false;
    this.noWebSocket = false;
    this.delay = () => 0;
  }
}
