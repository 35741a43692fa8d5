import { describe, expect, it } from "vitest";
import { fact, type Facts } from "../src/events";
import { cursorsOf, needsSync, reduce, type ChatEvent } from "../src/reduce";
import { initialState, type ChatState, type Thread } from "../src/state";
import { ModelServer, user, type Told } from "./model-server";
import { Random } from "./random";

const ME = "me";
const PEOPLE = [ME, "ana", "bia"];

function toEvent({ name, payload }: Told): ChatEvent {
  switch (name) {
    case fact.messageCreated:
    case fact.messageUpdated:
      return { type: "message", message: (payload as Facts[typeof fact.messageCreated]).message };
    case fact.conversationCreated:
    case fact.conversationUpdated:
      return { type: "conversation-told", conversation: (payload as Facts[typeof fact.conversationUpdated]).conversation };
    case fact.conversationRemoved:
      return { type: "conversation-removed", conversationId: (payload as Facts[typeof fact.conversationRemoved]).conversationId };
    case fact.marksChanged:
      return { type: "marks", ...(payload as Facts[typeof fact.marksChanged]) };
    case fact.conversationRead:
      return { type: "read", ...(payload as Facts[typeof fact.conversationRead]) };
    default:
      throw new Error(`not told by the model: ${name}`);
  }
}

function syncUntilComplete(server: ModelServer, before: ChatState): ChatState {
  let state = before;
  for (let round = 0; round < 1_000; round += 1) {
    const asked = cursorsOf(state);
    const { wanted } = state;
    const result = server.sync(ME, { cursors: asked });
    state = reduce(state, { type: "synced", asked, wanted, result });
    if (result.complete) return state;
  }
  throw new Error("the sync never completes");
}

function thread(state: ChatState, id: string): Thread {
  const found = state.threads[id];
  if (!found) throw new Error(`no thread ${id}`);
  return found;
}

function expectEqualToServer(state: ChatState, server: ModelServer): void {
  const mine = [...server.rooms.values()].filter((room) => room.members.has(ME));
  expect(Object.keys(state.threads).sort()).toEqual(mine.map((room) => room.id).sort());
  expect(needsSync(state)).toBe(false);
  for (const room of mine) {
    const held = thread(state, room.id);
    expect(held.conversation).toEqual(server.conversation(room.id, ME));
    expect(held.cursor).toBe(room.rev);
    expect(held.ahead).toEqual([]);
    expect(held.messages).toEqual(room.messages.slice(held.from - 1));
    if (held.excerpt === null) continue;
    const { from, messages } = held.excerpt;
    expect(messages.length).toBeGreaterThan(0);
    expect(messages).toEqual(room.messages.slice(from - 1, from - 1 + messages.length));
    expect(from - 1 + messages.length).toBeLessThan(held.from - 1);
  }
}

function started(server: ModelServer): ChatState {
  return syncUntilComplete(server, initialState(user(ME)));
}

/** Everything that the server told since the last call, in order. */
function recorder(server: ModelServer): () => ChatEvent[] {
  let events: ChatEvent[] = [];
  server.listen(ME, (told) => events.push(toEvent(told)));
  return () => {
    const taken = events;
    events = [];
    return taken;
  };
}

function run(state: ChatState, events: readonly ChatEvent[]): ChatState {
  return events.reduce(reduce, state);
}

describe("messages", () => {
  it("takes what comes, in order, without a sync", () => {
    const server = new ModelServer();
    const room = server.create(PEOPLE);
    const taken = recorder(server);
    let state = started(server);
    server.send(room, "ana", "hi", "1");
    server.send(room, "bia", "hello", "2");
    server.change(room, 1, { body: "hi!", editedAt: "2026-01-02T00:00:00.000Z" });
    state = run(state, taken());
    expectEqualToServer(state, server);
    expect(thread(state, room).conversation.unreadCount).toBe(2);
  });

  it("ignores duplicates and what is older than what it holds", () => {
    const server = new ModelServer();
    const room = server.create(PEOPLE);
    const taken = recorder(server);
    let state = started(server);
    server.send(room, "ana", "first", "1");
    server.change(room, 1, { body: "second" });
    server.change(room, 1, { body: "third" });
    const [sent, second, third] = taken() as [ChatEvent, ChatEvent, ChatEvent];
    state = run(state, [third, second, third, sent, sent, second]);
    expectEqualToServer(state, server);
  });

  it("asks for a sync when a rev is missing, and no more once it came", () => {
    const server = new ModelServer();
    const room = server.create(PEOPLE);
    const taken = recorder(server);
    let state = started(server);
    server.send(room, "ana", "one", "1");
    server.send(room, "ana", "two", "2");
    server.send(room, "ana", "three", "3");
    const [one, two, three] = taken() as [ChatEvent, ChatEvent, ChatEvent];
    state = run(state, [one, three]);
    expect(needsSync(state)).toBe(true);
    expect(thread(state, room).cursor).toBe(1);
    expect(needsSync(run(state, [two]))).toBe(false);
    expectEqualToServer(run(state, [two]), server);
    expectEqualToServer(syncUntilComplete(server, state), server);
  });

  it("asks for a sync when a fact names a conversation that it does not know", () => {
    const server = new ModelServer();
    const room = server.create(["ana"]);
    let state = started(server);
    const taken = recorder(server);
    server.add(room, ME);
    state = run(state, taken());
    expect(needsSync(state)).toBe(true);
    expectEqualToServer(syncUntilComplete(server, state), server);
  });

  it("asks for a sync when it is told of a conversation that nothing has happened in yet", () => {
    const server = new ModelServer();
    const taken = recorder(server);
    const before = started(server);
    server.create(PEOPLE);
    const state = run(before, taken());
    expect(needsSync(state)).toBe(true);
    expectEqualToServer(syncUntilComplete(server, state), server);
  });

  it("keeps wanting what it heard of while the sync was under way", () => {
    const server = new ModelServer();
    const room = server.create(PEOPLE);
    let state = initialState(user(ME));
    const result = server.sync(ME, { cursors: {} });
    const taken = recorder(server);
    server.send(room, "ana", "in between", "1");
    state = run(state, taken());
    state = reduce(state, { type: "synced", asked: {}, wanted: {}, result });
    expect(needsSync(state)).toBe(true);
    expectEqualToServer(syncUntilComplete(server, state), server);
  });

  it("stops wanting a conversation that a sync did not bring", () => {
    const server = new ModelServer();
    const state = reduce(started(server), { type: "message", message: foreignMessage() });
    expect(needsSync(state)).toBe(true);
    expect(needsSync(syncUntilComplete(server, state))).toBe(false);
  });

  it("lets go of an outbox item when its message is seen, wherever it was sent from", () => {
    const server = new ModelServer();
    const room = server.create(PEOPLE);
    const taken = recorder(server);
    let state = started(server);
    const item = { clientId: "x", conversationId: room, body: "hi", replyTo: null, attachments: [], at: 1, status: "sending", error: null } as const;
    state = reduce(state, { type: "outbox-put", item });
    server.send(room, "ana", "same id, another person", "x");
    expect(run(state, taken()).outbox).toHaveLength(1);
    server.send(room, ME, "hi", "x");
    expect(run(state, taken()).outbox).toHaveLength(0);
    expect(syncUntilComplete(server, state).outbox).toHaveLength(0);
  });

  it("counts what I sent as read", () => {
    const server = new ModelServer();
    const room = server.create(PEOPLE);
    const taken = recorder(server);
    const before = started(server);
    server.send(room, "ana", "hi", "1");
    server.send(room, ME, "hello", "2");
    expect(thread(run(before, taken()), room).conversation.unreadCount).toBe(0);
  });
});

describe("conversations", () => {
  it("keeps personal fields that a fact leaves out, and newer titles", () => {
    const server = new ModelServer();
    const room = server.create(PEOPLE);
    server.send(room, "ana", "hi", "1");
    server.read(room, ME, 1);
    const taken = recorder(server);
    const before = started(server);
    server.rename(room, "first");
    server.send(room, "ana", "hi", "2");
    server.rename(room, "second");
    const [first, sent, second] = taken() as [ChatEvent, ChatEvent, ChatEvent];
    for (const order of [[first, sent, second], [second, sent, first], [sent, second, first, first]]) {
      const state = run(before, order);
      expectEqualToServer(state, server);
      expect(thread(state, room).conversation).toMatchObject({ title: "second", readSeq: 1, unreadCount: 1 });
    }
  });

  it("starts over when it is too far behind", () => {
    const server = new ModelServer({ reset: 20, tail: 5 });
    const room = server.create(PEOPLE);
    for (let i = 1; i <= 10; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    let state = started(server);
    for (let i = 11; i <= 40; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    server.change(room, 1, { body: "changed" });
    state = syncUntilComplete(server, state);
    expectEqualToServer(state, server);
    expect(thread(state, room).from).toBe(36);
  });

  it("joins pages to what it holds, only where they fit", () => {
    const server = new ModelServer({ tail: 5 });
    const room = server.create(PEOPLE);
    for (let i = 1; i <= 20; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    let state = started(server);
    const page = server.list(room, 16, 10);
    state = reduce(state, { type: "page-before", conversationId: room, before: 9, ...page });
    expect(thread(state, room).from).toBe(16);
    state = reduce(state, { type: "page-before", conversationId: room, before: 16, ...page });
    state = reduce(state, { type: "page-before", conversationId: room, before: 6, ...server.list(room, 6, 10) });
    expect(thread(state, room).from).toBe(1);
    expectEqualToServer(state, server);
    state = reduce(state, { type: "trimmed", conversationId: room, keep: 8 });
    expect(thread(state, room).from).toBe(13);
    expectEqualToServer(state, server);
  });

  it("holds an excerpt until it touches the newest messages", () => {
    const server = new ModelServer({ tail: 5 });
    const room = server.create(PEOPLE);
    for (let i = 1; i <= 30; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    const taken = recorder(server);
    let state = started(server);
    const to = (events: ChatEvent[]) => {
      state = run(state, events);
      expectEqualToServer(state, server);
      const { excerpt, from } = thread(state, room);
      return [excerpt?.from ?? null, excerpt?.messages.at(-1)?.seq ?? null, from];
    };
    const elsewhere: ChatEvent = { type: "page-elsewhere", conversationId: room, ...server.list(room, 14, 4) };
    const after = (seq: number): ChatEvent => ({ type: "page-after", conversationId: room, after: seq, ...server.listAfter(room, seq, 6) });
    expect(to([elsewhere])).toEqual([10, 13, 26]);
    server.change(room, 11, { body: "changed" });
    server.change(room, 5, { body: "changed" });
    server.change(room, 16, { body: "changed" });
    server.send(room, "ana", "31", "31");
    expect(to(taken())).toEqual([10, 13, 26]);
    expect(to([{ type: "page-before", conversationId: room, before: 10, ...server.list(room, 10, 6) }])).toEqual([4, 13, 26]);
    expect(to([after(12), after(13)])).toEqual([4, 19, 26]);
    const joined = run(state, [after(19)]);
    expect(to([{ type: "excerpt-left", conversationId: room }])).toEqual([null, null, 26]);
    state = joined;
    expect(to([])).toEqual([null, null, 4]);
    // A page of what is held is no excerpt, and the first page of all has nothing before it.
    expect(to([elsewhere])).toEqual([null, null, 4]);
    expect(to([{ type: "trimmed", conversationId: room, keep: 5 }])).toEqual([null, null, 27]);
    expect(to([{ type: "page-elsewhere", conversationId: room, ...server.list(room, 3, 6) }])).toEqual([1, 2, 27]);
  });

  it("goes on from what it held the last time", () => {
    const server = new ModelServer({ tail: 5 });
    const [room, other] = [server.create(PEOPLE), server.create(PEOPLE)];
    for (let i = 1; i <= 9; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    const before = started(server);
    server.change(room, 2, { body: "changed" });
    server.send(room, "bia", "10", "10");
    server.remove(other, ME);
    const saved = Object.values(before.threads);
    const restored = reduce(initialState(user(ME)), { type: "restored", threads: saved, users: [user("ana")] });
    expect(restored.ready).toBe(false);
    expect(Object.keys(restored.users).sort()).toEqual(["ana", ME]);
    expect(cursorsOf(restored)).toEqual({ [room]: 9, [other]: 0 });
    const state = syncUntilComplete(server, restored);
    expectEqualToServer(state, server);
    expect(thread(state, room).from).toBe(5);
    // What came meanwhile is newer than what was saved.
    expect(reduce(state, { type: "restored", threads: saved, users: [] }).threads[room]).toBe(thread(state, room));
  });

  it("does not let a page that was read earlier undo a change", () => {
    const server = new ModelServer({ tail: 2 });
    const room = server.create(PEOPLE);
    for (let i = 1; i <= 6; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    const taken = recorder(server);
    const before = started(server);
    const page = server.list(room, 5, 2);
    server.change(room, 3, { body: "changed" });
    server.change(room, 3, { body: "changed again" });
    const told = run(before, taken().reverse());
    const state = reduce(told, { type: "page-before", conversationId: room, before: 5, ...page });
    expect(thread(state, room).from).toBe(3);
    expectEqualToServer(state, server);
  });

  it("ignores a change of a message that lies before what it holds", () => {
    const server = new ModelServer({ tail: 2 });
    const room = server.create(PEOPLE);
    for (let i = 1; i <= 6; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    const taken = recorder(server);
    const before = started(server);
    server.change(room, 1, { body: "changed" });
    expectEqualToServer(run(before, taken()), server);
  });
});

describe("typing", () => {
  it("ends by itself, by a message, and is never mine", () => {
    const server = new ModelServer();
    const room = server.create(PEOPLE);
    const taken = recorder(server);
    const typing = (userId: string): ChatEvent => ({ type: "typing", conversationId: room, userId, typing: true, now: 1_000 });
    const state = run(started(server), [typing("ana"), typing("bia"), typing(ME)]);
    expect(state.typing).toEqual({ [room]: { ana: 7_000, bia: 7_000 } });
    expect(reduce(state, { type: "typing-expired", now: 6_999 }).typing).toEqual(state.typing);
    expect(reduce(state, { type: "typing-expired", now: 7_000 }).typing).toEqual({});
    server.send(room, "ana", "done", "1");
    expect(run(state, taken()).typing).toEqual({ [room]: { bia: 7_000 } });
  });
});

describe("whatever the network does", () => {
  const seeds = Array.from({ length: 400 }, (_, index) => index + 1);

  it.each(seeds)("a sync ends in the server's state (seed %i)", (seed) => {
    const random = new Random(seed);
    const server = new ModelServer({ reset: 25, page: 1 + random.below(6), tail: 1 + random.below(8) });
    for (let i = 0; i < 3; i += 1) server.create(random.chance(0.7) ? PEOPLE : ["ana", "bia"]);
    const taken = recorder(server);
    let state = started(server);
    let inFlight: ChatEvent[] = [];

    for (let step = 0; step < 120; step += 1) {
      act(server, random, step);
      inFlight.push(...taken());
      if (random.chance(0.05)) inFlight = [];
      while (inFlight.length > 0 && random.chance(0.6)) {
        const at = random.chance(0.7) ? 0 : random.below(inFlight.length);
        const [event] = inFlight.splice(at, 1) as [ChatEvent];
        if (random.chance(0.15)) continue;
        state = reduce(state, event);
        if (random.chance(0.15)) state = reduce(state, event);
      }
      if (random.chance(0.06)) {
        const page = random.pick([readPage, readPage, readPageAfter, readPageElsewhere, leftExcerpt])(server, random, state);
        act(server, random, 2_000 + step);
        for (const event of taken()) if (random.chance(0.8)) state = reduce(state, event);
        if (page) state = reduce(state, page);
      }
      if (random.chance(0.02)) {
        const { threads, users } = state;
        state = { ...initialState(user(ME)), wanted: state.wanted };
        state = reduce(state, { type: "restored", threads: Object.values(threads), users: Object.values(users) });
      }
      if (random.chance(0.02)) state = reduce(state, { type: "trimmed", conversationId: "c1", keep: 1 + random.below(5) });
      if (random.chance(0.06)) {
        const asked = cursorsOf(state);
        const { wanted } = state;
        const result = server.sync(ME, { cursors: asked });
        // Facts overtake the answer, and the server goes on meanwhile.
        act(server, random, 1_000 + step);
        for (const event of taken()) if (random.chance(0.6)) state = reduce(state, event);
        state = reduce(state, { type: "synced", asked, wanted, result });
      }
    }
    // Twice, because a removal that overtook a sync is followed by another sync: see ChatClient.
    expectEqualToServer(syncUntilComplete(server, syncUntilComplete(server, state)), server);
  });
});

function act(server: ModelServer, random: Random, step: number): void {
  const room = random.pick([...server.rooms.values()]);
  const length = room.messages.length;
  const what = random.below(12);
  if (what <= 5 || length === 0) server.send(room.id, random.pick(PEOPLE), `text ${step}`, `client ${step}`);
  else if (what === 6) server.change(room.id, 1 + random.below(length), { body: `edited ${step}`, editedAt: "2026-02-01T00:00:00.000Z" });
  else if (what === 7) server.change(room.id, 1 + random.below(length), { body: "", deletedAt: "2026-02-01T00:00:00.000Z" });
  else if (what === 8) server.change(room.id, 1 + random.below(length), { reactions: [{ emoji: "👍", count: 1, userIds: ["ana"] }] });
  else if (what === 9) server.rename(room.id, `title ${step}`);
  else if (what === 10) server.read(room.id, ME, 1 + random.below(length));
  else if (room.members.has(ME)) server.remove(room.id, ME);
  else server.add(room.id, ME);
}

function readPage(server: ModelServer, random: Random, state: ChatState): ChatEvent | null {
  const held = pickMine(server, random, state);
  if (!held) return null;
  const { id } = held.conversation;
  const before = held.excerpt?.from ?? held.from;
  return { type: "page-before", conversationId: id, before, ...server.list(id, before, 4) };
}

function readPageAfter(server: ModelServer, random: Random, state: ChatState): ChatEvent | null {
  const held = pickMine(server, random, state);
  const after = held?.excerpt?.messages.at(-1)?.seq;
  if (!held || after === undefined) return null;
  const { id } = held.conversation;
  return { type: "page-after", conversationId: id, after, ...server.listAfter(id, after, 4) };
}

function readPageElsewhere(server: ModelServer, random: Random, state: ChatState): ChatEvent | null {
  const held = pickMine(server, random, state);
  if (!held) return null;
  const { id, lastSeq } = held.conversation;
  return { type: "page-elsewhere", conversationId: id, ...server.list(id, 1 + random.below(lastSeq + 1), 4) };
}

function leftExcerpt(server: ModelServer, random: Random, state: ChatState): ChatEvent | null {
  const held = pickMine(server, random, state);
  return held && { type: "excerpt-left", conversationId: held.conversation.id };
}

function pickMine(server: ModelServer, random: Random, state: ChatState): Thread | null {
  const mine = Object.values(state.threads).filter(({ conversation }) => server.room(conversation.id).members.has(ME));
  return mine.length === 0 ? null : random.pick(mine);
}

function foreignMessage() {
  const elsewhere = new ModelServer();
  const room = elsewhere.create(["ana"], "elsewhere");
  return { ...elsewhere.send(room, "ana", "hi", "1"), conversationId: "unknown" };
}
