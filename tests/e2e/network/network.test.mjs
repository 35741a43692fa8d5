// The real ChatClient over the real socket.io-client against the real server, on networks as phones have them. A run's
// seed decides what people do and what goes wrong when; how the bytes of several devices then meet is left to chance.
//
// `SEED=17 make test-network` repeats one run, `RUNS=20 make test-network` does fewer.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { register } from '../support/http.mjs';
import { startServer } from '../support/server.mjs';
import { follow } from './support/pace.mjs';
import { Run } from './support/run.mjs';

const RUNS = Number(process.env.RUNS ?? 1_000);
const AT_ONCE = 20;
const TRACED = 400;

const seeds = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: RUNS }, (_, index) => index + 1);

/** A 25th of what is usual: so much faster time passes on the devices. */
const SETTINGS = { PING_INTERVAL_MS: '1000', PING_TIMEOUT_MS: '800' };

/** Something small that the server has to write. */
async function smallWish({ url }) {
  const person = await register(url);
  const { conversations } = (await person.get('/api/v1/conversations')).body;
  const path = `/api/v1/conversations/${conversations[0].id}/me`;
  let muted = false;
  return () => person.patch(path, { muted: (muted = !muted) });
}

test(`${seeds.length} runs on a bad network end in the server's state, with each message once`, async () => {
  const server = await startServer({ env: SETTINGS });
  const unfollow = follow(await smallWish(server));
  const failures = [];
  const waiting = [...seeds];
  const worker = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const run = new Run(server, seed);
      try {
        await run.execute();
      } catch (error) {
        failures.push(seed);
        const story = run.trace.slice(-TRACED).join('\n');
        console.error(`run ${seed} failed; SEED=${seed} make test-network repeats it\n${story}\n`, error);
        if (failures.length >= 5) waiting.length = 0;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    await unfollow();
    await server.stop();
  }
  assert.deepEqual(failures, [], 'the seeds of runs that failed');
});
