// Drives python-socketio in a child process: JSON lines in and out, many clients in one process.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

import { ROOT, plainEnvironment } from '../processes.mjs';
import { PATIENCE_MS, within } from '../wait.mjs';

export const PYTHON = path.resolve(ROOT, process.env.CHATCONNECT_PYTHON ?? '.venv/bin/python');
const SCRIPT = fileURLToPath(new URL('bridge.py', import.meta.url));

class Bridge {
  #child;
  #calls = new Map();
  #clients = new Map();
  #lastId = 0;

  constructor() {
    if (!existsSync(PYTHON)) {
      throw new Error(`${PYTHON} is missing: run scripts/install-test-deps first`);
    }
    this.#child = spawn(PYTHON, ['-u', SCRIPT], {
      env: plainEnvironment({}),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    readline.createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line));
    this.#child.once('exit', (code) => {
      bridge = undefined;
      for (const { reject } of this.#calls.values()) reject(new Error(`the bridge ended: ${code}`));
    });
    // The bridge ends with its standard input; it must not keep a finished test run alive.
    this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stdout]) stream.unref();
  }

  #hear(line) {
    const { id, client, event, args, result, error } = JSON.parse(line);
    if (event !== undefined) {
      this.#clients.get(client)?.(event, args);
      return;
    }
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error !== undefined) call?.reject(new Error(error));
    else call?.resolve(result);
  }

  join(onEvent) {
    const client = ++this.#lastId;
    this.#clients.set(client, onEvent);
    return client;
  }

  call(client, op, rest = {}) {
    const id = ++this.#lastId;
    const answer = new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
    this.#child.stdin.write(`${JSON.stringify({ id, client, op, ...rest })}\n`);
    return within(answer, 2 * PATIENCE_MS, `python-socketio answers ${op}`);
  }
}

let bridge;

const split = (cookie) => {
  const at = cookie.indexOf('=');
  return [cookie.slice(0, at), cookie.slice(at + 1)];
};

export function openPython({ url, cookie, auth, transports }) {
  bridge ??= new Bridge();
  const mine = bridge;
  const listeners = new Map();
  const client = mine.join((event, args) => {
    for (const listener of listeners.get(event) ?? []) listener(...args);
  });
  const [name, value] = cookie ? split(cookie) : [];
  const cookies = cookie ? { [name]: value } : {};
  return {
    connect: () => mine.call(client, 'connect', { url, cookies, transports, auth }),
    disconnect: () => mine.call(client, 'disconnect'),
    emit: (event, args) => mine.call(client, 'emit', { event, args }),
    emitWithAck: (event, args) => mine.call(client, 'call', { event, args }),
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    transportName: () => mine.call(client, 'transport'),
  };
}
