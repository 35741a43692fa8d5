import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatClient } from "../src/client";
import { fact } from "../src/events";
import { MemoryOutbox } from "../src/outbox";
import { ModelServer, user } from "./model-server";
import { marksOf, ModelSocket } from "./model-socket";

const settle = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function setUp() {
  const server = new ModelServer();
  const room = server.create(["me", "ana"]);
  const socket = new ModelSocket(server, "me");
  const marks = marksOf(server, "me");
  const fetchUsers = (ids: readonly string[]) => Promise.resolve(ids.map(user));
  const client = new ChatClient({ me: user("me"), socket, outbox: new MemoryOutbox(), fetchUsers, marks, random: () => 0 });
  void client.start();
  await settle(100);
  return { server, room, socket, marks, client, held: () => client.getState().marks };
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-01-01T12:00:00.000Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("marks", () => {
  it("are seen at once, told to the server, and replaced by what it tells", async () => {
    const { server, room, client, held } = await setUp();
    const done = client.setMark(room, "pinned", true);
    expect(held().pinned).toEqual([room]);
    expect(server.marks("me").pinned).toEqual([]);
    await settle(50);
    await done;
    expect(held()).toEqual(server.marks("me"));
    server.mark("me", "muted", room, true);
    server.mark("me", "pinned", room, false);
    await settle(50);
    expect(held()).toEqual({ pinned: [], unread: [], muted: [room], blocked: [] });
  });

  it("are taken back when they are refused, and only those", async () => {
    const { room, marks, client, held } = await setUp();
    const refuse = Promise.reject(new Error("too many"));
    vi.spyOn(marks, "setMarks").mockReturnValueOnce(refuse);
    const refused = client.setMark(room, "pinned", true);
    const muted = client.setMark(room, "muted", true);
    expect(held()).toMatchObject({ pinned: [room], muted: [room] });
    await expect(refused).rejects.toThrow("too many");
    expect(held()).toMatchObject({ pinned: [], muted: [room] });
    await settle(50);
    await muted;
    expect(held()).toMatchObject({ pinned: [], muted: [room] });
  });

  it("show a block when it holds, and not before", async () => {
    const { client, held } = await setUp();
    const blocked = client.setBlocked("ana", true);
    expect(held().blocked).toEqual([]);
    await settle(50);
    await blocked;
    expect(held().blocked).toEqual(["ana"]);
  });

  it("are asked for after every connection, and again when that fails", async () => {
    const { server, room, socket, marks, held } = await setUp();
    socket.reachable = false;
    socket.cut();
    server.mark("me", "muted", room, true);
    const fetch = vi.spyOn(marks, "fetch").mockRejectedValueOnce(new Error("busy"));
    socket.reachable = true;
    await settle(60_000);
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(held().muted).toEqual([room]);
  });

  it("that were told while one asked are newer than the answer", async () => {
    const { room, socket, marks, held } = await setUp();
    const old = { pinned: [], unread: [], muted: [], blocked: [] };
    let answer: (marks: typeof old) => void = () => undefined;
    vi.spyOn(marks, "fetch").mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    socket.cut();
    await settle(10_000);
    socket.tell(fact.marksChanged, { marks: { ...old, muted: [room] } });
    answer(old);
    await settle(50);
    expect(held().muted).toEqual([room]);
  });

  it("are those of the last answer that was asked for", async () => {
    const { server, room, socket, marks, held } = await setUp();
    const answers: (() => void)[] = [];
    vi.spyOn(marks, "fetch").mockImplementation(() => {
      const now = server.marks("me");
      return new Promise((resolve) => answers.push(() => resolve(now)));
    });
    socket.cut();
    await settle(10_000);
    socket.reachable = false;
    socket.cut();
    server.mark("me", "muted", room, true);
    socket.reachable = true;
    await settle(60_000);
    for (const answer of answers) answer();
    await settle(50);
    expect(answers).toHaveLength(2);
    expect(held().muted).toEqual([room]);
  });

  it("of a conversation that one is not in any more are gone", async () => {
    const { server, room, client, held } = await setUp();
    await Promise.all([client.setMark(room, "pinned", true), settle(50)]);
    server.remove(room, "me");
    await settle(50);
    expect(server.marks("me").pinned).toEqual([]);
    expect(held().pinned).toEqual([]);
  });

  it("of unread conversations go once more, and what was read before stays read", async () => {
    const { server, room, socket, client, held } = await setUp();
    for (let i = 1; i <= 3; i += 1) server.send(room, "ana", `${i}`, `${i}`);
    await settle(50);
    socket.reachable = false;
    socket.cut();
    client.markRead(room, 3);
    const marks = { ...held(), unread: [room] };
    socket.tell(fact.marksChanged, { marks });
    client.markRead(room, 2);
    socket.reachable = true;
    await settle(20_000);
    expect(server.conversation(room, "me").readSeq).toBe(3);

    server.send(room, "ana", "4", "4");
    await settle(50);
    client.markRead(room, 4);
    await settle(7);
    server.mark("me", "unread", room, true);
    socket.tell(fact.marksChanged, { marks });
    client.markRead(room, 4);
    await settle(50);
    expect(server.marks("me").unread).toEqual([]);
    expect(held().unread).toEqual([]);
  });

  it("of unread conversations go when they are read, though nothing in them is new", async () => {
    const { server, room, client, held } = await setUp();
    server.send(room, "ana", "hi", "1");
    await settle(50);
    client.markRead(room, 1);
    await settle(50);
    await Promise.all([client.setMark(room, "unread", true), settle(50)]);
    expect(server.marks("me").unread).toEqual([room]);
    client.markRead(room, 1);
    expect(held().unread).toEqual([]);
    await settle(50);
    expect(server.marks("me").unread).toEqual([]);
    expect(held().unread).toEqual([]);
  });
});

it("that an account is closed is learned as it is told", async () => {
  const { socket, client } = await setUp();
  socket.tell(fact.userUpdated, { user: user("ana") });
  socket.tell(fact.presenceChanged, { userId: "ana", status: "online", lastSeenAt: null });
  socket.tell(fact.userDeleted, { userId: "ana" });
  expect(client.getState().users["ana"]).toBeUndefined();
  expect(client.getState().presence["ana"]).toBeUndefined();
  expect(client.getState().gone.has("ana")).toBe(true);
});

it("a person's new name is learned as it is told", async () => {
  const { socket, client } = await setUp();
  socket.tell(fact.userUpdated, { user: { ...user("ana"), displayName: "Ana Maria" } });
  socket.tell(fact.userUpdated, { user: { ...user("me"), displayName: "Myself" } });
  expect(client.getState().users["ana"]?.displayName).toBe("Ana Maria");
  expect(client.getState().me.displayName).toBe("Myself");
});
