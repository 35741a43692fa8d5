// The clock and the timers of one device. They run faster than ours, so that a timeout of ten seconds is over soon, stand
// still while the device sleeps, and jump.

/** How many milliseconds of a device pass in one of ours. */
export const RATE = 25;

export class Clock {
  #began = performance.now();
  #skipped = 0;
  #wall = Date.now();
  #asleepAt = null;
  #timers = new Set();
  #isDead = false;

  /** Milliseconds since the device was made. */
  now() {
    return (this.#asleepAt ?? (performance.now() - this.#began) * RATE) + this.#skipped;
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
    const timer = { due: this.now() + Math.max(0, ms), run: () => run(...args), handle: null };
    if (this.#isDead) return timer;
    this.#timers.add(timer);
    if (!this.isAsleep) this.#arm(timer);
    return timer;
  };

  clearTimeout = (timer) => {
    if (!timer || !this.#timers.delete(timer)) return;
    clearTimeout(timer.handle);
  };

  /** No timer fires until it wakes. */
  sleep() {
    this.#asleepAt = (performance.now() - this.#began) * RATE;
    for (const { handle } of this.#timers) clearTimeout(handle);
  }

  /** `ms` have passed in the sleep; on some systems timers count them, on others they stood still. */
  wake(ms, timersCount) {
    const slept = (performance.now() - this.#began) * RATE - this.#asleepAt;
    this.#asleepAt = null;
    this.#skipped += timersCount ? ms - slept : -slept;
    if (!timersCount) this.#wall += ms;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) this.#arm(timer);
  }

  /** No timer fires any more. */
  stop() {
    this.#isDead = true;
    for (const { handle } of this.#timers) clearTimeout(handle);
    this.#timers.clear();
  }

  #arm(timer) {
    timer.handle = setTimeout(() => {
      this.#timers.delete(timer);
      timer.run();
    }, (timer.due - this.now()) / RATE);
  }
}
