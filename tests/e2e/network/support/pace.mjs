// How fast time passes for everybody in the runs. Timeouts that are shortened many times over are too short for a machine
// that is busy with other things: so time stands still while this process or the server does not get to its work.

const TICK_MS = 2;
/** A tick that comes later than this was kept waiting. */
const MOST_A_TICK_MS = 10;
const SLOW_ANSWER_MS = 50;
const ASK_EVERY_MS = 25;

let passed = 0;
let ticked = performance.now();
let askedAt = null;
const waiting = new Set();

setInterval(() => {
  const now = performance.now();
  const isSlow = askedAt !== null && now - askedAt > SLOW_ANSWER_MS;
  if (!isSlow) passed += Math.min(now - ticked, MOST_A_TICK_MS);
  ticked = now;
  const due = [...waiting].filter((timer) => timer.due <= passed).sort((one, other) => one.due - other.due);
  for (const timer of due) setImmediate(() => waiting.delete(timer) && timer.run());
}, TICK_MS).unref();

/** Milliseconds that have passed. */
export function paceNow() {
  return passed;
}

/** Runs something when so many milliseconds have passed; answers how to prevent it. */
export function paced(ms, run) {
  const timer = { due: passed + ms, run };
  waiting.add(timer);
  if (ms <= 0) setImmediate(() => waiting.delete(timer) && timer.run());
  return () => waiting.delete(timer);
}

export function pause(ms) {
  return new Promise((resolve) => void paced(ms, resolve));
}

/** Asks `probe` again until it answers something truthy, for so many milliseconds. */
export async function eventually(probe, what, ms, every = 20) {
  const deadline = passed + ms;
  for (;;) {
    let failure;
    try {
      if (await probe()) return;
    } catch (error) {
      failure = error;
    }
    if (passed > deadline) throw new Error(`not within ${ms} ms: ${what}`, { cause: failure });
    await pause(every);
  }
}

/** Asks the server for something small, again and again, to see how busy it is. Answers how to end that. */
export function follow(ask) {
  let isOver = false;
  const loop = async () => {
    while (!isOver) {
      askedAt = performance.now();
      await ask();
      askedAt = null;
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  };
  const ended = loop();
  return () => {
    isOver = true;
    return ended;
  };
}
