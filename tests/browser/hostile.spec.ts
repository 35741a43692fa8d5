import { expect, test } from "@playwright/test";
import { PASSWORD, Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

/** A letter under forty marks. */
const ZALGO = "Z" + "\u0300\u0316\u0323\u0330\u0353".repeat(8);

test("whatever people write, the page keeps its shape and runs none of it", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana", { viewport: { width: 390, height: 3_000 } });
  const bia = await Person.register(browser, server.url, "Bia");
  await bia.begin([ana]);
  const hostile = [
    ZALGO.repeat(30),
    "w".repeat(500),
    "مرحبا hello שלום 123 olá \u202eevil\u202c end",
    "👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇧🇷".repeat(20),
    "[click](javascript:alert(1)) <img src=x onerror=\"document.title='owned'\"> [data](data:text/html,<script>1</script>)",
    "<script>document.title = 'owned'</script>",
    `${"> ".repeat(60)}deep`,
    "```\n" + "c".repeat(700) + "\n```",
    "| a | b |\n|---|---|\n" + "x ".repeat(200),
  ];
  for (const text of hostile) await bia.say(text);
  await bia.sent("x x x");
  await ana.openConversation("Bia");
  await expect(ana.rows.getByTestId("text")).toHaveCount(hostile.length);

  // Nothing sticks out of the page to the side, and no text covers its neighbours.
  const wide = await ana.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBe(0);
  const scroller = ana.messages.locator("[data-virtuoso-scroller]");
  expect(await scroller.evaluate((list) => list.scrollWidth - list.clientWidth)).toBe(0);
  const covered = await ana.rows.getByTestId("text").evaluateAll((texts) =>
    texts.filter((text, place) => {
      const next = texts[place + 1];
      return next !== undefined && text.getBoundingClientRect().bottom > next.getBoundingClientRect().top + 1;
    }).length,
  );
  expect(covered).toBe(0);
  const zalgo = ana.rows.getByTestId("text").first().locator("xpath=ancestor::*[@data-deleted]");
  expect(await zalgo.evaluate((bubble) => getComputedStyle(bubble).overflowY)).toBe("clip");

  const links = await ana.rows.getByRole("link").evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).protocol));
  expect(links.filter((protocol) => !["http:", "https:", "mailto:"].includes(protocol))).toEqual([]);
  expect(await ana.rows.locator("img[onerror], script, iframe").count()).toBe(0);
  expect(await ana.page.title()).not.toContain("owned");
  await ana.close();
  await bia.close();
});

test("text that is too long for a message is said to be; megabytes that are pasted go along as a file", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Long", { permissions: ["clipboard-read", "clipboard-write"] });
  await ana.openConversation("#general");
  await ana.composer.fill("word ".repeat(1_700));
  await expect(ana.page.getByText("499 characters too long")).toBeVisible();
  await expect(ana.page.getByRole("button", { name: "Send" })).toBeDisabled();
  await ana.composer.press("Enter");
  await expect(ana.composer).toHaveValue(/^(word ){1700}$/);

  await ana.composer.fill("all of it");
  await ana.page.evaluate(() => navigator.clipboard.writeText("word ".repeat(400_000)));
  await ana.composer.press("Control+v");
  await expect(ana.page.getByText(/goes along as a file/)).toBeVisible();
  await expect(ana.page.getByRole("button", { name: "Send" })).toBeEnabled();
  await ana.composer.press("Enter");
  await ana.sent("all of it");
  const link = ana.message("all of it").getByRole("link", { name: /pasted\.txt/ });
  const file = await ana.context.request.get((await link.getAttribute("href")) ?? "");
  expect((await file.text()).length).toBe(2_000_000);
  await ana.close();
});

test("a server that fails is said to fail, and what was typed stays", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Five");
  const problem = { type: "about:blank", title: "something went wrong on the server", status: 500, code: "internal", requestId: "r" };
  await ana.page.route("**/api/v1/**", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) }));
  await ana.page.getByRole("button", { name: /^Account/ }).click();
  await ana.page.getByRole("menuitem", { name: "Settings" }).click();
  await ana.page.getByLabel("Your name").fill("Ana the Fifth");
  await ana.page.getByRole("button", { name: "Save" }).click();
  await expect(ana.page.getByText(/That did not work/)).toBeVisible();
  await expect(ana.page.getByLabel("Your name")).toHaveValue("Ana the Fifth");
  await ana.page.keyboard.press("Escape");
  await ana.page.keyboard.press("Control+k");
  await ana.page.getByRole("searchbox").fill("anything");
  await expect(ana.page.getByRole("alert")).toContainText("cannot be searched right now");
  await expect(ana.page.getByText(/Nothing found/)).toHaveCount(0);
  await ana.page.keyboard.press("Escape");
  // What could not be loaded is not nothing.
  for (const name of ["New conversation", "Browse channels"]) {
    await ana.page.getByRole("complementary").getByRole("button", { name }).click();
    await expect(ana.page.getByRole("dialog").getByRole("alert")).toContainText("This could not be loaded.");
    await expect(ana.page.getByText(/Nobody|No channel/)).toHaveCount(0);
    await ana.page.keyboard.press("Escape");
  }
  await ana.page.getByRole("complementary").getByRole("button", { name: "Browse channels" }).click();
  await ana.page.unroute("**/api/v1/**");
  await ana.page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await expect(ana.page.getByRole("dialog").getByRole("list", { name: "Channels" })).toContainText("general");
  await ana.page.keyboard.press("Escape");

  await ana.page.route("**/api/v1/**", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) }));
  await ana.page.keyboard.press("Control+k");
  await ana.page.getByRole("searchbox").fill("anything");
  await expect(ana.page.getByRole("alert")).toContainText("cannot be searched right now");
  await ana.page.unroute("**/api/v1/**");
  await ana.page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await expect(ana.page.getByRole("alert")).toHaveCount(0);
  await ana.close();
});

test("what one had begun to change is there again after the session has ended", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Mends");
  const bia = await Person.register(browser, server.url, "Bia Mends");
  await ana.begin([bia]);
  await ana.say("a mistke");
  await ana.sent("a mistke");
  await ana.composer.press("ArrowUp");
  await ana.composer.fill("a mistake, and more");
  const ended = await ana.context.request.post("/api/v1/auth/logout");
  expect(ended.status()).toBe(204);
  await ana.page.getByLabel("Username", { exact: true }).fill(ana.username);
  await ana.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await ana.page.getByRole("button", { name: "Log in" }).click();
  await expect(ana.message("a mistke")).toBeVisible();
  await ana.chooseAction("a mistke", "Edit");
  await expect(ana.composer).toHaveValue("a mistake, and more");
  await ana.composer.press("Enter");
  await expect(ana.message("a mistake, and more")).toBeVisible();
  await ana.chooseAction("a mistake, and more", "Edit");
  await ana.composer.fill("no");
  await ana.composer.press("Escape");
  await ana.chooseAction("a mistake, and more", "Edit");
  await expect(ana.composer).toHaveValue("a mistake, and more");
  await ana.close();
  await bia.close();
});

test("a session that ends while one writes leads to the log-in, and from there back to the text", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Gone");
  const bia = await Person.register(browser, server.url, "Bia Gone");
  await ana.begin([bia]);
  await ana.composer.fill("half a sentence, and");
  const place = new URL(ana.page.url()).pathname;
  const other = await ana.onAnotherDevice(browser, server.url, "/");
  const { sessions } = (await (await other.context.request.get("/api/v1/users/me/sessions")).json()) as { sessions: { id: string; current: boolean }[] };
  for (const session of sessions.filter(({ current }) => !current)) {
    expect((await other.context.request.delete(`/api/v1/users/me/sessions/${session.id}`)).status()).toBe(204);
  }
  await expect(ana.page.getByLabel("Password", { exact: true })).toBeVisible();
  await ana.page.getByLabel("Username", { exact: true }).fill(ana.username);
  await ana.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await ana.page.getByRole("button", { name: "Log in" }).click();
  await expect(ana.composer).toHaveValue("half a sentence, and");
  expect(new URL(ana.page.url()).pathname).toBe(place);
  await other.close();
  await ana.close();
  await bia.close();
});
