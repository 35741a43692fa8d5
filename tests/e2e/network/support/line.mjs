// The way of one device to the server: a TCP proxy that breaks in the ways that mobile networks do.

import net from 'node:net';

const UP = 'up';
const DOWN = 'down';
const WEBSOCKET = /^GET [^\r\n]*\btransport=websocket\b/;

/** One connection through a line: `near` is the device's end, `far` the server's. */
class Link {
  #line;
  #ends;
  #waiting = { [UP]: [], [DOWN]: [] };
  #timers = { [UP]: null, [DOWN]: null };
  /** What was swallowed is missing for ever, so nothing that comes later is of use. */
  #deaf = { [UP]: false, [DOWN]: false };
  #losesAnswer = false;
  #asked = false;

  constructor(line, near, target) {
    this.#line = line;
    const far = net.connect({ port: target, host: '127.0.0.1', noDelay: true });
    this.#ends = { [UP]: near, [DOWN]: far };
    this.#carry(near, far, UP);
    this.#carry(far, near, DOWN);
  }

  /** Carries on what the server is asked next, and is cut as the answer comes. */
  loseAnswer() {
    this.#losesAnswer = true;
  }

  destroy() {
    for (const way of [UP, DOWN]) {
      clearTimeout(this.#timers[way]);
      this.#ends[way].destroy();
    }
  }

  #carry(from, to, way) {
    from.on('data', (chunk) => this.#take(way, chunk));
    from.on('error', () => undefined);
    from.once('close', () => {
      this.#take(way, null);
      if (to.destroyed) this.#line.forget(this);
    });
  }

  /** `null` is the end. */
  #take(way, chunk) {
    if (this.#line.swallows[way]) this.#deaf[way] = true;
    if (this.#deaf[way]) return;
    if (chunk && way === UP && this.#line.noWebSocket && WEBSOCKET.test(chunk.toString('latin1', 0, 400))) {
      this.#ends[UP].end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      this.#ends[DOWN].destroy();
      return;
    }
    if (this.#losesAnswer && chunk) {
      if (way === UP) this.#asked = true;
      else if (this.#asked) return void this.destroy();
    }
    this.#waiting[way].push({ due: performance.now() + this.#line.delay(), chunk });
    if (this.#timers[way] === null) this.#pump(way);
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
      const { chunk } = waiting.shift();
      const to = this.#ends[way === UP ? DOWN : UP];
      if (chunk === null) to.destroy();
      else if (!to.destroyed) to.write(chunk);
    }
  }
}

export class Line {
  #server;
  #links = new Set();
  /** Bytes of these ways vanish, on open connections for good; both ends see an open connection. */
  swallows = { [UP]: false, [DOWN]: false };
  /** Nobody answers at all: connections are refused. */
  isDown = false;
  /** Like a proxy that knows no WebSocket: only polling gets through. */
  noWebSocket = false;
  /** How many milliseconds some bytes take, asked for each piece. */
  delay = () => 0;

  /** Opens a way to a port of 127.0.0.1. */
  static async to(target) {
    const line = new Line();
    line.#server = net.createServer({ noDelay: true }, (near) => {
      if (line.isDown) near.destroy();
      else line.#links.add(new Link(line, near, target));
    });
    await new Promise((resolve, reject) => {
      line.#server.once('error', reject);
      line.#server.listen(0, '127.0.0.1', resolve);
    });
    line.url = `http://127.0.0.1:${line.#server.address().port}`;
    return line;
  }

  forget(link) {
    this.#links.delete(link);
  }

  /** Every connection is lost, and both ends hear of it. */
  cut() {
    for (const link of [...this.#links]) link.destroy();
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

  async close() {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
