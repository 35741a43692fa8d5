import { initialState, type ChatState } from "@chatconnect/protocol";
import { describe, expect, it } from "vitest";
import { ana, conversation, me } from "../../../test/harness";
import { isSearchable, parseTyped, resolveFilters } from "./filters";

const state: ChatState = {
  ...initialState(me),
  users: { [me.id]: me, [ana.id]: ana },
  threads: {
    c: {
      conversation: conversation([], { title: "Piquenique de São João" }),
      messages: [],
      from: 1,
      older: [],
      excerpt: null,
      cursor: 0,
      ahead: [],
      infoRev: 0,
    },
  },
};

describe("search filters", () => {
  it("are taken out of what was typed, in both languages", () => {
    expect(parseTyped("bread  from:ana in:\"Launch crew\" and butter")).toEqual({
      words: "bread and butter",
      filters: { from: "ana", in: "Launch crew" },
    });
    expect(parseTyped("De:@ana em:#general antes:2026-01-31 depois:2026-01-01 pão")).toEqual({
      words: "pão",
      filters: { from: "@ana", in: "#general", before: "2026-01-31", after: "2026-01-01" },
    });
    expect(parseTyped("tem:vídeo has:link")).toEqual({ words: "", filters: { has: "link" } });
    expect(parseTyped("at 10:30, https://example.org from: nobody")).toEqual({ words: "at 10:30, https://example.org from: nobody", filters: {} });
  });

  it("are enough without words, unless they only name a conversation", () => {
    const searchable = ["bread", "has:image", "tem:arquivo em:general", "from:ana", "before:2026-01-31", "bread in:general"];
    for (const typed of searchable) expect(isSearchable(parseTyped(typed)), typed).toBe(true);
    for (const typed of ["", "b", "in:general", "has:image b"]) expect(isSearchable(parseTyped(typed)), typed).toBe(false);
  });

  it("name people, conversations and days", async () => {
    expect(await resolveFilters(state, { from: "@Ana", in: "sao joao" })).toEqual({ senderId: ana.id, conversationId: "c" });
    expect(await resolveFilters(state, { before: "2026-01-31", after: "2026-01-01" })).toEqual({
      until: new Date("2026-01-31T00:00:00").toISOString(),
      since: new Date("2026-01-02T00:00:00").toISOString(),
    });
    for (const [typed, has] of [["arquivo", "file"], ["Imagem", "image"], ["vídeo", "video"], ["áudio", "audio"], ["link", "link"], ["image", "image"]] as const) {
      expect(await resolveFilters(state, { has: typed })).toEqual({ has });
    }
    for (const filters of [{ has: "bread" }, { in: "nowhere" }, { before: "tomorrow" }, { after: "2026-13-45" }]) {
      expect(await resolveFilters(state, filters)).toBeNull();
    }
    expect(await resolveFilters(state, {})).toEqual({});
  });
});
