// The HTTP half: register, log in, log out, who am I, a page of messages.

import { randomUUID } from 'node:crypto';

import bcrypt from 'bcrypt';
import express from 'express';

import { listMessages, storeMessage } from './messages.mjs';

const DUPLICATE = 11000;

/** `io()` answers the Socket.IO server, which is made after this. */
export function createHttp(database, { sessions, passport }, bcryptCost, io) {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_, response) => response.json({ ok: true }));
  app.use(express.json(), sessions, passport.session());

  app.post('/api/v1/auth/register', async (request, response) => {
    const { username, password } = request.body;
    const user = { _id: randomUUID(), username, passwordHash: await bcrypt.hash(password, bcryptCost), createdAt: new Date() };
    try {
      await database.users.insertOne(user);
    } catch (error) {
      if (error.code !== DUPLICATE) throw error;
      return response.status(409).json({ code: 'user.username_taken' });
    }
    request.login(user, (error) => (error ? response.sendStatus(500) : response.status(201).json({ user: shown(user) })));
  });

  app.post('/api/v1/auth/login', passport.authenticate('local'), (request, response) => {
    response.json({ user: shown(request.user) });
  });

  app.post('/api/v1/auth/logout', (request, response) => {
    request.logout((error) => response.sendStatus(error ? 500 : 204));
  });

  const signedIn = (request, response, next) => (request.user ? next() : response.sendStatus(401));
  app.get('/api/v1/users/me', signedIn, (request, response) => response.json({ user: shown(request.user) }));

  app.get('/api/v1/conversations/:id/messages', signedIn, async (request, response) => {
    const conversationId = request.params.id;
    const membership = await database.memberships.findOne({ conversationId, userId: request.user._id });
    if (!membership) return response.sendStatus(403);
    const { before, limit } = request.query;
    response.json(await listMessages(database, { conversationId, before, limit: Number(limit ?? 50) }));
  });

  app.post('/api/v1/conversations/:id/messages', signedIn, async (request, response) => {
    const conversationId = request.params.id;
    const senderId = request.user._id;
    const membership = await database.memberships.findOne({ conversationId, userId: senderId });
    if (!membership) return response.sendStatus(403);
    const { clientId, body } = request.body;
    const message = await storeMessage(database, { conversationId, senderId, clientId, body });
    io().to(conversationId).emit('message:created', { message });
    response.status(201).json({ message });
  });

  app.post('/api/v1/conversations/:id/join', signedIn, async (request, response) => {
    const membership = { conversationId: request.params.id, userId: request.user._id };
    await database.memberships.updateOne(membership, { $set: { kind: 'channel' } }, { upsert: true });
    response.json({});
  });
  return app;
}

const shown = ({ _id, username, createdAt }) => ({ id: _id, username, createdAt });
