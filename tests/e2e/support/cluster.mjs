// Several servers on one replica set.

import { request } from './http.mjs';
import { startReplicaSet } from './mongod.mjs';
import { freePort, removeFolder, temporaryFolder } from './processes.mjs';
import { Network } from './proxy.mjs';
import { Redis } from './redis.mjs';
import { startServer } from './server.mjs';
import { eventually } from './wait.mjs';

const READY_MS = 30_000;

/** One server, which keeps its address and its data folder when it is started again. */
class Node {
  #server;
  #folder;
  #env;

  constructor(name, folder, port, env) {
    this.name = name;
    this.port = port;
    this.#folder = folder;
    this.#env = { ...env, PORT: String(port) };
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid() {
    return this.#server.pid;
  }

  get output() {
    return this.#server.output;
  }

  async start() {
    this.#server = await startServer({ dataDir: this.#folder, env: this.#env });
    await this.isReady();
  }

  async readiness() {
    return (await request(this.url, 'GET', '/readyz')).status;
  }

  isReady() {
    return eventually(async () => (await this.readiness()) === 200, `node ${this.name} is ready`, READY_MS);
  }

  isNotReady() {
    return eventually(async () => (await this.readiness()) === 503, `node ${this.name} is not ready`, READY_MS);
  }

  /** The value of a metric that has no labels. */
  async metric(name) {
    const { text } = await request(this.url, 'GET', '/metrics');
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  }

  async kill() {
    const server = this.#server;
    this.#server = undefined;
    await server.kill();
  }

  async remove() {
    try {
      await this.#server?.stop();
    } finally {
      await removeFolder(this.#folder);
    }
  }
}

/**
 * Starts a replica set and servers on it. `network: true` puts a network between them that can be broken, `redis: true`
 * lets the servers signal each other by way of Redis.
 */
export async function startCluster({ members = 3, nodes: count = 2, network = false, redis = false, env = {} } = {}) {
  const made = { nodes: [] };
  const stop = async () => {
    const nodes = await Promise.allSettled(made.nodes.map((node) => node.remove()));
    await made.set?.stop();
    await made.redis?.kill();
    await made.network?.close();
    const failed = nodes.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  };
  try {
    if (network) made.network = new Network();
    if (redis) made.redis = await Redis.start();
    made.set = await startReplicaSet({ members, way: network ? (port) => made.network.wayTo(port) : undefined });
    const settings = { DATABASE_URL: made.set.url('chat'), REDIS_URL: made.redis?.url, ...env };
    for (const name of 'ABCDEF'.slice(0, count)) {
      made.nodes.push(new Node(name, await temporaryFolder(), await freePort(), settings));
    }
    await Promise.all(made.nodes.map((node) => node.start()));
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
  return { ...made, stop };
}
