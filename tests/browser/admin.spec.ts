import { readFile } from "node:fs/promises";
import { expect, type Locator, test } from "@playwright/test";
import { checks } from "./axe";
import { PASSWORD, Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;
/** The first one here, and so an administrator. */
let ana: Person;

test.beforeAll(async ({ browser }) => {
  server = await ChatServer.start();
  ana = await Person.register(browser, server.url, "Ana Admin");
});
test.afterAll(async () => {
  await ana.close();
  await server.stop();
});
test.beforeEach(async () => {
  await ana.page.goto("/");
  await ana.listed("#general").waitFor();
});

async function administration(person: Person, tab = "People"): Promise<void> {
  await person.page.getByRole("button", { name: /^Account/ }).click();
  await person.page.getByRole("menuitem", { name: "Administration" }).click();
  await person.page.getByRole("tab", { name: tab }).click();
}

function row(name: string): Locator {
  return ana.page.getByRole("list", { name: "People" }).getByRole("listitem").filter({ hasText: name });
}

async function does(name: string, what: string): Promise<void> {
  await row(name).getByRole("button", { name: `What to do with ${name}` }).click();
  await ana.page.getByRole("menuitem", { name: what, exact: true }).click();
  if (what !== "Lift the ban") await ana.confirm(what);
}

async function logIn(person: Person, password: string): Promise<void> {
  await person.page.getByLabel("Username").fill(person.username);
  await person.page.getByLabel("Password", { exact: true }).fill(password);
  await person.page.getByRole("button", { name: "Log in" }).click();
}

async function fillRegistration(person: Person): Promise<void> {
  await person.page.getByLabel("Username", { exact: true }).fill(person.username);
  await person.page.getByLabel("Your name").fill(person.name);
  await person.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await person.page.getByRole("button", { name: "Create account" }).click();
}

async function setRegistration(name: string): Promise<void> {
  await administration(ana, "Registration");
  await ana.page.getByRole("radio", { name }).check();
  await expect(ana.page.getByText("Saved.").first()).toBeVisible();
}

const ENDED = /Your session has ended/;

test("only administrators come in, and they make others", async ({ browser }) => {
  const bia = await Person.register(browser, server.url, "Bia Right");
  await bia.page.getByRole("button", { name: /^Account/ }).click();
  await expect(bia.page.getByRole("menuitem", { name: "Settings" })).toBeVisible();
  await expect(bia.page.getByRole("menuitem", { name: "Administration" })).toHaveCount(0);
  await bia.page.goto("/admin");
  await expect(bia.page.getByRole("heading", { name: "Only administrators come in here" })).toBeVisible();

  await administration(ana);
  await expect(row("Ana Admin")).toContainText("administrator");
  await expect(row("Ana Admin")).toContainText("(you)");
  await ana.page.getByLabel("Find people").fill("bia.r");
  await expect(row("Ana Admin")).toHaveCount(0);
  await does("Bia Right", "Make administrator");
  await expect(row("Bia Right")).toContainText("administrator");
  await row("Bia Right").getByRole("button").click();
  await expect(ana.page.getByRole("menuitem", { name: "No longer administrator" })).toBeVisible();
  await expect(ana.page.getByRole("menuitem", { name: /^(Ban|Delete account)$/ })).toHaveCount(0);
  await ana.page.keyboard.press("Escape");
  await bia.page.reload();
  await expect(bia.page.getByRole("tab", { name: "Figures" })).toBeVisible();
  await does("Bia Right", "No longer administrator");
  await expect(row("Bia Right")).not.toContainText("administrator");
  await bia.page.reload();
  await expect(bia.page.getByRole("heading", { name: "Only administrators come in here" })).toBeVisible();

  await ana.page.getByLabel("Find people").fill("ana.a");
  await does("Ana Admin", "No longer administrator");
  await expect(ana.page.getByText("That did not work: this is the last administrator")).toBeVisible();
  await expect(row("Ana Admin")).toContainText("administrator");
  await bia.close();
});

test("who is banned is out at once, and is told so", async ({ browser }) => {
  const bia = await Person.register(browser, server.url, "Bia Banned");
  await administration(ana);
  await does("Bia Banned", "Ban");
  await expect(bia.page.getByText(ENDED)).toBeVisible();
  await logIn(bia, "another passphrase");
  await expect(bia.page.getByText("The username or the password is wrong.")).toBeVisible();
  await logIn(bia, PASSWORD);
  await expect(bia.page.getByText("An administrator has banned this account.")).toBeVisible();

  await ana.page.getByText("Banned", { exact: true }).click();
  await expect(row("Ana Admin")).toHaveCount(0);
  await expect(row("Bia Banned")).toContainText(/banned \d/);
  await does("Bia Banned", "Lift the ban");
  await expect(row("Bia Banned")).not.toContainText(/banned \d/);
  await logIn(bia, PASSWORD);
  await expect(bia.listed("#general")).toBeVisible();
  await bia.close();
});

test("a new password is told once, and works", async ({ browser }) => {
  const caio = await Person.register(browser, server.url, "Caio Forgot");
  await administration(ana);
  await does("Caio Forgot", "New password");
  const dialog = ana.page.getByRole("dialog", { name: "New password for Caio Forgot" });
  const password = await dialog.getByTestId("password").textContent();
  await dialog.getByRole("button", { name: "Copy the password" }).click();
  await expect(ana.page.getByText("The password is on the clipboard.")).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(ana.page.getByTestId("password")).toHaveCount(0);
  await expect(caio.page.getByText(ENDED)).toBeVisible();
  await logIn(caio, PASSWORD);
  await expect(caio.page.getByText("The username or the password is wrong.")).toBeVisible();
  await logIn(caio, password ?? "");
  await expect(caio.listed("#general")).toBeVisible();
  await caio.close();
});

test("an account is deleted by an administrator", async ({ browser }) => {
  const duda = await Person.register(browser, server.url, "Duda Deleted");
  await duda.openConversation("#general");
  await duda.say("I was here");
  await duda.sent("I was here");
  await administration(ana);
  await does("Duda Deleted", "Delete account");
  await expect(row("Duda Deleted")).toHaveCount(0);
  await expect(ana.page.getByText("The account was deleted.")).toBeVisible();
  await expect(ana.page.getByLabel("Find people")).toBeFocused();
  await expect(duda.page.getByText(ENDED)).toBeVisible();
  await ana.page.goto("/");
  await ana.openConversation("#general");
  await expect(ana.page.getByRole("article", { name: /^Deleted account/ }).filter({ hasText: "I was here" })).toBeVisible();
  await ana.page.getByRole("button", { name: "Deleted account", exact: true }).click();
  await expect(ana.page.getByRole("dialog").getByText("This person is no longer here.")).toBeVisible();
  await duda.close();
});

test("somebody takes their data along and deletes their account", async ({ browser }) => {
  const eva = await Person.register(browser, server.url, "Eva Leaves");
  // Who is alone on a server may leave it, an administrator or not.
  const fabio = await Person.register(browser, server.url, "Fabio Stays");
  await eva.begin([ana]);
  await eva.say("Goodbye then");
  await eva.sent("Goodbye then");
  const settings = async (person: Person) => {
    await person.page.getByRole("button", { name: /^Account/ }).click();
    await person.page.getByRole("menuitem", { name: "Settings" }).click();
    await person.page.getByRole("tab", { name: "Your data" }).click();
  };
  await settings(eva);
  const download = eva.page.waitForEvent("download");
  await eva.page.getByRole("link", { name: "Download my data" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("chatconnect-eva.leaves.json");
  const data = JSON.parse(await readFile(await file.path(), "utf8")) as { user: { username: string }; conversations: { messages: { body: string }[] }[] };
  expect(data.user.username).toBe("eva.leaves");
  expect(data.conversations.flatMap(({ messages }) => messages.map(({ body }) => body))).toEqual(["Goodbye then"]);

  const password = eva.page.getByLabel("Password", { exact: true });
  const remove = eva.page.getByRole("button", { name: "Delete my account" });
  await remove.click();
  await expect(eva.page.getByRole("alert")).toHaveText("Fill this in.");
  await password.fill("not it at all");
  await remove.click();
  await expect(eva.page.getByRole("alert")).toHaveText("This is not your password.");
  await password.fill(PASSWORD);
  await remove.click();
  await expect(eva.page.getByText("Your account was deleted.")).toBeVisible();
  await expect(eva.page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
  await logIn(eva, PASSWORD);
  await expect(eva.page.getByText("The username or the password is wrong.")).toBeVisible();

  await expect(ana.listed("Goodbye then")).toContainText("Deleted account");
  await ana.listed("Goodbye then").click();
  await expect(ana.page.getByRole("heading", { name: "Deleted account", level: 2 })).toBeVisible();
  await expect(ana.message("Goodbye then")).toBeVisible();
  await settings(ana);
  await ana.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await ana.page.getByRole("button", { name: "Delete my account" }).click();
  await expect(ana.page.getByRole("alert")).toContainText("You are the only administrator of this server.");
  for (const person of [eva, fabio]) await person.close();
});

test("registration is closed, open by invitation, and open", async ({ browser }) => {
  await ana.page.getByRole("complementary").getByRole("button", { name: "Browse channels" }).click();
  await ana.page.getByPlaceholder("Channel name").fill("guests");
  await ana.page.getByRole("button", { name: "Create channel" }).click();
  await expect(ana.page.getByRole("heading", { name: "#guests", level: 2 })).toBeVisible();
  const id = new URL(ana.page.url()).pathname.split("/").at(-1);
  const invites = `/api/v1/conversations/${id}/invites`;
  const inviting = async () => ((await (await ana.page.request.post(invites, { data: { maxUses: 1 } })).json()) as { invite: { id: string } }).invite;
  const [invite, revoked] = [await inviting(), await inviting()];

  await setRegistration("Nobody");
  const fred = await Person.open(browser, server.url, "Fred Guest");
  await fred.page.goto("/register");
  await expect(fred.page.getByRole("heading", { name: "No new accounts" })).toBeVisible();
  await expect(fred.page.getByText(/Ask whoever runs it/)).toBeVisible();
  await fred.page.goto(`/i/${invite.id}`);
  await fred.page.getByRole("link", { name: "Create account" }).click();
  await expect(fred.page.getByRole("heading", { name: "No new accounts" })).toBeVisible();

  await ana.page.goto("/");
  await setRegistration("By invitation");
  // The page that is loaded again still knows of the invitation.
  await fred.page.goto("/login");
  await fred.page.goto("/register");
  await expect(fred.page.getByRole("heading", { name: "By invitation only" })).toBeVisible();
  await expect(fred.page.getByRole("button", { name: "Create account" })).toHaveCount(0);
  await fred.page.goto("/i/nothing-of-this-name");
  await expect(fred.page.getByText("This invitation is over")).toBeVisible();
  await fred.page.goto(`/i/${revoked.id}`);
  await fred.page.getByRole("link", { name: "Create account" }).click();
  await expect(fred.page.getByLabel("Your name")).toBeVisible();
  expect((await ana.page.request.delete(`${invites}/${revoked.id}`)).status()).toBe(204);
  await fillRegistration(fred);
  await expect(fred.page.getByText(/Your invitation is over/)).toBeVisible();
  await fred.page.goto(`/i/${invite.id}`);
  await fred.page.getByRole("link", { name: "Create account" }).click();
  await fillRegistration(fred);
  await expect(fred.page.getByRole("heading", { name: "#guests", level: 2 })).toBeVisible();

  await ana.page.goto("/");
  await setRegistration("Everybody");
  const gabi = await Person.register(browser, server.url, "Gabi Guest");
  for (const person of [fred, gabi]) await person.close();
});

test("channels are renamed and deleted", async ({ browser }) => {
  const heitor = await Person.register(browser, server.url, "Heitor Host");
  for (const title of ["plants", "animals"]) {
    await heitor.page.getByRole("complementary").getByRole("button", { name: "Browse channels" }).click();
    await heitor.page.getByPlaceholder("Channel name").fill(title);
    await heitor.page.getByRole("button", { name: "Create channel" }).click();
    await expect(heitor.page.getByRole("heading", { name: `#${title}`, level: 2 })).toBeVisible();
  }
  await administration(ana, "Channels");
  const channels = ana.page.getByRole("list", { name: "Channels" }).getByRole("listitem");
  await expect(channels.filter({ hasText: "general" }).getByRole("button")).toHaveCount(0);
  await ana.page.getByRole("button", { name: "Rename: plants" }).click();
  await ana.page.getByLabel("Channel name").fill("animals");
  await ana.page.getByRole("button", { name: "Save" }).click();
  await expect(ana.page.getByRole("alert")).toHaveText("A channel with this name exists.");
  await ana.page.getByLabel("Channel name").fill("flowers");
  await ana.page.getByRole("button", { name: "Save" }).click();
  await expect(channels.filter({ hasText: "flowers" })).toBeVisible();
  await expect(heitor.listed("#flowers")).toBeVisible();
  await ana.page.getByLabel("Find channels").fill("anim");
  await expect(channels).toHaveCount(1);
  await ana.page.getByRole("button", { name: "Delete: animals" }).click();
  await ana.confirm("Delete");
  await expect(ana.page.getByText("No channel found.")).toBeVisible();
  await expect(heitor.listed("#animals")).toHaveCount(0);
  await heitor.close();
});

test("somebody is banned with the keyboard alone", async ({ browser }) => {
  const ivo = await Person.register(browser, server.url, "Ivo Keyboard");
  const { page } = ana;
  const focused = (name: string | RegExp, role: "button" | "menuitem" | "tab" | "radio" | "link") => expect(page.getByRole(role, { name })).toBeFocused();
  await page.getByRole("button", { name: /^Account/ }).focus();
  await page.keyboard.press("Enter");
  await focused("Settings", "menuitem");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  await focused("Administration", "menuitem");
  await page.keyboard.press("Enter");
  await expect(row("Ivo Keyboard")).toBeVisible();
  await page.keyboard.press("Tab");
  await focused("Back to your conversations", "link");
  await page.keyboard.press("Tab");
  await focused("People", "tab");
  await page.keyboard.press("ArrowRight");
  await focused("Reports", "tab");
  await page.keyboard.press("ArrowLeft");
  await focused("People", "tab");
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("Find people")).toBeFocused();
  await page.keyboard.type("ivo.k");
  await expect(row("Ana Admin")).toHaveCount(0);
  await page.keyboard.press("Tab");
  await focused("Everybody", "radio");
  await page.keyboard.press("Tab");
  await focused("What to do with Ivo Keyboard", "button");
  await page.keyboard.press("Enter");
  await focused("Make administrator", "menuitem");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await focused("Ban", "menuitem");
  await page.keyboard.press("Enter");
  await focused("Cancel", "button");
  await page.keyboard.press("Tab");
  await focused("Ban", "button");
  await page.keyboard.press("Enter");
  await focused("What to do with Ivo Keyboard", "button");
  await expect(row("Ivo Keyboard")).toContainText("banned");
  await expect(ivo.page.getByText(ENDED)).toBeVisible();
  await ivo.close();
});

test("figures are shown, and what cannot be loaded is tried again", async () => {
  await administration(ana, "Figures");
  await expect(ana.page.getByRole("term").filter({ hasText: "Version" })).toBeVisible();
  await expect(ana.page.getByRole("definition").filter({ hasText: /minute/ })).toBeVisible();
  await ana.page.route("**/api/v1/admin/**", (route) => route.abort());
  await ana.page.getByRole("tab", { name: "People" }).click();
  await expect(ana.page.getByRole("alert")).toContainText("This could not be loaded");
  await ana.page.unroute("**/api/v1/admin/**");
  await ana.page.getByRole("button", { name: "Try again" }).click();
  await expect(row("Ana Admin")).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the administration has no accessibility violations (${colorScheme})`, async ({ browser }) => {
    const expectNoViolations = checks(colorScheme);
    const { page } = ana;
    await page.emulateMedia({ colorScheme });
    const julia = await Person.register(browser, server.url, `Julia ${colorScheme}`, { colorScheme });
    await administration(ana);
    await expect(row(julia.name)).toBeVisible();
    await does(julia.name, "Ban");
    await expect(row(julia.name)).toContainText("banned");
    await expectNoViolations(page);
    await row(julia.name).getByRole("button").click();
    await expectNoViolations(page);
    await page.getByRole("menuitem", { name: "New password" }).click();
    await expect(page.getByRole("alertdialog")).toBeVisible();
    await expectNoViolations(page);
    await ana.confirm("New password");
    await expect(page.getByTestId("password")).toBeVisible();
    await expectNoViolations(page);
    await page.keyboard.press("Escape");
    await page.getByLabel("Find people").fill("nobody of this name");
    await expect(page.getByText("Nobody found.")).toBeVisible();
    await expectNoViolations(page);
    for (const tab of ["Channels", "Registration", "Reports", "Figures"]) {
      await page.getByRole("tab", { name: tab }).click();
      await expect(page.getByRole("tabpanel").locator("li, dl, fieldset, p").first()).toBeVisible();
      await expectNoViolations(page);
    }
    await expect(julia.page.getByText(ENDED)).toBeVisible();
    await julia.page.goto("/login");
    await logIn(julia, PASSWORD);
    await expect(julia.page.getByRole("alert")).toBeVisible();
    await expectNoViolations(julia.page);
    await julia.close();

    const visitor = await Person.register(browser, server.url, `Klaus ${colorScheme}`, { colorScheme });
    await visitor.page.goto("/admin");
    await expect(visitor.page.getByRole("heading", { name: "Only administrators come in here" })).toBeVisible();
    await expectNoViolations(visitor.page);
    await visitor.close();
    await page.getByRole("tab", { name: "Registration" }).click();
    await page.getByRole("radio", { name: "Nobody" }).check();
    await expect(page.getByText("Saved.").first()).toBeVisible();
    const stranger = await Person.open(browser, server.url, "Stranger", { colorScheme });
    await stranger.page.goto("/register");
    await expect(stranger.page.getByRole("heading", { name: "No new accounts" })).toBeVisible();
    await expectNoViolations(stranger.page);
    await page.getByRole("radio", { name: "Everybody" }).check();
    await stranger.close();
    await page.emulateMedia({ colorScheme: "light" });
  });
}
