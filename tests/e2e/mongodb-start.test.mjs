// The process and its database: what it says and how it ends when MongoDB is not there, comes late, or is the wrong one.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startReplicaSet, startStandalone } from './support/mongod.mjs';
import { freePort, launch, removeFolder, temporaryFolder } from './support/processes.mjs';
import { CHATCONNECT_BIN, startServer } from './support/server.mjs';
import { eventually, within } from './support/wait.mjs';

const SECRET = 'geheim-geheim';
const GIVES_UP_MS = 15_000;

let folder;
before(async () => {
  folder = await temporaryFolder();
});
after(() => removeFolder(folder));

function start(DATABASE_URL) {
  const env = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: folder, DATABASE_URL, BCRYPT_COST: '4', RUST_LOG: 'info' };
  return launch(CHATCONNECT_BIN, { env, cwd: folder });
}

/** The one sentence of a server that must not start. */
async function startAndFail(url) {
  const running = start(url);
  const end = await within(running.exited, GIVES_UP_MS, 'the server gives up');
  assert.deepEqual(end, { code: 1, signal: null });
  assert.equal(running.stdout, '', 'it never said that it listens');
  assert.ok(!running.stderr.includes(SECRET), 'no password');
  const sentence = running.stderr.trim();
  assert.equal(sentence.split('\n').length, 1, sentence);
  return sentence;
}

const status = async (server, path) => (await fetch(`${server.url}${path}`)).status;

describe('nobody is there', () => {
  let port;
  before(async () => {
    port = await freePort();
  });
  const url = () => `mongodb://ana:${SECRET}@127.0.0.1:${port}/chat?replicaSet=rs0`;

  it('it serves, says so every two seconds, and ends at once when it is told to', async () => {
    const server = await startServer({ dataDir: folder, env: { DATABASE_URL: url(), RUST_LOG: 'info' } });
    try {
      assert.deepEqual([await status(server, '/healthz'), await status(server, '/readyz')], [200, 503]);
      const tries = () => server.output.match(/MongoDB cannot be reached/g)?.length ?? 0;
      const first = tries();
      const begun = Date.now();
      await eventually(() => tries() >= first + 3, 'three more tries', 10_000);
      const took = Date.now() - begun;
      assert.ok(took > 3_000 && took < 8_000, `${took} ms`);
      assert.ok(!server.output.includes(SECRET), 'no password');
    } finally {
      const begun = Date.now();
      await server.stop({ keepData: true });
      assert.ok(Date.now() - begun < 1_500, 'it ends at once');
    }
  });

  it('it ends at once also before it listens', async () => {
    const running = start(url());
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begun = Date.now();
    running.child.kill('SIGTERM');
    assert.deepEqual(await within(running.exited, GIVES_UP_MS, 'the end'), { code: 0, signal: null });
    assert.ok(Date.now() - begun < 500);
  });
});

describe('what waiting cannot help', () => {
  let set;
  before(async () => {
    set = await startReplicaSet();
  });
  after(() => set.stop());

  it('another name of the replica set', async () => {
    assert.match(await startAndFail(set.url('chat', { replicaSet: 'other' })), /"rs0", not to "other"/);
  });

  it('a wrong password', async () => {
    const url = set.url('chat').replace('mongodb://', `mongodb://ana:${SECRET}@`);
    assert.match(await startAndFail(url), /refuses the user name or the password/);
  });

  it('a newer schema', async () => {
    await set.client.db('newer').collection('schema').insertOne({ _id: 'schema', version: 99 });
    assert.match(await startAndFail(set.url('newer')), /start the newer version/);
  });

  it('nothing that is a connection string', async () => {
    for (const url of [
      `mogodb://ana:${SECRET}@127.0.0.1/chat`,
      `mongodb://ana:${SECRET}@127.0.0.1:port/chat`,
      `mongodb://ana:?${SECRET}@127.0.0.1/chat`,
    ]) {
      assert.match(await startAndFail(url), /DATABASE_URL/);
    }
  });

  it('a standalone server where a replica set was named', async () => {
    const standalone = await startStandalone();
    try {
      assert.match(await startAndFail(standalone.url('chat', { replicaSet: 'rs0' })), /--replSet/);
    } finally {
      await standalone.stop();
    }
  });

  it('is said as well when it is found out late', async () => {
    const [member] = set.members;
    await member.kill();
    const running = start(set.url('chat', { replicaSet: 'other' }));
    try {
      await within(running.firstLine, GIVES_UP_MS, 'it listens');
      assert.ok(await member.start());
      const end = await within(running.exited, GIVES_UP_MS, 'the server gives up');
      assert.deepEqual(end, { code: 1, signal: null });
      assert.match(running.stderr.trim().split('\n').at(-1), /^chatconnect: .*not to "other"/);
    } finally {
      running.child.kill('SIGKILL');
    }
  });
});

it('a database that comes late', async () => {
  const set = await startReplicaSet();
  const [member] = set.members;
  await member.kill();
  const server = await startServer({ dataDir: folder, env: { DATABASE_URL: set.url('late'), RUST_LOG: 'info' } });
  try {
    assert.equal(await status(server, '/readyz'), 503);
    assert.ok(await member.start());
    await eventually(async () => (await status(server, '/readyz')) === 200, 'the server is ready', 15_000);
  } finally {
    await server.stop({ keepData: true });
    await set.stop();
  }
});
