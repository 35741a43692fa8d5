// Accounts and sessions over HTTP.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import {
  PASSWORD,
  assertProblem,
  assertRefusedFields,
  cookieOf,
  freshName,
  register,
  request,
  sendJson,
} from './support/http.mjs';
import { startServer } from './support/server.mjs';
import { assertTime, assertUser } from './support/shapes.mjs';

const DAY_SECONDS = 86_400;

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const registerWith = (body) => sendJson(server.url, 'POST', '/api/v1/auth/register', body);
const logIn = (body, headers) => sendJson(server.url, 'POST', '/api/v1/auth/login', body, headers);
const form = (path, fields) =>
  request(server.url, 'POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
const setCookie = (answer) => answer.headers['set-cookie'].find((line) => line.startsWith('connect.sid='));

describe('register', () => {
  it('answers the user and sets the session cookie', async () => {
    const username = freshName();
    const answer = await registerWith({ username, password: PASSWORD, displayName: 'José 🎈' });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(Object.keys(answer.body), ['user']);
    assertUser(answer.body.user);
    assert.equal(answer.body.user.username, username);
    assert.equal(answer.body.user.displayName, 'José 🎈');
    const line = setCookie(answer);
    for (const attribute of [/; *HttpOnly/i, /; *SameSite=Lax/i, /; *Path=\/(;|$)/i]) {
      assert.match(line, attribute);
    }
    assert.doesNotMatch(line, /; *Secure/i, 'not on plain http');
    const maxAge = Number(/; *Max-Age=(\d+)/i.exec(line)?.[1]);
    assert.ok(Math.abs(maxAge - 30 * DAY_SECONDS) < 60, `30 days: ${line}`);
  });

  it('takes what an HTML form sends', async () => {
    const username = freshName();
    const answer = await form('/api/v1/auth/register', { username, password: PASSWORD });
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.body.user.displayName, username, 'the username stands in');
    const again = await form('/api/v1/auth/login', { username, password: PASSWORD });
    assert.equal(again.status, 200, again.text);
    assert.deepEqual(again.body.user, answer.body.user);
  });

  for (const [what, field, value] of [
    ['a username of 2 characters', 'username', 'ab'],
    ['a username of 33 characters', 'username', 'a'.repeat(33)],
    ['a username with a space', 'username', 'ana maria'],
    ['a username with an accent', 'username', 'anaí'],
    ['an empty username', 'username', ''],
    ['a password of 7 characters', 'password', 'k4#mQ9z'],
    ['a password of 73 bytes', 'password', 'é'.repeat(36) + 'x'],
    ['a common password', 'password', 'password123'],
    ['an empty display name', 'displayName', '   '],
    ['a display name of 65 characters', 'displayName', 'x'.repeat(65)],
  ]) {
    it(`refuses ${what}`, async () => {
      const good = { username: freshName(), password: PASSWORD, displayName: 'Somebody' };
      assertRefusedFields(await registerWith({ ...good, [field]: value }), field);
    });
  }

  it('refuses a password that holds the username', async () => {
    const username = freshName('felipe');
    assertRefusedFields(await registerWith({ username, password: `my ${username} 77` }), 'password');
  });

  it('names every refused field at once', async () => {
    assertRefusedFields(await registerWith({ username: '!', password: 'x' }), 'username', 'password');
  });

  it('accepts the longest that is allowed', async () => {
    const username = freshName('long').padEnd(32, 'z');
    await register(server.url, {
      username,
      password: 'é'.repeat(36),
      displayName: '界'.repeat(64),
    });
  });

  it('refuses a username that is taken, whatever its case', async () => {
    const { username } = await register(server.url);
    assertProblem(
      await registerWith({ username, password: PASSWORD }),
      409,
      'user.username_taken',
    );
    const shouting = await registerWith({ username: username.toUpperCase(), password: PASSWORD });
    assertProblem(shouting, [400, 409, 422]);
  });

  it('lets one of many at once have a username', async () => {
    const username = freshName();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => registerWith({ username, password: PASSWORD })),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [201, ...Array(7).fill(409)]);
  });
});

describe('log in', () => {
  it('answers the user and a cookie of its own', async () => {
    const ana = await register(server.url);
    const answer = await logIn({ username: ana.username, password: ana.password });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.body, { user: ana.user });
    assert.notEqual(cookieOf(answer), ana.cookie);
  });

  it('gives a new id at every login, never one that the client brought', async () => {
    const ana = await register(server.url);
    const credentials = { username: ana.username, password: ana.password };
    const seen = new Set([ana.cookie]);
    for (const brought of [ana.cookie, 'connect.sid=AAAAAAAAAAAAAAAAAAAAAA', undefined]) {
      const answer = await logIn(credentials, brought ? { cookie: brought } : {});
      const cookie = cookieOf(answer);
      assert.notEqual(cookie, brought);
      assert.ok(!seen.has(cookie));
      seen.add(cookie);
      const value = decodeURIComponent(cookie.split('=')[1]);
      assert.ok(value.length >= 22, `128 bits need 22 characters: ${value.length}`);
    }
    const planted = { cookie: 'connect.sid=AAAAAAAAAAAAAAAAAAAAAA' };
    const answer = await request(server.url, 'GET', '/api/v1/users/me', { headers: planted });
    assertProblem(answer, 401, 'unauthenticated');
  });

  it('answers an unknown user like a wrong password', async () => {
    const { username } = await register(server.url);
    const answers = await Promise.all([
      logIn({ username, password: 'wrong password' }),
      logIn({ username: 'nobody.of.this.name', password: 'wrong password' }),
    ]);
    const [known, unknown] = answers.map((answer) => {
      const { requestId, ...rest } = assertProblem(answer, 401, 'auth.bad_credentials');
      assert.ok(requestId);
      assert.equal(cookieOf(answer), undefined);
      return rest;
    });
    assert.deepEqual(known, unknown);
  });

  it('takes the same time for an unknown user as for a wrong password', async () => {
    const slow = await startServer({ env: { BCRYPT_COST: '10' } });
    try {
      const { username } = await register(slow.url);
      const time = async (name) => {
        const samples = [];
        for (let n = 0; n < 7; n += 1) {
          const start = performance.now();
          await sendJson(slow.url, 'POST', '/api/v1/auth/login', {
            username: name,
            password: 'wrong password',
          });
          samples.push(performance.now() - start);
        }
        // The fastest is the one that the rest of the machine disturbed least.
        return Math.min(...samples);
      };
      const [known, unknown] = [await time(username), await time('nobody.of.this.name')];
      const ratio = unknown / known;
      assert.ok(ratio > 0.6 && ratio < 1.7, `known ${known} ms, unknown ${unknown} ms`);
    } finally {
      await slow.stop();
    }
  });

  it('a session outlives a restart', async () => {
    const first = await startServer();
    const ana = await register(first.url);
    await first.stop({ keepData: true });
    const second = await startServer({ dataDir: first.dataDir });
    try {
      const headers = { cookie: ana.cookie };
      const answer = await request(second.url, 'GET', '/api/v1/users/me', { headers });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.body.user, ana.user);
    } finally {
      await second.stop();
      await first.removeData();
    }
  });
});

describe('the cookie', () => {
  it('is Secure when the public URL is https, and has the configured name', async () => {
    const other = await startServer({
      env: { PUBLIC_URL: 'https://chat.example', SESSION_COOKIE_NAME: 'chat.session' },
    });
    try {
      const answer = await sendJson(other.url, 'POST', '/api/v1/auth/register', {
        username: freshName(),
        password: PASSWORD,
      });
      assert.equal(answer.status, 201, answer.text);
      const [line] = answer.headers['set-cookie'];
      assert.match(line, /^chat\.session=/);
      assert.match(line, /; *Secure/i);
      const cookie = cookieOf(answer, 'chat.session');
      const me = await request(other.url, 'GET', '/api/v1/users/me', { headers: { cookie } });
      assert.equal(me.status, 200, me.text);
    } finally {
      await other.stop();
    }
  });
});

describe('log out', () => {
  it('ends the session and takes the cookie back', async () => {
    const ana = await register(server.url);
    const answer = await ana.post('/api/v1/auth/logout');
    assert.equal(answer.status, 204);
    assert.equal(answer.text, '');
    assert.match(setCookie(answer) ?? '', /Max-Age=0|Expires=Thu, 01 Jan 1970/i);
    assertProblem(await ana.get('/api/v1/users/me'), 401, 'unauthenticated');
  });
});

describe('the own account', () => {
  it('is read and changed', async () => {
    const ana = await register(server.url);
    const read = await ana.get('/api/v1/users/me');
    assert.equal(read.status, 200);
    assert.deepEqual(read.body, { user: ana.user });
    const changed = await ana.patch('/api/v1/users/me', { displayName: '  Ana Maria ' });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(changed.body, { user: { ...ana.user, displayName: 'Ana Maria' } });
    assert.deepEqual((await ana.get('/api/v1/users/me')).body, changed.body);
    const locale = await ana.patch('/api/v1/users/me', { locale: 'pt-BR' });
    assert.equal(locale.status, 200, locale.text);
    const nothing = await ana.patch('/api/v1/users/me', {});
    assert.equal(nothing.status, 200, nothing.text);
    const wrong = { displayName: 'x'.repeat(65) };
    assertRefusedFields(await ana.patch('/api/v1/users/me', wrong), 'displayName');
  });

  it('changes its password, which ends the other sessions', async () => {
    const ana = await register(server.url);
    const other = await ana.logInAgain();
    const change = (currentPassword, newPassword) =>
      ana.post('/api/v1/users/me/password', { currentPassword, newPassword });
    assertProblem(await change('wrong', 'another long secret'), [400, 401, 403, 422]);
    assertRefusedFields(await change(PASSWORD, 'short'), 'newPassword');
    assertRefusedFields(await change(PASSWORD, 'password123'), 'newPassword');
    assert.equal((await other.get('/api/v1/users/me')).status, 200);
    const done = await change(PASSWORD, 'another long secret');
    assert.equal(done.status, 204, done.text);
    assertProblem(await other.get('/api/v1/users/me'), 401, 'unauthenticated');
    assert.equal((await ana.get('/api/v1/users/me')).status, 200);
    const { username } = ana;
    assertProblem(await logIn({ username, password: PASSWORD }), 401, 'auth.bad_credentials');
    const again = await logIn({ username, password: 'another long secret' });
    assert.equal(again.status, 200, again.text);
  });

  it('lists its sessions and ends one', async () => {
    const ana = await register(server.url);
    const other = await ana.logInAgain();
    const list = async () => (await ana.get('/api/v1/users/me/sessions')).body.sessions;
    const sessions = await list();
    assert.equal(sessions.length, 2);
    for (const session of sessions) {
      const keys = ['createdAt', 'current', 'device', 'id', 'lastSeenAt'];
      assert.deepEqual(Object.keys(session).sort(), keys);
      assertTime(session.createdAt, 'createdAt');
      assertTime(session.lastSeenAt, 'lastSeenAt');
      assert.ok(!ana.cookie.includes(session.id), 'the id is not the secret');
    }
    assert.equal(sessions.filter((session) => session.current).length, 1);
    const target = sessions.find((session) => !session.current).id;
    const stranger = await register(server.url);
    assertProblem(await stranger.delete(`/api/v1/users/me/sessions/${target}`), 404, 'not_found');
    assert.equal((await other.get('/api/v1/users/me')).status, 200);
    assert.equal((await ana.delete(`/api/v1/users/me/sessions/${target}`)).status, 204);
    assertProblem(await ana.delete(`/api/v1/users/me/sessions/${target}`), 404, 'not_found');
    assertProblem(await other.get('/api/v1/users/me'), 401, 'unauthenticated');
    assert.equal((await list()).length, 1);
  });
});

describe('people', () => {
  it('are found by the beginning of their username or display name, page by page', async () => {
    const mark = freshName('zoo').replaceAll('.', '');
    const ana = await register(server.url);
    const byName = [];
    for (let n = 0; n < 3; n += 1) {
      byName.push((await register(server.url, { username: `${mark}.${n}` })).user);
    }
    const shown = await register(server.url, { displayName: `${mark} Álvares` });
    const find = async (query) => {
      const answer = await ana.get(`/api/v1/users?${new URLSearchParams(query)}`);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(Object.keys(answer.body).sort(), ['nextCursor', 'users']);
      for (const user of answer.body.users) assertUser(user);
      return answer.body;
    };
    const everybody = await find({ query: mark.toUpperCase() });
    assert.deepEqual(
      everybody.users.map((user) => user.id).sort(),
      [...byName, shown.user].map((user) => user.id).sort(),
    );
    assert.equal(everybody.nextCursor, null);
    const paged = [];
    let cursor = null;
    do {
      const page = await find({ query: mark, limit: 2, ...(cursor ? { cursor } : {}) });
      assert.ok(page.users.length <= 2);
      paged.push(...page.users.map((user) => user.id));
      cursor = page.nextCursor;
    } while (cursor !== null && paged.length < 10);
    assert.deepEqual([...paged].sort(), everybody.users.map((user) => user.id).sort());
    assert.deepEqual((await find({ query: 'nobody at all like this' })).users, []);
    assert.deepEqual((await find({ query: '%' })).users, [], 'no wildcard of the database');
    for (const bad of ['limit=0', 'limit=100000', 'limit=abc', 'cursor=%00nonsense']) {
      assertProblem(await ana.get(`/api/v1/users?query=a&${bad}`), [400, 422]);
    }
  });
});
