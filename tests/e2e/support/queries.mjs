// How often a server asks its database. Of SQLite, that runs within it, the snapshots that it reads and the operations that it
// writes, each on a thread of its own, by its metrics: a statement is a call of a function there
// (https://www.sqlite.org/np1queryprob.html). Of MongoDB, every operation that the profiler of mongod saw.

import assert from 'node:assert/strict';

import { MongoClient } from 'mongodb';

import { databaseUrl } from './database.mjs';
import { request } from './http.mjs';

/** What nodes write and read by themselves, and what comes by itself out of a stream. */
const NOT_ASKED = {
  ns: { $not: /\.(nodes|signals|system\.profile)$/ },
  'originatingCommand.pipeline.0.$changeStream': { $exists: false },
};

class Visits {
  constructor(server) {
    this.server = server;
  }

  async total() {
    const { text } = await request(this.server.url, 'GET', '/metrics');
    const counts = [...text.matchAll(/^chatconnect_sqlite_(?:reads|writes)_total (\d+)$/gm)];
    assert.equal(counts.length, 2, 'reads and writes are counted');
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  async close() {}
}

class Operations {
  static async on(server) {
    const client = new MongoClient(databaseUrl(server.dataDir));
    const db = client.db();
    await db.command({ profile: 0 });
    await db.createCollection('system.profile', { capped: true, size: 64 * 1024 * 1024 });
    await db.command({ profile: 2 });
    return Object.assign(new Operations(), { client, db });
  }

  async total() {
    return this.db.collection('system.profile').countDocuments(NOT_ASKED);
  }

  async close() {
    await this.db.command({ profile: 0 });
    await this.client.close();
  }
}

/** A counter that only rises: what it rises by while a command is carried out is what the command costs. */
export async function countQueries(server) {
  return databaseUrl(server.dataDir) === undefined ? new Visits(server) : Operations.on(server);
}
