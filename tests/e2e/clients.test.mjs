// The one shared list of checks, for every client and every transport.

import { after, before, describe, it } from 'node:test';

import { CHECKS, Stage } from './support/checks.mjs';
import { CLIENTS } from './support/clients/index.mjs';
import { startServer } from './support/server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

for (const client of CLIENTS) {
  describe(client.name, () => {
    for (const { name, run } of CHECKS) {
      it(name, async () => {
        const stage = new Stage(client, server);
        try {
          await run(stage);
        } finally {
          await stage.clear();
        }
      });
    }
  });
}
