// What people do on their devices, as a seed decides.

const EMOJI = ['👍', '🎉', '❤️'];
const MARKS = ['pinned', 'unread', 'muted'];

/** The conversations of a run: everybody is in `general`, of all runs. */
export function ownThreads(state) {
  return Object.values(state.threads).filter(({ conversation }) => conversation.kind !== 'channel');
}

function heldMessages(phone) {
  return ownThreads(phone.state)
    .flatMap(({ messages }) => messages)
    .filter(({ deletedAt }) => deletedAt === null);
}

function say({ phone, random, note }) {
  const threads = ownThreads(phone.state);
  if (threads.length === 0) return;
  const { conversation, messages } = random.pick(threads);
  const answered = random.chance(0.2) ? messages.at(-1)?.id : null;
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const body = `${phone.name} ${phone.sent.length}`;
    phone.send(conversation.id, body, answered ?? null);
    note(`sends "${body}" into ${conversation.id}`);
  }
}

function change({ phone, random, note }, what, mayChange, command) {
  const messages = heldMessages(phone).filter(mayChange);
  if (messages.length === 0) return;
  const message = random.pick(messages);
  note(`${what} ${message.seq} of ${message.conversationId}`);
  phone.try((client) => command(client, message));
}

const isMine = (phone) => (message) => message.senderId === phone.person.id;

function edit(scene) {
  const body = `edited ${scene.random.below(1e6)}`;
  change(scene, 'edits', isMine(scene.phone), (client, { id }) => client.edit(id, body));
}

function remove(scene) {
  change(scene, 'deletes', isMine(scene.phone), (client, { id }) => client.remove(id));
}

function react(scene) {
  const emoji = scene.random.pick(EMOJI);
  const on = scene.random.chance(0.7);
  change(scene, `reacts ${emoji} ${on} to`, () => true, (client, { id }) => client.react(id, emoji, on));
}

function read({ phone, random, note }) {
  const threads = ownThreads(phone.state).filter(({ messages }) => messages.length > 0);
  if (threads.length === 0) return;
  const { conversation, messages } = random.pick(threads);
  const { seq } = random.pick(messages.slice(-3));
  note(`reads up to ${seq} of ${conversation.id}`);
  phone.client.markRead(conversation.id, seq);
}

function mark({ phone, random, note }) {
  const threads = ownThreads(phone.state);
  if (threads.length === 0) return;
  const { id } = random.pick(threads).conversation;
  const name = random.pick(MARKS);
  const on = random.chance(0.6);
  note(`marks ${id} ${name} ${on}`);
  phone.try((client) => client.setMark(id, name, on));
}

function create({ phone, random, note, everybody }) {
  const others = everybody.filter(({ id }) => id !== phone.person.id).map(({ id }) => id);
  const isDirect = random.chance(0.5);
  const memberIds = isDirect ? [random.pick(others)] : others;
  note(`creates a ${isDirect ? 'direct conversation' : 'group'}`);
  phone.try((client) =>
    client.create(isDirect ? { kind: 'direct', memberIds } : { kind: 'group', title: `of ${phone.name}`, memberIds }),
  );
}

function leave({ phone, random, note }) {
  const groups = ownThreads(phone.state).filter(({ conversation }) => conversation.kind === 'group');
  if (groups.length === 0) return;
  const { id } = random.pick(groups).conversation;
  note(`leaves ${id}`);
  phone.try((client) => client.leave(id));
}

function rename({ phone, random, note }) {
  const groups = ownThreads(phone.state).filter(({ conversation }) => conversation.kind === 'group');
  if (groups.length === 0) return;
  const { id } = random.pick(groups).conversation;
  const title = `title ${random.below(1e6)}`;
  note(`renames ${id} to "${title}"`);
  phone.try((_, api) => api.renameConversation(id, title));
}

/** Looks further back, or at a place of which somebody spoke. */
function scroll({ phone, random, note }) {
  const threads = ownThreads(phone.state).filter(({ from }) => from > 1);
  if (threads.length === 0) return;
  const { id, lastSeq } = random.pick(threads).conversation;
  const seq = 1 + random.below(lastSeq);
  const isNear = random.chance(0.5);
  note(`scrolls ${isNear ? 'back' : `to ${seq}`} in ${id}`);
  phone.try((client) => (isNear ? client.loadOlder(id) : client.loadAround(id, seq)));
}

function type({ phone, random }) {
  const threads = ownThreads(phone.state);
  if (threads.length > 0) phone.client.setTyping(random.pick(threads).conversation.id, random.chance(0.7));
}

/** How often each is done. */
const DEEDS = [
  [40, say],
  [10, edit],
  [5, remove],
  [12, react],
  [20, read],
  [12, mark],
  [4, create],
  [1, leave],
  [3, rename],
  [3, type],
  [8, scroll],
];

/** One deed of the person who holds the phone. */
export function doSomething(scene) {
  scene.random.weighed(DEEDS)(scene);
}
