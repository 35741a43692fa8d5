// Sessions as express-session keeps them with connect-mongo, and people as Passport's local strategy finds them.

import bcrypt from 'bcrypt';
import MongoStore from 'connect-mongo';
import session from 'express-session';
import { Passport } from 'passport';
import { Strategy } from 'passport-local';

import { required } from './database.mjs';

const DAY_S = 24 * 60 * 60;

export function createSessions({ client, users }) {
  const store = MongoStore.create({
    client,
    collectionName: 'sessions',
    // A session that is used is written once a day at most, not at every request.
    touchAfter: DAY_S,
  });
  const sessions = session({
    secret: required('SESSION_SECRET'),
    resave: false,
    saveUninitialized: false,
    store,
    cookie: { maxAge: 30 * DAY_S * 1000, sameSite: 'lax' },
  });

  const passport = new Passport();
  passport.use(
    new Strategy((username, password, done) => {
      authenticate(users, username, password).then((user) => done(null, user ?? false), done);
    }),
  );
  passport.serializeUser((user, done) => done(null, user._id));
  passport.deserializeUser((id, done) => {
    users.findOne({ _id: id }, { projection: { passwordHash: 0 } }).then((user) => done(null, user ?? false), done);
  });
  return { sessions, passport };
}

async function authenticate(users, username, password) {
  const user = await users.findOne({ username });
  return user && (await bcrypt.compare(password, user.passwordHash)) ? user : undefined;
}
