import { beforeEach, describe, expect, it } from "vitest";
import { emojiMemory, rememberEmoji, rememberSkinTone } from "./emojiMemory";

describe("the memory of emoji", () => {
  beforeEach(() => localStorage.clear());

  it("has the last used ones, each once, the newest first", () => {
    expect(emojiMemory()).toEqual({ recent: [], skinTone: "none" });
    rememberSkinTone("medium");
    for (const emoji of "🚀🎉🚀👍😂😮😢🌿🔥☕") if (emoji !== "\ufe0f") rememberEmoji(emoji);
    expect(emojiMemory()).toEqual({ recent: ["☕", "🔥", "🌿", "😢", "😮", "😂", "👍", "🚀"], skinTone: "medium" });
  });

  it.each(["{", "null", '{"recent":"x","skinTone":"green"}', '{"recent":[1,null,"🚀"]}'])("survives %s", (text) => {
    localStorage.setItem("chatconnect.emoji", text);
    expect(emojiMemory()).toEqual({ recent: text.includes("🚀") ? ["🚀"] : [], skinTone: "none" });
  });
});
