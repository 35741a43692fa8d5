import type { Nodes, PhrasingContent, Root, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";

export type Inline =
  | { type: "text"; text: string }
  | { type: "code"; text: string }
  /** The username stands without its `@`, in lower case. */
  | { type: "mention"; text: string; username: string }
  | { type: "link"; href: string; children: Inline[] }
  | { type: "strong" | "emphasis" | "delete"; children: Inline[] };

export type Block =
  | { type: "paragraph"; children: Inline[] }
  | { type: "code"; language: string | null; text: string }
  | { type: "quote"; children: Block[] }
  | { type: "list"; start: number | null; items: Block[][] };

/** What of CommonMark is no part of a chat: there these characters stand for themselves. */
const OFF = [
  "characterReference",
  "codeIndented",
  "definition",
  "headingAtx",
  "htmlFlow",
  "htmlText",
  "labelStartImage",
  "setextUnderline",
  "thematicBreak",
];

/** Without any of these a text is one paragraph of text. */
const MARKED = /[*_`~[\]\\<>@]|^\s*(?:[-+]|\d{1,9}[.)])\s|\w:\/\/|\bwww\.|\n\s*\n/mu;

/** Deeper than anybody writes, and shallow enough for the stack. */
const DEEPEST = 12;
const DEEP = new RegExp(`^(?:[ \\t]*(?:>|[-+*]|\\d{1,9}[.)])[ \\t]?){${DEEPEST},}`, "mu");

const SAFE = /^(?:https?:\/\/|mailto:)/iu;

/** `@` and a username (3 to 32 of a–z, 0–9, dot, underscore, hyphen), not within a word or an address. */
const MENTION = /(?<![\p{L}\p{N}@._/-])@([a-z0-9][a-z0-9._-]{1,30}[a-z0-9_])(?![\p{L}\p{N}@])/giu;

/**
 * Reads the Markdown that people use in a chat: bold, italic, struck out, code, quotes, lists, links. Nothing that is
 * written can fail: what has no meaning is text.
 */
export function parse(text: string): Block[] {
  if (!MARKED.test(text) || DEEP.test(text)) return [{ type: "paragraph", children: inText(text) }];
  const root: Root = fromMarkdown(text, {
    extensions: [{ disable: { null: OFF } }, gfmStrikethrough(), gfmAutolinkLiteral()],
    mdastExtensions: [gfmStrikethroughFromMarkdown(), gfmAutolinkLiteralFromMarkdown()],
  });
  return blocks(root.children, text);
}

function blocks(nodes: readonly RootContent[], source: string): Block[] {
  return nodes.flatMap((node): Block[] => {
    switch (node.type) {
      case "paragraph":
        return [{ type: "paragraph", children: inlines(node.children, source) }];
      case "code":
        return [{ type: "code", language: node.lang?.toLowerCase() ?? null, text: node.value }];
      case "blockquote":
        return [{ type: "quote", children: blocks(node.children, source) }];
      case "list":
        return [
          {
            type: "list",
            start: node.ordered ? (node.start ?? 1) : null,
            items: node.children.map((item) => blocks(item.children, source)),
          },
        ];
      default:
        return [{ type: "paragraph", children: [{ type: "text", text: written(node, source) }] }];
    }
  });
}

function inlines(nodes: readonly PhrasingContent[], source: string): Inline[] {
  return nodes.flatMap((node): Inline[] => {
    switch (node.type) {
      case "text":
        return inText(node.value);
      case "inlineCode":
        return [{ type: "code", text: node.value }];
      case "break":
        return [{ type: "text", text: "\n" }];
      case "strong":
      case "emphasis":
      case "delete":
        return isArithmetic(node, source)
          ? [{ type: "text", text: written(node, source) }]
          : [{ type: node.type, children: inlines(node.children, source) }];
      case "link": {
        const children = inlines(node.children, source).map(plain);
        return SAFE.test(node.url) ? [{ type: "link", href: node.url, children }] : children;
      }
      default:
        return [{ type: "text", text: written(node, source) }];
    }
  });
}

/** In a link nothing else can be followed. */
function plain(inline: Inline): Inline {
  return inline.type === "mention" ? { type: "text", text: inline.text } : inline;
}

function inText(text: string): Inline[] {
  const found: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(MENTION)) {
    if (match.index > end) found.push({ type: "text", text: text.slice(end, match.index) });
    found.push({ type: "mention", text: match[0], username: (match[1] ?? "").toLowerCase() });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ type: "text", text: text.slice(end) });
  return found;
}

/** In `2*3*4` nothing is emphasized. */
function isArithmetic(node: Nodes, source: string): boolean {
  const { start, end } = offsets(node);
  return source[start] === "*" && (/\d/u.test(source[start - 1] ?? "") || /\d/u.test(source[end] ?? ""));
}

function written(node: Nodes, source: string): string {
  const { start, end } = offsets(node);
  return source.slice(start, end);
}

function offsets(node: Nodes): { start: number; end: number } {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
}

/** The words of a text on one line, for places that show no more than its beginning. */
export function summary(text: string): string {
  const words = lines(parse(text)).map((line) => line.map((leaf) => leaf.text).join(""));
  return words.join(" ").replace(/\s+/gu, " ").trim();
}

/** Whether a text names the person with this username. */
export function mentions(text: string, username: string): boolean {
  if (!text.toLowerCase().includes(`@${username}`)) return false;
  return lines(parse(text)).some((line) => line.some((leaf) => leaf.type === "mention" && leaf.username === username));
}

type Leaf = Exclude<Inline, { children: Inline[] }>;

/** What is left without form: a line a paragraph, and one a block of code. */
function lines(blocks: readonly Block[]): Leaf[][] {
  return blocks.flatMap((block) => {
    switch (block.type) {
      case "paragraph":
        return [block.children.flatMap(leaves)];
      case "code":
        return [[{ type: "code", text: block.text }]];
      case "quote":
        return lines(block.children);
      case "list":
        return lines(block.items.flat());
    }
  });
}

function leaves(inline: Inline): Leaf[] {
  return "children" in inline ? inline.children.flatMap(leaves) : [inline];
}
