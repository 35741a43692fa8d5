// What no well-meant client sends over HTTP; and the routes for machines.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { assertProblem, rawExchange, register, request } from './support/http.mjs';
import { startServer } from './support/server.mjs';

const JSON_TYPE = { 'content-type': 'application/json' };
const DEPTH = 200_000;

let server;
let ana;
before(async () => {
  server = await startServer();
  ana = await register(server.url);
});
after(() => server?.stop());

const REGISTER = '/api/v1/auth/register';
const post = (path, body, headers = JSON_TYPE) =>
  request(server.url, 'POST', path, { headers: { cookie: ana.cookie, ...headers }, body });

describe('the routes for machines', () => {
  it('healthz, readyz', async () => {
    for (const path of ['/healthz', '/readyz']) {
      assert.equal((await request(server.url, 'GET', path)).status, 200, path);
    }
  });

  it('metrics speak Prometheus text', async () => {
    const answer = await request(server.url, 'GET', '/metrics');
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^text\/plain/);
    assert.match(answer.text, /^# TYPE \w+ (counter|gauge|histogram|summary)$/m);
    for (const line of answer.text.split('\n').filter((each) => each && !each.startsWith('#'))) {
      assert.match(line, /^[a-zA-Z_:][\w:]*(\{.*\})? -?[\d.eE+naNInf-]+$/);
    }
    assert.ok(!answer.text.includes(ana.username));
  });
});

describe('unknown and closed doors', () => {
  it('an unknown route is a problem, not a page', async () => {
    for (const path of ['/api/v1/nothing', '/api/v2/users/me', '/api/v1/conversations/x/y/z']) {
      assertProblem(await ana.get(path), 404, 'not_found');
    }
  });

  it('a wrong method is answered 405 with the right ones', async () => {
    for (const [method, path, allowed] of [
      ['GET', REGISTER, /POST/],
      ['PUT', '/api/v1/users/me', /GET/],
      ['DELETE', '/api/v1/conversations', /POST/],
    ]) {
      const answer = await ana.call(method, path);
      assertProblem(answer, 405);
      assert.match(answer.headers.allow ?? '', allowed);
    }
  });

  it('every route but the open ones needs a session', async () => {
    const id = randomUUID();
    for (const [method, path] of [
      ['POST', '/api/v1/auth/logout'],
      ['GET', '/api/v1/users/me'],
      ['PATCH', '/api/v1/users/me'],
      ['POST', '/api/v1/users/me/password'],
      ['GET', '/api/v1/users/me/sessions'],
      ['DELETE', `/api/v1/users/me/sessions/${id}`],
      ['GET', '/api/v1/users?query=a'],
      ['GET', '/api/v1/conversations'],
      ['POST', '/api/v1/conversations'],
      ['GET', `/api/v1/conversations/${id}`],
      ['PATCH', `/api/v1/conversations/${id}`],
      ['DELETE', `/api/v1/conversations/${id}`],
      ['GET', `/api/v1/conversations/${id}/members`],
      ['GET', `/api/v1/conversations/${id}/reads`],
      ['POST', `/api/v1/conversations/${id}/members`],
      ['PATCH', `/api/v1/conversations/${id}/members/${id}`],
      ['DELETE', `/api/v1/conversations/${id}/members/${id}`],
      ['POST', `/api/v1/conversations/${id}/join`],
      ['GET', '/api/v1/channels'],
      ['GET', `/api/v1/conversations/${id}/messages`],
      ['POST', `/api/v1/conversations/${id}/messages`],
      ['GET', '/api/v1/search?q=a'],
    ]) {
      const withBody = method === 'GET' ? {} : { headers: JSON_TYPE, body: '{}' };
      const answer = await request(server.url, method, path, withBody);
      assert.equal(answer.status, 401, `${method} ${path}: ${answer.text}`);
      assertProblem(answer, 401, 'unauthenticated');
    }
  });

  it('ids that are none', async () => {
    for (const id of ['x', '%00', '..%2f..', '%F0%9F%92%A9', 'a'.repeat(2_000), '%ff', "'%20OR%201=1"]) {
      const answer = await ana.get(`/api/v1/conversations/${id}`);
      assertProblem(answer, [400, 403, 404, 422]);
    }
  });
});

describe('bodies', () => {
  it('other than JSON are answered 415', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x']) {
      const answer = await post('/api/v1/conversations', '{}', { 'content-type': type });
      assertProblem(answer, 415);
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assertProblem(await post('/api/v1/conversations', 'kind=group', form), 415);
  });

  for (const [what, body] of [
    ['nothing', ''],
    ['half a document', '{"username": "ana'],
    ['two documents', '{}{}'],
    ['a trailing comma', '{"username":"ana",}'],
    ['bytes that are no UTF-8', Buffer.from('{"username":"\xff\xfe","password":"x"}', 'latin1')],
    ['a lone surrogate', '{"username":"\\ud800","password":"x"}'],
    ['nesting', `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`],
    ['nesting in a field', `{"username":${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}}`],
    ['a list', '[]'],
    ['a number', '12'],
    ['null', 'null'],
    ['a text', '"username"'],
    ['a number too large for anything', '{"username":1e999999,"password":1}'],
  ]) {
    it(`${what} is answered invalid_payload`, async () => {
      const { code } = assertProblem(await post(REGISTER, body), [400, 413, 422]);
      assert.match(code, /^(invalid_payload|too_large)$/);
    });
  }

  for (const [what, body] of [
    ['no fields', {}],
    ['fields of a wrong type', { username: 7, password: ['x'] }],
    ['null fields', { username: null, password: null }],
    ['objects for fields', { username: { $gt: '' }, password: { $ne: 1 } }],
  ]) {
    it(`${what}`, async () => {
      for (const path of [REGISTER, '/api/v1/auth/login']) {
        const { code } = assertProblem(await post(path, JSON.stringify(body)), [400, 422]);
        assert.match(code, /^invalid(_payload)?$/);
      }
    });
  }

  it('a NUL in a text does no harm', async () => {
    const { id } = await ana.converse('channel', [], `nul ${randomUUID()}`);
    const body = JSON.stringify({ clientId: randomUUID(), body: 'a\0b' });
    const answer = await post(`/api/v1/conversations/${id}/messages`, body);
    assert.ok([201, 400, 422].includes(answer.status), answer.text);
    assert.ok((await ana.history(id)).length <= 1);
  });

  it('that are too large are answered 413', async () => {
    const body = JSON.stringify({ username: 'x'.repeat(20_000_000), password: 'x' });
    // The server may answer before it read everything, and then the rest of the writing fails.
    const answer = await post(REGISTER, body).catch((error) => error);
    if (answer instanceof Error) assert.match(String(answer.code), /^(ECONNRESET|EPIPE)$/);
    else assertProblem(answer, 413, 'too_large');
    const announced = await rawExchange(
      server.port,
      `POST ${REGISTER} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
        `Content-Length: 99999999999\r\nConnection: close\r\n\r\n{`,
    );
    assert.match(announced, /^HTTP\/1\.1 413 /);
  });

  it('broken forms', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const body of ['', 'username', '%zz=%zz', 'username=%ff%fe&password=x', '&&&=&']) {
      assertProblem(await post('/api/v1/auth/login', body, form), [400, 401, 422]);
    }
  });

  it('broken HTTP', async () => {
    for (const bytes of [
      'nonsense\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(2_000_000)}\r\n\r\n`,
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
      'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ]) {
      const answer = await rawExchange(server.port, bytes).catch((error) => error);
      if (!(answer instanceof Error)) assert.doesNotMatch(answer, /^HTTP\/1\.1 (2|5)/);
    }
  });

  it('after all this the server is well', async () => {
    assert.equal((await ana.get('/api/v1/users/me')).status, 200);
    assert.doesNotMatch(server.output, /panicked/);
    assert.ok(!server.output.includes(ana.password), 'no secret in the log');
  });
});
