// The one shared list of checks, where the people of a conversation are on different servers; and on a MongoDB without a
// replica set.

import { after, before, describe, it } from 'node:test';

import { CHECKS, Stage } from '../support/checks.mjs';
import { CLIENTS, WEBSOCKET_CLIENT } from '../support/clients/index.mjs';
import { startCluster } from '../support/cluster.mjs';
import { startStandalone } from '../support/mongod.mjs';
import { startServer } from '../support/server.mjs';

/** Connects one client after the other to one server after the other. */
class SpreadStage extends Stage {
  #count = 0;

  constructor(client, nodes) {
    super(client, nodes[0], { isSpread: true });
    this.nodes = nodes;
  }

  member(person, rest = {}) {
    const { url } = this.nodes[this.#count++ % this.nodes.length];
    return super.member(person, { url, ...rest });
  }
}

async function runCheck(run, stage) {
  try {
    await run(stage);
  } finally {
    await stage.clear();
  }
}

describe('on two servers', () => {
  let cluster;
  before(async () => {
    cluster = await startCluster({ members: 1 });
  });
  after(() => cluster?.stop());

  for (const client of CLIENTS) {
    describe(client.name, () => {
      for (const { name, run } of CHECKS) it(name, () => runCheck(run, new SpreadStage(client, cluster.nodes)));
    });
  }
});

describe('on a MongoDB without a replica set', () => {
  let mongo;
  let server;
  before(async () => {
    mongo = await startStandalone();
    server = await startServer({ env: { DATABASE_URL: mongo.url('chat') } });
  });
  after(async () => {
    await server?.stop();
    await mongo?.stop();
  });

  for (const { name, run } of CHECKS) it(name, () => runCheck(run, new Stage(WEBSOCKET_CLIENT, server)));
});
