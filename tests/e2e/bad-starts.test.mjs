// A start that cannot succeed says why in one sentence, exits with an error and touches nothing.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { ONLY_EMBEDDED } from './support/database.mjs';
import { register } from './support/http.mjs';
import { mountTmpfs, whyNoMount } from './support/mounts.mjs';
import { launch, removeFolder, temporaryFolder } from './support/processes.mjs';
import { CHATCONNECT_BIN, startServer } from './support/server.mjs';
import { lock } from './support/sqlite.mjs';
import { within } from './support/wait.mjs';

const GIVES_UP_MS = 30_000;
const SQLITE_FILE = 'chatconnect.db';

let folder;
before(async () => {
  folder = await temporaryFolder();
});
after(() => removeFolder(folder));

/** Starts what must not start; returns the one sentence that it says. */
async function startAndFail(env, { args = [] } = {}) {
  const dataDir = path.join(folder, `data-${Math.random().toString(36).slice(2)}`);
  const settings = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, BCRYPT_COST: '4', ...env };
  const running = launch(CHATCONNECT_BIN, { args, env: settings, cwd: folder });
  const end = await within(running.exited, GIVES_UP_MS, 'the server gives up').catch((error) => {
    running.child.kill('SIGKILL');
    throw error;
  });
  const { stdout, stderr } = running;
  assert.notEqual(end.code, 0, 'the exit code');
  assert.equal(end.signal, null, `ended by a signal\n${stderr}`);
  assert.notEqual(end.code, 101, `a panic\n${stderr}`);
  assert.equal(stdout, '', 'nothing on stdout');
  assert.doesNotMatch(stderr, /panicked|backtrace|RUST_BACKTRACE|\bOs \{|Error\(|src\/.*\.rs/);
  const lines = stderr.trim().split('\n');
  assert.equal(lines.length, 1, `one sentence, not ${lines.length} lines:\n${stderr}`);
  assert.match(lines[0], /^.{15,500}$/u);
  return lines[0];
}

const digest = async (file) => createHash('sha256').update(await readFile(file)).digest('hex');

/** The files of a folder with their digests. */
async function picture(dir) {
  const names = (await readdir(dir)).sort();
  return Promise.all(names.map(async (name) => [name, await digest(path.join(dir, name))]));
}

describe('bad settings are named', () => {
  for (const [setting, value] of [
    ['PORT', 'abc'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['HOST', 'no host at all'],
    ['BCRYPT_COST', '99'],
    ['BCRYPT_COST', '3'],
    ['BCRYPT_COST', 'twelve'],
    ['PUBLIC_URL', 'nonsense'],
    ['PUBLIC_URL', 'ftp://chat.example'],
    ['DATABASE_URL', 'foo://bar'],
    ['DATABASE_URL', 'nonsense'],
    ['BLOB_STORE', 'ftp://files'],
    ['UPLOAD_MAX_BYTES', '-1'],
    ['ALLOWED_ORIGINS', 'not an origin'],
    ['TRUSTED_PROXIES', '300.1.2.3'],
    ['RATE_LIMITS', 'perhaps'],
    ['SESSION_COOKIE_NAME', 'a b;c'],
  ]) {
    it(`${setting}=${value}`, async () => {
      const sentence = await startAndFail({ [setting]: value });
      assert.match(sentence, new RegExp(setting));
    });
  }

  it('an unknown flag', async () => {
    const running = launch(CHATCONNECT_BIN, { args: ['--no-such-flag'], cwd: folder });
    const end = await within(running.exited, GIVES_UP_MS, 'the server gives up');
    assert.notEqual(end.code, 0);
    assert.match(running.stderr, /--no-such-flag/);
  });

  it('--help lists the settings', async () => {
    const running = launch(CHATCONNECT_BIN, { args: ['--help'], cwd: folder });
    const end = await within(running.exited, GIVES_UP_MS, 'the help ends');
    assert.equal(end.code, 0);
    for (const setting of [
      'HOST',
      'PORT',
      'DATABASE_URL',
      'DATA_DIR',
      'PUBLIC_URL',
      'ALLOWED_ORIGINS',
      'TRUSTED_PROXIES',
      'SESSION_COOKIE_NAME',
      'BCRYPT_COST',
      'RATE_LIMITS',
    ]) {
      assert.match(running.stdout, new RegExp(setting));
    }
  });
});

it('a port in use', async () => {
  const server = await startServer();
  try {
    const sentence = await startAndFail({ PORT: String(server.port) });
    assert.match(sentence, new RegExp(`${server.port}`));
    assert.match(sentence, /in use|taken|occupied|already/i);
  } finally {
    await server.stop();
  }
});

describe('a data folder that cannot be used', ONLY_EMBEDDED, () => {
  it('is a file', async () => {
    const file = path.join(folder, 'a-file');
    await writeFile(file, 'mine');
    assert.match(await startAndFail({ DATA_DIR: file }), /DATA_DIR|a-file/);
    assert.equal(await readFile(file, 'utf8'), 'mine');
  });

  it('cannot be made', async () => {
    const sentence = await startAndFail({ DATA_DIR: '/proc/no/such/folder' });
    assert.match(sentence, /DATA_DIR|\/proc\/no\/such\/folder/);
  });

  it('is read-only', async (t) => {
    const reason = await whyNoMount();
    if (reason) {
      t.skip(reason);
      return;
    }
    const first = await startServer();
    await register(first.url);
    await first.stop({ keepData: true });
    const mount = await mountTmpfs('16m');
    try {
      for (const name of await readdir(first.dataDir)) {
        await writeFile(path.join(mount.path, name), await readFile(path.join(first.dataDir, name)));
      }
      await mount.makeReadOnly();
      const sentence = await startAndFail({ DATA_DIR: mount.path });
      assert.match(sentence, /read-?only|cannot be written|writ(e|able)|permission/i);
    } finally {
      await mount.remove();
      await first.removeData();
    }
  });
});

describe('a database file that cannot be used', ONLY_EMBEDDED, () => {
  /** A real database with something in it. */
  async function realData() {
    const server = await startServer({ dataDir: await temporaryFolder() });
    const ana = await register(server.url);
    const { id } = await ana.converse('channel', [], 'Kept');
    for (let n = 0; n < 50; n += 1) await ana.say(id, `${n} ${'x'.repeat(2_000)}`);
    await server.stop({ keepData: true });
    return server.dataDir;
  }

  async function assertRefusedAndUntouched(dataDir, cause) {
    const before_ = await picture(dataDir);
    const sentence = await startAndFail({ DATA_DIR: dataDir });
    assert.match(sentence, cause);
    assert.match(sentence, new RegExp(SQLITE_FILE), 'the file is named');
    assert.deepEqual(await picture(dataDir), before_, 'no byte was changed');
  }

  const CORRUPTED = /corrupt|damaged|malformed|not a (ChatConnect )?database|no database/i;

  it('is something else altogether', async () => {
    const dataDir = path.join(folder, 'something-else');
    await mkdir(dataDir);
    await writeFile(path.join(dataDir, SQLITE_FILE), 'This is a letter to my aunt.\n'.repeat(500));
    await assertRefusedAndUntouched(dataDir, CORRUPTED);
  });

  it('was cut in half', async () => {
    const dataDir = await realData();
    const file = path.join(dataDir, SQLITE_FILE);
    const { length } = await readFile(file);
    await truncate(file, Math.floor(length / 2));
    await assertRefusedAndUntouched(dataDir, CORRUPTED);
    await removeFolder(dataDir);
  });

  it('was overwritten in the middle', async () => {
    const dataDir = await realData();
    const file = path.join(dataDir, SQLITE_FILE);
    const bytes = await readFile(file);
    bytes.fill(0xaa, 4_096, bytes.length - 4_096);
    await writeFile(file, bytes);
    await assertRefusedAndUntouched(dataDir, CORRUPTED);
    await removeFolder(dataDir);
  });

  it('is locked by another program', async () => {
    const dataDir = await realData();
    const release = await lock(path.join(dataDir, SQLITE_FILE));
    try {
      const sentence = await startAndFail({ DATA_DIR: dataDir });
      assert.match(sentence, /lock|in use|another/i);
    } finally {
      await release();
    }
    const again = await startServer({ dataDir });
    await again.stop();
    await removeFolder(dataDir);
  });

  it('is served by another chatconnect', async () => {
    const server = await startServer();
    try {
      const sentence = await startAndFail({ DATA_DIR: server.dataDir });
      assert.match(sentence, /lock|in use|another/i);
      await register(server.url);
    } finally {
      await server.stop();
    }
  });
});
