// What a phone's JavaScript finds around it: its own clock, and WebSocket, XMLHttpRequest and fetch that send the cookie
// of the person who is signed in. All of it ends with the app.

import { webcrypto } from 'node:crypto';
import http from 'node:http';

import WebSocket from 'ws';

import { Clock, RATE } from './clock.mjs';

export class World {
  clock = new Clock();
  #cookie;
  #isDead = false;
  /** What came while the device slept. */
  #held = [];
  #open = new Set();
  /** As many connections as browsers have, kept for the next request, also when they are dead without a word. */
  #agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
  #line;

  constructor(cookie, line) {
    this.#cookie = cookie;
    this.#line = line;
    this.#agent.createConnection = line.connect;
  }

  get globals() {
    const { clock } = this;
    class DeviceDate extends Date {
      constructor(...args) {
        super(...(args.length > 0 ? args : [clock.wall()]));
      }
      static now = () => clock.wall();
    }
    const known = {
      setTimeout: clock.setTimeout,
      clearTimeout: clock.clearTimeout,
      Date: DeviceDate,
      crypto: webcrypto,
      AbortController,
      fetch: (url, options) => this.#fetch(url, options),
      WebSocket: webSocketOf(this),
      XMLHttpRequest: xmlHttpRequestOf(this),
      navigator: { product: 'ReactNative' },
    };
    return { ...known, globalThis: known, self: known };
  }

  /** Makes `hear` something that the device hears when it is awake, and never after its end. */
  hears(hear) {
    return (...args) => {
      if (this.#isDead) return;
      if (this.clock.isAsleep || this.#held.length > 0) this.#held.push(() => hear(...args));
      else hear(...args);
    };
  }

  sleep() {
    this.clock.sleep();
  }

  wake(ms, timersCount) {
    this.clock.wake(ms, timersCount);
    this.#hearNext();
  }

  /** One at a time, as events come: what one of them has set going comes before the next. */
  #hearNext() {
    setImmediate(() => {
      if (this.#isDead || this.clock.isAsleep || this.#held.length === 0) return;
      this.#held[0]();
      this.#held.shift();
      this.#hearNext();
    });
  }

  /** The system ends the app: no timer, no byte after this. */
  end() {
    this.#isDead = true;
    this.clock.stop();
    for (const close of this.#open) close();
    this.#open.clear();
    this.#agent.destroy();
  }

  webSocket(url) {
    const socket = new WebSocket(url, {
      headers: { cookie: this.#cookie },
      perMessageDeflate: false,
      createConnection: this.#line.connect,
    });
    const close = () => socket.terminate();
    this.#open.add(close);
    socket.once('close', () => this.#open.delete(close));
    socket.on('error', () => undefined);
    return socket;
  }

  /** One HTTP request; `done` gets `{status, headers, text}`, or null for no answer. Answers how to abort it. */
  exchange(method, url, headers, body, done) {
    const tell = this.hears(done);
    const request = http.request(url, { method, headers: { ...headers, cookie: this.#cookie }, agent: this.#agent });
    const close = () => request.destroy();
    let answer = null;
    this.#open.add(close);
    request.on('error', () => undefined);
    request.once('close', () => {
      this.#open.delete(close);
      tell(answer);
    });
    request.on('response', (response) => {
      const chunks = [];
      response.on('error', () => undefined);
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status, headers: received } = response;
        answer = { status, headers: received, text: Buffer.concat(chunks).toString('utf8') };
      });
    });
    request.end(body);
    return close;
  }

  #fetch(url, { method, headers, body, signal }) {
    return new Promise((resolve, reject) => {
      const abort = this.exchange(method, url, headers, body, (answer) => {
        if (!answer) return void reject(new TypeError('Network request failed'));
        const { status } = answer;
        resolve({
          ok: status >= 200 && status < 300,
          status,
          headers: { get: (name) => answer.headers[name] ?? null },
          text: async () => answer.text,
        });
      });
      signal?.addEventListener('abort', abort);
    });
  }
}

/** What the server says of its pings in its first packet is in its own time: in the device's, it is longer. */
function inDeviceTime(packet) {
  if (!packet.startsWith('0{')) return packet;
  const opened = JSON.parse(packet.slice(1));
  const [pingInterval, pingTimeout] = [opened.pingInterval * RATE, opened.pingTimeout * RATE];
  return `0${JSON.stringify({ ...opened, pingInterval, pingTimeout })}`;
}

function webSocketOf(world) {
  return class {
    #socket;

    constructor(url) {
      const socket = world.webSocket(url);
      this.#socket = socket;
      socket.on('open', world.hears(() => this.onopen?.()));
      socket.on('message', world.hears((data) => this.onmessage?.({ data: inDeviceTime(data.toString('utf8')) })));
      socket.on('error', world.hears((error) => this.onerror?.(error)));
      socket.on('close', world.hears((code) => this.onclose?.({ code })));
    }

    send(data) {
      this.#socket.send(data, () => undefined);
    }

    close() {
      this.#socket.close();
    }
  };
}

function xmlHttpRequestOf(world) {
  return class {
    readyState = 0;
    status = 0;
    responseText = '';
    withCredentials = false;
    #method;
    #url;
    #headers = {};
    #abort = () => undefined;

    open(method, url) {
      this.#method = method;
      this.#url = url;
    }

    setRequestHeader(name, value) {
      this.#headers[name] = value;
    }

    getResponseHeader() {
      return null;
    }

    send(body) {
      this.#abort = world.exchange(this.#method, this.#url, this.#headers, body ?? undefined, (answer) => {
        this.readyState = 4;
        this.status = answer?.status ?? 0;
        this.responseText = inDeviceTime(answer?.text ?? '');
        this.onreadystatechange?.();
      });
    }

    abort() {
      this.#abort();
    }
  };
}
