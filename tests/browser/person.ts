import { type Browser, type BrowserContext, type BrowserContextOptions, expect, type Locator, type Page } from "@playwright/test";

export const PASSWORD = "a long enough passphrase";

/** Somebody with a browser of their own. What they see is asked for as a screen reader would: by role and name. */
export class Person {
  readonly name: string;
  readonly username: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly errors: string[] = [];

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.username = name.toLowerCase().replace(/[^a-z0-9]+/g, ".");
    this.context = context;
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) this.errors.push(`${message.text()} ${message.location().url}:${message.location().lineNumber}`);
    });
  }

  static async open(browser: Browser, baseURL: string, name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({ baseURL, ...options });
    return new Person(name, context, await context.newPage());
  }

  static async register(browser: Browser, baseURL: string, name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const person = await Person.open(browser, baseURL, name, options);
    await person.register();
    return person;
  }

  /** The same person on another device, with the page at `path`. */
  async onAnotherDevice(browser: Browser, baseURL: string, path: string): Promise<Person> {
    const person = await Person.open(browser, baseURL, this.name);
    const response = await person.context.request.post("/api/v1/auth/login", { data: { username: this.username, password: PASSWORD } });
    expect(response.status()).toBe(200);
    await person.page.goto(path);
    return person;
  }

  /** Another tab of the same browser. */
  async beside(): Promise<Person> {
    const page = await this.context.newPage();
    await page.goto("/");
    return new Person(this.name, this.context, page);
  }

  /** Creates the account through the form and waits until the conversations are there. */
  async register(): Promise<void> {
    await this.page.goto("/register");
    await this.page.getByLabel("Username", { exact: true }).fill(this.username);
    await this.page.getByLabel("Your name").fill(this.name);
    await this.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await this.page.getByRole("button", { name: "Create account" }).click();
    await expect(this.listed("#general")).toBeVisible();
  }

  /** A conversation's line in the list. */
  listed(title: string): Locator {
    return this.page.getByRole("list", { name: "Conversations" }).getByRole("link").filter({ hasText: title });
  }

  /** Chooses from the menu of an open conversation. */
  async chooseOption(title: string, item: string): Promise<void> {
    await this.page.getByRole("main").getByRole("button", { name: `Options for ${title}` }).click();
    await this.page.getByRole("menuitem", { name: item, exact: true }).click();
  }

  /** Chooses from the menu of the newest message with this text. */
  async chooseAction(text: string, item: string): Promise<void> {
    await this.message(text).last().hover();
    await this.message(text).last().getByRole("button", { name: /^Actions/ }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: /^Message to/ });
  }

  get messages(): Locator {
    return this.page.getByRole("region", { name: /^Messages in/ });
  }

  /** The list itself, without what stands in its place while it measures its rows. */
  get rows(): Locator {
    return this.messages.getByTestId("virtuoso-item-list");
  }

  message(text: string): Locator {
    return this.messages.getByRole("article").filter({ hasText: text });
  }

  async openConversation(title: string): Promise<void> {
    await this.listed(title).click();
    await expect(this.page.getByRole("heading", { name: title, level: 2 })).toBeVisible();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    await expect(this.composer).toHaveValue("");
  }

  /** The server has it. */
  async sent(text: string): Promise<void> {
    await expect(this.message(text).getByRole("img", { name: /^(Sent|Read)/ })).toBeVisible();
  }

  /** Says yes to what is asked before it is done. */
  async confirm(action: string): Promise<void> {
    const question = this.page.getByRole("alertdialog");
    await expect(question.getByRole("button", { name: "Cancel" })).toBeFocused();
    await question.getByRole("button", { name: action, exact: true }).click();
    await expect(question).toHaveCount(0);
  }

  /** Begins a conversation with people through the dialog. */
  async begin(people: readonly Person[], groupName?: string): Promise<void> {
    await this.page.getByRole("complementary").getByRole("button", { name: "New conversation" }).click();
    const dialog = this.page.getByRole("dialog");
    for (const person of people) {
      const typed = person.username.slice(0, 4);
      await dialog.getByLabel("People", { exact: true }).first().fill(typed);
      // The list moves when the answer comes, and what is pressed must not.
      await expect(dialog.getByRole("list", { name: "People", exact: true }).getByRole("listitem").filter({ hasNotText: typed })).toHaveCount(0);
      await dialog.getByRole("button", { name: person.name }).filter({ hasText: `@${person.username}` }).click();
    }
    if (groupName !== undefined) await dialog.getByLabel("Group name").fill(groupName);
    await dialog.getByRole("button", { name: people.length > 1 ? "Create group" : "Start conversation" }).click();
    await expect(dialog).toBeHidden();
    await expect(this.page.getByRole("heading", { name: groupName ?? people[0]?.name ?? "", level: 2 })).toBeVisible();
  }

  /** Every text that stands in the list of messages, from top to bottom; needs all of them on the screen. */
  texts(): Promise<string[]> {
    return this.rows.getByTestId("text").allTextContents();
  }

  async close(): Promise<void> {
    expect(this.errors).toEqual([]);
    await this.context.close();
  }
}
