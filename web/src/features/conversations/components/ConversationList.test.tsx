import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
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
