import { expect, test } from "@playwright/test";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

test("whom one blocks cannot write any more, and is folded away in groups", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Blocks");
  const bia = await Person.register(browser, server.url, "Bia Blocked");
  const caio = await Person.register(browser, server.url, "Caio Blocks");
  await caio.begin([ana, bia], "The three");
  await bia.begin([ana]);
  await bia.say("buy this!");
  await ana.openConversation("Bia Blocked");
  await ana.chooseOption("Bia Blocked", "Block");
  await ana.confirm("Block");
  await expect(ana.page.getByText("You blocked Bia Blocked.")).toBeVisible();
  await expect(ana.composer).toHaveCount(0);

  await bia.say("are you there?");
  await expect(bia.message("are you there?")).toContainText("This cannot be sent");
  await expect(ana.message("are you there?")).toHaveCount(0);

  await ana.openConversation("The three");
  await bia.openConversation("The three");
  await bia.say("unwanted");
  await bia.sent("unwanted");
  await expect(ana.listed("The three")).toContainText("Message from a blocked person");
  await expect(ana.rows.getByText("Message from a blocked person")).toBeVisible();
  await expect(ana.rows.getByText("unwanted")).toHaveCount(0);
  await ana.messages.getByRole("button", { name: "Show" }).click();
  await expect(ana.message("unwanted")).toBeVisible();

  // What was not sent is still there, and goes once it may.
  await ana.page.getByRole("button", { name: /^Account/ }).click();
  await ana.page.getByRole("menuitem", { name: "Settings" }).click();
  await ana.page.getByRole("tab", { name: "Blocked people" }).click();
  await ana.page.getByRole("button", { name: "Unblock Bia Blocked" }).click();
  await expect(ana.page.getByText("You have blocked nobody.")).toBeVisible();
  await ana.page.keyboard.press("Escape");
  await bia.openConversation("Ana Blocks");
  await bia.message("are you there?").getByRole("button", { name: "Send again" }).click();
  await bia.sent("are you there?");
  await ana.listed("are you there?").click();
  await expect(ana.message("are you there?")).toBeVisible();
  await expect(ana.composer).toBeVisible();
  for (const person of [ana, bia, caio]) await person.close();
});

test("a person is blocked on their card, and unblocked in the conversation", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Cards");
  const bia = await Person.register(browser, server.url, "Bia Cards");
  await bia.begin([ana]);
  await bia.say("hi");
  await ana.openConversation("Bia Cards");
  const phone = await ana.onAnotherDevice(browser, server.url, new URL(ana.page.url()).pathname);
  await ana.page.getByRole("main").getByRole("button", { name: "Bia Cards", exact: true }).click();
  await ana.page.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click();
  await ana.confirm("Block");
  await expect(ana.page.getByRole("dialog").getByRole("button", { name: "Unblock" })).toBeVisible();
  await ana.page.keyboard.press("Escape");
  await phone.page.getByRole("main").getByRole("button", { name: "Unblock" }).click();
  await expect(phone.composer).toBeVisible();
  await expect(ana.composer).toBeVisible();
  for (const person of [ana, bia, phone]) await person.close();
});
