import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Attachment } from "../src/generated/Attachment";
import { ChatClient, type MarksApi } from "../src/client";
import { command, fact } from "../src/events";
import type { ErrorBody } from "../src/generated/ErrorBody";
import { MemoryOutbox } from "../src/outbox";
import { ModelServer, user } from "./model-server";
import { marksOf, ModelSocket } from "./model-socket";
import { Random } from "./random";

const ME = "me";

interface Setting {
  server: ModelServer;
  room: string;
  socket: ModelSocket;
  outbox: MemoryOutbox;
  client: ChatClient;
  marks: MarksApi;
}

function connect(server: ModelServer, room: string, outbox = new MemoryOutbox()): Setting {
  const socket = new ModelSocket(server, ME);
  const fetchUsers = (ids: readonly string[]) => Promise.resolve(ids.map(user));
  const marks = marksOf(server, ME);
  const client = new ChatClient({ me: user(ME), socket, outbox, fetchUsers, marks, random: () => 0 });
  void client.start();
  return { server, room, socket, outbox, client, marks };
}

async function setUp(): Promise<Setting> {
  const server = new ModelServer();
  const setting = connect(server, server.create([ME, "ana"]));
  await settle(100);
  return setting;
}

const settle = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function bodies({ client, room }: Setting): string[] {
  return client.getState().threads[room]?.messages.map((message) => message.body) ?? [];
}

function serverBodies({ server, room }: Setting): string[] {
  return server.room(room).messages.map((message) => message.body);
}

function failure(code: string, retryAfterMs?: number): ErrorBody {
  const error: ErrorBody = { code, title: code, requestId: "r" };
  return retryAfterMs === undefined ? error : { ...error, retryAfterMs };
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-01-01T12:00:00.000Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("connecting", () => {
  it("syncs, and is ready", async () => {
    const setting = await setUp();
    expect(setting.client.getState()).toMatchObject({ connection: "online", ready: true });
    expect(Object.keys(setting.client.getState().threads)).toEqual([setting.room]);
  });

  it("comes back by itself and catches up", async () => {
    const setting = await setUp();
    setting.socket.reachable = false;
    setting.socket.cut();
    expect(setting.client.getState().connection).toBe("offline");
    setting.server.send(setting.room, "ana", "missed", "1");
    await settle(20_000);
    expect(setting.client.getState().connection).toBe("offline");
    setting.socket.reachable = true;
    await settle(10_000);
    expect(setting.client.getState().connection).toBe("online");
    expect(bodies(setting)).toEqual(["missed"]);
  });

  it("comes back at once when it is woken", async () => {
    const setting = await setUp();
    setting.socket.reachable = false;
    setting.socket.cut();
    await settle(60_000);
    setting.socket.reachable = true;
    setting.client.wake();
    await settle(50);
    expect(setting.client.getState().connection).toBe("online");
  });

  it("stops when the session has ended", async () => {
    const setting = await setUp();
    setting.socket.refusal = "unauthenticated";
    setting.socket.cut();
    await settle(60_000);
    expect(setting.client.getState().connection).toBe("signed-out");
    setting.socket.refusal = null;
    setting.client.wake();
    await settle(60_000);
    expect(setting.client.getState().connection).toBe("signed-out");
  });

  it("tries again when the server refuses for another reason", async () => {
    const setting = await setUp();
    setting.socket.refusal = "unavailable";
    setting.socket.cut();
    await settle(5_000);
    setting.socket.refusal = null;
    await settle(10_000);
    expect(setting.client.getState().connection).toBe("online");
  });

  it("does nothing more once it is closed", async () => {
    const setting = await setUp();
    setting.client.close();
    await settle(60_000);
    expect(setting.socket.connected).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("sending", () => {
  it("goes on when the storage is full", async () => {
    const setting = await setUp();
    setting.outbox.put = () => {
      throw new Error("QuotaExceededError");
    };
    setting.client.send(setting.room, "hi");
    await settle(100);
    expect(serverBodies(setting)).toEqual(["hi"]);
  });

  it("shows a message at once and settles it", async () => {
    const setting = await setUp();
    setting.client.send(setting.room, "hi");
    expect(setting.client.getState().outbox).toMatchObject([{ body: "hi", status: "sending" }]);
    await settle(100);
    expect(setting.client.getState().outbox).toEqual([]);
    expect(bodies(setting)).toEqual(["hi"]);
    expect(setting.outbox.load()).toEqual([]);
  });

  it("keeps the order and sends each message once, whatever is lost", async () => {
    const setting = await setUp();
    const wanted = Array.from({ length: 10 }, (_, index) => `message ${index}`);
    setting.socket.lostAcks = 3;
    for (const body of wanted) setting.client.send(setting.room, body);
    await settle(12);
    setting.socket.cut();
    await settle(120_000);
    expect(serverBodies(setting)).toEqual(wanted);
    expect(bodies(setting)).toEqual(wanted);
    expect(setting.client.getState().outbox).toEqual([]);
  });

  it("sends in the order written across a reload", async () => {
    const setting = await setUp();
    setting.socket.reachable = false;
    setting.socket.cut();
    setting.client.send(setting.room, "first");
    setting.client.send(setting.room, "second");
    setting.client.close();
    const again = connect(setting.server, setting.room, setting.outbox);
    again.client.send(again.room, "third");
    await settle(1_000);
    expect(serverBodies(again)).toEqual(["first", "second", "third"]);
    expect(again.outbox.load()).toEqual([]);
  });

  it("does not double what was acknowledged just before the reload", async () => {
    const setting = await setUp();
    const lost = new MemoryOutbox();
    const clientId = setting.client.send(setting.room, "once");
    for (const item of setting.outbox.load()) lost.put(item);
    await settle(100);
    expect(lost.load()).toMatchObject([{ clientId }]);
    setting.client.close();
    const again = connect(setting.server, setting.room, lost);
    await settle(1_000);
    expect(serverBodies(again)).toEqual(["once"]);
    expect(lost.load()).toEqual([]);
  });

  it("sends the files by their ids, and shows them meanwhile", async () => {
    const setting = await setUp();
    const file = { id: "f1", kind: "file", name: "notes.txt" } as Attachment;
    setting.client.send(setting.room, "", null, [file]);
    expect(setting.client.getState().outbox).toMatchObject([{ body: "", attachments: [file] }]);
    await settle(100);
    expect(setting.socket.sent(command.messageSend)).toMatchObject([{ body: "", attachmentIds: ["f1"] }]);
  });

  it("waits as long as the server asks for", async () => {
    const setting = await setUp();
    setting.socket.sendErrors.push(failure("unavailable", 5_000), failure("rate_limited", 2_000));
    setting.client.send(setting.room, "patience");
    await settle(4_900);
    expect(setting.socket.sent(command.messageSend)).toHaveLength(1);
    await settle(200);
    expect(setting.socket.sent(command.messageSend)).toHaveLength(2);
    expect(setting.client.getState().outbox).toMatchObject([{ status: "queued" }]);
    await settle(3_000);
    expect(serverBodies(setting)).toEqual(["patience"]);
  });

  it("gives up on what will never succeed, goes on with the rest, and tries again when asked", async () => {
    const setting = await setUp();
    setting.socket.sendErrors.push(failure("conversation.not_member"));
    const clientId = setting.client.send(setting.room, "refused");
    setting.client.send(setting.room, "accepted");
    await settle(1_000);
    expect(setting.client.getState().outbox).toMatchObject([{ clientId, status: "failed", error: { code: "conversation.not_member" } }]);
    expect(serverBodies(setting)).toEqual(["accepted"]);
    setting.client.retry(clientId);
    await settle(1_000);
    expect(serverBodies(setting)).toEqual(["accepted", "refused"]);
    setting.socket.sendErrors.push(failure("invalid"));
    const second = setting.client.send(setting.room, "never");
    await settle(1_000);
    setting.client.discard(second);
    expect(setting.client.getState().outbox).toEqual([]);
    expect(setting.outbox.load()).toEqual([]);
  });

  it("believes an internal error after a few attempts", async () => {
    const setting = await setUp();
    for (let i = 0; i < 10; i += 1) setting.socket.sendErrors.push(failure("internal"));
    setting.client.send(setting.room, "unlucky");
    await settle(120_000);
    expect(setting.client.getState().outbox).toMatchObject([{ status: "failed" }]);
    expect(setting.socket.sent(command.messageSend)).toHaveLength(5);
  });

  it("does not let a conversation that waits hold up another", async () => {
    const setting = await setUp();
    const other = setting.server.create([ME, "bia"]);
    await settle(200);
    setting.socket.sendErrors.push(failure("unavailable", 60_000));
    setting.client.send(setting.room, "waits");
    setting.client.send(other, "goes");
    await settle(1_000);
    expect(setting.server.room(other).messages.map((message) => message.body)).toEqual(["goes"]);
    expect(serverBodies(setting)).toEqual([]);
  });
});

describe("catching up", () => {
  it("notices a hole and fills it", async () => {
    const setting = await setUp();
    let lose = true;
    setting.socket.loses = () => lose;
    setting.server.send(setting.room, "ana", "lost", "1");
    lose = false;
    setting.server.send(setting.room, "ana", "arrived", "2");
    await settle(20);
    expect(bodies(setting)).toEqual(["arrived"]);
    await settle(200);
    expect(bodies(setting)).toEqual(["lost", "arrived"]);
    expect(setting.socket.sent(command.sync)).toHaveLength(2);
  });

  it("does not sync for facts that only came in another order", async () => {
    const setting = await setUp();
    const [first, second] = [1, 2].map((i) => setting.server.send(setting.room, "ana", `${i}`, `${i}`));
    expect(first && second).toBeTruthy();
    await settle(500);
    expect(setting.socket.sent(command.sync)).toHaveLength(1);
  });

  it("takes up conversations that it is told of", async () => {
    const setting = await setUp();
    const other = setting.server.create([ME, "bia"]);
    setting.server.send(other, "bia", "hello", "1");
    await settle(300);
    expect(setting.client.getState().threads[other]?.messages).toHaveLength(1);
    setting.server.remove(other, ME);
    await settle(300);
    expect(setting.client.getState().threads[other]).toBeUndefined();
  });

  it("holds what it creates and joins by the time that it says so", async () => {
    const setting = await setUp();
    const created = setting.client.create({ kind: "group", memberIds: ["ana"] });
    await settle(300);
    expect(setting.client.getState().threads[await created]).toBeDefined();
    const channel = setting.server.create(["ana"]);
    setting.server.send(channel, "ana", "welcome", "1");
    const joined = setting.client.join(channel).then(() => setting.client.getState().threads[channel]?.messages.length);
    await settle(300);
    expect(await joined).toBe(1);
  });

  it("pages back", async () => {
    const setting = await setUp();
    for (let i = 1; i <= 180; i += 1) setting.server.send(setting.room, "ana", `${i}`, `${i}`);
    setting.client.close();
    const again = connect(setting.server, setting.room);
    await settle(100);
    expect(again.client.getState().threads[again.room]?.from).toBe(131);
    void again.client.loadOlder(again.room);
    void again.client.loadOlder(again.room);
    await settle(100);
    expect(again.client.getState().threads[again.room]?.from).toBe(81);
  });

  it("jumps anywhere, and reads on from there to the newest messages", async () => {
    const setting = await setUp();
    for (let i = 1; i <= 400; i += 1) setting.server.send(setting.room, "ana", `${i}`, `${i}`);
    setting.client.close();
    const again = connect(setting.server, setting.room);
    await settle(100);
    const held = () => {
      const thread = again.client.getState().threads[again.room];
      const { from, messages } = thread?.excerpt ?? { from: 0, messages: [] };
      return [from, messages.at(-1)?.seq ?? 0, thread?.from];
    };
    const done = async <T>(work: Promise<T>) => {
      await settle(100);
      return work;
    };
    expect(await done(again.client.loadAround(again.room, 120))).toBe(true);
    expect(held()).toEqual([70, 169, 351]);
    expect(await done(again.client.loadAround(again.room, 160))).toBe(true);
    expect(held()).toEqual([70, 169, 351]);
    await done(Promise.all([again.client.loadOlder(again.room), again.client.loadOlder(again.room)]));
    await done(again.client.loadNewer(again.room));
    expect(held()).toEqual([20, 219, 351]);
    for (let i = 0; i < 4; i += 1) await done(again.client.loadNewer(again.room));
    expect(held()).toEqual([0, 0, 20]);
    await done(again.client.loadOlder(again.room));
    expect(bodies(again)).toEqual(serverBodies(again));

    again.client.trim(again.room, 50);
    await done(again.client.loadAround(again.room, 10));
    expect(held()).toEqual([1, 59, 351]);
    await done(again.client.loadAround(again.room, 400));
    expect(held()).toEqual([0, 0, 351]);
    await done(again.client.loadAround(again.room, 320));
    expect(held()).toEqual([0, 0, 270]);
    expect(await done(again.client.loadAround(again.room, 401))).toBe(false);
    expect(await done(again.client.loadAround(again.room, 0))).toBe(false);
  });

  it("finds the first message of a day", async () => {
    const setting = await setUp();
    for (let i = 1; i <= 20; i += 1) setting.server.send(setting.room, "ana", `${i}`, `${i}`);
    await settle(100);
    const at = (seq: number) => setting.server.room(setting.room).messages[seq - 1]?.createdAt ?? "";
    const found = Promise.all([at(7), "2000-01-01T00:00:00Z", "3000-01-01T00:00:00Z"].map((time) => setting.client.seqSince(setting.room, time)));
    await settle(100);
    expect(await found).toEqual([7, 1, null]);
  });
});

describe("reading, typing, presence, people", () => {
  it("holds as read what another device read while the first sync was under way", async () => {
    const server = new ModelServer();
    const room = server.create([ME, "ana"]);
    server.send(room, "ana", "one", "1");
    const setting = connect(server, room);
    setting.socket.loses = () => true;
    await settle(12);
    server.read(room, ME, 1);
    setting.socket.tell(fact.conversationRead, { conversationId: room, userId: ME, seq: 1 });
    await settle(100);
    expect(setting.client.getState().threads[room]?.conversation).toMatchObject({ readSeq: 1, unreadCount: 0 });
  });

  it("knows how far others have read, and that who writes has read", async () => {
    const setting = await setUp();
    const reads = () => setting.client.getState().reads[setting.room] ?? {};
    setting.server.send(setting.room, "ana", "one", "1");
    setting.server.send(setting.room, "bia", "two", "2");
    await settle(100);
    expect(reads()).toEqual({ ana: 1, bia: 2 });
    setting.server.read(setting.room, "ana", 2);
    await settle(100);
    expect(reads()).toEqual({ ana: 2, bia: 2 });
    setting.client.learnReads(setting.room, { ana: 1, bia: 2, caio: 1, [ME]: 2 });
    expect(reads()).toEqual({ ana: 2, bia: 2, caio: 1 });
    setting.server.remove(setting.room, ME);
    await settle(100);
    expect(setting.client.getState().reads).toEqual({});
  });

  it("tells what was read, also when it was read offline", async () => {
    const setting = await setUp();
    setting.server.send(setting.room, "ana", "one", "1");
    setting.server.send(setting.room, "ana", "two", "2");
    await settle(100);
    setting.client.markRead(setting.room, 1);
    setting.client.markRead(setting.room, 2);
    expect(setting.client.getState().threads[setting.room]?.conversation.unreadCount).toBe(0);
    await settle(100);
    expect(setting.server.room(setting.room).reads.get(ME)).toBe(2);
    setting.server.send(setting.room, "ana", "three", "3");
    await settle(100);
    setting.socket.cut();
    setting.client.markRead(setting.room, 3);
    await settle(5_000);
    expect(setting.server.room(setting.room).reads.get(ME)).toBe(3);
    expect(setting.client.getState().threads[setting.room]?.conversation.unreadCount).toBe(0);
  });

  it("says that somebody types, not at every key, and that they have stopped", async () => {
    const setting = await setUp();
    for (let i = 0; i < 5; i += 1) setting.client.setTyping(setting.room, true);
    await settle(3_100);
    setting.client.setTyping(setting.room, true);
    setting.client.send(setting.room, "done");
    setting.client.setTyping(setting.room, false);
    await settle(100);
    expect(setting.socket.sent(command.typingSet).map((payload) => (payload as { typing: boolean }).typing)).toEqual([true, true, false]);
  });

  it("asks for presence again after a reconnect", async () => {
    const setting = await setUp();
    setting.client.watchPresence(["ana", "bia", "ana"]);
    setting.client.watchPresence(["bia", "ana"]);
    await settle(100);
    expect(setting.client.getState().presence["ana"]?.status).toBe("online");
    expect(setting.socket.sent(command.presenceWatch)).toEqual([{ userIds: ["ana", "bia"] }]);
    setting.socket.cut();
    await settle(5_000);
    expect(setting.socket.sent(command.presenceWatch)).toHaveLength(2);
  });

  it("resolves people together, and only once", async () => {
    const server = new ModelServer();
    const fetchUsers = vi.fn((ids: readonly string[]) => Promise.resolve(ids.map(user)));
    const client = new ChatClient({ me: user(ME), socket: new ModelSocket(server, ME), outbox: new MemoryOutbox(), fetchUsers, marks: marksOf(server, ME) });
    client.needUsers(["ana", ME]);
    client.needUsers(["ana", "bia"]);
    await settle(100);
    client.needUsers(["ana"]);
    await settle(100);
    expect(fetchUsers.mock.calls).toEqual([[["ana", "bia"]]]);
    expect(client.getState().users["bia"]?.displayName).toBe("BIA");
  });

  it("knows who is gone, also of those whom it knew the last time", async () => {
    const server = new ModelServer();
    const there = new Set(["ana"]);
    const fetchUsers = vi.fn((ids: readonly string[]) => Promise.resolve(ids.filter((id) => there.has(id)).map(user)));
    const client = new ChatClient({ me: user(ME), socket: new ModelSocket(server, ME), outbox: new MemoryOutbox(), fetchUsers, marks: marksOf(server, ME) });
    client.restore({ threads: [], users: [user("ana"), user("bia"), user(ME)], marks: null });
    client.needUsers(["caio"]);
    await settle(100);
    expect([...client.getState().gone].sort()).toEqual(["bia", "caio"]);
    expect(Object.keys(client.getState().users).sort()).toEqual(["ana", ME]);
    client.needUsers(["caio"]);
    await settle(100);
    expect(fetchUsers).toHaveBeenCalledTimes(1);
    client.learnUsers([user("caio")]);
    expect([...client.getState().gone]).toEqual(["bia"]);
  });

  it("tells its listeners together what comes in a burst", async () => {
    const setting = await setUp();
    const listener = vi.fn();
    const stop = setting.client.subscribe(listener);
    for (let i = 0; i < 100; i += 1) setting.server.send(setting.room, "ana", `${i}`, `${i}`);
    await settle(100);
    expect(listener.mock.calls.length).toBeLessThanOrEqual(3);
    expect(bodies(setting)).toHaveLength(100);
    stop();
  });

  it("knows the facts by their names only", () => {
    expect(Object.values(fact)).toHaveLength(new Set(Object.values(fact)).size);
    expect(Object.values(command)).toHaveLength(new Set(Object.values(command)).size);
  });
});

describe("a bad network", () => {
  it.each(Array.from({ length: 40 }, (_, index) => index + 1))("ends in the server's state (seed %i)", async (seed) => {
    const random = new Random(seed);
    const setting = await setUp();
    const { server, socket, client, room } = setting;
    socket.loses = () => random.chance(0.2);
    const mine: string[] = [];
    for (let step = 0; step < 60; step += 1) {
      const what = random.below(10);
      if (what < 4) {
        mine.push(client.send(room, `mine ${step}`));
      } else if (what < 7) server.send(room, "ana", `theirs ${step}`, `ana ${step}`);
      else if (what === 7) socket.cut();
      else if (what === 8) socket.lostAcks += 1;
      else if (server.room(room).messages.length > 0) server.change(room, 1, { body: `edited ${step}` });
      if (random.chance(0.1)) socket.reachable = !socket.reachable;
      await settle(random.below(2_000));
    }
    socket.loses = () => false;
    socket.lostAcks = 0;
    socket.reachable = true;
    await settle(60_000);
    server.send(room, "ana", "the end", "end");
    await settle(5_000);
    expect(client.getState().outbox).toEqual([]);
    expect(client.getState().threads[room]?.messages).toEqual(server.room(room).messages);
    const arrived = server.room(room).messages.filter((message) => message.senderId === ME);
    expect(arrived.map((message) => message.clientId)).toEqual(mine);
    client.close();
  });
});
