import { expect, type Page, test } from "@playwright/test";
import { PASSWORD, Person } from "./person";
import { ChatServer } from "./server";

/**
 * docs/FIRST-VISIT.md, step by step, on a server that nobody has used yet. The first person of a server is made once,
 * so that these tests go one after the other.
 */
test.describe.configure({ mode: "serial" });

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");
const GROUP = "Book club";

let server: ChatServer;
let ana: Person;
let bia: Person;
let link = "";

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

async function fillIn(page: Page, username: string, name: string): Promise<void> {
  await page.getByLabel("Username", { exact: true }).fill(username);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
}

test("the first person is led to an account, and to inviting the others", async ({ browser }) => {
  ana = await Person.open(browser, server.url, "Ana", { permissions: ["clipboard-read", "clipboard-write"] });
  await ana.page.goto("/");
  await expect(ana.page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  await expect(ana.page.getByLabel("Username", { exact: true })).toBeFocused();
  await fillIn(ana.page, "ana", "Ana");
  await expect(ana.page.getByRole("heading", { name: "Welcome, Ana" })).toBeVisible();
  await expect(ana.page.getByText("you run this server")).toBeVisible();

  await ana.page.getByRole("complementary").getByRole("button", { name: "New conversation" }).click();
  await expect(ana.page.getByRole("dialog").getByText("Nobody else is here yet.")).toBeVisible();
  await ana.page.getByRole("dialog").getByRole("button", { name: "Invite people" }).click();
  await ana.page.getByRole("button", { name: "Create and copy" }).click();
  // Said where it can be seen and heard: within the dialog.
  await expect(ana.page.getByRole("dialog").getByText("The link is on the clipboard.")).toBeVisible();
  link = await ana.page.evaluate(() => navigator.clipboard.readText());
  await expect(ana.page.getByLabel("Link", { exact: true })).toHaveValue(link);
  await ana.page.keyboard.press("Escape");

  // The same way from the channel that everybody is in, and the focus comes back to where it was opened.
  await ana.openConversation("#general");
  await ana.page.getByRole("button", { name: "#general", exact: true }).click();
  const links = ana.page.getByRole("dialog").getByRole("button", { name: "Invitation links" });
  await links.click();
  await expect(ana.page.getByLabel("Link", { exact: true })).toHaveValue(link);
  await ana.page.keyboard.press("Escape");
  await expect(links).toBeFocused();
  await ana.page.keyboard.press("Escape");
});

test("who is invited is in with one form", async ({ browser }) => {
  bia = await Person.open(browser, server.url, "Bia");
  await bia.page.goto(link);
  await expect(bia.page.getByText("Ana invites you")).toBeVisible();
  await bia.page.getByRole("link", { name: "Create account" }).click();
  await fillIn(bia.page, "bia", "Bia");
  await expect(bia.page.getByRole("heading", { name: "#general", level: 2 })).toBeVisible();
  await expect(ana.page.getByText("2 members")).toBeVisible();
});

test("a group is made, and pictures go with a word about them", async ({ browser }) => {
  const caio = await Person.register(browser, server.url, "Caio");
  await caio.close();
  await ana.page.getByRole("complementary").getByRole("button", { name: "New conversation" }).click();
  const dialog = ana.page.getByRole("dialog");
  for (const name of ["Bia", "Caio"]) await dialog.getByRole("button", { name }).filter({ hasText: "@" }).click();
  await dialog.getByLabel("Group name").fill(GROUP);
  await dialog.getByRole("button", { name: "Create group" }).click();
  await expect(ana.page.getByRole("heading", { name: GROUP, level: 2 })).toBeVisible();

  await ana.page.locator('form input[type="file"]').setInputFiles({ name: "cover.png", mimeType: "image/png", buffer: PNG });
  // The focus is where one writes.
  await expect(ana.composer).toBeFocused();
  await ana.page.keyboard.type("our next book");
  await expect(ana.page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
  await ana.page.keyboard.press("Enter");
  await ana.sent("our next book");
  await bia.openConversation(GROUP);
  await expect(bia.message("our next book").getByRole("button", { name: "Look at cover.png" })).toBeVisible();
});

test("it is seen who has read, and a reaction to the newest message", async () => {
  const mine = ana.message("our next book");
  await expect(mine.getByRole("img", { name: "Sent, read by 1 person" })).toBeVisible();
  await mine.locator("[data-ends-group]").click({ button: "right" });
  await expect(ana.page.getByRole("menuitem", { name: "Read by 1 of 2" })).toBeVisible();
  await ana.page.keyboard.press("Escape");

  for (let i = 0; i < 20; i += 1) await ana.say(`page ${i}`);
  await ana.sent("page 19");
  await expect(bia.message("page 19")).toBeInViewport();
  await bia.chooseAction("page 19", "React with 🎉");
  for (const person of [bia, ana]) {
    await expect(person.message("page 19").getByRole("button", { name: "🎉, 1 person" })).toBeInViewport({ ratio: 1 });
  }
});

test("a word is found within the conversation, and a jump is for once", async () => {
  await ana.page.getByRole("button", { name: "Search in this conversation" }).click();
  await expect(ana.page.getByRole("searchbox")).toBeFocused();
  await ana.page.keyboard.type("book");
  const hits = ana.page.getByRole("region", { name: "Messages", exact: true });
  await expect(hits.locator("mark")).toHaveText(["book"]);
  await hits.getByRole("button").click();
  await expect(ana.message("our next book")).toBeInViewport();
  expect(new URL(ana.page.url()).search).toBe("");
  await ana.page.reload();
  await expect(ana.message("page 19")).toBeInViewport();
});

test("in an open conversation it is seen that another one has something new", async () => {
  await ana.page.setViewportSize({ width: 390, height: 844 });
  await bia.openConversation("#general");
  await bia.say("hello everybody");
  await expect(ana.page.getByRole("link", { name: "Back: 1 conversation with something new" })).toBeVisible();
  for (const person of [ana, bia]) await person.close();
});
