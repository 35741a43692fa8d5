import { initialState, type ChatState, type Conversation, type Marks, type Message } from "@chatconnect/protocol";
import { describe, expect, it } from "vitest";
import { ana, conversation, me, message } from "../test/harness";
import { isAnnounced } from "./announcement";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const AWAY = { visible: false, quietUntil: null, now: NOW };

function stateOf(change: Partial<Conversation>, marks: Partial<Marks> = {}): ChatState {
  const state = initialState(me);
  const thread = {
    conversation: conversation([], { readSeq: 4, lastSeq: 5, ...change }),
    messages: [],
    from: 1,
    older: [],
    excerpt: null,
    cursor: 0,
    ahead: [],
    infoRev: 0,
  };
  return { ...state, threads: { c: thread }, marks: { ...state.marks, ...marks } };
}

const said = (change: Partial<Message> = {}) => message(5, change);
const mention = said({ body: `look, @${me.username}` });
const direct = { kind: "direct", title: null } as const;

describe("a new message is announced", () => {
  it("when it is said to the person alone, or names them", () => {
    expect(isAnnounced(stateOf(direct), said(), AWAY)).toBe(true);
    expect(isAnnounced(stateOf({}), mention, AWAY)).toBe(true);
    expect(isAnnounced(stateOf({}), said(), AWAY)).toBe(false);
  });

  it("in a muted conversation only when it names them", () => {
    expect(isAnnounced(stateOf(direct, { muted: ["c"] }), said(), AWAY)).toBe(false);
    expect(isAnnounced(stateOf({}, { muted: ["c"] }), mention, AWAY)).toBe(true);
  });

  it("never of a blocked person, nor of oneself", () => {
    expect(isAnnounced(stateOf(direct, { blocked: [ana.id] }), said(), AWAY)).toBe(false);
    expect(isAnnounced(stateOf({}, { blocked: [ana.id] }), mention, AWAY)).toBe(false);
    expect(isAnnounced(stateOf(direct), said({ senderId: me.id }), AWAY)).toBe(false);
  });

  it("not while the page is seen, nor when it was read elsewhere, deleted, or left", () => {
    expect(isAnnounced(stateOf(direct), said(), { ...AWAY, visible: true })).toBe(false);
    expect(isAnnounced(stateOf({ ...direct, readSeq: 5 }), said(), AWAY)).toBe(false);
    expect(isAnnounced(stateOf(direct), said({ deletedAt: "2026-03-01T12:00:00.000Z" }), AWAY)).toBe(false);
    expect(isAnnounced(initialState(me), said(), AWAY)).toBe(false);
  });

  it("not before the person wants to be disturbed again", () => {
    expect(isAnnounced(stateOf(direct), said(), { ...AWAY, quietUntil: NOW + 1 })).toBe(false);
    expect(isAnnounced(stateOf({}), mention, { ...AWAY, quietUntil: NOW + 1 })).toBe(false);
    expect(isAnnounced(stateOf(direct), said(), { ...AWAY, quietUntil: NOW })).toBe(true);
  });
});
