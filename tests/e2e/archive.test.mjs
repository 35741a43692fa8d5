// Data that is moved: out into an archive and in again, copied while people chat, across from one file to another
// while somebody pulls the plug.

import assert from 'node:assert/strict';
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Stage } from './support/checks.mjs';
import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { ONLY_EMBEDDED, databaseUrl } from './support/database.mjs';
import { register } from './support/http.mjs';
import { launch, removeFolder, temporaryFolder } from './support/processes.mjs';
import { CHATCONNECT_BIN, GENERATE_BIN, startServer } from './support/server.mjs';
import { assertIntegrity } from './support/sqlite.mjs';
import { eventually, within } from './support/wait.mjs';

const COMMAND_MS = 120_000;
const KILLS = Number(process.env.KILL_ROUNDS ?? 20);
const MOVED_MESSAGES = 12_000;

let folder;
before(async () => {
  folder = await temporaryFolder();
});
const servers = new Set();
after(async () => {
  await Promise.all([...servers].map((server) => server.kill()));
  await removeFolder(folder);
});

let made = 0;
/** A name in the folder that nothing has yet. */
const fresh = (name) => path.join(folder, `${path.basename(folder)}-${(made += 1)}-${name}`);

/** A server that does not outlive these tests. */
async function serve(options) {
  if (options?.dataDir) await mkdir(options.dataDir, { recursive: true });
  const server = await startServer(options);
  servers.add(server);
  server.exited.finally(() => servers.delete(server));
  return server;
}

const start = (args, env = {}) => launch(CHATCONNECT_BIN, { args, env, cwd: folder });

async function ended(running, what) {
  const end = await within(running.exited, COMMAND_MS, `${what} ends`).catch((error) => {
    running.child.kill('SIGKILL');
    throw error;
  });
  return { ...end, ...running };
}

/** Runs a command that must succeed; what it said on stderr. */
async function run(args, env) {
  const end = await ended(start(args, env), args.join(' '));
  assert.equal(end.code, 0, `${args.join(' ')}\n${end.stderr}`);
  return end.stderr;
}

/** Runs a command that must fail; the last line that it said, after its progress. */
async function fail(args, env) {
  const end = await ended(start(args, env), args.join(' '));
  assert.equal(end.signal, null, end.stderr);
  assert.notEqual(end.code, 0, `${args.join(' ')} must fail`);
  assert.notEqual(end.code, 101, `a panic\n${end.stderr}`);
  assert.doesNotMatch(end.stderr, /panicked|Os \{|Error\(/);
  const sentence = end.stderr.trim().split('\n').at(-1);
  assert.match(sentence, /^chatconnect: .{10,500}$/u);
  return sentence;
}

const fileOf = (dataDir) => path.join(dataDir, 'chatconnect.db');
/** The database of a data folder, as the settings of a command and as an address. */
const at = (dataDir) => ({ DATA_DIR: dataDir, DATABASE_URL: databaseUrl(dataDir) });
const urlOf = (dataDir) => databaseUrl(dataDir) ?? `sqlite://${fileOf(dataDir)}`;

async function assertIntact(dataDir) {
  if (existsSync(fileOf(dataDir))) await assertIntegrity(fileOf(dataDir));
}
const lines = async (file) => (await readFile(file, 'utf8')).trimEnd().split('\n');
/** What does not depend on when the archive was written. */
const records = async (file) => (await lines(file)).slice(1);

/** A chat with one of everything, and what its people see. */
async function chat(server) {
  const stage = new Stage(WEBSOCKET_CLIENT, server);
  const [ana, bruno, carla] = [
    await stage.person({ displayName: 'Ana "A." Müller' }),
    await stage.person(),
    await stage.person(),
  ];
  const direct = await ana.converse('direct', [bruno]);
  const group = await ana.converse('group', [bruno, carla], 'Three');
  const channel = await carla.converse('channel', [], `Moved ${randomUUID()}`);
  const from = await stage.open(ana);
  const by = await stage.open(bruno);
  const send = async (member, conversationId, body, extra = {}) => {
    const clientId = randomUUID();
    const { message } = await member.do('message:send', { conversationId, clientId, body, ...extra });
    return message;
  };
  const first = await send(from, group.id, 'the first words 🎉\nin "two" lines');
  const second = await send(by, group.id, 'an answer', { replyTo: first.id });
  const third = await send(from, group.id, 'gone soon');
  await send(by, direct.id, 'for you alone');
  await send(from, group.id, 'unread by some');
  await from.do('message:edit', { messageId: first.id, body: 'the edited words 🎉' });
  await from.do('message:delete', { messageId: third.id });
  for (const [member, emoji] of [[by, '👍'], [from, '🎉'], [from, '👍']]) {
    await member.do('message:react', { messageId: second.id, emoji, on: true });
  }
  await carla.say(channel.id, 'news');
  await by.do('conversation:read', { conversationId: group.id, seq: 2 });
  const renamed = await ana.patch(`/api/v1/conversations/${group.id}`, { title: 'Three of us' });
  assert.equal(renamed.status, 200, renamed.text);
  await stage.clear();
  return { people: [ana, bruno, carla], group, direct, channel, first };
}

/** Everything that these people see, through the sessions that they had. */
async function seen(server, { people, group }) {
  const views = [];
  for (const person of people) {
    person.base = server.url;
    const { status, body } = await person.get('/api/v1/conversations');
    assert.equal(status, 200, 'the session goes on');
    for (const conversation of body.conversations) {
      views.push(conversation, await person.history(conversation.id));
    }
    for (const words of ['edited', 'answer', 'alone', 'gone']) {
      const hits = await person.get(`/api/v1/search?q=${words}`);
      views.push(hits.body.hits.map(({ message }) => message.id));
    }
    views.push((await person.get('/api/v1/users/me')).body);
    views.push((await person.get('/api/v1/users/me/sessions')).body.sessions.map(({ id }) => id));
    views.push((await person.get(`/api/v1/conversations/${group.id}/members`)).body);
  }
  return views;
}

/** Logging in with the old password, sending, and a repeat of what was sent: the chat goes on. */
async function goesOn(server, { people: [ana, bruno], group, direct, first }) {
  await ana.logInAgain();
  const again = await ana.post(`/api/v1/conversations/${group.id}/messages`, {
    clientId: first.clientId,
    body: 'repeated',
  });
  assert.deepEqual([again.status, again.body.message.id], [200, first.id], 'a repeat finds the original');
  const before_ = (await ana.history(group.id)).length;
  assert.equal((await bruno.say(group.id, 'next')).seq, before_ + 1);
  assert.equal((await bruno.converse('direct', [ana])).id, direct.id, 'no second direct conversation');
  await register(server.url);
}

describe('an archive', () => {
  let server;
  let life;
  let file;
  before(async () => {
    server = await serve();
    life = await chat(server);
    file = fresh('archive.ndjson');
    // While the server runs.
    await run(['export', '--output', file], at(server.dataDir));
  });
  after(() => server?.stop());

  it('is what the documentation says', async () => {
    const all = await lines(file);
    const [header, end] = [JSON.parse(all[0]), JSON.parse(all.at(-1))];
    assert.deepEqual(Object.keys(header), ['format', 'version', 'createdAt']);
    assert.deepEqual([header.format, header.version], ['chatconnect-archive', 1]);
    const counts = { user: 0, session: 0, conversation: 0, member: 0, message: 0 };
    const digest = createHash('sha256');
    for (const line of all.slice(1, -1)) {
      counts[JSON.parse(line).type] += 1;
      digest.update(`${line}\n`);
    }
    assert.equal(end.sha256, digest.digest('hex'));
    const stated = Object.entries(end.counts).map(([kind, count]) => [kind.slice(0, -1), count]);
    assert.deepEqual(Object.fromEntries(stated), counts);
    assert.ok(Object.values(counts).every((count) => count >= 3), JSON.stringify(counts));
    assert.equal((await stat(file)).mode & 0o777, 0o600, 'readable by its owner alone');
  });

  it('is not written over a file', async () => {
    const before_ = await readFile(file);
    const sentence = await fail(['export', '-o', file], at(server.dataDir));
    assert.match(sentence, /exists already/);
    assert.deepEqual(await readFile(file), before_);
  });

  it('goes through a pipe and fills a database on which the chat goes on', async () => {
    const dataDir = await temporaryFolder();
    const script = '"$BIN" export | DATABASE_URL="$TO" "$BIN" import -';
    const env = { BIN: CHATCONNECT_BIN, ...at(server.dataDir), TO: urlOf(dataDir) };
    const args = ['-o', 'pipefail', '-c', script];
    const piped = await ended(launch('/bin/bash', { args, env }), 'export | import');
    assert.equal(piped.code, 0, piped.stderr);
    const original = await seen(server, life);
    const second = await serve({ dataDir });
    try {
      assert.deepEqual(await seen(second, life), original);
      await goesOn(second, life);
    } finally {
      await second.stop({ keepData: true });
    }
    await assertIntact(dataDir);
    await removeFolder(dataDir);
  });

  it('comes out of the second database as it went in', async () => {
    const dataDir = fresh('data');
    const said = await run(['import', file], at(dataDir));
    const end = JSON.parse((await lines(file)).at(-1));
    assert.match(said, new RegExp(`imported ${end.counts.users} users, .*sha256 ${end.sha256}`));
    const copy = fresh('copy.ndjson');
    await run(['export', '-o', copy], { DATABASE_URL: urlOf(dataDir) });
    assert.deepEqual(await records(copy), await records(file));
    assert.match(await fail(['import', file], at(dataDir)), /not empty/);
    if (existsSync(fileOf(dataDir))) assert.equal((await stat(fileOf(dataDir))).mode & 0o777, 0o600);
  });

  describe('that is not whole', () => {
    /** Imports what `change` makes of the lines; nothing of it may stay. */
    async function refused(change) {
      const [broken, dataDir] = [fresh('broken.ndjson'), fresh('data')];
      await writeFile(broken, change(await lines(file)));
      const sentence = await fail(['import', broken], at(dataDir));
      const empty = await serve({ dataDir });
      await register(empty.url);
      await empty.stop({ keepData: true });
      return sentence;
    }
    const whole = (all) => `${all.join('\n')}\n`;

    it('because it was cut off', async () => {
      const cut = fresh('cut.ndjson');
      await writeFile(cut, await readFile(file));
      const { size } = await stat(file);
      for (const length of [size - 40, Math.floor(size / 2), 120]) {
        await truncate(cut, length);
        const dataDir = fresh('data');
        assert.match(await fail(['import', cut], at(dataDir)), /was cut off/);
      }
      assert.match(await refused((all) => whole(all.slice(0, -1))), /was cut off/);
      assert.match(await refused((all) => whole(all.toSpliced(5, 1))), /damaged|broken|names nobody/);
    });

    it('because it is of another version, or nothing of ours', async () => {
      const newer = (all) => whole([all[0].replace('"version":1', '"version":2'), ...all.slice(1)]);
      assert.match(await refused(newer), /version 2/);
      const other = (all) => whole([all[0].replace('chatconnect', 'another'), ...all.slice(1)]);
      assert.match(await refused(other), /not a ChatConnect archive/);
      assert.match(await refused(() => 'This is a letter to my aunt.\n'), /not a ChatConnect archive/);
      assert.match(await refused(() => ''), /not a ChatConnect archive/);
    });

    it('because of a line', async () => {
      const changed = (number, from, to) => (all) =>
        whole(all.with(number - 1, all[number - 1].replace(from, to)));
      assert.match(await refused(changed(2, /"username":"[^"]*"/, '"username":"No!"')), /line 2 .*username/);
      assert.match(await refused(changed(3, '"createdAt":"2', '"createdAt":"x')), /line 3 .*createdAt/);
      assert.match(await refused(changed(4, '{', '{,')), /line 4 /);
      assert.match(await refused(changed(2, '"type"', '"age":7,"type"')), /line 2 .*age/);
      assert.match(await refused(changed(2, 'Müller', 'Mueller')), /checksum/);
    });

    it('through a pipe, where it shows at the end only', async () => {
      const dataDir = fresh('data');
      const script = 'head -n -1 "$ARCHIVE" | "$BIN" import -';
      const env = { BIN: CHATCONNECT_BIN, ARCHIVE: file, ...at(dataDir) };
      const piped = await ended(launch('/bin/bash', { args: ['-c', script], env }), 'import');
      assert.notEqual(piped.code, 0);
      assert.match(piped.stderr, /was cut off/);
      // It is half filled: no server takes it for whole, and the whole archive goes on where this one ended.
      assert.match(await fail(['--port', '0'], at(dataDir)), /unfinished import from the archive of/);
      assert.match(await fail(['export'], at(dataDir)), /unfinished import/);
      await run(['import', file], at(dataDir));
      const copy = fresh('copy.ndjson');
      await run(['export', '-o', copy], at(dataDir));
      assert.deepEqual(await records(copy), await records(file));
    });
  });

  it('of nothing says where it looked', async () => {
    const nothing = fresh('nothing');
    assert.match(await fail(['export'], { DATABASE_URL: urlOf(folder) }), /there is no (ChatConnect )?database/);
    assert.match(await fail(['export'], { DATA_DIR: nothing }), /does not exist/);
    assert.match(await fail(['import', nothing], { DATA_DIR: nothing }), /No such file/);
    assert.match(await fail(['export'], { DATABASE_URL: 'nonsense' }), /DATABASE_URL must be/);
    assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith('nothing')), []);
  });
});

describe('a backup', ONLY_EMBEDDED, () => {
  it('made while people send holds all that was acked', async () => {
    const server = await serve();
    const ana = await register(server.url);
    const { id } = await ana.converse('channel', [], 'Busy');
    const acked = [];
    let sending = true;
    const senders = Array.from({ length: 8 }, async () => {
      while (sending) acked.push(await ana.say(id, `words ${acked.length}`));
    });
    const copies = [];
    for (let round = 0; round < 4; round += 1) {
      const enough = acked.length + 50;
      await eventually(() => acked.length >= enough, 'people send');
      const [file, promised] = [fresh('backup.db'), acked.slice()];
      await run(['backup', file], at(server.dataDir));
      copies.push({ file, promised });
    }
    sending = false;
    await Promise.all(senders);
    await server.stop();
    for (const { file, promised } of copies) {
      assert.equal((await stat(file)).mode & 0o777, 0o600, 'readable by its owner alone');
      await assertIntegrity(file);
      const copy = await serve({ env: { DATABASE_URL: `sqlite://${file}` } });
      ana.base = copy.url;
      const history = await ana.history(id);
      assert.deepEqual(history.map(({ seq }) => seq), history.map((_, n) => n + 1));
      const there = new Map(history.map((message) => [message.id, message]));
      for (const message of promised) assert.deepEqual(there.get(message.id), message);
      assert.equal((await ana.say(id, 'next')).seq, history.length + 1);
      await copy.stop();
    }
    assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith('.partial')), []);
  });

  it('replaces nothing, and needs a database', async () => {
    const server = await serve();
    const file = fresh('mine');
    await writeFile(file, 'mine');
    assert.match(await fail(['backup', file], at(server.dataDir)), /exists already/);
    assert.equal(await readFile(file, 'utf8'), 'mine');
    const nowhere = path.join(folder, 'no', 'such', 'folder');
    assert.match(await fail(['backup', nowhere], at(server.dataDir)), /no\/such\/folder/);
    assert.match(await fail(['backup'], at(server.dataDir)), /FILE/);
    await server.stop({ keepData: true });
    // Without a server too; and nothing is left beside the database.
    await run(['backup', fresh('backup.db')], at(server.dataDir));
    const names = (await readdir(server.dataDir)).sort();
    assert.deepEqual(names, ['chatconnect.db', 'chatconnect.db.lock']);
    await server.removeData();
    assert.match(await fail(['backup', fresh('backup.db')], { DATABASE_URL: urlOf(folder) }), /no database/);
  });
});

describe('a migration', () => {
  let source;
  let archive;
  before(async () => {
    source = fresh('source');
    archive = fresh('generated.ndjson');
    const script = '"$GENERATE" --messages "$COUNT" > "$FILE"';
    const env = { GENERATE: GENERATE_BIN, COUNT: String(MOVED_MESSAGES), FILE: archive };
    const generated = await ended(launch('/bin/bash', { args: ['-c', script], env }), 'generating');
    assert.equal(generated.code, 0, generated.stderr);
    await run(['import', archive], at(source));
  });

  const migrate = (target) => ['migrate', '--from', urlOf(source), '--to', urlOf(target)];

  /** Whether the target holds exactly what the source does, and a server starts on it. */
  async function assertMoved(target) {
    const copy = fresh('copy.ndjson');
    await run(['export', '-o', copy], at(target));
    assert.deepEqual(await records(copy), await records(archive));
    const server = await serve({ dataDir: target });
    await register(server.url);
    await server.stop({ keepData: true });
    await assertIntact(target);
  }

  it(`that is killed ${KILLS} times ends with the same`, async (t) => {
    let target = fresh('target');
    await mkdir(target);
    let [killed, whole, wasKilled] = [0, 0, false];
    const took = [];
    while (killed < KILLS) {
      const began = Date.now();
      const running = start(migrate(target));
      // Anywhere in the time that it takes: most of that goes by in the middle.
      const moment = began + randomInt(50, Math.max(2_000, ...took));
      await eventually(() => Date.now() >= moment || running.child.exitCode !== null, 'the moment comes');
      running.child.kill('SIGKILL');
      const end = await ended(running, 'the migration');
      if (end.signal === 'SIGKILL') {
        [killed, wasKilled] = [killed + 1, true];
        continue;
      }
      // A kill may have come after the end, before the command had left.
      if (end.code !== 0 && wasKilled) assert.match(end.stderr, /the target is not empty/);
      else assert.equal(end.code, 0, end.stderr);
      took.push(Date.now() - began);
      [whole, wasKilled] = [whole + 1, false];
      await assertMoved(target);
      target = fresh('target');
      await mkdir(target);
    }
    const last = await ended(start(migrate(target)), 'the migration');
    if (last.code !== 0) assert.match(last.stderr, /the target is not empty/);
    await assertMoved(target);
    t.diagnostic(`${killed} kills, ${whole + 1} migrations`);
  });

  it('that was stopped is told how to go on, and no server starts meanwhile', async () => {
    const target = fresh('target');
    await mkdir(target);
    const running = start(migrate(target));
    await eventually(() => running.stderr.includes('carrying'), 'it is under way');
    running.child.kill('SIGINT');
    const { code, stderr } = await ended(running, 'the migration');
    assert.notEqual(code, 0);
    assert.match(stderr, /interrupted: give the same command again/);
    const server = await fail(['--port', '0'], at(target));
    assert.match(server, /unfinished import from (sqlite|mongodb):\/\/.*give the same command again/);
    const other = fresh('other');
    await run(['import', archive], at(other));
    const fromElsewhere = await fail(['migrate', '--from', urlOf(other), '--to', urlOf(target)]);
    assert.match(fromElsewhere, /unfinished import from (sqlite|mongodb):/);
    await run(migrate(target));
    await assertMoved(target);
    assert.match(await fail(migrate(target)), /not empty/);
  });

  it('needs two databases that nobody uses', async () => {
    const server = await serve();
    await register(server.url);
    const [from, to] = [urlOf(server.dataDir), `sqlite://${fresh('target.db')}`];
    const used = /locked by another process|in use by 1 of its servers/;
    assert.match(await fail(['migrate', '--from', from, '--to', to]), used);
    assert.match(await fail(['migrate', '--from', urlOf(source), '--to', from]), used);
    assert.match(await fail(['migrate', '--from', from, '--to', from]), /same database/);
    assert.match(await fail(['migrate', '--from', 'nonsense', '--to', to]), /--from/);
    assert.match(await fail(['migrate', '--from', from]), /--to/);
    const nothing = await fail(['migrate', '--from', urlOf(folder), '--to', to]);
    assert.match(nothing, /there is no (ChatConnect )?database/);
    await server.stop();
  });
});
