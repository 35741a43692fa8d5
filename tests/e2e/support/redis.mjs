// A real Redis on this machine, which keeps nothing and can be killed and come back.

import { freePort, launch } from './processes.mjs';
import { within } from './wait.mjs';

const REDIS_BIN = process.env.REDIS_SERVER ?? '/usr/bin/redis-server';
const START_MS = 10_000;

export class Redis {
  #process;

  constructor(port) {
    this.port = port;
  }

  static async start() {
    const redis = new Redis(await freePort());
    await redis.start();
    return redis;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start() {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const running = launch(REDIS_BIN, { args });
    this.#process = running;
    const listens = new Promise((resolve) => {
      running.child.stdout.on('data', () => {
        if (running.stdout.includes('Ready to accept connections')) resolve();
      });
    });
    const ends = running.exited.then(() => {
      throw new Error(`redis-server ended\n${running.stdout}`);
    });
    ends.catch(() => {});
    await within(Promise.race([listens, ends]), START_MS, 'Redis listens');
  }

  async kill() {
    this.#process.child.kill('SIGKILL');
    await within(this.#process.exited, START_MS, 'Redis ends');
  }
}
