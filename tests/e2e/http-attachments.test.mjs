// Files over HTTP: handing them in, who may look at them, and what never comes out again.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { assertProblem, assertRefusedFields, register, request } from './support/http.mjs';
import { Member } from './support/member.mjs';
import { startServer } from './support/server.mjs';
import { chunk, form, png, sizeOf, upload, withPlace } from './support/upload.mjs';
import { eventually } from './support/wait.mjs';

const LIMIT = 200_000;

let server;
let ana;
let bruno;
let clara;
let room;
before(async () => {
  server = await startServer({
    env: { UPLOAD_MAX_BYTES: String(LIMIT), BLOB_STORE: undefined, UPLOAD_MAX_UNCLAIMED: '12' },
  });
  [ana, bruno, clara] = [
    await register(server.url),
    await register(server.url),
    await register(server.url),
  ];
  room = await ana.converse('group', [bruno], `Files ${randomUUID()}`);
});
after(() => server?.stop());

const uploaded = async (person, file, options) => {
  const answer = await upload(person, file, options);
  assert.equal(answer.status, 201, answer.text);
  return answer.body.attachment;
};
const post = (person, attachmentIds, extra = {}) =>
  person.post(`/api/v1/conversations/${room.id}/messages`, {
    clientId: randomUUID(),
    body: '',
    attachmentIds,
    ...extra,
  });
const send = async (person, files, extra) => {
  const answer = await post(
    person,
    files.map((file) => file.id),
    extra,
  );
  assert.equal(answer.status, 201, answer.text);
  return answer.body.message;
};
/** The bytes of an answer, with the headers that were asked for. */
const fetchFile = (person, url, headers = {}) =>
  new Promise((resolve, reject) => {
    const all = { cookie: person.cookie, ...headers };
    http
      .get(new URL(url, person.base), { headers: all, agent: false }, (incoming) => {
        const parts = [];
        incoming.on('data', (part) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode,
            headers: incoming.headers,
            bytes: Buffer.concat(parts),
          }),
        );
      })
      .on('error', reject);
  });
const connected = (person) => Member.of(WEBSOCKET_CLIENT, person);
const folder = (name) => {
  try {
    return readdirSync(path.join(filesOf(server), name));
  } catch {
    return [];
  }
};
const filesOf = ({ dataDir, settings }) =>
  path.join(dataDir, settings.DATABASE_URL?.startsWith('mongodb') ? 'files' : 'chatconnect.files');

describe('attachments', () => {
  it('are what they are, whatever the client calls them', async () => {
    const video = Buffer.concat([
      Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 1, 0x42, 0x82, 0x84]),
      Buffer.from('webm'),
      Buffer.alloc(300),
    ]);
    const fields = { durationMs: '1500', width: '320', height: '240' };
    const voice = await uploaded(ana, video, { name: 'voice.exe', type: 'text/html', fields });
    const { id, ...rest } = voice;
    assert.deepEqual(rest, {
      kind: 'audio',
      name: 'voice.exe',
      contentType: 'audio/webm',
      size: video.length,
      width: null,
      height: null,
      durationMs: 1500,
      url: `/api/v1/attachments/${id}`,
      thumbnailUrl: null,
    });
    const moving = await uploaded(ana, Buffer.concat([video, Buffer.from('V_VP9')]), { fields });
    const { kind, width, height, durationMs } = moving;
    assert.deepEqual([kind, width, height, durationMs], ['video', 320, 240, 1500]);
    const page = '<!DOCTYPE html><script>alert(1)</script>';
    for (const [name, content] of [
      ['page.html', page],
      ['image.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
      ['photo.png', page],
    ]) {
      const file = await uploaded(ana, content, { name, type: 'image/png', fields });
      assert.deepEqual(
        [file.kind, file.contentType, file.width, file.durationMs],
        ['file', 'application/octet-stream', null, null],
      );
      const { headers, bytes } = await fetchFile(ana, file.url);
      assert.equal(headers['content-type'], 'application/octet-stream');
      assert.match(headers['content-disposition'], /^attachment; /);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox");
      assert.equal(bytes.toString(), content);
    }
    const strange = await uploaded(ana, 'x', { name: '../../etc/\u202Egpj.olá.txt' });
    assert.equal(strange.name, 'gpj.olá.txt');
    const { headers } = await fetchFile(ana, strange.url);
    assert.equal(
      headers['content-disposition'],
      "attachment; filename=\"gpj.ol_.txt\"; filename*=UTF-8''gpj.ol%C3%A1.txt",
    );
    await send(ana, [voice, moving, strange]);
  });

  it('come whole, in ranges, and not again', async () => {
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, place) => place % 251));
    const file = await uploaded(ana, content, { name: 'data' });
    const whole = await fetchFile(ana, file.url);
    assert.equal(whole.status, 200);
    assert.deepEqual(whole.bytes, content);
    assert.equal(whole.headers['content-length'], '100000');
    assert.equal(whole.headers['accept-ranges'], 'bytes');
    assert.equal(whole.headers['cache-control'], 'private, max-age=31536000, immutable');
    const { etag } = whole.headers;
    assert.match(etag, /^"[^"]+"$/);
    const range = async (value, headers = {}) => fetchFile(ana, file.url, { range: value, ...headers });
    for (const [value, first, last] of [
      ['bytes=0-0', 0, 0],
      ['bytes=10-19', 10, 19],
      ['bytes=99990-', 99_990, 99_999],
      ['bytes=-10', 99_990, 99_999],
      ['bytes=50000-1000000', 50_000, 99_999],
    ]) {
      const part = await range(value, { 'if-range': etag });
      assert.equal(part.status, 206, value);
      assert.equal(part.headers['content-range'], `bytes ${first}-${last}/100000`);
      assert.deepEqual(part.bytes, content.subarray(first, last + 1), value);
    }
    const beyond = await range('bytes=100000-');
    assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */100000']);
    assert.equal((await range('bytes=0-1,5-6')).status, 200);
    assert.equal((await range('bytes=0-1', { 'if-range': '"other"' })).status, 200);
    const known = await fetchFile(ana, file.url, { 'if-none-match': `"x", ${etag}` });
    assert.deepEqual([known.status, known.bytes.length, known.headers.etag], [304, 0, etag]);
    await send(ana, [file]);
  });

  it('are for the uploader, then for the members, then for nobody', async () => {
    const image = await uploaded(ana, png(700, 20), { name: 'wide.png', type: 'image/png' });
    const status = async (person, url) => (await fetchFile(person, url)).status;
    const all = async (person) => [
      await status(person, image.url),
      await status(person, image.thumbnailUrl),
    ];
    assert.deepEqual([await all(ana), await all(bruno)], [
      [200, 200],
      [404, 404],
    ]);
    assertProblem(await bruno.get(image.url), 404, 'not_found');
    assertProblem(await request(server.url, 'GET', image.url), 401, 'unauthenticated');
    const message = await send(ana, [image], { body: 'look' });
    assert.deepEqual(message.attachments, [image]);
    assert.deepEqual([await all(ana), await all(bruno), await all(clara)], [
      [200, 200],
      [200, 200],
      [404, 404],
    ]);
    assertRefusedFields(await post(ana, [image.id]), 'attachmentIds');
    assert.equal(folder('attachments').includes(image.id), true);
    assert.equal((await ana.delete(`/api/v1/conversations/${room.id}`)).status, 204);
    assert.deepEqual([await all(ana), await all(bruno)], [
      [404, 404],
      [404, 404],
    ]);
    assert.equal(folder('attachments').includes(image.id), false);
    assert.equal(folder('thumbnails').includes(image.id), false);
    room = await ana.converse('group', [bruno], `Files ${randomUUID()}`);
  });

  it('are taken back by their uploader, until a message has them', async () => {
    const file = await uploaded(ana, png(700, 20), { name: 'wide.png', type: 'image/png' });
    assertProblem(await bruno.delete(file.url), 404, 'not_found');
    assert.equal((await ana.delete(file.url)).status, 204);
    assertProblem(await ana.get(file.url), 404, 'not_found');
    assertProblem(await ana.delete(file.url), 404, 'not_found');
    assertRefusedFields(await post(ana, [file.id]), 'attachmentIds');
    assert.equal(folder('attachments').includes(file.id), false);
    assert.equal(folder('thumbnails').includes(file.id), false);

    const sent = await uploaded(ana, png(20, 20), { name: 'small.png', type: 'image/png' });
    await send(ana, [sent]);
    assertProblem(await ana.delete(sent.url), 403, 'forbidden');
    assert.equal((await fetchFile(bruno, sent.url)).status, 200);
  });

  it('are in messages wherever those are', async () => {
    const files = [await uploaded(ana, 'one', { name: '1' }), await uploaded(ana, 'two', { name: '2' })];
    const clientId = randomUUID();
    const [there, from] = [await connected(bruno), await connected(ana)];
    try {
      const payload = {
        conversationId: room.id,
        clientId,
        body: '',
        attachmentIds: files.map((file) => file.id),
      };
      const { message } = await from.do('message:send', payload);
      assert.deepEqual([message.body, message.attachments], ['', files]);
      const told = await there.fact('message:created', (fact) => fact.message.id === message.id);
      assert.deepEqual(told.message, message);
      assert.deepEqual((await from.do('message:send', payload)).message, message, 'a repeat');
      assert.deepEqual((await bruno.history(room.id)).at(-1), message);
      const listed = (await bruno.get(`/api/v1/conversations/${room.id}`)).body.conversation;
      assert.deepEqual(listed.lastMessage, message);
      const synced = await there.do('sync', { cursors: {} });
      assert.ok(synced.messages.some((each) => each.id === message.id && each.attachments.length === 2));
      const edited = await from.do('message:edit', { messageId: message.id, body: 'both' });
      const emptied = await from.do('message:edit', { messageId: message.id, body: '' });
      const reacted = await there.do('message:react', { messageId: message.id, emoji: '👍', on: true });
      for (const each of [edited, emptied, reacted]) assert.deepEqual(each.message.attachments, files);
      const deleted = (await from.do('message:delete', { messageId: message.id })).message;
      assert.deepEqual([deleted.body, deleted.attachments], ['', []]);
      for (const file of files) assert.equal((await fetchFile(bruno, file.url)).status, 404);
      assert.deepEqual((await from.do('message:send', payload)).message.id, message.id);
    } finally {
      await there.disconnect();
      await from.disconnect();
    }
  });

  it('stay in the order of what one socket sends', async () => {
    const from = await connected(ana);
    try {
      const sends = [];
      for (let number = 0; number < 30; number += 1) {
        const file = number % 5 === 2 ? await uploaded(ana, `file ${number}`) : undefined;
        sends.push({ body: `message ${number}`, attachmentIds: file ? [file.id] : undefined });
      }
      const acks = await Promise.all(
        sends.map((each) =>
          from.do('message:send', { conversationId: room.id, clientId: randomUUID(), ...each }),
        ),
      );
      const places = acks.map(({ message }) => message.seq);
      assert.deepEqual(
        places,
        places.map((_, number) => places[0] + number),
      );
    } finally {
      await from.disconnect();
    }
  });

  it('refuses ids that are not for this message', async () => {
    const [mine, theirs] = [await uploaded(ana, 'mine'), await uploaded(bruno, 'theirs')];
    for (const ids of [
      [mine.id, theirs.id],
      [mine.id, mine.id],
      [mine.id, randomUUID()],
      [mine.id, 'no id'],
      Array.from({ length: 11 }, () => randomUUID()),
    ]) {
      assertRefusedFields(await post(ana, ids), 'attachmentIds');
    }
    assertRefusedFields(await post(ana, []), 'body');
    const elsewhere = await clara.converse('group', [], 'Elsewhere');
    const refused = await ana.post(`/api/v1/conversations/${elsewhere.id}/messages`, {
      clientId: randomUUID(),
      body: '',
      attachmentIds: [mine.id],
    });
    assertProblem(refused, 403, 'conversation.not_member');
    await send(ana, [mine]);
    await send(bruno, [theirs]);
  });
});

describe('uploads', () => {
  const nothingNew = async (work) => {
    const before_ = folder('attachments');
    await work();
    await eventually(
      () => isDeepStrictEqual(folder('attachments'), before_),
      'nothing is left of it',
    );
  };

  it('are refused without a file', async () => {
    await nothingNew(async () => {
      assertRefusedFields(await upload(ana, undefined), 'file');
      assertRefusedFields(await upload(ana, ''), 'file');
      const fields = { durationMs: '-1', width: '0', height: 'tall' };
      assertRefusedFields(await upload(ana, 'x', { fields }), 'durationMs', 'height', 'width');
      const json = await ana.post('/api/v1/attachments', { file: 'x' });
      assertProblem(json, 415, 'unsupported_media_type');
    });
  });

  it('are refused as soon as they are too large', async () => {
    const exact = await uploaded(ana, Buffer.alloc(LIMIT, 1));
    assert.equal(exact.size, LIMIT);
    await nothingNew(async () => {
      for (const size of [LIMIT + 1, LIMIT + 500_000]) {
        assertProblem(await upload(ana, Buffer.alloc(size, 1)), 413, 'attachment.too_large');
      }
      // Nobody announces a length, and it never ends.
      const { type, body } = form({ file: Buffer.alloc(LIMIT * 2) });
      const answer = await new Promise((resolve, reject) => {
        const headers = { cookie: ana.cookie, 'content-type': type };
        const outgoing = http.request(
          new URL('/api/v1/attachments', server.url),
          { method: 'POST', headers, agent: false },
          (incoming) => resolve(incoming),
        );
        outgoing.on('error', reject);
        outgoing.write(body.subarray(0, LIMIT + 10_000));
      });
      assert.equal(answer.statusCode, 413);
      answer.destroy();
    });
  });

  it('leave nothing when they break off', async () => {
    for (const file of [Buffer.alloc(150_000, 7), png(900, 100)]) {
      await nothingNew(
        () =>
          new Promise((resolve, reject) => {
            const { type, body } = form({ file });
            const headers = { cookie: ana.cookie, 'content-type': type, 'content-length': body.length };
            const outgoing = http.request(
              new URL('/api/v1/attachments', server.url),
              { method: 'POST', headers, agent: false },
              () => reject(new Error('it was answered')),
            );
            outgoing.on('error', () => resolve());
            outgoing.write(body.subarray(0, body.length - 100), () => {
              setTimeout(() => outgoing.destroy(), 100);
            });
            outgoing.on('close', resolve);
          }),
      );
    }
  });

  it('are so many at a time', async () => {
    const dora = await register(server.url);
    const files = [];
    for (let number = 0; number < 12; number += 1) files.push(await uploaded(dora, `file ${number}`));
    const problem = assertProblem(await upload(dora, 'one more'), 429, 'rate_limited');
    assert.ok(problem.retryAfterMs > 0);
    const own = await dora.converse('group', [], 'Own');
    const sent = await dora.say(own.id, '', { attachmentIds: files.slice(0, 10).map((file) => file.id) });
    assert.equal(sent.attachments.length, 10);
    await uploaded(dora, 'one more');
  });
});

describe('images', () => {
  const jpegOf = async (width, height) => {
    const wide = await uploaded(ana, png(width, height));
    const { bytes, headers } = await fetchFile(ana, wide.thumbnailUrl);
    assert.equal(headers['content-type'], 'image/jpeg');
    return { wide, jpeg: bytes };
  };

  it('lose the place where they were taken, and stay turned', async () => {
    const { wide, jpeg } = await jpegOf(1280, 320);
    assert.deepEqual([wide.kind, wide.width, wide.height], ['image', 1280, 320]);
    assert.deepEqual(sizeOf(jpeg), [640, 160]);
    for (const [orientation, size] of [
      [1, [640, 160]],
      [6, [160, 640]],
    ]) {
      const original = withPlace(jpeg, orientation);
      assert.ok(original.includes('GPSPLACE'));
      const file = await uploaded(ana, original, { name: 'beach.jpg' });
      assert.deepEqual([file.contentType, file.width, file.height], ['image/jpeg', ...size]);
      const { bytes, headers } = await fetchFile(ana, file.url);
      assert.equal(headers['content-type'], 'image/jpeg');
      assert.match(headers['content-disposition'], /^inline; /);
      assert.equal(bytes.length, file.size);
      assert.equal(bytes.includes('GPSPLACE'), false, 'the place is gone');
      assert.equal(bytes.includes('Exif'), orientation !== 1, 'only how it is turned stays');
      assert.ok(bytes.includes(jpeg.subarray(-200)), 'it was not encoded anew');
      await send(ana, [file]);
    }
    const text = chunk('tEXt', Buffer.from('Comment\0GPSPLACE', 'latin1'));
    const noted = await uploaded(ana, png(20, 10, { more: [text] }));
    const { bytes } = await fetchFile(ana, noted.url);
    assert.equal(bytes.includes('GPSPLACE'), false);
    assert.deepEqual([sizeOf(bytes), noted.thumbnailUrl], [[20, 10], null]);
    await send(ana, [wide, noted]);
  });

  it('that are bombs or ruins are refused with a sentence', async () => {
    const whole = png(300, 300);
    for (const file of [
      png(1, 1, { announced: [60_000, 60_000] }),
      png(1, 1, { announced: [16_385, 2] }),
      png(1, 1, { announced: [8_000, 6_000] }),
      whole.subarray(0, whole.length - 60),
      Buffer.from('\x89PNG\r\n\x1a\n and no more', 'latin1'),
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(500, 9)]),
    ]) {
      const answer = await upload(ana, file);
      assertRefusedFields(answer, 'file');
      assert.match(answer.body.fields.file, /^is an image (of more than|that cannot be decoded)/);
    }
  });

  it('become the picture of a person', async () => {
    const me = '/api/v1/users/me';
    const image = await uploaded(ana, png(300, 900, { colour: [10, 200, 10] }));
    const changed = await ana.patch(me, { avatarId: image.id });
    assert.equal(changed.status, 200, changed.text);
    const { avatarUrl } = changed.body.user;
    assert.match(avatarUrl, /^\/api\/v1\/avatars\/[\w-]+$/);
    const seen = (await clara.get(`/api/v1/users/${ana.id}`)).body.user;
    assert.equal(seen.avatarUrl, avatarUrl);
    const picture = await fetchFile(clara, avatarUrl);
    assert.deepEqual([picture.status, sizeOf(picture.bytes)], [200, [256, 256]]);
    assert.equal(picture.headers['content-type'], 'image/jpeg');
    assert.equal(picture.headers['cache-control'], 'private, max-age=31536000, immutable');
    const again = await fetchFile(clara, avatarUrl, { 'if-none-match': picture.headers.etag });
    assert.equal(again.status, 304);
    assertProblem(await request(server.url, 'GET', avatarUrl), 401);
    assert.equal((await fetchFile(ana, image.url)).status, 404, 'the upload is used up');
    assert.equal((await ana.patch(me, { avatarId: image.id })).status, 200, 'the same again');
    assert.equal((await ana.patch(me, { displayName: 'Ana' })).body.user.avatarUrl, avatarUrl);

    const [text, theirs] = [await uploaded(ana, 'no image'), await uploaded(clara, png(9, 9))];
    for (const avatarId of [text.id, theirs.id, randomUUID(), 'none']) {
      assertRefusedFields(await ana.patch(me, { avatarId }), 'avatarId');
    }
    const next = await uploaded(ana, png(256, 256));
    const replaced = (await ana.patch(me, { avatarId: next.id })).body.user.avatarUrl;
    assert.notEqual(replaced, avatarUrl);
    assert.equal((await fetchFile(clara, avatarUrl)).status, 404, 'the old one is gone');
    assert.equal((await ana.patch(me, { avatarId: null })).body.user.avatarUrl, null);
    assert.equal((await fetchFile(clara, replaced)).status, 404);
    assert.deepEqual(folder('avatars'), []);
  });
});
