import { expect, test } from "@playwright/test";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

test("a message is reported to the administrators", async ({ browser }) => {
  const admin = await Person.register(browser, server.url, "Ada Administers");
  const ana = await Person.register(browser, server.url, "Ana Reports");
  const bia = await Person.register(browser, server.url, "Bia Spams");
  await bia.begin([ana]);
  await bia.say("buy **this**!");
  await ana.openConversation("Bia Spams");
  await ana.chooseAction("buy", "Report");
  const dialog = ana.page.getByRole("dialog", { name: "Report this message" });
  await expect(dialog.getByText("buy this!")).toBeVisible();
  await dialog.getByRole("radio", { name: "Something else" }).check();
  await dialog.getByRole("button", { name: "Report" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("Fill this in.");
  await dialog.getByRole("textbox", { name: "What is it?" }).fill("a scam");
  await dialog.getByRole("button", { name: "Report" }).click();
  await expect(dialog).toBeHidden();
  await expect(ana.page.getByText("Thank you. The administrators will look at it.")).toBeVisible();

  const answer = await admin.context.request.get("/api/v1/admin/reports?state=open");
  expect(answer.status()).toBe(200);
  expect(await answer.json()).toMatchObject({
    reports: [{ reason: "a scam", reporter: { username: ana.username }, sender: { username: bia.username }, message: { body: "buy **this**!" } }],
  });
  for (const person of [admin, ana, bia]) await person.close();
});
