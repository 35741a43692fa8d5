// Starts with a MongoDB that is not there, or does not want us.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Stage } from '../support/checks.mjs';
import { WEBSOCKET_CLIENT } from '../support/clients/index.mjs';
import { register, request } from '../support/http.mjs';
import { startReplicaSet } from '../support/mongod.mjs';
import { freePort, launch, removeFolder, temporaryFolder } from '../support/processes.mjs';
import { CHATCONNECT_BIN, startServer } from '../support/server.mjs';
import { eventually, within } from '../support/wait.mjs';

const GIVES_UP_MS = 30_000;
const RETRIES_MS = 60_000;
const SECRET = 'not-the-password';

let set;
let folder;
before(async () => {
  set = await startReplicaSet();
  folder = await temporaryFolder();
});
after(async () => {
  await set?.stop();
  await removeFolder(folder);
});

const settings = (url) => ({
  HOST: '127.0.0.1',
  PORT: '0',
  DATA_DIR: folder,
  BCRYPT_COST: '4',
  RUST_LOG: 'warn',
  DATABASE_URL: url,
});

/** Starts what must not start; returns the one sentence that it says. */
async function startAndFail(url) {
  const running = launch(CHATCONNECT_BIN, { env: settings(url), cwd: folder });
  const end = await within(running.exited, GIVES_UP_MS, 'the server gives up').catch((error) => {
    running.child.kill('SIGKILL');
    throw error;
  });
  assert.notEqual(end.code, 0, 'the exit code');
  assert.notEqual(end.code, 101, `a panic\n${running.stderr}`);
  assert.equal(running.stdout, '');
  const lines = running.stderr.trim().split('\n');
  assert.equal(lines.length, 1, `one sentence, not ${lines.length} lines:\n${running.stderr}`);
  assert.match(lines[0], /^.{15,500}$/u);
  assert.doesNotMatch(lines[0], /panicked|Error \{|ErrorKind|src\/.*\.rs/);
  assert.ok(!lines[0].includes(SECRET), 'no password is shown');
  return lines[0];
}

describe('a MongoDB that does not want us', () => {
  it('wrong credentials', async () => {
    const url = set.url('chat').replace('mongodb://', `mongodb://ana:${SECRET}@`);
    assert.match(await startAndFail(url), /credential|authenticat|password|log in/i);
  });

  it('another name of the replica set', async () => {
    const sentence = await startAndFail(set.url('chat', { replicaSet: 'another' }));
    assert.match(sentence, /another/);
    assert.match(sentence, /replica set|replicaSet/i);
  });

  it('an address that is none', async () => {
    for (const url of ['mongodb://', 'mongodb://host:notaport/chat', `mongodb://ana:${SECRET}@/chat`]) {
      assert.match(await startAndFail(url), /DATABASE_URL/, url);
    }
  });

  it('no Redis address', async () => {
    const running = launch(CHATCONNECT_BIN, { env: { ...settings(set.url('chat')), REDIS_URL: 'nonsense' }, cwd: folder });
    const end = await within(running.exited, GIVES_UP_MS, 'the server gives up');
    assert.notEqual(end.code, 0);
    assert.match(running.stderr, /REDIS_URL/);
    assert.equal(running.stderr.trim().split('\n').length, 1, running.stderr);
  });
});

describe('a MongoDB that is not there', () => {
  it('the server says so, line by line, tries again, and serves when it comes', async () => {
    const [member] = set.members;
    await member.kill();
    const port = await freePort();
    const env = { ...settings(set.url('chat')), PORT: String(port) };
    const running = launch(CHATCONNECT_BIN, { env, cwd: folder });
    try {
      const said = () => running.stderr.trim().split('\n').filter((line) => /MongoDB|database/i.test(line));
      await eventually(() => said().length >= 2, 'it says twice that it cannot reach MongoDB', RETRIES_MS);
      for (const line of said()) assert.match(line, /try|again|retry/i);
      assert.equal(running.child.exitCode, null, 'it goes on trying');
      const ready = await request(`http://127.0.0.1:${port}`, 'GET', '/readyz').catch(() => undefined);
      assert.ok(ready === undefined || ready.status === 503, 'it does not say that it is ready');

      await member.start();
      const serves = async () => {
        const answer = await request(`http://127.0.0.1:${port}`, 'GET', '/readyz').catch(() => undefined);
        return answer?.status === 200;
      };
      await eventually(serves, 'it is ready once MongoDB is there', RETRIES_MS);
      await register(`http://127.0.0.1:${port}`);
      running.child.kill('SIGTERM');
      assert.deepEqual(await within(running.exited, GIVES_UP_MS, 'the server ends'), { code: 0, signal: null });
    } finally {
      running.child.kill('SIGKILL');
      if (!member.isRunning) await member.start();
    }
  });

  it('SIGTERM ends the waiting', async () => {
    const running = launch(CHATCONNECT_BIN, {
      env: settings(`mongodb://127.0.0.1:${await freePort()}/chat?replicaSet=rs0`),
      cwd: folder,
    });
    await eventually(() => /MongoDB|database/i.test(running.stderr), 'it says that it cannot reach MongoDB', RETRIES_MS);
    running.child.kill('SIGTERM');
    const { signal } = await within(running.exited, 10_000, 'it ends').finally(() => running.child.kill('SIGKILL'));
    assert.notEqual(signal, 'SIGKILL');
  });
});

it('a second start finds what the first one made, and two at once do not hinder each other', async () => {
  await set.primary();
  const env = { DATABASE_URL: set.url('twice') };
  const servers = await Promise.all([startServer({ env }), startServer({ env })]);
  const [first, second] = servers;
  try {
    const ana = await register(first.url);
    const answer = await request(second.url, 'GET', '/api/v1/users/me', { headers: { cookie: ana.cookie } });
    assert.equal(answer.status, 200, answer.text);
    await first.stop();
    const third = await startServer({ env });
    servers.push(third);
    const stage = new Stage(WEBSOCKET_CLIENT, third);
    const member = await stage.open(ana);
    const { conversations } = await member.do('conversation:list', {});
    assert.deepEqual(conversations.map(({ title }) => title), ['general'], 'there is one channel of this name');
    await stage.clear();
  } finally {
    await Promise.all(servers.slice(1).map((server) => server.stop()));
  }
});
