// A small seeded generator (mulberry32), so that what a run did can be done again.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A generator of its own for a part of the run, so that no part's choices depend on when another one chooses. */
  fork(name) {
    let hash = this.#state;
    for (const character of name) hash = (Math.imul(hash ^ character.codePointAt(0), 0x01000193) + 0x9e3779b9) >>> 0;
    return new Random(hash);
  }

  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n) {
    return Math.floor(this.next() * n);
  }

  between(least, most) {
    return least + this.next() * (most - least);
  }

  chance(p) {
    return this.next() < p;
  }

  pick(items) {
    return items[this.below(items.length)];
  }

  /** One of `[weight, item]`. */
  weighed(choices) {
    let at = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    return choices.find(([weight]) => (at -= weight) < 0)?.[1] ?? choices.at(-1)[1];
  }
}
