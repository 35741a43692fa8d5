// A second opinion on the database file, from another SQLite than the server's.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { copyFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { PYTHON } from './clients/python.mjs';
import { removeFolder, temporaryFolder } from './processes.mjs';
import { within } from './wait.mjs';

const SCRIPT = fileURLToPath(new URL('sqlite.py', import.meta.url));
const run = promisify(execFile);

/** Checks a copy: opening the file itself would do the recovery that is the server's to do. */
export async function assertIntegrity(file) {
  const folder = await temporaryFolder();
  try {
    const base = path.basename(file);
    const names = (await readdir(path.dirname(file))).filter(
      (name) => name === base || name === `${base}-wal`,
    );
    assert.ok(names.includes(base), `${file} exists`);
    for (const name of names) {
      await copyFile(path.join(path.dirname(file), name), path.join(folder, name));
    }
    const { stdout } = await run(PYTHON, [SCRIPT, 'check', path.join(folder, base)]);
    assert.equal(stdout.trim(), 'ok', 'PRAGMA integrity_check');
  } finally {
    await removeFolder(folder);
  }
}

/** Holds an exclusive lock on the file until the returned function is called. */
export async function lock(file) {
  const child = spawn(PYTHON, [SCRIPT, 'lock', file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const held = new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`the lock was not had: ${code}`)));
  });
  await within(held, 10_000, 'the lock is held');
  return async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    await within(gone, 10_000, 'the lock is released');
  };
}
