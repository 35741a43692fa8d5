// nginx with deploy/nginx.conf in front of two servers: every client and every transport chats through it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { CHECKS, Stage } from '../support/checks.mjs';
import { CLIENTS, POLLING_CLIENT } from '../support/clients/index.mjs';
import { startCluster } from '../support/cluster.mjs';
import { register, request } from '../support/http.mjs';
import { Member } from '../support/member.mjs';
import { startNginx } from '../support/nginx.mjs';
import { eventually } from '../support/wait.mjs';

const PEOPLE = 20;

let cluster;
let nginx;
before(async () => {
  cluster = await startCluster({ members: 1, env: { TRUSTED_PROXIES: '127.0.0.0/8' } });
  nginx = await startNginx(cluster.nodes.map(({ port }) => port));
});
after(async () => {
  await nginx?.stop();
  await cluster?.stop();
});

for (const client of CLIENTS) {
  describe(`through nginx: ${client.name}`, () => {
    for (const { name, run } of CHECKS) {
      it(name, async () => {
        const stage = new Stage(client, nginx, { isSpread: true });
        try {
          await run(stage);
        } finally {
          await stage.clear();
        }
      });
    }
  });
}

const sockets = () => Promise.all(cluster.nodes.map((node) => node.metric('chatconnect_sockets')));

async function crowd() {
  const people = [];
  for (let n = 0; n < PEOPLE; n += 1) people.push(await register(nginx.url));
  return people.map((person) => new Member(POLLING_CLIENT, { url: nginx.url, cookie: person.cookie }));
}

describe('nginx', () => {
  it('spreads the people over the servers by their sessions', async () => {
    const before_ = await sockets();
    const members = await crowd();
    await Promise.all(members.map((member) => member.connect()));
    const grown = (await sockets()).map((count, n) => count - before_[n]);
    assert.equal(grown[0] + grown[1], PEOPLE);
    assert.ok(Math.min(...grown) >= 2, `spread like ${grown}`);
    await Promise.all(members.map((member) => member.disconnect()));
  });

  it('passes on the origin of a browser, with the port', async () => {
    const ask = (origin) => request(nginx.url, 'POST', '/api/v1/auth/logout', { headers: { origin } });
    assert.equal((await ask('http://elsewhere.example')).status, 403);
    assert.notEqual((await ask(nginx.url)).status, 403);
  });

  it('keeps the figures inside', async () => {
    assert.equal((await request(nginx.url, 'GET', '/metrics')).status, 403);
  });

  it('passes over a server that is gone, and its polling clients come back through the other', async () => {
    const [gone, other] = cluster.nodes;
    const members = await crowd();
    await Promise.all(members.map((member) => member.connect()));
    await gone.kill();
    try {
      await eventually(async () => (await other.metric('chatconnect_sockets')) >= 1, 'the other one serves');
      for (const member of members) {
        await member.disconnect();
        await member.connect();
        await member.do('conversation:list', {});
      }
      assert.equal(await other.metric('chatconnect_sockets'), PEOPLE);
      await register(nginx.url);
    } finally {
      await Promise.all(members.map((member) => member.disconnect()));
      await gone.start();
    }
  });
});
