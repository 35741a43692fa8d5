// The collections of the reference server, and how it talks to MongoDB.

import { MongoClient } from 'mongodb';

/** Every write is journalled on a majority before it is answered. */
const DURABLE = { w: 'majority', journal: true };

export async function connect({ pool }) {
  const client = new MongoClient(required('MONGODB_URL'), {
    writeConcern: DURABLE,
    maxPoolSize: pool,
    minPoolSize: Math.min(pool, 5),
  });
  await client.connect();
  const db = client.db();
  return {
    client,
    users: db.collection('users'),
    sessions: db.collection('sessions'),
    memberships: db.collection('memberships'),
    messages: db.collection('messages'),
  };
}

/** What the queries of the server need, and no more. */
export async function createIndexes({ users, memberships, messages }) {
  await users.createIndex({ username: 1 }, { unique: true });
  await memberships.createIndex({ userId: 1 });
  await memberships.createIndex({ conversationId: 1, userId: 1 }, { unique: true });
  await messages.createIndex({ conversationId: 1, _id: 1 });
}

export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
