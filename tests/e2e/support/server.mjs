// Starts and stops the real binary.

import assert from 'node:assert/strict';
import path from 'node:path';

import { databaseUrl, removeDatabase } from './database.mjs';
import { fromRoot, launch, removeFolder, temporaryFolder } from './processes.mjs';
import { within } from './wait.mjs';

export const CHATCONNECT_BIN = fromRoot(process.env.CHATCONNECT_BIN ?? 'target/debug/chatconnect');
export const ECHO_BIN = fromRoot(
  process.env.CHATCONNECT_ECHO_BIN ?? 'target/debug/examples/protocol_echo',
);

export const GENERATE_BIN = fromRoot(
  process.env.CHATCONNECT_GENERATE_BIN ?? 'target/debug/examples/generate_archive',
);

const START_MS = 20_000;
const STOP_MS = 10_000;

export class Server {
  #process;
  #ownsFolder;

  constructor(process_, { url, dataDir, settings, binary, ownsFolder }) {
    this.#process = process_;
    this.#ownsFolder = ownsFolder;
    this.url = url;
    this.port = Number(new URL(url).port);
    this.dataDir = dataDir;
    this.settings = settings;
    this.binary = binary;
  }

  get pid() {
    return this.#process.child.pid;
  }

  get output() {
    return `${this.#process.stdout}\n${this.#process.stderr}`;
  }

  get databaseFile() {
    return path.join(this.dataDir, 'chatconnect.db');
  }

  get exited() {
    return this.#process.exited;
  }

  /** The polite end: SIGTERM, exit code 0 in ten seconds, no panic on the way. */
  async stop({ keepData = false } = {}) {
    this.#process.child.kill('SIGTERM');
    let end;
    try {
      end = await within(this.exited, STOP_MS, `the server ends after SIGTERM\n${this.output}`);
    } finally {
      this.#process.child.kill('SIGKILL');
      if (!keepData) await this.removeData();
    }
    assert.deepEqual(end, { code: 0, signal: null }, `how the server ended\n${this.output}`);
    assert.doesNotMatch(this.output, /panicked at/, 'the server panicked');
  }

  /** The rude end. */
  async kill() {
    this.#process.child.kill('SIGKILL');
    await within(this.exited, STOP_MS, 'the server ends after SIGKILL');
  }

  async removeData() {
    if (!this.#ownsFolder) return;
    await removeDatabase(this.dataDir);
    await removeFolder(this.dataDir);
  }
}

/**
 * Starts the server and waits until it says where it listens.
 * `env` adds to or replaces the settings of every test; `undefined` takes one away.
 */
export async function startServer({ dataDir, env = {}, binary = CHATCONNECT_BIN, args = [] } = {}) {
  const folder = dataDir ?? (await temporaryFolder());
  const settings = {
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder,
    DATABASE_URL: databaseUrl(folder),
    BCRYPT_COST: '4',
    RATE_LIMITS: 'off',
    RUST_LOG: 'warn',
    ...env,
  };
  const running = launch(binary, { args, env: settings, cwd: folder });
  const line = await within(
    Promise.race([running.firstLine, running.exited.then(() => undefined)]),
    START_MS,
    `${path.basename(binary)} says where it listens`,
  ).catch((error) => {
    running.child.kill('SIGKILL');
    throw error;
  });
  const where = /^listening on (http:\/\/\S+?)\/?$/.exec(line?.trim() ?? '');
  if (!where) {
    running.child.kill('SIGKILL');
    throw new Error(
      `expected "listening on http://…", got ${JSON.stringify(line)}\n${running.stdout}\n${running.stderr}`,
    );
  }
  return new Server(running, {
    url: where[1],
    dataDir: folder,
    settings,
    binary,
    ownsFolder: dataDir === undefined,
  });
}
