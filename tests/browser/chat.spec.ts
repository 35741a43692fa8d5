import { expect, type Page, test } from "@playwright/test";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

/** Names differ in every test: all of them share one server. */
let round = 0;
function names(...wanted: string[]): string[] {
  round += 1;
  return wanted.map((name) => `${name} ${"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[round]}${round}`);
}

test("two people register, see each other writing and chat", async ({ browser }) => {
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const ana = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);

  await ana.begin([bia]);
  await expect(ana.page.getByRole("main").getByText("online", { exact: true })).toBeVisible();
  await ana.say("Hello Bia");
  await ana.sent("Hello Bia");
  await expect(bia.listed(anaName)).toContainText("Hello Bia");
  await expect(bia.listed(anaName)).toContainText("1 unread message");

  await expect(ana.message("Hello Bia").getByRole("img", { name: "Sent", exact: true })).toBeVisible();
  await bia.openConversation(anaName);
  await expect(bia.message("Hello Bia")).toBeVisible();
  await expect(bia.listed(anaName)).not.toContainText("unread");
  await expect(ana.message("Hello Bia").getByRole("img", { name: "Read" })).toBeVisible();
  await ana.page.reload();
  await expect(ana.message("Hello Bia").getByRole("img", { name: "Read" })).toBeVisible();

  await bia.composer.pressSequentially("Hi");
  await expect(ana.page.getByText(`${biaName} is typing…`)).toBeVisible();
  await bia.composer.press("Enter");
  await expect(ana.message("Hi")).toBeVisible();
  await expect(ana.page.getByText(`${biaName} is typing…`)).toBeHidden();
  await ana.say("first line");
  await expect(bia.message("first line")).toBeVisible();

  await bia.close();
  await expect(ana.page.getByRole("main").getByText("online", { exact: true })).toBeHidden();
  await ana.close();
});

test("messages are answered, reacted to, edited and deleted", async ({ browser }) => {
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const ana = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);
  await ana.begin([bia]);
  await ana.say("Shall we meet?");
  await bia.openConversation(anaName);

  const choose = async (person: Person, text: string, item: string) => {
    await person.message(text).last().hover();
    await person.message(text).last().getByRole("button", { name: /^Actions/ }).click();
    await person.page.getByRole("menuitem", { name: item }).click();
  };
  await choose(bia, "Shall we meet?", "React with 👍");
  await expect(ana.message("Shall we meet?").getByRole("button", { name: "👍, 1 person" })).toBeVisible();
  await ana.message("Shall we meet?").getByRole("button", { name: "👍, 1 person" }).click();
  await expect(bia.message("Shall we meet?").getByRole("button", { name: "👍, 2 people" })).toBeVisible();
  await bia.message("Shall we meet?").getByRole("button", { name: "👍, 2 people" }).click();
  await expect(ana.message("Shall we meet?").getByRole("button", { name: "👍, 1 person" })).toBeVisible();

  await choose(bia, "Shall we meet?", "React with another emoji");
  await bia.page.getByRole("dialog", { name: "Emoji" }).getByRole("searchbox").fill("party popper");
  await expect(bia.page.getByRole("gridcell").first()).toHaveText("🎉");
  await bia.page.keyboard.press("Enter");
  await expect(ana.message("Shall we meet?").getByRole("button", { name: "🎉, 1 person" })).toBeVisible();

  await choose(bia, "Shall we meet?", "Reply");
  await bia.say("At noon");
  await expect(ana.message("At noon")).toContainText("Shall we meet?");

  await bia.composer.press("ArrowUp");
  await expect(bia.composer).toHaveValue("At noon");
  await bia.composer.fill("At one");
  await bia.composer.press("Enter");
  await expect(ana.message("At one")).toContainText("edited");
  await expect(ana.message("At noon")).toHaveCount(0);

  await choose(bia, "At one", "Delete");
  await expect(bia.message("Being deleted").getByRole("button", { name: "Undo" })).toBeFocused();
  await bia.page.keyboard.press("Enter");
  await expect(bia.message("At one").last()).toBeVisible();
  await choose(bia, "At one", "Delete");
  await expect(ana.message("This message was deleted")).toBeVisible();
  await expect(ana.listed(biaName)).toContainText("Message deleted");

  await bia.page.keyboard.press("Control+k");
  const found = bia.page.getByRole("region", { name: "Messages", exact: true });
  await bia.page.getByRole("button", { name: `Only in ${anaName}` }).click();
  await expect(bia.page.getByRole("searchbox")).toHaveValue(`in:"${anaName}" `);
  await bia.page.getByRole("searchbox").fill(`meet in:"${anaName}" from:${ana.username} after:2026-01-01`);
  await expect(found.getByRole("button")).toHaveCount(1);
  for (const nothing of [`from:${bia.username}`, "before:2026-01-01", "in:nowhere", "from:nobody.at.all"]) {
    await bia.page.getByRole("searchbox").fill(`meet ${nothing}`);
    await expect(bia.page.getByText("Nothing found for")).toBeVisible();
  }
  await bia.page.getByRole("searchbox").fill("meet");
  await bia.page.getByRole("region", { name: "Messages", exact: true }).getByRole("button").first().click();
  await expect(bia.message("Shall we meet?")).toBeVisible();
  await ana.close();
  await bia.close();
});

test("a group and a channel, with unread counts", async ({ browser }) => {
  const [anaName = "", biaName = "", caioName = ""] = names("Ana", "Bia", "Caio");
  const ana = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);
  const caio = await Person.register(browser, server.url, caioName);

  await ana.begin([bia, caio], `Picnic ${round}`);
  for (const text of ["Saturday?", "I bring bread", "And coffee"]) await ana.say(text);
  for (const person of [bia, caio]) {
    await expect(person.listed(`Picnic ${round}`)).toContainText("3 unread messages");
    await expect(person.page).toHaveTitle("(1) ChatConnect");
  }
  await bia.openConversation(`Picnic ${round}`);
  await expect(bia.message("Saturday?")).toContainText(anaName);
  await expect(bia.rows.getByText("New messages", { exact: true })).toBeVisible();
  await expect(bia.listed(`Picnic ${round}`)).not.toContainText("unread");
  await expect(ana.message("And coffee").getByRole("img", { name: "Sent, read by 1 person" })).toBeVisible();
  await bia.say("I bring cheese");
  await expect(caio.listed(`Picnic ${round}`)).toContainText("4 unread messages");
  await expect(caio.listed(`Picnic ${round}`)).toContainText(`${biaName}: I bring cheese`);

  const channel = `garden-${round}`;
  await ana.page.getByRole("complementary").getByRole("button", { name: "Browse channels" }).click();
  await ana.page.getByRole("dialog").getByLabel("New channel").fill(channel);
  await ana.page.getByRole("dialog").getByRole("button", { name: "Create channel" }).click();
  await expect(ana.page.getByRole("heading", { name: `#${channel}`, level: 2 })).toBeVisible();
  await ana.say("The tomatoes are ripe");

  await caio.page.getByRole("complementary").getByRole("button", { name: "Browse channels" }).click();
  await caio.page.getByRole("dialog").getByLabel("Find a channel").fill(channel.slice(0, 6));
  await caio.page.getByRole("dialog").getByRole("button", { name: `Join ${channel}` }).click();
  await expect(caio.message("The tomatoes are ripe")).toBeVisible();
  await caio.say("On my way");
  await expect(ana.message("On my way")).toBeVisible();

  await caio.page.getByRole("button", { name: "Members" }).click();
  await expect(caio.page.getByRole("dialog")).toContainText(anaName);
  await caio.page.getByRole("dialog").getByRole("button", { name: "Leave the channel" }).click();
  await caio.confirm("Leave the channel");
  await expect(caio.listed(`#${channel}`)).toHaveCount(0);
  for (const person of [ana, bia, caio]) await person.close();
});

test("going offline and back loses nothing and doubles nothing", async ({ browser }) => {
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const ana = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);
  await ana.begin([bia]);
  await ana.say("before");
  await bia.openConversation(anaName);
  await expect(bia.message("before")).toBeVisible();

  await bia.context.setOffline(true);
  await expect(bia.page.getByText(/You are offline/)).toBeVisible();
  for (const text of ["missed 1", "missed 2", "missed 3"]) await ana.say(text);
  await ana.sent("missed 3");
  for (const text of ["kept 1", "kept 2"]) await bia.say(text);
  await expect(bia.message("kept 1").getByRole("img", { name: "Sending" })).toBeVisible();
  await bia.context.setOffline(false);

  await expect(bia.page.getByText(/You are offline/)).toBeHidden();
  await bia.sent("kept 2");
  const everything = ["before", "missed 1", "missed 2", "missed 3", "kept 1", "kept 2"];
  await expect(async () => expect(await bia.texts()).toEqual(everything)).toPass();
  await expect(async () => expect(await ana.texts()).toEqual(everything)).toPass();
  await ana.close();
  await bia.close();
});

test("a server that dies and comes back loses nothing and doubles nothing", async ({ browser }) => {
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const ana = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);
  await ana.begin([bia]);
  await ana.say("before");
  await ana.sent("before");
  await bia.openConversation(anaName);

  await server.kill();
  await expect(ana.page.getByText(/You are offline/)).toBeVisible();
  await ana.say("written while it was down");
  await ana.say("and one more");
  await server.run();
  await ana.sent("and one more");

  // A message that waits survives a reload of the page, too.
  await server.kill();
  await expect(ana.page.getByText(/You are offline/)).toBeVisible();
  await ana.say("kept over a reload");
  await expect(ana.message("kept over a reload").getByRole("img", { name: "Sending" })).toBeVisible();
  await ana.page.goto("about:blank");
  await server.run();
  await ana.page.goto("/");
  await ana.openConversation(biaName);
  await ana.sent("kept over a reload");

  const everything = ["before", "written while it was down", "and one more", "kept over a reload"];
  await expect(async () => expect(await ana.texts()).toEqual(everything)).toPass();
  await expect(async () => expect(await bia.texts()).toEqual(everything)).toPass();
  await ana.close();
  await bia.close();
});

test("older messages are paged in where one reads, without a jump", async ({ browser }) => {
  test.slow();
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const writer = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);
  await writer.begin([bia]);
  await writer.say("a needle in the haystack");
  await writer.sent("a needle in the haystack");
  const { pathname } = new URL(writer.page.url());
  const id = pathname.split("/").pop();
  for (let i = 1; i <= 300; i += 1) {
    const response = await writer.context.request.post(`${server.url}/api/v1/conversations/${id}/messages`, {
      data: { clientId: crypto.randomUUID(), body: `message number ${i}` },
    });
    expect(response.status()).toBe(201);
  }
  // A device that holds nothing yet.
  const ana = await writer.onAnotherDevice(browser, server.url, pathname);
  await expect(ana.message("message number 300")).toBeInViewport();
  await expect(ana.message("message number 290")).toBeInViewport();

  const scroller = ana.messages.locator("[data-virtuoso-scroller]");
  // The first page comes in above what is read, and what is read stays where it is.
  await scroller.evaluate((element) => element.scrollTo({ top: 0 }));
  await expect(ana.message("message number 249")).toBeAttached();
  await expect(ana.message("message number 251")).toBeInViewport();

  for (let lowest = 300; lowest > 1; ) {
    const before = lowest;
    await scroller.hover();
    await ana.page.mouse.wheel(0, -3_000);
    await expect(async () => {
      const numbers = await numbersIn(ana);
      lowest = Math.min(...numbers);
      expect(lowest).toBeLessThan(before);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
    }).toPass();
  }
  await expect(ana.rows.getByText("This is the beginning of")).toBeVisible();
  await expect(ana.message("message number 1").first()).toBeVisible();

  await ana.page.getByRole("button", { name: "Go to the newest message" }).click();
  await expect(ana.message("message number 300")).toBeInViewport();

  // From a search result to a message that is not loaded yet, and on from there to the newest ones.
  const jump = async () => {
    await ana.page.goto("/");
    await expect(ana.listed(biaName)).toBeVisible();
    await ana.page.keyboard.press("Control+k");
    await ana.page.getByRole("searchbox").fill("needle");
    await ana.page.getByRole("region", { name: "Messages", exact: true }).getByRole("button").first().click();
    await expect(ana.message("a needle in the haystack").first()).toBeInViewport();
  };
  await jump();
  await expect(ana.message("message number 300")).toBeHidden();
  for (let highest = 0; highest < 300; ) {
    const before = highest;
    await scroller.hover();
    await ana.page.mouse.wheel(0, 3_000);
    await expect(async () => {
      highest = Math.max(...(await numbersIn(ana)));
      expect(highest).toBeGreaterThan(before);
    }).toPass();
  }
  await expect(ana.page.getByRole("button", { name: "Go to the newest message" })).toBeHidden();

  // A jump was for once: the page that is loaded again shows the newest messages.
  await jump();
  await ana.page.reload();
  await expect(ana.message("message number 300")).toBeInViewport();

  // What one writes far from the newest messages is shown among them.
  await jump();
  await ana.say("written from afar");
  await ana.sent("written from afar");
  await expect(ana.message("written from afar")).toBeInViewport();

  // What is answered lies far back: it is quoted all the same, and the quote leads there.
  await jump();
  await ana.message("a needle in the haystack").getByRole("button", { name: /^Actions/ }).click();
  await ana.page.getByRole("menuitem", { name: "Reply" }).click();
  await ana.say("found it");
  await ana.sent("found it");
  const elsewhere = await writer.onAnotherDevice(browser, server.url, pathname);
  await elsewhere.message("found it").getByRole("button", { name: /a needle in the haystack/ }).click();
  await expect(elsewhere.rows.getByText("This is the beginning of")).toBeInViewport();
  await elsewhere.close();
  await ana.close();
  await writer.close();
  await bia.close();
});

test("what is seen of a conversation when it opens stays where it is", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Steady");
  const bia = await Person.register(browser, server.url, "Bia Steady");
  await ana.begin([bia]);
  for (let number = 0; number < 40; number += 1) await ana.say(`Line ${number}, which is somewhat longer than others`);
  await ana.sent("Line 39,");

  /** Where the row with the text stands, frame by frame, from the first one in which any row is seen. */
  const frames = (title: string, text: string) =>
    ana.page.evaluate(
      async ([title, text]) => {
        const line = [...document.querySelectorAll<HTMLElement>("a[href^='/c/']")].find((one) => one.textContent.includes(title));
        line?.click();
        const tops: (number | null)[] = [];
        while (tops.length < 40) {
          await new Promise(requestAnimationFrame);
          if (document.querySelector("h2")?.textContent !== title) continue;
          const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility({ visibilityProperty: true }));
          if (tops.length === 0 && rows.length === 0) continue;
          const row = rows.find((one) => one.textContent.includes(text));
          tops.push(row ? row.getBoundingClientRect().top : null);
        }
        return tops;
      },
      [title, text] as const,
    );
  const stays = (tops: (number | null)[]) => {
    const [first, ...others] = tops;
    expect(first).not.toBeNull();
    for (const top of others) expect(Math.abs((top ?? NaN) - (first ?? NaN))).toBeLessThan(1.5);
  };

  await ana.openConversation("#general");
  stays(await frames("Bia Steady", "Line 39,"));
  // And at what is new in it, with the end out of sight.
  await ana.openConversation("#general");
  await bia.openConversation("Ana Steady");
  for (let number = 40; number < 80; number += 1) await bia.say(`Line ${number}, which is somewhat longer than others`);
  await expect(ana.listed("Bia Steady")).toContainText("40");
  await expect(ana.listed("Bia Steady")).toContainText("Line 79");
  stays(await frames("Bia Steady", "Line 40,"));
  await ana.close();
  await bia.close();
});

test("a muted conversation is muted on every device, and counts for nothing in the title", async ({ browser }) => {
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const ana = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);
  const phone = await bia.onAnotherDevice(browser, server.url, "/");
  await ana.begin([bia]);
  await ana.say("first");
  await expect(phone.listed(anaName)).toContainText("1 unread message");
  await expect(phone.page).toHaveTitle(/^\(1\)/);
  await bia.openConversation(anaName);
  await bia.page.getByRole("button", { name: `Options for ${anaName}` }).click();
  await bia.page.getByRole("menuitem", { name: "Mute" }).click();
  await expect(phone.listed(anaName)).toContainText("muted");
  await bia.page.goto("about:blank");
  await ana.say("second");
  await expect(phone.listed(anaName)).toContainText("1 unread message");
  await expect(phone.page).not.toHaveTitle(/^\(/);
  await phone.page.reload();
  await expect(phone.listed(anaName)).toContainText("muted");
  await expect(phone.page).not.toHaveTitle(/^\(/);
  for (const person of [ana, bia, phone]) await person.close();
});

test("what is unread below the screen stays unread", async ({ browser }) => {
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const ana = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);
  await ana.begin([bia]);
  const id = new URL(ana.page.url()).pathname.split("/").pop();
  for (let i = 1; i <= 45; i += 1) {
    const data = { clientId: crypto.randomUUID(), body: `message number ${i}.` };
    expect((await ana.context.request.post(`${server.url}/api/v1/conversations/${id}/messages`, { data })).status()).toBe(201);
  }
  await expect(bia.listed(anaName)).toContainText("45 unread messages");
  await bia.openConversation(anaName);
  await expect(bia.message("message number 1.")).toBeInViewport();
  await expect(bia.page.getByRole("button", { name: "45 new messages" })).toBeVisible();
  await bia.page.getByRole("button", { name: "45 new messages" }).click();
  await expect(bia.message("message number 45.")).toBeInViewport();
  await expect(bia.page.getByRole("button", { name: "45 new messages" })).toBeHidden();
  await ana.close();
  await bia.close();
});

test("a conversation opens at the first unread message, however far it lies back; a date leads anywhere", async ({ browser }) => {
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const ana = await Person.register(browser, server.url, anaName);
  const reader = await Person.register(browser, server.url, biaName);
  await ana.begin([reader]);
  const id = new URL(ana.page.url()).pathname.split("/").pop();
  await ana.say("message number 1.");
  await reader.openConversation(anaName);
  await expect(reader.message("message number 1.")).toBeVisible();
  await reader.page.goto("about:blank");
  for (let i = 2; i <= 151; i += 1) {
    const data = { clientId: crypto.randomUUID(), body: `message number ${i}.` };
    const response = await ana.context.request.post(`${server.url}/api/v1/conversations/${id}/messages`, { data });
    expect(response.status()).toBe(201);
  }

  const bia = await reader.onAnotherDevice(browser, server.url, "/");
  await expect(bia.listed(anaName)).toContainText("150");
  await bia.openConversation(anaName);
  await expect(bia.rows.getByText("New messages", { exact: true })).toBeInViewport();
  await expect(bia.message("message number 2.")).toBeInViewport();
  await expect(bia.listed(anaName)).toContainText("150");
  await bia.page.getByRole("button", { name: "150 new messages" }).click();
  await expect(bia.message("message number 151.")).toBeInViewport();
  await expect(bia.listed(anaName)).not.toContainText("150");

  await bia.chooseOption(anaName, "Go to a date");
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "America/Sao_Paulo" }).format(new Date());
  await bia.page.getByLabel("Day").fill(today);
  await bia.page.keyboard.press("Enter");
  await expect(bia.page.getByRole("dialog")).toBeHidden();
  await expect(bia.rows.getByText("This is the beginning of")).toBeInViewport();
  await expect(bia.message("message number 1.")).toBeInViewport();
  await expect(bia.message("message number 151.")).toBeHidden();
  await reader.close();
  await ana.close();
  await bia.close();
});

async function numbersIn(person: Person): Promise<number[]> {
  return (await person.texts()).map((text) => Number(text.replace("message number ", ""))).filter(Number.isFinite);
}

/** As behind a proxy that does not know the upgrade: the handshake fails. */
function refuseWebSockets(): void {
  class Refused {
    onerror: ((event: Event) => void) | null = null;
    onclose: ((event: Event) => void) | null = null;
    constructor() {
      setTimeout(() => {
        this.onerror?.(new Event("error"));
        this.onclose?.(new CloseEvent("close"));
      });
    }
    close(): void {}
  }
  Reflect.set(window, "WebSocket", Refused);
}

for (const [how, block] of [
  ["refused", (page: Page) => page.addInitScript(refuseWebSockets)],
  ["starved", (page: Page) => page.routeWebSocket(/socket\.io/, (socket) => socket.close())],
] as const) {
  test(`where WebSockets are ${how}, it polls`, async ({ browser }) => {
    const [anaName = ""] = names("Ana");
    const ana = await Person.open(browser, server.url, anaName);
    await block(ana.page);
    await ana.register();
    await ana.openConversation("#general");
    await ana.say(`polled by ${anaName}`);
    await ana.sent(`polled by ${anaName}`);
    await ana.close();
  });
}

test("logging out ends the session", async ({ browser }) => {
  const [anaName = ""] = names("Ana");
  const ana = await Person.register(browser, server.url, anaName);
  const second = await ana.context.newPage();
  await second.goto("/");
  await expect(second.getByText("#general")).toBeVisible();

  await ana.page.getByRole("button", { name: /^Account/ }).click();
  await ana.page.getByRole("menuitem", { name: "Log out" }).click();
  await expect(ana.page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
  await expect(second.getByRole("heading", { name: "Welcome back" })).toBeVisible();
  await ana.page.goto("/");
  await expect(ana.page).toHaveURL(/\/login$/);

  await ana.page.getByLabel("Username").fill(ana.username);
  await ana.page.getByLabel("Password", { exact: true }).fill("not the password");
  await ana.page.getByRole("button", { name: "Log in" }).click();
  await expect(ana.page.getByRole("alert")).toContainText("The username or the password is wrong.");
  await ana.close();
});

test("the form says what is wrong, field by field", async ({ browser }) => {
  const [anaName = ""] = names("Ana");
  const ana = await Person.register(browser, server.url, anaName);
  const visitor = await Person.open(browser, server.url, "Visitor");
  const { page } = visitor;
  await page.goto("/register");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("Username", { exact: true })).toHaveAccessibleDescription(/3 to 32/);
  await page.getByLabel("Username", { exact: true }).fill(ana.username);
  await page.getByLabel("Password", { exact: true }).fill("12345678");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("Password", { exact: true })).toHaveAccessibleDescription("This password is too common.");
  await page.getByLabel("Password", { exact: true }).fill("quite another phrase");
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByLabel("Username", { exact: true })).toHaveAccessibleDescription("This username is taken.");
  await ana.close();
  await visitor.close();
});

test("it speaks Portuguese to who reads Portuguese, and changes when asked", async ({ browser }) => {
  const visitor = await Person.open(browser, server.url, "Visitante", { locale: "pt-BR" });
  const { page } = visitor;
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Que bom ver você" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "pt-BR");
  await page.getByRole("link", { name: "Criar conta" }).click();
  await page.getByLabel("Nome de usuário", { exact: true }).fill(`visitante${++round}`);
  await page.getByLabel("Senha", { exact: true }).fill("uma frase bem comprida");
  await page.getByRole("button", { name: "Criar conta" }).click();
  await expect(page.getByRole("list", { name: "Conversas" })).toContainText("#general");

  await page.getByRole("button", { name: /^Conta/ }).click();
  await page.getByRole("menuitem", { name: "Configurações" }).click();
  await page.getByRole("radio", { name: "English" }).check();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("list", { name: "Conversations" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("list", { name: "Conversations" })).toBeVisible();
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await visitor.close();
});

test("an emoji is found by its name in the language of the person", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Emoji Ana");
  const foreign: string[] = [];
  ana.page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(ana.page.url()).origin) foreign.push(request.url());
  });
  await ana.page.evaluate(() => localStorage.setItem("chatconnect.locale", "pt-BR"));
  await ana.page.reload();
  await ana.page.getByRole("list", { name: "Conversas" }).getByText("#general").click();
  const field = ana.page.getByRole("textbox", { name: /^Mensagem para/ });
  await field.fill("vamos juntos");
  await field.press("Home");
  for (let step = 0; step < "vamos".length; step++) await field.press("ArrowRight");

  const open = ana.page.getByRole("button", { name: "Inserir um emoji" });
  await open.click();
  const dialog = ana.page.getByRole("dialog", { name: "Emoji" });
  const search = dialog.getByRole("searchbox");
  await expect(search).toBeFocused();
  await search.fill("nada com este nome");
  await expect(dialog).toContainText("Nenhum emoji para");
  await search.fill("foguete");
  await dialog.getByRole("gridcell", { name: "foguete" }).first().click();
  await expect(field).toHaveValue("vamos🚀 juntos");
  await expect(field).toBeFocused();
  await expect(dialog).toBeHidden();

  await open.click();
  await expect(search).toBeFocused();
  await dialog.getByRole("group", { name: "Usados há pouco" }).getByRole("button", { name: "🚀" }).click();
  await expect(field).toHaveValue("vamos🚀🚀 juntos");
  await open.click();
  await dialog.getByRole("button", { name: "Mudar o tom de pele" }).click();
  await expect(dialog.getByRole("button", { name: "Mudar o tom de pele" })).toHaveText("✋🏻");
  await search.fill("mão acenando");
  await dialog.getByRole("gridcell").first().click();
  await expect(field).toHaveValue("vamos🚀🚀👋🏻 juntos");
  await open.click();
  await expect(dialog.getByRole("button", { name: "Mudar o tom de pele" })).toHaveText("✋🏻");
  await expect(search).toBeFocused();
  await ana.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(open).toBeFocused();
  expect(foreign).toEqual([]);
  await ana.close();
});

test("the emoji wait for the network, and make room for a keyboard on the screen", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Touching Ana", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await ana.page.getByRole("list", { name: "Conversations" }).getByText("#general").tap();
  const open = ana.page.getByRole("button", { name: "Insert an emoji" });
  const dialog = ana.page.getByRole("dialog", { name: "Emoji" });
  await ana.context.setOffline(true);
  await open.tap();
  await expect(dialog.getByRole("alert")).toContainText("could not be loaded");
  await ana.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await open.tap();
  await ana.context.setOffline(false);
  await dialog.getByRole("button", { name: "Try again" }).tap();

  const search = dialog.getByRole("searchbox");
  await expect(search).toBeVisible();
  await expect(search).not.toBeFocused();
  await search.tap();
  await ana.page.setViewportSize({ width: 390, height: 420 });
  await search.fill("rocket");
  await expect(dialog).toBeInViewport({ ratio: 1 });
  await dialog.getByRole("gridcell", { name: "rocket" }).tap();
  await expect(ana.composer).toHaveValue("🚀");
  await ana.close();
});

test("a phone shows the list or the conversation", async ({ browser }) => {
  const [anaName = ""] = names("Ana");
  const ana = await Person.register(browser, server.url, anaName, { viewport: { width: 390, height: 844 } });
  await expect(ana.page.getByRole("main")).toBeHidden();
  await ana.openConversation("#general");
  await expect(ana.listed("#general")).toBeHidden();
  await ana.say(`hello from ${anaName}`);
  await ana.sent(`hello from ${anaName}`);
  await ana.page.getByRole("link", { name: "Back" }).click();
  await expect(ana.listed("#general")).toContainText(`You: hello from ${anaName}`);
  await ana.close();
});

test("messages say what was meant, and name people", async ({ browser }) => {
  const [anaName = "", biaName = ""] = names("Ana", "Bia");
  const ana = await Person.register(browser, server.url, anaName);
  const bia = await Person.register(browser, server.url, biaName);
  await ana.begin([bia]);
  await ana.say("hello");
  await bia.openConversation(anaName);
  await ana.composer.pressSequentially(`look @${biaName.slice(0, 2).toLowerCase()}`);
  await ana.page.getByRole("option", { name: biaName }).click();
  await expect(ana.composer).toHaveValue(`look @${bia.username} `);
  await expect(ana.composer).toBeFocused();
  await ana.page.keyboard.type("**here**:");
  await ana.page.keyboard.press("Shift+Enter");
  await ana.page.keyboard.type("```python");
  await ana.page.keyboard.press("Shift+Enter");
  await ana.page.keyboard.type("def f(): return 1  # <b>");
  await ana.page.keyboard.press("Shift+Enter");
  await ana.page.keyboard.type("```");
  await ana.page.keyboard.press("Enter");
  const heard = bia.message("here");
  await expect(heard.getByText(`@${bia.username}`)).toHaveAttribute("title", biaName);
  await expect(heard.locator("strong")).toHaveText("here");
  await expect(heard.locator(".hljs-keyword").first()).toHaveText("def");
  await expect(heard.locator("b")).toHaveCount(0);
  await expect(bia.listed(anaName)).toContainText("here: def f()");
  for (const person of [ana, bia]) await person.close();
});
