import type { Conversation, Marks, Message } from "@chatconnect/protocol";
import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { useChat } from "../../../shared/chat/Chat";
import { clientWith, me, message, show } from "../../../test/harness";
import { buildRows } from "../hooks/rows";
import { MessageRow } from "./MessageRow";

const actions = { reply: vi.fn(), edit: vi.fn(), remove: vi.fn(), undoRemove: vi.fn(), person: vi.fn(), report: vi.fn(), goTo: vi.fn() };

/** What MessageList shows, without the virtual list: that one has nothing to measure here, and is tested in a browser. */
function Rows() {
  const messages = useChat((state) => state.threads["c"]?.messages) ?? [];
  const outbox = useChat((state) => state.outbox);
  return buildRows(messages, outbox, me.id, null).map((row) => (
    <MessageRow
      key={row.key}
      row={row}
      quoted={messages.find((one) => one.id === row.replyTo) ?? null}
      named
      highlighted={false}
      deleting={false}
      focused={false}
      actions={actions}
    />
  ));
}

async function setUp(messages: readonly Message[], change: Partial<Conversation> = {}, marked: Partial<Marks> = {}) {
  const { client, socket } = await clientWith(messages, change, marked);
  show(client, <Rows />);
  return { client, socket, user: userEvent.setup() };
}

const article = (text: string) => {
  const found = screen.getAllByTestId("text").find((one) => one.textContent === text)?.closest("article");
  if (!found) throw new Error(`no message ${text}`);
  return within(found);
};

describe("MessageRow", () => {
  it("shows messages with their state", async () => {
    await setUp([
      message(1),
      message(2, { senderId: me.id, editedAt: "2026-03-01T11:00:00.000Z" }),
      message(3, { body: "", deletedAt: "2026-03-01T11:00:00.000Z" }),
      message(4, { replyTo: "m1", reactions: [{ emoji: "👍", count: 2, userIds: [me.id, "ana"] }] }),
    ]);
    expect(article("text 2").getByText("edited")).toBeTruthy();
    expect(article("text 2").getByRole("img", { name: "Sent" })).toBeTruthy();
    expect(screen.getByText("This message was deleted")).toBeTruthy();
    expect(article("text 4").getByText("text 1")).toBeTruthy();
    expect(article("text 4").getByRole("button", { name: "👍, 2 people" }).getAttribute("aria-pressed")).toBe("true");
  });

  it("folds away what a blocked person says in a group, until it is asked for", async () => {
    const { user } = await setUp([message(1), message(2, { senderId: me.id, replyTo: "m1" })], {}, { blocked: ["ana"] });
    expect(screen.queryByText("text 1")).toBeNull();
    expect(article("text 2").getByText("Message from a blocked person")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show" }));
    expect(screen.getByText("text 1")).toBeTruthy();
  });

  it("hides nothing of a blocked person in the direct conversation with them", async () => {
    await setUp([message(1)], { kind: "direct", title: null }, { blocked: ["ana"] });
    expect(screen.getByText("text 1")).toBeTruthy();
  });

  it("offers to report what others wrote", async () => {
    const { user } = await setUp([message(1), message(2, { senderId: me.id })]);
    await user.click(article("text 1").getByRole("button", { name: /^Actions/ }));
    await user.click(screen.getByRole("menuitem", { name: "Report" }));
    expect(actions.report).toHaveBeenCalledWith(expect.objectContaining({ id: "m1" }));
    await user.click(article("text 2").getByRole("button", { name: /^Actions/ }));
    expect(screen.queryByRole("menuitem", { name: "Report" })).toBeNull();
  });

  it("toggles a reaction", async () => {
    const { socket, user } = await setUp([message(1, { reactions: [{ emoji: "🎉", count: 1, userIds: ["ana"] }] })]);
    await user.click(screen.getByRole("button", { name: "🎉, 1 person" }));
    expect(socket.askedFor("message:react")).toEqual([{ messageId: "m1", emoji: "🎉", on: true }]);
  });

  it("shows a message on its way", async () => {
    const { client } = await setUp([message(1)]);
    await act(async () => {
      client.send("c", "on its way");
      await new Promise((resolve) => setTimeout(resolve, 40));
    });
    expect(article("on its way").getByRole("img", { name: "Sending" })).toBeTruthy();
  });

  it("says that a message was refused, and sends it again or forgets it", async () => {
    const { client, socket, user } = await setUp([message(1)]);
    socket.refusals.set("message:send", "conversation.not_member");
    await act(async () => {
      client.send("c", "refused");
      await new Promise((resolve) => setTimeout(resolve, 40));
    });
    expect(screen.getByRole("alert").textContent).toContain("Not sent");
    await user.click(screen.getByRole("button", { name: "Send again" }));
    expect(socket.askedFor("message:send")).toHaveLength(2);
    await user.click(await screen.findByRole("button", { name: "Discard" }));
    expect(client.getState().outbox).toEqual([]);
  });

  it("offers to edit and delete what I wrote, not what others did", async () => {
    const { user } = await setUp([message(1), message(2, { senderId: me.id })]);
    const offered = () => screen.getAllByRole("menuitem").map((one) => one.textContent);
    await user.click(article("text 1").getByRole("button", { name: /^Actions/ }));
    expect(offered()).toContain("Reply");
    expect(offered()).not.toContain("Delete");
    await user.keyboard("{Escape}");
    await user.click(article("text 2").getByRole("button", { name: /^Actions/ }));
    await user.click(screen.getByRole("menuitem", { name: "Edit" }));
    expect(actions.edit).toHaveBeenCalledWith(expect.objectContaining({ id: "m2" }));
    expect(screen.queryByRole("menu")).toBeNull();
  });

  it("offers to delete what others wrote to who moderates", async () => {
    const { user } = await setUp([message(1)], { members: [{ userId: me.id, role: "admin" }] });
    await user.click(article("text 1").getByRole("button", { name: /^Actions/ }));
    await user.click(screen.getByRole("menuitem", { name: "Delete" }));
    expect(actions.remove).toHaveBeenCalledWith(expect.objectContaining({ id: "m1" }));
  });

  it("turns addresses into links, and nothing else into anything", async () => {
    await setUp([message(1, { body: "see https://example.org/a?b=1. <b>bold</b> javascript:alert(1)" })]);
    const links = screen.getAllByRole("link");
    expect(links.map((link) => link.getAttribute("href"))).toEqual(["https://example.org/a?b=1"]);
    expect(links[0]?.getAttribute("rel")).toContain("noopener");
    expect(document.querySelector("b")).toBeNull();
  });

  it("shows what was meant, and names people whom we know", async () => {
    await setUp([message(1, { body: "**bold** `code` @ana @marina @stranger" }), message(2, { body: "- one\n- two" })]);
    expect(screen.getByText("bold").tagName).toBe("STRONG");
    expect(screen.getByText("code").tagName).toBe("CODE");
    expect(screen.getByText("@ana").getAttribute("title")).toBe("Ana");
    expect(screen.getByText("@marina").getAttribute("data-me")).toBe("true");
    expect(screen.getByText(/@stranger/).getAttribute("title")).toBeNull();
    expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["one", "two"]);
  });

  it("colours code in a language that was named", async () => {
    await setUp([message(1, { body: "```rust\nlet x = 1;\n```" })]);
    expect(screen.getByText("rust")).toBeTruthy();
    expect((await screen.findByText("let", {}, { timeout: 10_000 })).className).toBe("hljs-keyword");
  });
});
