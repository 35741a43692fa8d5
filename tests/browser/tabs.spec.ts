import { expect, test } from "@playwright/test";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

test("two tabs of a person agree", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Tabs");
  const bia = await Person.register(browser, server.url, "Bia Tabs");
  await bia.begin([ana]);
  await bia.say("are you there?");
  const tab = await ana.beside();
  await expect(tab.listed("Bia Tabs")).toContainText("1 unread message");

  await ana.openConversation("Bia Tabs");
  await expect(tab.listed("Bia Tabs")).not.toContainText("unread");
  await ana.say("in one tab");
  await expect(tab.listed("Bia Tabs")).toContainText("You: in one tab");
  await ana.composer.fill("half a");
  await expect(tab.listed("Bia Tabs")).toContainText("Draft: half a");
  await ana.composer.fill("");
  await expect(tab.listed("Bia Tabs")).toContainText("You: in one tab");

  // Written without a network, it is sent once, whichever tab is there.
  await ana.context.setOffline(true);
  await expect(ana.page.getByText(/You are offline/)).toBeVisible();
  await ana.say("from the tunnel");
  await ana.context.setOffline(false);
  await ana.sent("from the tunnel");
  await bia.openConversation("Ana Tabs");
  await tab.openConversation("Bia Tabs");
  for (const person of [ana, tab, bia]) await expect(person.message("from the tunnel")).toHaveCount(1);

  await ana.page.getByRole("button", { name: /^Account/ }).click();
  await ana.page.getByRole("menuitem", { name: "Settings" }).click();
  await ana.page.getByRole("radio", { name: "Português (Brasil)" }).check();
  await expect(tab.page.getByRole("complementary").getByRole("button", { name: "Nova conversa" })).toBeVisible();
  await ana.page.getByRole("tab", { name: "Aparência" }).click();
  await ana.page.getByRole("radio", { name: "Escuro" }).check();
  await expect(tab.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await ana.close();
  await bia.close();
});
