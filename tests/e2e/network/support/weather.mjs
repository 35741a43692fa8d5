// What happens to a device and to its network, as a seed decides. Times are ours, in milliseconds.

const HOUR = 3_600_000;

function cut({ phone, note }) {
  note('cut');
  phone.line.cut();
}

function cutWebSocket({ phone, note }) {
  note('the WebSocket is cut');
  phone.line.cutWebSockets();
}

function loseAnswer({ phone, note }) {
  note('the next answer is lost');
  phone.line.loseAnswer();
}

/** Half-open: bytes of one way or both vanish, and nobody is told. */
async function swallow({ phone, random, note, pause }) {
  const ways = random.pick([['up'], ['down'], ['up', 'down']]);
  note(`swallows ${ways.join(' and ')}`);
  for (const way of ways) phone.line.swallows[way] = true;
  await pause(random.between(20, 250));
  for (const way of ways) phone.line.swallows[way] = false;
}

async function goDown({ phone, random, note, pause }) {
  note('no network');
  phone.line.isDown = true;
  phone.line.cut();
  await pause(random.between(20, 250));
  phone.line.isDown = false;
  if (random.chance(0.5) && phone.isAwake) phone.client.wake();
}

function slow({ phone, random, note }) {
  const [most, part] = [random.between(2, 60), random.fork('delay')];
  note(`takes up to ${Math.round(most)} ms`);
  phone.line.delay = () => part.between(0, most);
}

async function refuseWebSocket({ phone, random, note, pause }) {
  note('only polling');
  phone.line.noWebSocket = true;
  if (random.chance(0.7)) phone.line.cut();
  await pause(random.between(50, 300));
  phone.line.noWebSocket = false;
}

async function kill({ phone, random, note, pause }) {
  note('the app is killed');
  phone.kill();
  if (random.chance(0.3)) {
    note('the saved state is lost');
    phone.disk.loseState();
  }
  if (random.chance(0.5)) await pause(random.between(0, 150));
  note('the app is opened');
  await phone.open();
}

async function sleep({ phone, random, note, pause }) {
  const [ms, timersCount] = [random.between(0.01, 10) * HOUR, random.chance(0.5)];
  note(`sleeps for ${Math.round(ms / 60_000)} minutes${timersCount ? '' : ', and so do its timers'}`);
  phone.sleep();
  await pause(random.between(5, 2_000));
  phone.wake(ms, timersCount);
  if (random.chance(0.5)) phone.client.wake();
}

function setClock({ phone, random, note }) {
  const by = Math.round(random.between(-2, 2) * HOUR);
  note(`the time is set by ${Math.round(by / 60_000)} minutes`);
  phone.setWall(by);
}

const EVENTS = [
  [15, cut],
  [12, cutWebSocket],
  [15, loseAnswer],
  [15, swallow],
  [12, goDown],
  [10, slow],
  [6, refuseWebSocket],
  [12, kill],
  [10, sleep],
  [4, setClock],
];

/** The next thing that goes wrong. */
export function goWrong(scene) {
  return scene.random.weighed(EVENTS)(scene);
}
