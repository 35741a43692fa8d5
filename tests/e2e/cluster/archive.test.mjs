// Data that goes into MongoDB and out of it, while servers of the database die and people chat.

import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';

import { register } from '../support/http.mjs';
import { startReplicaSet } from '../support/mongod.mjs';
import { launch, removeFolder, temporaryFolder } from '../support/processes.mjs';
import { CHATCONNECT_BIN, GENERATE_BIN, startServer } from '../support/server.mjs';
import { eventually, within } from '../support/wait.mjs';

const COMMAND_MS = 180_000;
const MESSAGES = 12_000;
const KILLS = 6;

let folder;
let set;
let archive;
let source;

before(async () => {
  folder = await temporaryFolder();
  set = await startReplicaSet({ members: 3 });
  archive = path.join(folder, 'archive.ndjson');
  source = `sqlite://${path.join(folder, 'source.db')}`;
  const script = '"$GENERATE" --messages "$COUNT" > "$FILE"';
  const env = { GENERATE: GENERATE_BIN, COUNT: String(MESSAGES), FILE: archive };
  await done(launch('/bin/bash', { args: ['-c', script], env }), 'generating');
  await run(['import', archive, '--database-url', source]);
});
after(async () => {
  await set?.stop();
  await removeFolder(folder);
});

const start = (args) => launch(CHATCONNECT_BIN, { args, cwd: folder });

async function ended(running, what) {
  const end = await within(running.exited, COMMAND_MS, `${what} ends`).catch((error) => {
    running.child.kill('SIGKILL');
    throw error;
  });
  return { ...end, stderr: running.stderr };
}

async function done(running, what) {
  const { code, stderr } = await ended(running, what);
  assert.equal(code, 0, `${what}\n${stderr}`);
  return stderr;
}

const run = (args) => done(start(args), args.join(' '));

const records = async (file) => (await readFile(file, 'utf8')).trimEnd().split('\n').slice(1);

/** Whether a database holds what was generated. */
async function assertWhole(url) {
  const copy = path.join(folder, `${randomUUID()}.ndjson`);
  await run(['export', '-o', copy, '--database-url', url]);
  assert.deepEqual(await records(copy), await records(archive));
}

/** Kills a migration so long after its beginning; whether it was still under way. */
async function killed(args, ms) {
  const running = start(args);
  await eventually(() => running.stderr.includes('carrying') || running.child.exitCode !== null, 'it carries');
  const moment = Date.now() + ms;
  await eventually(() => Date.now() >= moment, 'the moment comes');
  running.child.kill('SIGKILL');
  const { signal, code, stderr } = await ended(running, 'the migration');
  assert.ok(signal === 'SIGKILL' || code === 0, stderr);
  return signal === 'SIGKILL';
}

it(`a migration goes on after ${KILLS} kills and the loss of the primary, and the way back leads to the same`, async () => {
  let [target, migrate, kills] = ['', [], 0];
  const begin = () => {
    target = set.url(`moved-${randomUUID()}`);
    migrate = ['migrate', '--from', source, '--to', target];
  };
  begin();
  while (kills < KILLS) {
    if (await killed(migrate, randomInt(0, 800))) kills += 1;
    else begin();
  }
  // At its beginning, so that it is sure to be half done.
  begin();
  while (!(await killed(migrate, 0))) begin();
  const refused = await startServer({ env: { DATABASE_URL: target } }).then(
    () => assert.fail('a server started'),
    (error) => error.message,
  );
  assert.match(refused, /unfinished import from sqlite:\/\//);
  const running = start(migrate);
  await eventually(() => running.stderr.includes('carrying') || running.child.exitCode !== null, 'it carries');
  const primary = await set.primary();
  await primary.kill();
  await done(running, 'the migration');
  await primary.start();
  await set.isWhole();
  await assertWhole(target);

  const back = `sqlite://${path.join(folder, 'back.db')}`;
  await run(['migrate', '--from', target, '--to', back]);
  await assertWhole(back);
  const server = await startServer({ env: { DATABASE_URL: target } });
  await register(server.url);
  await server.stop();
});

it('an export made while people write on two servers is whole', async () => {
  const env = { DATABASE_URL: set.url('busy') };
  const [first, second] = [await startServer({ env }), await startServer({ env })];
  const [ana, bruno] = [await register(first.url), await register(second.url)];
  const { id } = await ana.converse('group', [bruno], 'Busy');
  const acked = [];
  let writing = true;
  const say = async (person) => {
    while (writing) acked.push(await person.say(id, `words ${acked.length}`));
  };
  /** Whole conversations come and go as well. */
  const comeAndGo = async () => {
    while (writing) {
      const { id: gone } = await ana.converse('channel', [], `Gone ${randomUUID()}`);
      for (let n = 0; n < 20; n += 1) await ana.say(gone, 'for a short while');
      assert.equal((await ana.delete(`/api/v1/conversations/${gone}`)).status, 204);
    }
  };
  const busy = Promise.allSettled([ana, ana, bruno, bruno].map(say).concat(comeAndGo()));
  try {
    for (let round = 0; round < 3; round += 1) {
      const enough = acked.length + 50;
      await eventually(() => acked.length >= enough, 'people write');
      const [promised, file] = [acked.slice(), path.join(folder, `busy-${round}.ndjson`)];
      await run(['export', '-o', file, '--database-url', env.DATABASE_URL]);
      await run(['import', file, '--database-url', `sqlite://${path.join(folder, `busy-${round}.db`)}`]);
      const ids = new Set((await records(file)).map((line) => JSON.parse(line).id));
      for (const message of promised) assert.ok(ids.has(message.id), 'what was acked is exported');
    }
  } finally {
    writing = false;
    const outcomes = await busy;
    await Promise.all([first.stop(), second.stop()]);
    assert.deepEqual(outcomes.filter(({ reason }) => reason), [], 'everybody could write');
  }
});

it('a backup of MongoDB is left to its own tools', async () => {
  const backup = start(['backup', path.join(folder, 'backup.db'), '--database-url', set.url('busy')]);
  const { code, stderr } = await ended(backup, 'the backup');
  assert.notEqual(code, 0);
  assert.match(stderr, /mongodump.*export/);
});
