import { fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { clientWith, me, message, show } from "../../../test/harness";
import { writeDraft } from "../../../shared/lib/drafts";
import { ConversationList } from "./ConversationList";

describe("ConversationList", () => {
  it("shows the title, who said what last, and how much is unread", async () => {
    const { client } = await clientWith([message(1)], { readSeq: 0, unreadCount: 1 });
    show(client, <ConversationList activeId={null} />);
    const line = screen.getByRole("link");
    expect(line.getAttribute("href")).toBe("/c/c");
    expect(line.textContent).toContain("Picnic");
    expect(line.textContent).toContain("Ana: text 1");
    expect(line.textContent).toContain("1 unread message");
  });

  it("names the other person of a direct conversation, and marks the open one", async () => {
    const { client } = await clientWith([message(1, { senderId: me.id })], { kind: "direct", title: null });
    show(client, <ConversationList activeId="c" />);
    expect(screen.getByRole("link").textContent).toContain("Ana");
    expect(screen.getByRole("link").textContent).toContain("You: text 1");
    expect(screen.getByRole("link").getAttribute("aria-current")).toBe("page");
  });

  it("says so where the other person's account was deleted", async () => {
    const { client } = await clientWith([message(1, { senderId: "x" })], { kind: "direct", title: null, members: [{ userId: me.id, role: "member" }, { userId: "x", role: "member" }] });
    show(client, <ConversationList activeId={null} />);
    expect(await screen.findByText("Deleted account")).toBeTruthy();
  });

  it("shows a draft, but not of the conversation that is open", async () => {
    writeDraft(me.id, "c", "not yet");
    const { client } = await clientWith([message(1)]);
    const view = show(client, <ConversationList activeId={null} />);
    expect(screen.getByText("Draft: not yet")).toBeTruthy();
    view.unmount();
    show(client, <ConversationList activeId="c" />);
    expect(screen.queryByText("Draft: not yet")).toBeNull();
  });

  it("says that a message was deleted instead of nothing", async () => {
    const { client } = await clientWith([message(1, { body: "", deletedAt: "2026-03-01T11:00:00.000Z" })]);
    show(client, <ConversationList activeId={null} />);
    expect(screen.getByRole("link").textContent).toContain("Message deleted");
  });
});

describe("what the person marked", () => {
  it("is seen in the list", async () => {
    const { client } = await clientWith([message(1)], {}, { pinned: ["c"], muted: ["c"], unread: ["c"] });
    show(client, <ConversationList activeId={null} />);
    const line = within(screen.getByRole("list", { name: "Pinned conversations" })).getByRole("link");
    expect(line.textContent).toContain("muted");
    expect(line.textContent).toContain("marked as unread");
    expect(screen.queryByRole("list", { name: "Conversations" })).toBeNull();
  });

  it("is changed by a menu of the line", async () => {
    const { client } = await clientWith([message(1)]);
    vi.spyOn(client, "setMark");
    show(client, <ConversationList activeId={null} />);
    fireEvent.contextMenu(screen.getByRole("link"));
    await userEvent.click(screen.getByRole("menuitem", { name: "Pin" }));
    expect(client.setMark).toHaveBeenCalledWith("c", "pinned", true);
    expect(await screen.findByRole("list", { name: "Pinned conversations" })).toBeTruthy();
    fireEvent.contextMenu(screen.getByRole("link"));
    expect(screen.getByRole("menuitem", { name: "Unpin" })).toBeTruthy();
    expect(screen.getByRole("menuitem", { name: "Mark as unread" })).toBeTruthy();
    expect(screen.queryByRole("menuitem", { name: "Block" })).toBeNull();
  });

  it("hides what a blocked person said in a group", async () => {
    const { client } = await clientWith([message(1)], {}, { blocked: ["ana"] });
    show(client, <ConversationList activeId={null} />);
    expect(screen.getByRole("link").textContent).toContain("Message from a blocked person");
    expect(screen.getByRole("link").textContent).not.toContain("text 1");
  });
});
