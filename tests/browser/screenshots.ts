import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Page, test } from "@playwright/test";
import { PASSWORD, Person } from "./person";
import { ChatServer } from "./server";

/** Pictures of what people see, for the README and for looking at: `npm run screenshots -w @chatconnect/browser-tests`. */
const folder = join(dirname(fileURLToPath(import.meta.url)), "screenshots");
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

let server: ChatServer;

test.beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

async function shoot(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
}

async function choose(person: Person, text: string, item: string): Promise<void> {
  await person.message(text).last().hover();
  await person.message(text).last().getByRole("button", { name: /^Actions/ }).click();
  await person.page.getByRole("menuitem", { name: item }).click();
}

test("screenshots", async ({ browser }) => {
  test.setTimeout(300_000);
  const visitor = await Person.open(browser, server.url, "Visitor", { viewport: DESKTOP });
  for (const colorScheme of ["light", "dark"] as const) {
    await visitor.page.emulateMedia({ colorScheme });
    await visitor.page.setViewportSize(DESKTOP);
    await visitor.page.goto("/register");
    await shoot(visitor.page, `register-desktop-${colorScheme}`);
    await visitor.page.goto("/login");
    await visitor.page.setViewportSize(PHONE);
    await shoot(visitor.page, `login-phone-${colorScheme}`);
  }
  await visitor.close();

  const marina = await Person.register(browser, server.url, "Marina Duarte", { viewport: DESKTOP });
  const theo = await Person.register(browser, server.url, "Theo Lindqvist");
  const caio = await Person.register(browser, server.url, "Caio Prado");
  const yuki = await Person.register(browser, server.url, "Yuki Tanaka");

  await yuki.openConversation("#general");
  await yuki.say("Good morning! The new office plants have arrived 🌿");
  await yuki.begin([marina]);
  await yuki.say("Do you have ten minutes for the onboarding texts?");
  await yuki.say("No hurry, any time today.");

  await marina.begin([theo]);
  await marina.say("Hey Theo! Did the new build land?");
  await theo.openConversation("Marina Duarte");
  await theo.say("It did 🎉");
  await theo.say("Median latency is down to 4 ms, and p99 to 11 ms. The charts are here: https://example.org/benchmarks/november");
  await marina.say("That is better than I hoped for. Shall we announce it on Thursday?");
  await theo.say("🚀");
  await theo.sent("🚀");

  await marina.begin([theo, caio, yuki], "Launch crew");
  await marina.say("Welcome, all of you. Let us collect here what is missing before Thursday.");
  for (const person of [theo, caio, yuki]) await person.openConversation("Launch crew");
  await caio.say("The release notes need a second pair of eyes.");
  await caio.say("I will send the draft this afternoon:\n– one command to install\n– works without the cloud\n– speaks Socket.IO, so every client connects");
  await caio.sent("I will send the draft");
  await theo.say("I can read them tonight. Who writes the announcement in Portuguese?");
  await theo.sent("I can read them");
  await choose(marina, "second pair", "React with 👍");
  await choose(yuki, "second pair", "React with 👍");
  await choose(yuki, "second pair", "React with 🎉");
  await choose(marina, "I can read them", "Reply");
  await marina.say("That would be me. Caio, could you check it tomorrow?");
  await marina.sent("That would be me");
  await caio.say("With pleasure!");
  await choose(theo, "That would be me", "React with ❤️");
  await marina.message("With pleasure!").waitFor();
  await yuki.begin([theo]);
  await yuki.say("lunch?");
  await caio.composer.pressSequentially("I also");
  await marina.page.getByText("Caio Prado is typing").waitFor();

  const id = marina.page.url();
  for (const colorScheme of ["light", "dark"] as const) {
    await marina.page.emulateMedia({ colorScheme });
    await shoot(marina.page, `chat-desktop-${colorScheme}`);
    await marina.page.setViewportSize(PHONE);
    await marina.message("With pleasure!").waitFor();
    await shoot(marina.page, `chat-phone-${colorScheme}`);
    await marina.page.getByRole("link", { name: "Back" }).click();
    await shoot(marina.page, `list-phone-${colorScheme}`);
    await marina.page.setViewportSize(DESKTOP);
    await shoot(marina.page, `welcome-desktop-${colorScheme}`);
    await marina.page.keyboard.press("Control+k");
    await marina.page.getByRole("searchbox").fill("la");
    await marina.page.getByRole("region", { name: "Messages", exact: true }).waitFor();
    await shoot(marina.page, `search-desktop-${colorScheme}`);
    await marina.page.keyboard.press("Escape");
    await marina.page.getByRole("complementary").getByRole("button", { name: "New conversation" }).click();
    await marina.page.getByRole("dialog").getByRole("button", { name: /Theo/ }).click();
    await marina.page.getByRole("dialog").getByRole("button", { name: /Yuki/ }).click();
    await shoot(marina.page, `new-desktop-${colorScheme}`);
    await marina.page.keyboard.press("Escape");
    await marina.openConversation("Launch crew");
    await marina.page.getByRole("button", { name: "Go to a date" }).click();
    await shoot(marina.page, `date-desktop-${colorScheme}`);
    await marina.page.keyboard.press("Escape");
    await marina.page.getByRole("button", { name: "Members" }).click();
    await marina.page.getByRole("dialog").getByText("@theo.lindqvist").waitFor();
    await shoot(marina.page, `members-desktop-${colorScheme}`);
    await marina.page.setViewportSize(PHONE);
    await shoot(marina.page, `members-phone-${colorScheme}`);
    await marina.page.getByRole("dialog").getByRole("button", { name: /^Theo Lindqvist/ }).click();
    await shoot(marina.page, `person-phone-${colorScheme}`);
    await marina.page.setViewportSize(DESKTOP);
    await shoot(marina.page, `person-desktop-${colorScheme}`);
    await marina.page.keyboard.press("Escape");
    await marina.message("That would be me").hover();
    await marina.message("That would be me").getByRole("button", { name: /^Actions/ }).click();
    await shoot(marina.page, `menu-desktop-${colorScheme}`);
    await marina.page.keyboard.press("Escape");
  }

  await theo.begin([caio]);
  await theo.say(
    `@${caio.username} could you try **this** before noon? It is what \`make run\` does:\n\n` +
      "```rust\n// Ends when the last one has gone.\nasync fn serve(listener: Listener) -> Result<(), Error> {\n    let limit = 10_000;\n    accept(listener, limit).await\n}\n```\n" +
      "> It should not take long.\n\n1. build\n2. run\n3. tell us",
  );
  await caio.openConversation("Theo Lindqvist");
  await caio.page.locator(".hljs-keyword").first().waitFor();
  await caio.composer.fill("");
  await caio.composer.pressSequentially("On it, @t");
  for (const colorScheme of ["light", "dark"] as const) {
    await caio.page.emulateMedia({ colorScheme });
    await caio.page.setViewportSize(DESKTOP);
    await shoot(caio.page, `markdown-desktop-${colorScheme}`);
    await caio.page.setViewportSize(PHONE);
    await shoot(caio.page, `markdown-phone-${colorScheme}`);
    for (const [name, size] of [["desktop", DESKTOP], ["phone", PHONE]] as const) {
      await caio.page.setViewportSize(size);
      await caio.page.getByRole("button", { name: "Insert an emoji" }).click();
      await caio.page.getByRole("gridcell").first().waitFor();
      await shoot(caio.page, `emoji-${name}-${colorScheme}`);
      await caio.page.keyboard.press("Escape");
    }
    await marina.page.emulateMedia({ colorScheme });
    for (const tab of ["Profile", "Notifications", "Devices"]) {
      for (const [name, size] of [["desktop", DESKTOP], ["phone", PHONE]] as const) {
        await marina.page.setViewportSize(DESKTOP);
        await marina.page.getByRole("button", { name: /^Account/ }).click();
        await marina.page.getByRole("menuitem", { name: "Settings" }).click();
        await marina.page.setViewportSize(size);
        await marina.page.getByRole("tab", { name: tab }).click();
        await shoot(marina.page, `settings-${tab.toLowerCase()}-${name}-${colorScheme}`);
        await marina.page.keyboard.press("Escape");
      }
    }
    await marina.page.setViewportSize(DESKTOP);
  }

  await marina.page.emulateMedia({ colorScheme: "light" });
  await server.kill();
  await marina.page.getByText(/You are offline/).waitFor();
  await marina.say("This one waits until I am back.");
  await shoot(marina.page, "offline-desktop-light");
  await server.run();
  await marina.sent("This one waits");

  const brazil = await Person.open(browser, server.url, "Marina Duarte", { viewport: DESKTOP, locale: "pt-BR" });
  await brazil.page.goto("/login");
  await shoot(brazil.page, "login-desktop-pt-BR");
  await brazil.page.getByLabel("Nome de usuário").fill(marina.username);
  await brazil.page.getByLabel("Senha", { exact: true }).fill(PASSWORD);
  await brazil.page.getByRole("button", { name: "Entrar" }).click();
  await brazil.page.getByRole("list", { name: "Conversas" }).waitFor();
  await brazil.page.goto(new URL(id).pathname);
  await brazil.page.getByRole("article").filter({ hasText: "This one waits" }).waitFor();
  await shoot(brazil.page, "chat-desktop-pt-BR");
  await brazil.page.setViewportSize(PHONE);
  await shoot(brazil.page, "chat-phone-pt-BR");
  for (const person of [marina, theo, caio, yuki, brazil]) await person.close();
});
