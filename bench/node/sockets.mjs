// The Socket.IO half: the session is checked at the handshake, a message is stored, told to its room and acked.

import { Server } from 'socket.io';

import { missedMessages, storeMessage } from './messages.mjs';

export function createSockets(server, database, { sessions, passport }) {
  const io = new Server({ perMessageDeflate: false, httpCompression: false, serveClient: false });

  io.attach(server);
  const onlyForHandshake = (middleware) => (request, response, next) =>
    request._query.sid === undefined ? middleware(request, response, next) : next();
  io.engine.use(onlyForHandshake(sessions));
  io.engine.use(onlyForHandshake(passport.session()));
  io.engine.use(onlyForHandshake(refuseStrangers));
  io.on('connection', (socket) => serve(io, socket, database).catch(() => socket.disconnect(true)));
  return io;
}

function refuseStrangers(request, response, next) {
  if (request.user) return next();
  response.writeHead(401);
  response.end();
}

async function serve(io, socket, database) {
  const user = socket.request.user;
  // Nothing of the request is needed any more; Socket.IO's documentation advises to let it go.
  socket.conn.request = null;
  const membership = database.memberships.find({ userId: user._id }).toArray();

  const on = (event, handle) =>
    socket.on(event, async (payload, ack) => {
      try {
        const data = await handle(payload);
        ack?.({ ok: true, data });
      } catch (error) {
        ack?.({ ok: false, error: { code: error.code ?? 'internal', title: error.message } });
      }
    });
  const member = (conversationId) => {
    if (!socket.rooms.has(conversationId)) throw Object.assign(new Error('not a member'), { code: 'forbidden' });
  };

  on('message:send', async ({ conversationId, clientId, body }) => {
    member(conversationId);
    if (typeof body !== 'string' || body.length === 0 || body.length > 8_000) throw new Error('invalid body');
    const message = await storeMessage(database, { conversationId, senderId: user._id, clientId, body });
    io.to(conversationId).emit('message:created', { message });
    return { message };
  });
  on('sync', async ({ cursors }) => {
    const mine = await membership;
    const ids = mine.map(({ conversationId }) => conversationId);
    return { messages: await missedMessages(database, ids, cursors), conversations: mine };
  });
  on('conversation:read', async ({ conversationId, messageId }) => {
    member(conversationId);
    await database.memberships.updateOne({ conversationId, userId: user._id }, { $set: { readId: messageId } });
    socket.to(conversationId).emit('conversation:read', { conversationId, userId: user._id, messageId });
    return {};
  });
  on('typing:set', async ({ conversationId, typing }) => {
    member(conversationId);
    socket.to(conversationId).emit('typing:changed', { conversationId, userId: user._id, typing });
    return {};
  });

  const rooms = await membership;
  await socket.join(rooms.map(({ conversationId }) => conversationId));
  // Presence in large channels would grow with the square of the people.
  const small = rooms.filter(({ kind }) => kind !== 'channel').map(({ conversationId }) => conversationId);
  const tell = (status) => {
    if (small.length > 0) socket.to(small).emit('presence:changed', { userId: user._id, status });
  };
  tell('online');
  socket.on('disconnecting', () => tell('offline'));
  socket.emit('session:ready', { user: { id: user._id, username: user.username }, serverTime: new Date() });
}
