// What no well-meant client sends over a socket: one ack each, and the connection is kept.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';

import { WEBSOCKET_CLIENT } from './support/clients/index.mjs';
import { register } from './support/http.mjs';
import { Member } from './support/member.mjs';
import { startServer } from './support/server.mjs';
import { openSession } from './support/wire.mjs';

const MEGABYTE = 1024 * 1024;
const COMMANDS = [
  'message:send',
  'message:edit',
  'message:delete',
  'message:react',
  'message:list',
  'conversation:list',
  'conversation:create',
  'conversation:join',
  'conversation:leave',
  'conversation:read',
  'sync',
  'presence:watch',
  'typing:set',
];
/** Commands that take `{}`: what has no field to be wrong may be let through. */
const WITHOUT_INPUT = new Set(['conversation:list']);
const BINARY_EVENT = 5;
const ACK_MS = 20_000;

let server;
let ana;
let id;
let wire;
let lastAck = 0;
before(async () => {
  server = await startServer();
  ana = await register(server.url);
  ({ id } = await ana.converse('channel', [], `hostile ${randomUUID()}`));
});
// One connection for all, unless a case lost it: then only that case fails.
beforeEach(async () => {
  if (!wire?.isOpen) wire = await openSession(server.url, { cookie: ana.cookie });
});
after(async () => {
  wire?.terminate();
  await server?.stop();
});

/** The ack of a packet that is written by hand, and proof that there is just one and that all goes on. */
async function ackOf(event, payload, { attachments = [] } = {}) {
  lastAck += 1;
  const mine = lastAck;
  const start = wire.packets.length;
  const head = attachments.length > 0 ? `4${BINARY_EVENT}${attachments.length}-` : '42';
  const args = payload === undefined ? '' : `,${payload}`;
  wire.send(`${head}${mine}[${JSON.stringify(event)}${args}]`);
  for (const bytes of attachments) wire.send(bytes);
  const isAck = (number) => (packet) => String(packet).startsWith(`43${number}[`);
  const packet = await wire.until(isAck(mine), `${JSON.stringify(event).slice(0, 40)} is acked`, ACK_MS);

  lastAck += 1;
  wire.send(`42${lastAck}["typing:set",${JSON.stringify({ conversationId: id, typing: false })}]`);
  await wire.until(isAck(lastAck), 'the connection is kept');
  const acks = wire.packets.slice(start).filter(isAck(mine));
  assert.equal(acks.length, 1, 'exactly one ack');

  const [ack, ...more] = JSON.parse(packet.slice(packet.indexOf('[')));
  assert.deepEqual(more, []);
  return ack;
}

function assertRefused(ack, what, codes = /^invalid_payload$/) {
  assert.equal(ack.ok, false, what);
  assert.match(ack.error.code, codes, what);
  assert.equal(typeof ack.error.requestId, 'string');
}

describe('payloads that cannot be read', () => {
  for (const [what, payload] of [
    ['nothing', undefined],
    ['null', 'null'],
    ['a number', '7'],
    ['a huge number', '1e400'],
    ['a truth', 'true'],
    ['a text', '"text"'],
    ['a list', '[1,2,3]'],
    ['a list of lists', '[[[]]]'],
  ]) {
    it(`${what}, to every command`, async () => {
      for (const command of COMMANDS) {
        const ack = await ackOf(command, payload);
        if (WITHOUT_INPUT.has(command) && ack.ok) continue;
        assertRefused(ack, command);
      }
    });
  }

  for (const [what, payload] of [
    ['10 MB of nested lists', '['.repeat(5 * MEGABYTE) + ']'.repeat(5 * MEGABYTE)],
    ['10 MB of nested objects', '{"a":'.repeat(1.6 * MEGABYTE) + '1' + '}'.repeat(1.6 * MEGABYTE)],
    ['10 MB of flat list', `[${'1,'.repeat(5 * MEGABYTE)}1]`],
    ['nesting in a field', `{"conversationId":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ]) {
    it(what, async () => {
      assertRefused(await ackOf('message:send', payload), what);
    });
  }

  it('nested to a depth that a careful parser still reads', async () => {
    const deep = `${'['.repeat(120)}${']'.repeat(120)}`;
    assertRefused(await ackOf('message:send', deep), 'deep');
    assertRefused(await ackOf('sync', `{"cursors":${deep}}`), 'deep', /^invalid(_payload)?$/);
  });

  it('a text of 8 MB as a body', async () => {
    const order = { conversationId: id, clientId: randomUUID(), body: 'x'.repeat(8 * MEGABYTE) };
    const ack = await ackOf('message:send', JSON.stringify(order));
    assertRefused(ack, 'huge', /^(invalid|invalid_payload|too_large)$/);
  });

  it('a text of 8 MB as every other field', async () => {
    const huge = 'y'.repeat(8 * MEGABYTE);
    for (const [command, payload] of [
      ['message:send', { conversationId: huge, clientId: randomUUID(), body: 'x' }],
      ['message:send', { conversationId: id, clientId: huge, body: 'x' }],
      ['message:react', { messageId: huge, emoji: '👍', on: true }],
      ['sync', { cursors: { [huge]: 1 } }],
    ]) {
      const ack = await ackOf(command, JSON.stringify(payload));
      if (command === 'sync') continue;
      assertRefused(ack, command, /^(invalid|invalid_payload|not_found|too_large)$/);
    }
  });

  it('numbers that do not fit', async () => {
    for (const seq of ['-1', '1.5', '1e30', '18446744073709551616', '"1"', 'null', '[]']) {
      const ack = await ackOf('conversation:read', `{"conversationId":"${id}","seq":${seq}}`);
      assertRefused(ack, seq, /^invalid(_payload)?$/);
    }
    for (const rev of ['-1', '1.5', '"x"', 'null']) {
      assertRefused(await ackOf('sync', `{"cursors":{"${id}":${rev}}}`), rev, /^invalid(_payload)?$/);
    }
  });

  it('binary attachments', async () => {
    const placeholder = '{"_placeholder":true,"num":0}';
    const bytes = Buffer.from([1, 2, 3]);
    for (const payload of [placeholder, `{"conversationId":"${id}","clientId":"x","body":${placeholder}}`]) {
      const ack = await ackOf('message:send', payload, { attachments: [bytes] });
      assertRefused(ack, 'binary', /^invalid(_payload)?$/);
    }
  });

  it('many arguments', async () => {
    const ack = await ackOf('message:send', Array.from({ length: 1_000 }, () => '{}').join(','));
    assertRefused(ack, 'many', /^invalid(_payload)?$/);
  });

  it('odd names of events', async () => {
    for (const name of ['', ' ', 'message:send ', 'MESSAGE:SEND', '__proto__', 'x'.repeat(100_000)]) {
      assertRefused(await ackOf(name, '{}'), name.slice(0, 20), /^unknown_event$/);
    }
  });

  it('a reaction that is no emoji', async () => {
    const message = await ana.say(id, 'react to this');
    for (const emoji of ['', 'x'.repeat(1_000), '   ']) {
      const order = { messageId: message.id, emoji, on: true };
      assertRefused(await ackOf('message:react', JSON.stringify(order)), emoji.slice(0, 9), /^invalid$/);
    }
  });

  it('unknown fields are overlooked', async () => {
    const order = { conversationId: id, clientId: randomUUID(), body: 'fine', later: { x: 1 } };
    const ack = await ackOf('message:send', JSON.stringify(order));
    assert.equal(ack.ok, true, JSON.stringify(ack));
  });

  it('after all this the server is well, and another client chats', async () => {
    const member = new Member(WEBSOCKET_CLIENT, { url: server.url, cookie: ana.cookie });
    await member.connect();
    await member.do('message:send', { conversationId: id, clientId: randomUUID(), body: 'hello' });
    await member.disconnect();
    assert.doesNotMatch(server.output, /panicked/);
  });
});
