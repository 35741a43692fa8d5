import { describe, expect, it } from "vitest";
import { person } from "../../../test/harness";
import { matching, typedName } from "./useMentions";

describe("typedName", () => {
  it("is what stands between an @ and the caret", () => {
    expect(typedName("hi @Ân", 6)).toEqual({ start: 3, typed: "an" });
    expect(typedName("@", 1)).toEqual({ start: 0, typed: "" });
    expect(typedName("(@bia.s and", 7)).toEqual({ start: 1, typed: "bia.s" });
  });

  it("is nothing elsewhere", () => {
    for (const [text, caret] of [["hi @ana ", 8], ["mail@ana", 8], ["@@ana", 5], ["https://x.org/@ana", 18], ["hi @ana", 2]] as const) {
      expect(typedName(text, caret), text).toBeNull();
    }
  });
});

describe("matching", () => {
  it("finds usernames first, then words of names, without accents", () => {
    const people = [person("zoe", "Ana Zoé"), person("anabel", "Bel"), person("ana", "Ana"), person("joao", "João Antunes"), person("x", "Bia")];
    expect(matching(people, "an").map((user) => user.username)).toEqual(["ana", "anabel", "joao", "zoe"]);
    expect(matching(people, "zoe").map((user) => user.username)).toEqual(["zoe"]);
    expect(matching(people, "nobody")).toEqual([]);
    expect(matching(Array.from({ length: 20 }, (_, index) => person(`p${index}`, "P")), "")).toHaveLength(6);
  });
});
