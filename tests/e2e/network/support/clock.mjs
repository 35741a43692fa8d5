// The clock and the timers of one device. They run faster than ours, so that a timeout of ten seconds is over soon,
// stand still while the device sleeps, and jump.

import { paced, paceNow } from './pace.mjs';

/** How many milliseconds of a device pass in one of ours. */
export const RATE = 25;

export class Clock {
  #began = paceNow();
  #skipped = 0;
  #wall = Date.now();
  #asleepAt = null;
  #timers = new Set();
  #isDead = false;

  /** Milliseconds since the device was made. */
  now() {
    return (this.#asleepAt ?? (paceNow() - this.#began) * RATE) + this.#skipped;
  }

  /** What it believes the time to be, in milliseconds since 1970. */
  wall() {
    return Math.floor(this.#wall + this.now());
  }

  /** The network or a person sets the time. */
  setWall(by) {
    this.#wall += by;
  }

  get isAsleep() {
    return this.#asleepAt !== null;
  }

  setTimeout = (run, ms = 0, ...args) => {
    const timer = { due: this.now() + Math.max(0, ms), run: () => run(...args), disarm: () => undefined };
    if (this.#isDead) return timer;
    this.#timers.add(timer);
    if (!this.isAsleep) this.#arm(timer);
    return timer;
  };

  clearTimeout = (timer) => {
    if (timer && this.#timers.delete(timer)) timer.disarm();
  };

  /** No timer fires until it wakes. */
  sleep() {
    this.#asleepAt = (paceNow() - this.#began) * RATE;
    for (const { disarm } of this.#timers) disarm();
  }

  /** `ms` have passed in the sleep; on some systems timers count them, on others they stood still. */
  wake(ms, timersCount) {
    const slept = (paceNow() - this.#began) * RATE - this.#asleepAt;
    this.#asleepAt = null;
    this.#skipped += timersCount ? ms - slept : -slept;
    if (!timersCount) this.#wall += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) this.#arm(timer);
  }

  /** No timer fires any more. */
  stop() {
    this.#isDead = true;
    for (const { disarm } of this.#timers) disarm();
    this.#timers.clear();
  }

  #arm(timer) {
    timer.disarm = paced((timer.due - this.now()) / RATE, () => {
      this.#timers.delete(timer);
      timer.run();
    });
  }
}
