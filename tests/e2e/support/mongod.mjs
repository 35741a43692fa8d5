// A real MongoDB on this machine: one mongod, or a replica set whose members can be killed and come back.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { MongoClient } from 'mongodb';

import { freePort, fromRoot, launch, removeFolder, temporaryFolder } from './processes.mjs';
import { eventually, within } from './wait.mjs';

const MONGOD_BIN = fromRoot(process.env.MONGOD ?? '.venv/bin/mongod');
const START_MS = 30_000;
const STOP_MS = 20_000;
const ELECTED_MS = 30_000;
export const SET_NAME = 'rs0';

/** Small logs, no telemetry, fail points that tests may set, and expired documents removed within a second. */
const SETTINGS = [
  ['--bind_ip', '127.0.0.1'],
  ['--nounixsocket'],
  ['--wiredTigerEngineConfigString', 'log=(prealloc=false,file_max=10MB)'],
  ['--setParameter', 'diagnosticDataCollectionEnabled=false'],
  ['--setParameter', 'enableTestCommands=1'],
  ['--setParameter', 'ttlMonitorSleepSecs=1'],
].flat();

/** A set that notices within two seconds that its primary is gone, as one of three nodes should in a test. */
const QUICK_ELECTIONS = { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 };

const MEMORY = '/dev/shm';
const ROOM = 2 * 2 ** 30;
const FOLDERS = 'chatconnect-mongod-';

/**
 * Where a mongod keeps its files: in memory if there is room, since every test of the gateways makes a database with
 * all its indexes, and a disk would be most of what they wait for.
 */
async function dataFolder() {
  const parent = existsSync(MEMORY) && roomIn(MEMORY) > ROOM ? MEMORY : tmpdir();
  if (parent === MEMORY) sweep(parent);
  return temporaryFolder(`${FOLDERS}${process.pid}-`, parent);
}

function roomIn(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Removes what processes left that were killed before they could. */
function sweep(parent) {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(FOLDERS))) {
    const [owner] = name.slice(FOLDERS.length).split('-');
    if (!existsSync(`/proc/${owner}`)) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

class Mongod {
  #process;
  #args;
  #folder;

  constructor(folder, port, args) {
    this.#folder = folder;
    this.#args = args;
    this.port = port;
  }

  static async start({ replSet, cacheGB }) {
    const folder = await dataFolder();
    const args = [...SETTINGS, '--dbpath', folder, '--wiredTigerCacheSizeGB', String(cacheGB)];
    if (replSet) args.push('--replSet', replSet, '--oplogSize', '64');
    for (;;) {
      const mongod = new Mongod(folder, await freePort(), args);
      if (await mongod.start()) return mongod;
    }
  }

  get host() {
    return `127.0.0.1:${this.port}`;
  }

  get pid() {
    return this.#process.child.pid;
  }

  get isRunning() {
    const { exitCode, signalCode } = this.#process.child;
    return exitCode === null && signalCode === null;
  }

  /** Starts it, or starts it again on the same data. Answers whether its port was still to be had. */
  async start() {
    assert.ok(!this.#process || !this.isRunning, 'it does not run yet');
    const running = launch(MONGOD_BIN, { args: [...this.#args, '--port', String(this.port)] });
    this.#process = running;
    const listens = new Promise((resolve) => {
      running.child.stdout.on('data', () => {
        if (running.stdout.includes('"msg":"Waiting for connections"')) resolve(true);
      });
    });
    const ends = running.exited.then(() => {
      const why = running.stdout.split('\n').filter((line) => /"s":"[EF]"/.test(line));
      if (why.some((line) => line.includes('Address already in use'))) return false;
      throw new Error(`mongod ended\n${why.join('\n')}\n${running.stderr}`);
    });
    // Once it listens, its end is no news to this function.
    ends.catch(() => {});
    return within(Promise.race([listens, ends]), START_MS, 'mongod listens');
  }

  /** The rude end. */
  async kill() {
    this.#process.child.kill('SIGKILL');
    await within(this.#process.exited, STOP_MS, 'mongod ends after SIGKILL');
  }

  /** Stops its threads where they are; it looks dead to everybody, but keeps its connections. */
  freeze() {
    this.#process.child.kill('SIGSTOP');
  }

  thaw() {
    this.#process.child.kill('SIGCONT');
  }

  async remove() {
    await this.kill();
    await removeFolder(this.#folder);
  }

  /** Runs `work` with a client that talks to this member alone, whatever its state is. */
  async directly(work) {
    const client = new MongoClient(`mongodb://${this.host}/?directConnection=true`, {
      serverSelectionTimeoutMS: 5_000,
      connectTimeoutMS: 5_000,
    });
    try {
      return await work(client.db('admin'));
    } finally {
      await client.close();
    }
  }

  hello() {
    return this.directly((admin) => admin.command({ hello: 1 }));
  }
}

/** What one or three mongods are to a server: an address, and databases in it. */
class Database {
  #client;

  constructor(members, hosts, parameters) {
    this.members = members;
    this.hosts = hosts;
    this.parameters = parameters;
  }

  /** The address of one database, as a server or a driver takes it. */
  url(name = '', parameters = {}) {
    return mongodbUrl(`mongodb://${this.hosts}/`, name, { ...this.parameters, ...parameters });
  }

  /** A client of the whole, for looking and for preparing. */
  get client() {
    this.#client ??= new MongoClient(this.url(), { serverSelectionTimeoutMS: ELECTED_MS });
    return this.#client;
  }

  async stop() {
    await this.#client?.close();
    await Promise.all(this.members.map((member) => member.remove()));
  }
}

class ReplicaSet extends Database {
  /** The member that takes writes now. */
  primary(ms = ELECTED_MS) {
    const find = async () => {
      const running = this.members.filter((member) => member.isRunning);
      const answers = await Promise.all(running.map((member) => member.hello().catch(() => undefined)));
      return running[answers.findIndex((answer) => answer?.isWritablePrimary)];
    };
    return eventually(find, 'a member is primary', ms);
  }

  /** Waits until a write has reached a majority. */
  async isWritable() {
    await within(
      this.client.db('admin').command({ appendOplogNote: 1, data: { ready: true } }, { writeConcern: { w: 'majority' } }),
      ELECTED_MS,
      'a majority takes a write',
    );
  }

  /** Waits until every member is there and up to date enough to be chosen. */
  async isWhole() {
    const whole = async () => {
      const { members } = await this.client.db('admin').command({ replSetGetStatus: 1 });
      return members.every(({ stateStr }) => ['PRIMARY', 'SECONDARY'].includes(stateStr));
    };
    await eventually(whole, 'every member is primary or secondary', ELECTED_MS);
  }
}

/** The address of a database at `base`, which may have a query of its own. */
export function mongodbUrl(base, name, parameters = {}) {
  const [, hosts, query] = /^(mongodb:\/\/[^/?]+)\/?[^?]*(?:\?(.*))?$/.exec(base);
  const all = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), ...parameters });
  return `${hosts}/${name}${all.size > 0 ? `?${all}` : ''}`;
}

/**
 * Starts a replica set and waits until it takes writes. `way(port)` answers the port by which a member is known to the
 * others and to drivers, when that is not its own: see `Network`.
 */
export async function startReplicaSet({
  members: count = 1,
  name = SET_NAME,
  cacheGB = 0.25,
  settings = QUICK_ELECTIONS,
  way = (port) => port,
} = {}) {
  const starting = Array.from({ length: count }, () => Mongod.start({ replSet: name, cacheGB }));
  const members = await Promise.all(starting);
  const ports = await Promise.all(members.map(({ port }) => way(port)));
  const hosts = ports.map((port) => `127.0.0.1:${port}`);
  const set = new ReplicaSet(members, hosts, { replicaSet: name });
  const config = { _id: name, members: hosts.map((host, _id) => ({ _id, host })), settings };
  await members[0].directly((admin) => admin.command({ replSetInitiate: config }));
  await set.primary();
  await set.isWritable();
  await set.isWhole();
  return set;
}

/** One mongod without a replica set. */
export async function startStandalone({ cacheGB = 0.25 } = {}) {
  const mongod = await Mongod.start({ cacheGB });
  return new Database([mongod], [mongod.host], {});
}
