import { expect, test } from "@playwright/test";
import { PASSWORD, Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

test("a group is named, grows, changes hands and ends", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana");
  const bia = await Person.register(browser, server.url, "Bia");
  const caio = await Person.register(browser, server.url, "Caio");
  const duda = await Person.register(browser, server.url, "Duda");
  await ana.begin([bia, caio], "Picnic");
  await caio.openConversation("Picnic");
  await caio.say("Who brings bread?");

  const dialog = ana.page.getByRole("dialog");
  await ana.page.getByRole("button", { name: "Members" }).click();
  await dialog.getByLabel("Group name").fill("Picnic in May");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(bia.listed("Picnic in May")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();

  await dialog.getByRole("button", { name: "Add people" }).click();
  await dialog.getByLabel("People", { exact: true }).first().fill("bia");
  await expect(dialog.getByText("Nobody found")).toBeVisible();
  await dialog.getByLabel("People", { exact: true }).first().fill("dud");
  await dialog.getByRole("button", { name: "Duda" }).click();
  await dialog.getByRole("button", { name: "Add 1 person" }).click();
  await expect(duda.listed("Picnic in May")).toBeVisible();
  await expect(dialog.getByRole("list", { name: "Members" }).getByRole("listitem")).toHaveCount(4);

  // An admin removes what others wrote, and plain members; nobody else sees a way to.
  const does = async (person: Person, name: string, what: string) => {
    await person.page.getByRole("button", { name: `What to do with ${name}` }).click();
    await person.page.getByRole("menuitem", { name: what, exact: true }).click();
  };
  await does(ana, "Bia", "Make admin");
  await expect(dialog.getByRole("listitem").filter({ hasText: "@bia" })).toContainText("admin");
  await bia.openConversation("Picnic in May");
  await bia.message("Who brings bread?").hover();
  await bia.message("Who brings bread?").getByRole("button", { name: "Actions for the message of Caio" }).click();
  await expect(bia.page.getByRole("menuitem", { name: "Edit" })).toHaveCount(0);
  await bia.page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(caio.message("This message was deleted")).toBeVisible();
  await bia.page.getByRole("button", { name: "Members" }).click();
  await expect(bia.page.getByRole("button", { name: "What to do with Ana" })).toHaveCount(0);
  await does(bia, "Duda", "Remove");
  await bia.page.getByRole("alertdialog", { name: "Remove Duda from" }).press("Escape");
  await expect(bia.page.getByRole("alertdialog")).toHaveCount(0);
  await expect(bia.page.getByRole("dialog").getByRole("listitem").filter({ hasText: "@duda" })).toBeVisible();
  await does(bia, "Duda", "Remove");
  await bia.confirm("Remove");
  await expect(duda.listed("Picnic in May")).toHaveCount(0);
  await expect(bia.page.getByRole("dialog").getByRole("button", { name: "Delete" })).toHaveCount(0);

  await caio.page.getByRole("button", { name: "Members" }).click();
  await expect(caio.page.getByRole("dialog").getByRole("list", { name: "Members" })).toContainText("Bia");
  await expect(caio.page.getByRole("button", { name: /^What to do with/ })).toHaveCount(0);
  await expect(caio.page.getByRole("button", { name: "Add people" })).toHaveCount(0);

  // From who wrote something to a conversation with them alone.
  await caio.page.getByRole("dialog").getByRole("button", { name: /^Bia/ }).click();
  await expect(caio.page.getByRole("dialog").getByRole("heading", { name: "Bia" })).toBeVisible();
  await expect(caio.page.getByRole("dialog").getByText("@bia")).toBeVisible();
  await expect(caio.page.getByRole("region", { name: "Groups and channels in common" })).toContainText("Picnic in May");
  await caio.page.getByRole("dialog").getByRole("button", { name: "Message" }).click();
  await expect(caio.page.getByRole("heading", { name: "Bia", level: 2 })).toBeVisible();
  await caio.page.getByRole("heading", { name: "Bia", level: 2 }).getByRole("button").click();
  await expect(caio.page.getByRole("dialog").getByText("Here since")).toBeVisible();
  await caio.page.keyboard.press("Escape");

  // Escape closes the menu alone.
  await ana.page.getByRole("button", { name: "What to do with Bia" }).click();
  await ana.page.keyboard.press("Escape");
  await expect(ana.page.getByRole("menu")).toHaveCount(0);
  await expect(ana.page.getByRole("button", { name: "What to do with Bia" })).toBeFocused();
  await does(ana, "Bia", "Make owner");
  await ana.confirm("Make owner");
  await expect(dialog.getByRole("listitem").filter({ hasText: "@bia" })).toContainText("owner");
  await expect(dialog.getByRole("button", { name: "Delete" })).toHaveCount(0);
  await bia.page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await bia.confirm("Delete");
  for (const person of [ana, bia, caio]) await expect(person.listed("Picnic in May")).toHaveCount(0);
  for (const person of [ana, bia, caio, duda]) await person.close();
});

test("everybody in a large channel is found in its list", async ({ browser, playwright }) => {
  const large = await ChatServer.start();
  const ana = await Person.register(browser, large.url, "Ana");
  for (let number = 100; number < 202; number += 1) {
    // Each with cookies of its own: nobody takes the place of Ana.
    const request = await playwright.request.newContext({ baseURL: large.url });
    const answer = await request.post("/api/v1/auth/register", { data: { username: `person${number}`, password: PASSWORD } });
    expect(answer.status()).toBe(201);
    await request.dispose();
  }
  await ana.page.reload();
  await ana.openConversation("#general");
  await ana.page.getByRole("button", { name: "Members" }).click();
  const members = ana.page.getByRole("list", { name: "Members" }).getByRole("listitem");
  await expect(ana.page.getByRole("dialog", { name: "103 members" })).toBeVisible();
  await expect(members.filter({ hasText: "@person201" })).toHaveCount(0);
  await ana.page.getByRole("button", { name: "Show more" }).click();
  await expect(members.filter({ hasText: "@person201" })).toBeVisible();
  await expect(members).toHaveCount(103);
  await expect(ana.page.getByRole("button", { name: "Show more" })).toHaveCount(0);
  await ana.close();
  await large.stop();
});

test("who is signed in joins by a link only when they say so", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Asks");
  const bia = await Person.register(browser, server.url, "Bia Asks");
  const caio = await Person.register(browser, server.url, "Caio Asks");
  await ana.begin([bia, caio], "Asking circle");
  const id = new URL(ana.page.url()).pathname.split("/").pop();
  const answer = await ana.context.request.post(`/api/v1/conversations/${id}/invites`, { data: {} });
  const { invite } = (await answer.json()) as { invite: { id: string } };
  const duda = await Person.register(browser, server.url, "Duda Asks");
  await duda.page.goto(`/i/${invite.id}`);
  const dialog = duda.page.getByRole("dialog", { name: "Invitation" });
  await expect(dialog.getByText("Ana Asks invites you")).toBeVisible();
  await expect(duda.listed("Asking circle")).toHaveCount(0);
  await dialog.getByRole("button", { name: "Join" }).click();
  await expect(duda.page.getByRole("heading", { name: "Asking circle", level: 2 })).toBeVisible();
  for (const person of [ana, bia, caio, duda]) await person.close();
});

test("a link leads into a group, also who has no account yet", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Host", { permissions: ["clipboard-read", "clipboard-write"] });
  const bia = await Person.register(browser, server.url, "Bia Host");
  const caio = await Person.register(browser, server.url, "Caio Host");
  await ana.begin([bia, caio], "Reading circle");
  await ana.page.getByRole("button", { name: "Members" }).click();
  await ana.page.getByRole("button", { name: "Invitation links" }).click();
  await expect(ana.page.getByText("There is no open invitation.")).toBeVisible();
  await ana.page.getByLabel("For", { exact: true }).selectOption("1 person");
  await ana.page.getByRole("button", { name: "Create and copy" }).click();
  await expect(ana.page.getByText("The link is on the clipboard.")).toBeVisible();
  const { pathname } = new URL(await ana.page.evaluate(() => navigator.clipboard.readText()));
  await expect(ana.page.getByRole("list", { name: "Invitation links" }).getByText(/not used yet · until /)).toBeVisible();

  const duda = await Person.open(browser, server.url, "Duda Guest");
  await duda.page.goto(pathname);
  await expect(duda.page.getByText("Ana Host invites you")).toBeVisible();
  await expect(duda.page.getByText("3 members")).toBeVisible();
  await duda.page.getByRole("link", { name: "Create account" }).click();
  await duda.page.getByLabel("Username", { exact: true }).fill("duda.guest");
  await duda.page.getByLabel("Your name").fill(duda.name);
  await duda.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await duda.page.getByRole("button", { name: "Create account" }).click();
  await expect(duda.page.getByRole("heading", { name: "Reading circle", level: 2 })).toBeVisible();
  await duda.say("What do we read?");
  await bia.openConversation("Reading circle");
  await expect(bia.message("What do we read?")).toBeVisible();

  const eva = await Person.open(browser, server.url, "Eva Guest");
  await eva.page.goto(pathname);
  await expect(eva.page.getByText("This invitation is over, or was taken back.")).toBeVisible();
  await eva.register();
  await eva.page.goto(pathname);
  await expect(eva.page.getByRole("dialog").getByText("This invitation is over, or was taken back.")).toBeVisible();
  for (const person of [ana, bia, caio, duda, eva]) await person.close();
});
