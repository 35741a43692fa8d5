// Runs a command with the address of a one-node replica set in CHATCONNECT_TEST_MONGODB, and stops it afterwards.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { startReplicaSet } from './mongod.mjs';
import { mortal } from './processes.mjs';

const [command, ...args] = process.argv.slice(2);
if (!command) {
  process.stderr.write('usage: scripts/with-mongod COMMAND…\n');
  process.exit(2);
}

/** Where there is one already, it is used. */
const set = process.env.CHATCONNECT_TEST_MONGODB ? undefined : await startReplicaSet({ cacheGB: 0.5 });
const url = set?.url() ?? process.env.CHATCONNECT_TEST_MONGODB;

const child = spawn(...mortal(command, args, 'TERM'), {
  stdio: 'inherit',
  env: { ...process.env, CHATCONNECT_TEST_MONGODB: url },
});
const code = await new Promise((resolve) => {
  child.once('error', (error) => {
    process.stderr.write(`${command}: ${error.message}\n`);
    resolve(127);
  });
  child.once('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
});
await set?.stop();
process.exit(code);
