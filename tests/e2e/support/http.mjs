// HTTP by hand: full control over headers and bodies, no shared connection pool, no hidden cookie jar.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';

import { PATIENCE_MS, within } from './wait.mjs';

/** Sends one request on a connection of its own. `body` is text or bytes as they go on the wire. */
export function request(base, method, path, { headers = {}, body, ms = PATIENCE_MS } = {}) {
  const url = new URL(path, base);
  const answer = new Promise((resolve, reject) => {
    const outgoing = http.request(
      url,
      { method, headers: { ...lengthOf(body), ...headers }, agent: false },
      (incoming) => {
        const chunks = [];
        incoming.on('data', (chunk) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => resolve(readable(incoming, Buffer.concat(chunks))));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  return within(answer, ms, `${method} ${path} is answered`);
}

function lengthOf(body) {
  return body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
}

function readable(incoming, bytes) {
  const text = bytes.toString('utf8');
  const type = incoming.headers['content-type'] ?? '';
  const body = /\bjson\b/.test(type) && text !== '' ? JSON.parse(text) : undefined;
  return { status: incoming.statusCode, headers: incoming.headers, text, body };
}

export function sendJson(base, method, path, value, headers = {}) {
  return request(base, method, path, {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  });
}

/** Writes bytes to the port and returns all that comes back until the server closes or `ms` passes. */
export function rawExchange(port, bytes, ms = PATIENCE_MS) {
  const exchange = new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => (text += chunk));
    socket.on('error', (error) => (text ? resolve(text) : reject(error)));
    socket.on('close', () => resolve(text));
  });
  return within(exchange, ms, 'the server answers and closes');
}

/** The session cookie that an answer sets, as a `Cookie` header, or undefined. */
export function cookieOf(answer, name = 'connect.sid') {
  const line = (answer.headers['set-cookie'] ?? []).find((each) => each.startsWith(`${name}=`));
  return line?.split(';', 1)[0];
}

/** The contract names the code of a refused input, not its status. */
export const REFUSED_INPUT = [400, 422];

/** Asserts the shape that every HTTP error has, and returns the problem. `status` may be a list. */
export function assertProblem(answer, status, code) {
  const seen = `${answer.status} ${answer.headers['content-type']} ${answer.text.slice(0, 300)}`;
  assert.ok([status].flat().includes(answer.status), `expected ${status}: ${seen}`);
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json\b/, seen);
  const problem = answer.body;
  assert.equal(problem.status, answer.status, seen);
  for (const field of ['type', 'title', 'code', 'requestId']) {
    assert.equal(typeof problem[field], 'string', `${field} of ${seen}`);
    assert.notEqual(problem[field], '', `${field} of ${seen}`);
  }
  assert.match(problem.code, /^[a-z_]+(\.[a-z_]+)?$/, seen);
  if (code !== undefined) assert.equal(problem.code, code, seen);
  return problem;
}

export const PASSWORD = 'correct horse battery';

/** Somebody with a session. Keeps the cookie that the server gave last. */
export class Person {
  constructor(base, { user, cookie, username, password }) {
    Object.assign(this, { base, user, cookie, username, password });
  }

  get id() {
    return this.user.id;
  }

  async call(method, path, value, headers = {}) {
    const all = { cookie: this.cookie, ...headers };
    const answer =
      value === undefined
        ? await request(this.base, method, path, { headers: all })
        : await sendJson(this.base, method, path, value, all);
    return answer;
  }

  get(path) {
    return this.call('GET', path);
  }

  post(path, value) {
    return this.call('POST', path, value);
  }

  patch(path, value) {
    return this.call('PATCH', path, value);
  }

  delete(path) {
    return this.call('DELETE', path);
  }

  /** A second session of the same person. */
  async logInAgain() {
    const answer = await sendJson(this.base, 'POST', '/api/v1/auth/login', {
      username: this.username,
      password: this.password,
    });
    assert.equal(answer.status, 200, answer.text);
    return new Person(this.base, { ...this, cookie: cookieOf(answer), user: answer.body.user });
  }

  /** Creates a conversation, or finds the direct one that exists. */
  async converse(kind, others, title) {
    const answer = await this.post('/api/v1/conversations', {
      kind,
      memberIds: others.map((other) => other.id),
      ...(title === undefined ? {} : { title }),
    });
    assert.ok([200, 201].includes(answer.status), answer.text);
    return answer.body.conversation;
  }

  async say(conversationId, body, extra = {}) {
    const answer = await this.post(`/api/v1/conversations/${conversationId}/messages`, {
      clientId: randomUUID(),
      body,
      ...extra,
    });
    assert.equal(answer.status, 201, answer.text);
    return answer.body.message;
  }

  /** Every message of a conversation, ascending, page by page. */
  async history(conversationId) {
    const all = [];
    for (;;) {
      const after = all.at(-1)?.seq ?? 0;
      const answer = await this.get(
        `/api/v1/conversations/${conversationId}/messages?after=${after}&limit=200`,
      );
      assert.equal(answer.status, 200, answer.text);
      all.push(...answer.body.messages);
      if (!answer.body.hasMore || answer.body.messages.length === 0) return all;
    }
  }
}

/** Asserts that exactly these fields were refused, with a reason each. */
export function assertRefusedFields(answer, ...names) {
  const { fields, code } = assertProblem(answer, REFUSED_INPUT);
  assert.match(code, /^invalid(_payload)?$/);
  assert.deepEqual(Object.keys(fields ?? {}).sort(), names.sort(), answer.text);
  for (const reason of Object.values(fields)) assert.equal(typeof reason, 'string');
}

let made = 0;

/** A name that no other test of this run has. */
export function freshName(prefix = 'user') {
  made += 1;
  return `${prefix}.${process.pid.toString(36)}.${made.toString(36)}`;
}

export async function register(base, { username = freshName(), password = PASSWORD, ...rest } = {}) {
  const answer = await sendJson(base, 'POST', '/api/v1/auth/register', {
    username,
    password,
    ...rest,
  });
  assert.equal(answer.status, 201, answer.text);
  const cookie = cookieOf(answer);
  assert.ok(cookie, 'registering sets the session cookie');
  return new Person(base, { user: answer.body.user, cookie, username, password });
}
