import { expect, test } from "@playwright/test";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.use({ serviceWorkers: "allow" });
test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

async function open(...[browser, name]: [Parameters<typeof Person.register>[0], string]): Promise<Person> {
  return Person.register(browser, server.url, name, { serviceWorkers: "allow" });
}

/** How many records this browser has kept of the person, with this text in them. */
function kept(person: Person, text = ""): Promise<number> {
  return person.page.evaluate(async (text) => {
    let records = 0;
    for (const { name = "" } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error(`${name} cannot be opened`));
      });
      records += await new Promise<number>((resolve) => {
        const request = database.transaction("state").objectStore("state").getAll();
        request.onsuccess = () => resolve(request.result.filter((record) => JSON.stringify(record).includes(text)).length);
      });
      database.close();
    }
    return records;
  }, text);
}

test("it opens without the server, keeps what is written, and goes on when the server is back", async ({ browser }) => {
  const ana = await open(browser, "Ana");
  const bia = await open(browser, "Bia");
  await ana.begin([bia]);
  await ana.say("before the night");
  await ana.sent("before the night");
  await bia.openConversation("Ana");
  await expect(bia.message("before the night")).toBeVisible();
  await ana.page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => kept(ana, "before the night")).toBe(1);

  await server.kill();
  await ana.page.goto("/");
  await expect(ana.page.getByText(/You are offline/)).toBeVisible();
  await expect(ana.listed("#general")).toBeVisible();
  await ana.openConversation("Bia");
  await expect(ana.message("before the night")).toBeVisible();
  await ana.say("written in the dark");
  await ana.page.reload();
  await expect(ana.message("before the night")).toBeVisible();
  await expect(ana.message("written in the dark").getByRole("img", { name: "Sending" })).toBeVisible();

  await server.run();
  await ana.sent("written in the dark");
  await expect(bia.message("written in the dark")).toBeVisible();
  await expect(ana.page.getByText(/You are offline/)).toBeHidden();
  expect(await ana.texts()).toEqual(["before the night", "written in the dark"]);

  // Who logs out leaves nothing to read behind.
  await ana.page.getByRole("button", { name: /^Account/ }).click();
  await ana.page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(ana.page.getByLabel("Password", { exact: true })).toBeVisible();
  await expect.poll(() => kept(ana)).toBe(0);
  await server.kill();
  await ana.page.goto("/");
  await expect(ana.page.getByText("The server cannot be reached")).toBeVisible();
  await server.run();
  await expect(ana.page.getByLabel("Password", { exact: true })).toBeVisible();
  await ana.close();
  await bia.close();
});

test("a session that was ended elsewhere takes along what was kept", async ({ browser }) => {
  const caio = await open(browser, "Caio");
  await expect.poll(() => kept(caio)).toBeGreaterThan(0);
  await caio.page.goto("about:blank");
  await caio.context.clearCookies();
  await caio.page.goto("/");
  await expect(caio.page.getByLabel("Password", { exact: true })).toBeVisible();
  await expect.poll(() => kept(caio)).toBe(0);
  await caio.close();
});

test("a phone says that it is offline, in its list too", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Tunnel", { viewport: { width: 390, height: 844 } });
  await ana.context.setOffline(true);
  await expect(ana.page.getByText(/You are offline/)).toBeVisible();
  await ana.openConversation("#general");
  await expect(ana.page.getByText(/You are offline/)).toBeVisible();
  await ana.context.setOffline(false);
  await expect(ana.page.getByText(/You are offline/)).toBeHidden();
  await ana.close();
});

test("it can be installed", async ({ browser }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await page.goto("/login");
  const cdp = await context.newCDPSession(page);
  // A context of a test is incognito, where nothing is ever installed: that is all that may be said against it.
  await expect
    .poll(async () => (await cdp.send("Page.getInstallabilityErrors")).installabilityErrors.map((error) => error.errorId))
    .toEqual(["in-incognito"]);
  const { data, errors } = await cdp.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  for (const { src } of (JSON.parse(data ?? "{}") as { icons: { src: string }[] }).icons) {
    expect((await context.request.get(src)).ok(), src).toBe(true);
  }
  await context.close();
});

test("on a slow network it is used all the same", async ({ browser }) => {
  test.slow();
  const duda = await open(browser, "Duda");
  const cdp = await duda.context.newCDPSession(duda.page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 20_000 });
  await duda.page.goto("/");
  await duda.openConversation("#general");
  for (const text of ["slow", "but", "in order"]) await duda.say(text);
  for (const text of ["slow", "but", "in order"]) await duda.sent(text);
  expect((await duda.texts()).slice(-3)).toEqual(["slow", "but", "in order"]);
  await duda.close();
});
