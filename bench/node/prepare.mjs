// What the benchmark asks of MongoDB: `initiate PORT` makes one mongod a replica set, `seed FILE` fills the database of
// the reference server with a world and prints a session cookie for each person, `messages FILE` adds the messages of an
// archive, `drop` removes the database.

import { createHmac } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { MongoClient, ObjectId } from 'mongodb';

import { connect, createIndexes, required } from './database.mjs';

const MONTH_MS = 30 * 24 * 60 * 60 * 1000;
const BATCH = 5_000;
const SET_NAME = 'rs0';

const commands = { initiate, seed, messages, drop };
const [name, argument] = process.argv.slice(2);
if (!Object.hasOwn(commands, name)) throw new Error(`no such command: ${name}`);
await commands[name](argument);

async function initiate(port) {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
  const admin = client.db('admin');
  const config = { _id: SET_NAME, members: [{ _id: 0, host: `127.0.0.1:${port}` }] };
  await admin.command({ replSetInitiate: config });
  while (!(await admin.command({ hello: 1 })).isWritablePrimary) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await client.close();
}

async function seed(file) {
  const world = JSON.parse(readFileSync(file, 'utf8'));
  const database = await connect({ pool: 4 });
  await createIndexes(database);
  const now = new Date();
  const expires = new Date(now.getTime() + MONTH_MS);
  const users = world.people.map(({ id, username }) => ({
    _id: id,
    username,
    passwordHash: world.passwordHash,
    createdAt: now,
  }));
  await inBatches(users, (batch) => database.users.insertMany(batch));
  const memberships = world.rooms.flatMap(({ id, kind, members }) =>
    members.map((person) => ({ conversationId: id, kind, userId: world.people[person].id })),
  );
  await inBatches(memberships, (batch) => database.memberships.insertMany(batch));
  const cookie = { originalMaxAge: MONTH_MS, expires, httpOnly: true, path: '/', sameSite: 'lax' };
  const sessions = world.people.map(({ id, sessionId }) => ({
    _id: sessionId,
    expires,
    lastModified: now,
    session: JSON.stringify({ cookie, passport: { user: id }, lastModified: now }),
  }));
  await inBatches(sessions, (batch) => database.sessions.insertMany(batch));
  await database.client.close();
  const cookies = world.people.map(({ sessionId }) => `connect.sid=${encodeURIComponent(signed(sessionId))}`);
  process.stdout.write(`${cookies.join('\n')}\n`);
}

/** As express-session signs the id in its cookie. */
function signed(id) {
  const signature = createHmac('sha256', required('SESSION_SECRET')).update(id).digest('base64').replace(/=+$/, '');
  return `s:${id}.${signature}`;
}

async function messages(file) {
  const database = await connect({ pool: 4 });
  let batch = [];
  const store = async () => {
    if (batch.length > 0) await database.messages.insertMany(batch, { ordered: false });
    batch = [];
  };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!line.startsWith('{"type":"message"')) continue;
    const { conversationId, senderId, clientId, body, createdAt } = JSON.parse(line);
    batch.push({ _id: new ObjectId(), conversationId, senderId, clientId, body, createdAt: new Date(createdAt) });
    if (batch.length === BATCH) await store();
  }
  await store();
  await database.client.close();
}

async function drop() {
  const { client } = await connect({ pool: 1 });
  await client.db().dropDatabase();
  await client.close();
}

async function inBatches(documents, store) {
  for (let start = 0; start < documents.length; start += BATCH) {
    await store(documents.slice(start, start + BATCH));
  }
}
