// Which database the servers of this run are given: the embedded one, or MongoDB with
// CHATCONNECT_TEST_DATABASE=mongodb. Then each server has a database of its own on the replica set that
// `scripts/with-mongod` started.

import assert from 'node:assert/strict';
import path from 'node:path';

import { MongoClient, UUID } from 'mongodb';

import { mongodbUrl } from './mongod.mjs';
import { assertIntegrity } from './sqlite.mjs';

const KIND = process.env.CHATCONNECT_TEST_DATABASE ?? 'embedded';
assert.ok(['embedded', 'mongodb'].includes(KIND), `CHATCONNECT_TEST_DATABASE=${KIND}`);
const EMBEDDED = KIND === 'embedded';

/** For tests of the file, which has no counterpart in MongoDB. */
export const ONLY_EMBEDDED = { skip: EMBEDDED ? false : 'about the file of the embedded database' };

/** What `DATABASE_URL` says to the servers of this data folder; a server that starts on it again finds its data. */
export function databaseUrl(dataDir) {
  if (EMBEDDED) return undefined;
  const base = process.env.CHATCONNECT_TEST_MONGODB;
  assert.ok(base, 'CHATCONNECT_TEST_MONGODB is not set: run `make test-e2e-mongodb`, or `scripts/with-mongod COMMAND…`');
  return mongodbUrl(base, path.basename(dataDir));
}

async function withDatabase(dataDir, work) {
  const client = new MongoClient(databaseUrl(dataDir));
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

export async function removeDatabase(dataDir) {
  if (!EMBEDDED) await withDatabase(dataDir, (database) => database.dropDatabase());
}

/** A second opinion on what a server stored, not by way of the server. */
export async function assertSound(server, conversationId) {
  if (EMBEDDED) await assertIntegrity(server.databaseFile);
  else await withDatabase(server.dataDir, (database) => assertDense(database, conversationId));
}

/** The places and revisions of a conversation's messages in MongoDB. */
export async function assertDense(database, conversationId) {
  const stored = database.collection('messages', { readConcern: { level: 'majority' } });
  const messages = await stored
    .find({ conversation: new UUID(conversationId), seq: { $gt: 0 } })
    .sort({ seq: 1 })
    .toArray();
  assert.deepEqual(
    messages.map(({ seq }) => Number(seq)),
    messages.map((_, n) => n + 1),
    'seq is dense in the database',
  );
  const revs = new Set(messages.map(({ rev }) => Number(rev)));
  assert.equal(revs.size, messages.length, 'no rev twice in the database');
}
