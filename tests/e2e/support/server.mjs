// Starts and stops the real binary. Nothing of it survives the test process: no child, no folder.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { within } from './wait.mjs';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const fromRoot = (file) => path.resolve(ROOT, file);
export const CHATCONNECT_BIN = fromRoot(process.env.CHATCONNECT_BIN ?? 'target/debug/chatconnect');
export const ECHO_BIN = fromRoot(
  process.env.CHATCONNECT_ECHO_BIN ?? 'target/debug/examples/protocol_echo',
);

export const GENERATE_BIN = fromRoot(
  process.env.CHATCONNECT_GENERATE_BIN ?? 'target/debug/examples/generate_archive',
);

const START_MS = 20_000;
const STOP_MS = 10_000;
const KEPT_OUTPUT = 256 * 1024;

const children = new Set();
const folders = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit(1));
}

/** A folder that disappears with the test process at the latest. */
export async function temporaryFolder(prefix = 'chatconnect-e2e-') {
  const folder = await mkdtemp(path.join(tmpdir(), prefix));
  folders.add(folder);
  return folder;
}

export async function removeFolder(folder) {
  await rm(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** Only what a program needs to run: a developer's own settings must not leak into a test. */
export function plainEnvironment(settings) {
  const { PATH, HOME, TMPDIR } = process.env;
  const kept = { PATH, HOME, TMPDIR, RUST_BACKTRACE: '0' };
  const merged = { ...kept, ...settings };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

/** Runs a binary and records what it prints. `exited` resolves to `{code, signal}`. */
export function launch(binary, { args = [], env = {}, cwd = tmpdir() } = {}) {
  assert.ok(existsSync(binary), `${binary} is not built`);
  const child = spawn(binary, args, {
    cwd,
    env: plainEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const running = { child, stdout: '', stderr: '' };
  const firstLine = new Promise((resolve) => {
    child.stdout.on('data', () => {
      const end = running.stdout.indexOf('\n');
      if (end >= 0) resolve(running.stdout.slice(0, end));
    });
  });
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8');
    child[stream].prependListener('data', (text) => {
      if (running[stream].length < KEPT_OUTPUT) running[stream] += text;
    });
  }
  running.firstLine = firstLine;
  running.exited = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  return running;
}

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
    if (this.#ownsFolder) await removeFolder(this.dataDir);
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
