// Programs and folders that tests make. Nothing of them survives the test process: no child, no folder.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const fromRoot = (file) => path.resolve(ROOT, file);

const KEPT_OUTPUT = 256 * 1024;
/** Below the ports that the kernel gives to outgoing connections, so that a port stays free while its owner restarts. */
const PORTS = { least: 15_000, most: 32_000 };
/** A program that is being killed may still write into its folder. */
const PERSISTENT = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 };

const children = new Set();
const folders = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, PERSISTENT);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(1));
}

/** A folder that disappears with the test process at the latest. */
export async function temporaryFolder(prefix = 'chatconnect-e2e-', parent = tmpdir()) {
  const folder = await mkdtemp(path.join(parent, prefix));
  folders.add(folder);
  return folder;
}

export async function removeFolder(folder) {
  await rm(folder, PERSISTENT);
  folders.delete(folder);
}

/** Only what a program needs to run: a developer's own settings must not leak into a test. */
export function plainEnvironment(settings) {
  const { PATH, HOME, TMPDIR } = process.env;
  const kept = { PATH, HOME, TMPDIR, RUST_BACKTRACE: '0' };
  const merged = { ...kept, ...settings };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

/**
 * The command line that runs a program which ends with this process, even when that is killed by SIGKILL, where the
 * system can do it.
 */
export function mortal(binary, args, signal = 'KILL') {
  const guard = '/usr/bin/setpriv';
  return existsSync(guard) ? [guard, ['--pdeathsig', signal, '--', binary, ...args]] : [binary, args];
}

/** Runs a binary and records what it prints. `exited` resolves to `{code, signal}`. */
export function launch(binary, { args = [], env = {}, cwd = tmpdir() } = {}) {
  assert.ok(existsSync(binary), `${binary} is not there`);
  const child = spawn(...mortal(binary, args), {
    cwd,
    env: plainEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const running = { child, stdout: '', stderr: '' };
  // `on`, and before anything else listens: only that makes the streams flow, and a program stands still when nobody
  // takes what it says.
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8');
    child[stream].on('data', (text) => {
      if (running[stream].length < KEPT_OUTPUT) running[stream] += text;
    });
  }
  const firstLine = new Promise((resolve) => {
    child.stdout.on('data', () => {
      const end = running.stdout.indexOf('\n');
      if (end >= 0) resolve(running.stdout.slice(0, end));
    });
  });
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

/** A port of 127.0.0.1 on which nobody listens. */
export async function freePort() {
  for (;;) {
    const port = randomInt(PORTS.least, PORTS.most);
    const probe = net.createServer();
    const isFree = await new Promise((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
