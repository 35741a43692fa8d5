// The real ChatClient over the real socket.io-client against the real server, on networks as phones have them. A run's
// seed decides what people do and what goes wrong when; how the bytes of several devices then meet is left to chance.
//
// `SEED=17 make test-network` repeats one run, `RUNS=20 make test-network` does fewer.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { startServer } from '../support/server.mjs';

const RUNS = Number(process.env.RUNS ?? 1_000);
const seeds = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: RUNS }, (_, index) => index + 1);

/** A 25th of what is usual: so much faster time passes on the devices. */
const SETTINGS = { PING_INTERVAL_MS: '1000', PING_TIMEOUT_MS: '800' };

test(`${seeds.length} runs on a bad network end in the server's state, with each message once`, async () => {
  const server = await startServer({ env: SETTINGS });
  const failed = [];
  try {
    const { url, port } = server;
    const worker = new Worker(new URL('./support/runs.mjs', import.meta.url), {
      workerData: { server: { url, port }, seeds },
    });
    worker.on('message', ({ seed, story, error }) => {
      failed.push(seed);
      console.error(`run ${seed} failed; SEED=${seed} make test-network repeats it\n${story}\n${error}`);
    });
    const [code] = await once(worker, 'exit');
    assert.equal(code, 0, 'how the thread of the runs ended');
  } finally {
    await server.stop();
  }
  assert.deepEqual(failed, [], 'the seeds of runs that failed');
});
