import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatClient } from "../src/client";
import { command } from "../src/events";
import type { Marks } from "../src/generated/Marks";
import type { User } from "../src/generated/User";
import { MemoryOutbox } from "../src/outbox";
import { StateKeeper, type SavedState, type StateChange, type StateStore } from "../src/saved";
import type { Thread } from "../src/state";
import { ModelServer, user } from "./model-server";
import { marksOf, ModelSocket } from "./model-socket";

/** A device's storage: what it gives back has been through the form in which it is stored. */
class TestStore implements StateStore {
  readonly saves: StateChange[] = [];
  readonly threads = new Map<string, Thread>();
  users: readonly User[] = [];
  marks: Marks | null = null;
  full = false;

  load(): Promise<SavedState> {
    return Promise.resolve(JSON.parse(JSON.stringify({ threads: [...this.threads.values()], users: this.users, marks: this.marks })) as SavedState);
  }

  save(change: StateChange): Promise<void> {
    if (this.full) return Promise.reject(new Error("quota exceeded"));
    this.saves.push(change);
    for (const thread of change.threads) this.threads.set(thread.conversation.id, thread);
    for (const id of change.removed) this.threads.delete(id);
    this.users = change.users ?? this.users;
    this.marks = change.marks ?? this.marks;
    return Promise.resolve();
  }
}

const settle = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function open(server: ModelServer) {
  const socket = new ModelSocket(server, "me");
  const fetchUsers = (ids: readonly string[]) => Promise.resolve(ids.map(user));
  return { socket, client: new ChatClient({ me: user("me"), socket, outbox: new MemoryOutbox(), fetchUsers, marks: marksOf(server, "me"), random: () => 0 }) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-01-01T12:00:00.000Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what is kept", () => {
  it("tells what was read before the app was closed and the server had heard of it", async () => {
    const server = new ModelServer();
    const room = server.create(["me", "ana"]);
    for (let i = 1; i <= 3; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    const store = new TestStore();
    const first = open(server);
    const keeper = new StateKeeper(first.client, store);
    void first.client.start();
    await settle(1_500);
    first.socket.reachable = false;
    first.socket.cut();
    first.client.markRead(room, 3);
    await keeper.flush();
    keeper.stop();
    first.client.close();

    const again = open(server);
    again.client.restore(await store.load());
    void again.client.start();
    await settle(1_000);
    expect(server.conversation(room, "me").readSeq).toBe(3);
    expect(again.socket.sent(command.conversationRead)).toHaveLength(1);
    again.client.close();
  });

  it("opens without a network, and syncs no more than what was missed", async () => {
    const server = new ModelServer();
    const room = server.create(["me", "ana"]);
    for (let i = 1; i <= 60; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    const store = new TestStore();
    const first = open(server);
    const keeper = new StateKeeper(first.client, store);
    void first.client.start();
    await settle(1_500);
    first.client.learnUsers([user("ana")]);
    void first.client.setMark(room, "pinned", true);
    await settle(50);
    await keeper.flush();
    keeper.stop();
    first.client.close();
    server.send(room, "ana", "61", "61");

    const again = open(server);
    again.client.restore(await store.load());
    expect(again.client.getState().threads[room]?.messages.map((message) => message.body).at(-1)).toBe("60");
    expect(again.client.getState().users["ana"]).toEqual(user("ana"));
    expect(again.client.getState().marks.pinned).toEqual([room]);
    void again.client.start();
    await settle(200);
    expect(again.socket.sent("sync")).toEqual([{ cursors: { [room]: 60 } }]);
    expect(again.client.getState().threads[room]?.messages.map((message) => message.body)).toEqual(
      server.room(room).messages.slice(10).map((message) => message.body),
    );
  });

  it("saves what changed, together, and again when it could not", async () => {
    const server = new ModelServer();
    const [one, two] = [server.create(["me", "ana"]), server.create(["me", "ana"])];
    const store = new TestStore();
    const { client } = open(server);
    const keeper = new StateKeeper(client, store);
    void client.start();
    await settle(2_000);
    const saved = store.saves.length;
    for (let i = 1; i <= 300; i += 1) server.send(one, "ana", `${i}`, `${i}`);
    await settle(500);
    expect(store.saves).toHaveLength(saved);
    await settle(1_000);
    expect(store.saves).toHaveLength(saved + 1);
    expect(store.saves.at(-1)?.threads.map((thread) => [thread.conversation.id, thread.messages.length, thread.from])).toEqual([[one, 200, 101]]);

    store.full = true;
    server.send(two, "ana", "hi", "a");
    await settle(2_000);
    store.full = false;
    server.remove(one, "me");
    await settle(2_000);
    expect([...store.threads.keys()]).toEqual([two]);
    expect(store.threads.get(two)?.messages).toHaveLength(1);

    keeper.stop();
    server.send(two, "ana", "unheard", "b");
    await settle(2_000);
    expect(store.threads.get(two)?.messages).toHaveLength(1);
  });
});
