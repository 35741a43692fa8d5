// The thread that does the runs: in the thread of a test, Node watches every promise, which takes more time than all else.

import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

import { register } from '../../support/http.mjs';
import { follow } from './pace.mjs';
import { Run } from './run.mjs';

const AT_ONCE = 20;
const MOST_FAILURES = 5;
/** Lines of a run's story that are told. */
const TOLD = 400;

const { server, seeds } = workerData;
const waiting = [...seeds];
let failures = 0;

async function work() {
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
    const run = new Run(server, seed);
    try {
      await run.execute();
    } catch (error) {
      parentPort.postMessage({ seed, story: run.story.slice(-TOLD).join('\n'), error: inspect(error) });
      failures += 1;
      if (failures >= MOST_FAILURES) waiting.length = 0;
    }
  }
}

/** Something small that the server has to write. */
async function smallWish() {
  const person = await register(server.url);
  const { conversations } = (await person.get('/api/v1/conversations')).body;
  const path = `/api/v1/conversations/${conversations[0].id}/me`;
  let muted = false;
  return () => person.patch(path, { muted: (muted = !muted) });
}

const unfollow = follow(await smallWish());
await Promise.all(Array.from({ length: AT_ONCE }, work));
await unfollow();
