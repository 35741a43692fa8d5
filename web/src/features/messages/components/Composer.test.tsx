import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { clientWith, me, message, show } from "../../../test/harness";
import { Composer, type Mode } from "./Composer";

async function setUp(mode: Mode = { kind: "new" }) {
  const { client, socket } = await clientWith([message(1)]);
  const onDone = vi.fn();
  const onEditLast = vi.fn();
  const composer = <Composer conversationId="c" title="Picnic" mode={mode} onDone={onDone} onEditLast={onEditLast} />;
  const view = show(client, composer);
  return { client, socket, onDone, onEditLast, view, composer, user: userEvent.setup() };
}

const area = () => screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message to Picnic" });

describe("Composer", () => {
  it("sends on Enter and starts a new line on Shift+Enter", async () => {
    const { client, user } = await setUp();
    await user.type(area(), "one{Shift>}{Enter}{/Shift}two{Enter}");
    expect(client.getState().outbox).toMatchObject([{ body: "one\ntwo", conversationId: "c", replyTo: null }]);
    expect(area().value).toBe("");
  });

  it("sends nothing but blanks, and nothing that is too long", async () => {
    const { client, user } = await setUp();
    await user.type(area(), "   {Enter}");
    await user.clear(area());
    await user.click(area());
    await user.paste("x".repeat(8_000));
    await user.type(area(), "x{Enter}");
    expect(screen.getByRole("alert").textContent).toBe("1 character too long");
    expect(client.getState().outbox).toEqual([]);
  });

  it("keeps a draft until it is sent", async () => {
    const { client, user, view, composer } = await setUp();
    await user.type(area(), "half a thou");
    view.unmount();
    show(client, composer);
    expect(area().value).toBe("half a thou");
    await user.type(area(), "ght{Enter}");
    expect(client.getState().outbox).toMatchObject([{ body: "half a thought" }]);
    expect(Object.keys(localStorage).filter((key) => key.includes("draft"))).toEqual([]);
  });

  it("answers a message, and says that somebody is writing once", async () => {
    const { client, socket, user, onDone } = await setUp({ kind: "reply", message: message(1) });
    expect(screen.getByText("Reply to Ana")).toBeTruthy();
    await user.type(area(), "yes{Enter}");
    expect(client.getState().outbox).toMatchObject([{ body: "yes", replyTo: "m1" }]);
    expect(socket.askedFor("typing:set")).toEqual([
      { conversationId: "c", typing: true },
      { conversationId: "c", typing: false },
    ]);
    expect(onDone).toHaveBeenCalled();
  });

  it("edits, and gives up on Escape", async () => {
    const { socket, user, onDone } = await setUp({ kind: "edit", message: message(1, { senderId: me.id, body: "old" }) });
    expect(area().value).toBe("old");
    await user.clear(area());
    await user.type(area(), "new{Enter}");
    expect(socket.askedFor("message:edit")).toEqual([{ messageId: "m1", body: "new" }]);
    await user.type(area(), "{Escape}");
    expect(onDone).toHaveBeenCalled();
  });

  it("offers what was written last on ArrowUp in an empty field only", async () => {
    const { user, onEditLast } = await setUp();
    await user.type(area(), "a{ArrowUp}");
    expect(onEditLast).not.toHaveBeenCalled();
    await user.clear(area());
    await user.type(area(), "{ArrowUp}");
    expect(onEditLast).toHaveBeenCalledOnce();
  });

  it("offers people behind an @, and puts the chosen one in", async () => {
    const { client, user } = await setUp();
    await user.type(area(), "hello @an");
    expect(screen.getByRole("option", { name: /Ana/ }).getAttribute("aria-selected")).toBe("true");
    expect(area().getAttribute("aria-activedescendant")).toBe(screen.getByRole("option").id);
    await user.keyboard("{Enter}");
    expect(area().value).toBe("hello @ana ");
    expect(screen.queryByRole("listbox")).toBeNull();
    await user.type(area(), "!{Enter}");
    expect(client.getState().outbox).toMatchObject([{ body: "hello @ana !" }]);
  });

  it("sends on Enter when nobody is offered, also after Escape", async () => {
    const { client, user } = await setUp();
    await user.type(area(), "@nobody{Enter}");
    await user.type(area(), "@an{Escape}{Enter}");
    expect(client.getState().outbox.map((item) => item.body)).toEqual(["@nobody", "@an"]);
  });
});
