import { expect, test } from "@playwright/test";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

test("a pinned conversation stays on top, on every device and after a reload", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Pins");
  const bia = await Person.register(browser, server.url, "Bia Pins");
  await bia.begin([ana]);
  await bia.say("hello");
  await expect(ana.listed("Bia Pins")).toContainText("hello");
  const phone = await ana.onAnotherDevice(browser, server.url, "/");
  const pinned = (person: Person) => person.page.getByRole("list", { name: "Pinned conversations" }).getByRole("link");

  await ana.listed("#general").click({ button: "right" });
  await ana.page.getByRole("menuitem", { name: "Pin", exact: true }).click();
  await expect(pinned(ana)).toHaveText([/#general/]);
  await expect(pinned(phone)).toHaveText([/#general/]);
  await bia.say("newer than anything else");
  await expect(phone.listed("Bia Pins")).toContainText("newer than");
  await expect(phone.page.getByRole("navigation").getByRole("link").first()).toContainText("#general");
  await phone.page.reload();
  await expect(pinned(phone)).toHaveText([/#general/]);
  await phone.openConversation("#general");
  await phone.chooseOption("#general", "Unpin");
  await expect(pinned(ana)).toHaveCount(0);
  for (const person of [ana, bia, phone]) await person.close();
});

test("a conversation is marked as unread until it is opened again", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Marks");
  const bia = await Person.register(browser, server.url, "Bia Marks");
  await bia.begin([ana]);
  await bia.say("answer me later");
  await ana.openConversation("Bia Marks");
  const phone = await ana.onAnotherDevice(browser, server.url, "/");
  await expect(phone.listed("Bia Marks")).not.toContainText("unread");
  await ana.chooseOption("Bia Marks", "Mark as unread");
  await expect(ana.listed("Bia Marks")).toContainText("marked as unread");
  await expect(phone.listed("Bia Marks")).toContainText("marked as unread");
  await expect(phone.page).toHaveTitle(/^\(1\)/);
  await expect(phone.page.locator('link[rel="icon"]')).toHaveAttribute("href", "/favicon-unread.svg");
  await phone.page.reload();
  await expect(phone.listed("Bia Marks")).toContainText("marked as unread");
  await phone.openConversation("Bia Marks");
  await expect(phone.listed("Bia Marks")).not.toContainText("unread");
  await expect(ana.listed("Bia Marks")).not.toContainText("unread");
  await expect(ana.page).not.toHaveTitle(/^\(/);

  // With the keyboard alone, from the list.
  await phone.listed("#general").focus();
  await phone.page.keyboard.press("Shift+F10");
  await expect(phone.page.getByRole("menuitem", { name: "Pin", exact: true })).toBeFocused();
  await phone.page.keyboard.press("ArrowDown");
  await phone.page.keyboard.press("Enter");
  await expect(phone.listed("#general")).toContainText("marked as unread");
  await expect(phone.listed("#general")).toBeFocused();
  await phone.page.keyboard.press("Shift+F10");
  await phone.page.getByRole("menuitem", { name: "Mark as read" }).click();
  await expect(phone.listed("#general")).not.toContainText("unread");
  for (const person of [ana, bia, phone]) await person.close();
});

test("a long press opens the menu of a conversation, and not the conversation", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Presses", { hasTouch: true, viewport: { width: 390, height: 844 } });
  const box = await ana.listed("#general").boundingBox();
  const at = { x: (box?.x ?? 0) + 100, y: (box?.y ?? 0) + 30 };
  const session = await ana.context.newCDPSession(ana.page);
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [at] });
  await expect(ana.page.getByRole("menuitem", { name: "Mute" })).toBeVisible();
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await ana.page.getByRole("menuitem", { name: "Mute" }).tap();
  await expect(ana.listed("#general")).toContainText("muted");
  await expect(ana.page).toHaveURL(/\/$/);
  await ana.listed("#general").tap();
  await expect(ana.page.getByRole("heading", { name: "#general", level: 2 })).toBeVisible();
  await ana.close();
});
