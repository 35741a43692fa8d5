// A chat the way it is usually built with Node: Express, Passport, express-session, connect-mongo, Socket.IO, MongoDB.
// It is what ChatConnect is measured against. WORKERS=0 is one process; more are a cluster with sticky sessions.

import cluster from 'node:cluster';
import { createServer } from 'node:http';

import { createAdapter, setupPrimary } from '@socket.io/cluster-adapter';
import { setupMaster, setupWorker } from '@socket.io/sticky';

import { connect, createIndexes } from './database.mjs';
import { createHttp } from './http.mjs';
import { createSessions } from './sessions.mjs';
import { createSockets } from './sockets.mjs';

const workers = Number(process.env.WORKERS ?? 0);
const port = Number(process.env.PORT ?? 0);
const bcryptCost = Number(process.env.BCRYPT_COST ?? 12);
/** As many accepted connections may wait as the other servers let wait; Node's default is 511. */
const BACKLOG = 1024;
/** The driver's default. */
const POOL = 100;

async function createChat() {
  const database = await connect({ pool: POOL });
  const signedIn = createSessions(database);
  let io;
  const server = createGuardedServer(createHttp(database, signedIn, bcryptCost, () => io));
  io = createSockets(server, database, signedIn);
  return { server, io };
}

/** A client that resets its connection at the wrong moment, before a library listens, would end the process. */
function createGuardedServer(handler) {
  const server = createServer(handler);
  server.on('connection', (socket) => socket.on('error', () => socket.destroy()));
  return server;
}

const listening = (server) =>
  new Promise((resolve) => server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, resolve));

function announce(server) {
  process.stdout.write(`listening on http://127.0.0.1:${server.address().port}\n`);
}

async function prepareDatabase() {
  const database = await connect({ pool: 1 });
  await createIndexes(database);
  await database.client.close();
}

if (workers === 0) {
  await prepareDatabase();
  const { server } = await createChat();
  await listening(server);
  announce(server);
} else if (cluster.isPrimary) {
  await prepareDatabase();
  const server = createGuardedServer();
  setupMaster(server, { loadBalancingMethod: 'least-connection' });
  setupPrimary();
  // The first bytes of a connection go to a worker as they are; JSON would not keep them.
  cluster.setupPrimary({ serialization: 'advanced' });
  const ready = Array.from({ length: workers }, () => {
    const worker = cluster.fork();
    return new Promise((resolve) => worker.once('message', resolve));
  });
  cluster.on('exit', () => process.exit(1));
  await Promise.all(ready);
  await listening(server);
  announce(server);
} else {
  const { io } = await createChat();
  io.adapter(createAdapter());
  setupWorker(io);
  process.send('ready');
}
