import { describe, expect, it } from "vitest";
import { mentions, parse, summary, type Block, type Inline } from "./markdown";

const text = (value: string): Inline => ({ type: "text", text: value });
const paragraph = (...children: Inline[]): Block => ({ type: "paragraph", children });

describe("parse", () => {
  it("leaves plain text alone, with its lines", () => {
    for (const plain of ["hello", "two\nlines", "a - b", "5 * 3 * 2", "#general is here", "a & b &amp; c", "=====", "    indented", "snake_case_name"]) {
      expect(parse(plain)).toEqual([paragraph(text(plain))]);
    }
  });

  it("knows emphasis", () => {
    expect(parse("**bold** and *slanted* and ~~gone~~")).toEqual([
      paragraph(
        { type: "strong", children: [text("bold")] },
        text(" and "),
        { type: "emphasis", children: [text("slanted")] },
        text(" and "),
        { type: "delete", children: [text("gone")] },
      ),
    ]);
    expect(parse("2*3*4")).toEqual([paragraph(text("2"), text("*3*"), text("4"))]);
  });

  it("knows code, whose text is left alone", () => {
    expect(parse("run `make *run*` now")).toEqual([paragraph(text("run "), { type: "code", text: "make *run*" }, text(" now"))]);
    expect(parse("look:\n```Rust\nfn main() {}\n\n  @ana **x**\n```")).toEqual([
      paragraph(text("look:")),
      { type: "code", language: "rust", text: "fn main() {}\n\n  @ana **x**" },
    ]);
    expect(parse("```\nnever closed")).toEqual([{ type: "code", language: null, text: "never closed" }]);
  });

  it("knows lists and quotes", () => {
    expect(parse("- one\n- two")).toEqual([{ type: "list", start: null, items: [[paragraph(text("one"))], [paragraph(text("two"))]] }]);
    expect(parse("3. three\n4. four")).toMatchObject([{ type: "list", start: 3 }]);
    expect(parse("> said\n\nanswered")).toEqual([{ type: "quote", children: [paragraph(text("said"))] }, paragraph(text("answered"))]);
  });

  it("turns addresses into links, and dangerous ones into text", () => {
    const hrefs = (source: string) =>
      parse(source).flatMap((block) => (block.type === "paragraph" ? block.children : [])).flatMap((inline) => (inline.type === "link" ? [inline.href] : []));
    expect(hrefs("see https://example.org/a?b=1. And www.example.org, ana@example.org")).toEqual([
      "https://example.org/a?b=1",
      "http://www.example.org",
      "mailto:ana@example.org",
    ]);
    expect(hrefs("[here](https://example.org)")).toEqual(["https://example.org"]);
    for (const bad of ["[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,hi)", "[x](/relative)", "<javascript:alert(1)>", "[x](vbscript:x)"]) {
      expect(hrefs(bad), bad).toEqual([]);
    }
  });

  it("takes HTML, images, headings and tables for text", () => {
    for (const source of ["<b>bold</b>", "<img src=x onerror=alert(1)>", "# big", "a\n===", "| a | b |\n|---|---|", "&lt;b&gt;"]) {
      expect(summary(source)).toBe(source.replace(/\s+/g, " "));
    }
    expect(parse("![picture](https://example.org/x.png)")).toMatchObject([paragraph(text("!"), { type: "link", href: "https://example.org/x.png", children: [] } as Inline)].map((block) => ({ type: block.type })));
  });

  it("finds names behind an @, but not in addresses, code and links", () => {
    const named = (source: string) =>
      parse(source).flatMap((block) => (block.type === "paragraph" ? block.children : [])).flatMap((inline) => (inline.type === "mention" ? [inline.username] : []));
    expect(named("@ana, and @Bia.Souza: hello @caio_2!")).toEqual(["ana", "bia.souza", "caio_2"]);
    expect(named("**x** @ana.")).toEqual(["ana"]);
    expect(named("mail ana@example.org or `@ana` or https://x.org/@ana or @ab or @@ana")).toEqual([]);
    expect(mentions("hey **@ana**", "ana")).toBe(true);
    expect(mentions("hey @anabel", "ana")).toBe(false);
    expect(mentions("`@ana`", "ana")).toBe(false);
    expect(mentions("- look\n- @ana", "ana")).toBe(true);
  });

  it("survives whatever is written", () => {
    const hostile = [
      ">".repeat(8_000),
      "- ".repeat(4_000),
      "*".repeat(8_000),
      "[".repeat(8_000),
      "`".repeat(7_999),
      "**a ".repeat(2_000),
      "1. ".repeat(2_600),
      "~".repeat(8_000),
      "https://".repeat(1_000),
      "@".repeat(8_000),
      "​‮".repeat(2_000),
      `${"> ".repeat(11)}deep`,
      "\0\u{1F468}‍\u{1F469}",
    ];
    for (const source of hostile) expect(parse(source).length, source.slice(0, 20)).toBeGreaterThan(0);
  });
});

describe("summary", () => {
  it("is one line without marks", () => {
    expect(summary("**Hello** `x`\n\n- one\n- two\n```js\nlet a\n```")).toBe("Hello x one two let a");
    expect(summary("  plain   text\nhere ")).toBe("plain text here");
  });
});
