import { expect, test } from "@playwright/test";
import { PASSWORD, Person } from "./person";
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

test("an administrator looks at reports, dismisses one and deletes what another is about", async ({ browser }) => {
  const admin = await Person.register(browser, server.url, "Ada Looks");
  // Who was the first here makes them one.
  const first = await Person.open(browser, server.url, "Ada Administers");
  const { username } = first;
  expect((await first.context.request.post("/api/v1/auth/login", { data: { username, password: PASSWORD } })).status()).toBe(200);
  const { users } = (await (await first.context.request.get(`/api/v1/users?query=${admin.username}`)).json()) as { users: { id: string }[] };
  expect((await first.context.request.patch(`/api/v1/admin/users/${users[0]?.id}`, { data: { admin: true } })).status()).toBe(200);
  await first.close();

  const ana = await Person.register(browser, server.url, "Ana Tells");
  const bia = await Person.register(browser, server.url, "Bia Shouts");
  await bia.begin([ana]);
  for (const text of ["harmless", "harmful"]) {
    await bia.say(text);
    await bia.sent(text);
  }
  await ana.openConversation("Bia Shouts");
  for (const text of ["harmless", "harmful"]) {
    await ana.chooseAction(text, "Report");
    await ana.page.getByRole("radio", { name: "Spam" }).check();
    await ana.page.getByRole("dialog").getByRole("button", { name: "Report" }).click();
    await expect(ana.page.getByRole("dialog")).toBeHidden();
  }

  await admin.page.goto("/admin/reports");
  const entry = (text: string) => admin.page.getByRole("list", { name: "Reports" }).getByRole("listitem").filter({ has: admin.page.getByText(text, { exact: true }) });
  await expect(entry("harmless")).toContainText("Reported by Ana Tells");
  await entry("harmless").getByRole("button", { name: "Dismiss" }).click();
  await expect(entry("harmless")).toHaveCount(0);
  await entry("harmful").getByRole("button", { name: "Delete the message" }).click();
  await admin.confirm("Delete the message");
  await expect(entry("harmful")).toHaveCount(0);
  for (const person of [ana, bia]) {
    await expect(person.message("harmful")).toHaveCount(0);
    await expect(person.message("This message was deleted")).toBeVisible();
    await expect(person.message("harmless")).toBeVisible();
  }
  await admin.page.getByRole("radio", { name: "Closed" }).check();
  await expect(admin.page.getByText(/^Dismissed by Ada Looks/)).toBeVisible();
  await expect(admin.page.getByText(/^Message deleted by Ada Looks/)).toBeVisible();
  for (const person of [admin, ana, bia]) await person.close();
});
