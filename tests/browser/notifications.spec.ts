import { type Browser, expect, test } from "@playwright/test";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

/** What the page has to say while it is not seen. */
class Listener {
  readonly person: Person;

  private constructor(person: Person) {
    this.person = person;
  }

  /** A page under test is always seen, and what a system shows cannot be read. `permission`: what the browser answers. */
  static async register(browser: Browser, name: string, permission: NotificationPermission): Promise<Listener> {
    const person = await Person.open(browser, server.url, name);
    await person.page.addInitScript((answer) => {
      const told: string[] = [];
      Object.assign(window, { told, hidden: false });
      class Told extends EventTarget {
        static readonly permission = answer;
        static requestPermission = () => Promise.resolve(answer);
        close(): void {}
        constructor(title: string, options: NotificationOptions) {
          super();
          told.push(`${title}: ${options.body ?? ""}`);
          Object.assign(window, { last: this });
        }
      }
      Object.assign(window, { Notification: Told });
      Object.defineProperty(document, "visibilityState", { get: () => ((window as unknown as { hidden: boolean }).hidden ? "hidden" : "visible") });
    }, permission);
    await person.register();
    return new Listener(person);
  }

  told(): Promise<string[]> {
    return this.person.page.evaluate(() => (window as unknown as { told: string[] }).told);
  }

  hide(hidden: boolean): Promise<void> {
    return this.person.page.evaluate((value) => {
      Object.assign(window, { hidden: value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  }

  async settings(): Promise<void> {
    await this.person.page.getByRole("button", { name: /^Account/ }).click();
    await this.person.page.getByRole("menuitem", { name: "Settings" }).click();
    await this.person.page.getByRole("tab", { name: "Notifications" }).click();
  }
}

const SWITCH = { name: "Notifications on this device" };

test("a direct message and a mention are announced while the page is not seen", async ({ browser }) => {
  const listener = await Listener.register(browser, "Ana Hears", "granted");
  const ana = listener.person;
  const bia = await Person.register(browser, server.url, "Bia Speaks");
  await listener.settings();
  await ana.page.getByRole("switch", SWITCH).check();
  await ana.page.keyboard.press("Escape");
  await bia.begin([ana]);
  await bia.say("seen, so not announced");
  await expect(ana.listed("Bia Speaks")).toContainText("seen, so not");
  await listener.hide(true);
  await bia.say("are **you** there?");
  await expect.poll(() => listener.told()).toEqual(["Bia Speaks: are you there?"]);
  await bia.openConversation("#general");
  await bia.say("nobody in particular");
  await bia.say(`but @${ana.username} should see this`);
  const both = ["Bia Speaks: are you there?", `Bia Speaks in #general: but @${ana.username} should see this`];
  await expect.poll(() => listener.told()).toEqual(both);
  await expect(ana.page).toHaveTitle(/^\(2\)/);
  await expect(ana.page.locator('link[rel="icon"]')).toHaveAttribute("href", "/favicon-unread.svg");
  await ana.page.evaluate(() => (window as unknown as { last: { onclick(): void } }).last.onclick());
  await expect(ana.page.getByRole("heading", { name: "#general", level: 2 })).toBeVisible();
  for (const person of [ana, bia]) await person.close();
});

test("what was silenced is not announced: for a time, a conversation, a person", async ({ browser }) => {
  const listener = await Listener.register(browser, "Ana Rests", "granted");
  const ana = listener.person;
  const bia = await Person.register(browser, server.url, "Bia Calls");
  const caio = await Person.register(browser, server.url, "Caio Calls");
  await bia.begin([ana]);
  await bia.say("first");
  await caio.begin([ana]);
  await caio.say("first");
  await listener.settings();
  await ana.page.getByRole("switch", SWITCH).check();
  const quiet = ana.page.getByRole("group", { name: "Do not disturb" });
  await quiet.getByRole("button", { name: "For 1 hour" }).click();
  await expect(quiet.getByText(/^Neither notifications nor sounds until \d/)).toBeVisible();
  await ana.page.keyboard.press("Escape");
  await listener.hide(true);
  await bia.say("during the rest");
  await expect(ana.listed("Bia Calls")).toContainText("during the rest");

  await listener.settings();
  await quiet.getByRole("button", { name: "Turn off" }).click();
  await expect(quiet.getByRole("button", { name: "Until tomorrow, 8:00" })).toBeVisible();
  await ana.page.keyboard.press("Escape");
  await ana.listed("Bia Calls").click({ button: "right" });
  await ana.page.getByRole("menuitem", { name: "Mute" }).click();
  await expect(ana.listed("Bia Calls")).toContainText("muted");
  await bia.say("muted");
  await expect(ana.listed("Bia Calls")).toContainText("Bia Calls");
  await bia.sent("muted");
  await ana.listed("Caio Calls").click({ button: "right" });
  await ana.page.getByRole("menuitem", { name: "Block" }).click();
  await ana.confirm("Block");
  await caio.openConversation("#general");
  await caio.say(`@${ana.username} of a blocked person`);
  await expect(ana.listed("#general")).toContainText("Message from a blocked person");
  await bia.openConversation("#general");
  await bia.say(`@${ana.username} in a conversation that is not muted`);
  await expect.poll(() => listener.told()).toEqual([`Bia Calls in #general: @${ana.username} in a conversation that is not muted`]);
  for (const person of [ana, bia, caio]) await person.close();
});

test("a browser that allows no notifications says so, and nothing is announced", async ({ browser }) => {
  const listener = await Listener.register(browser, "Ana Denied", "denied");
  const ana = listener.person;
  const bia = await Person.register(browser, server.url, "Bia Unheard");
  await listener.settings();
  await expect(ana.page.getByText("Your browser does not allow them.")).toBeVisible();
  await ana.page.getByRole("switch", SWITCH).click();
  await expect(ana.page.getByRole("switch", SWITCH)).not.toBeChecked();
  await ana.page.keyboard.press("Escape");
  await listener.hide(true);
  await bia.begin([ana]);
  await bia.say("does anybody hear?");
  await expect(ana.listed("Bia Unheard")).toContainText("does anybody hear?");
  expect(await listener.told()).toEqual([]);
  await ana.close();
  await bia.close();
});
