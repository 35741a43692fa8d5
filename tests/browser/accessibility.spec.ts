import { expect, test } from "@playwright/test";
import { checks } from "./axe";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

for (const colorScheme of ["light", "dark"] as const) {
  const expectNoViolations = checks(colorScheme);
  test(`signing in has no accessibility violations (${colorScheme})`, async ({ browser }) => {
    const visitor = await Person.open(browser, server.url, "Visitor", { colorScheme });
    await visitor.page.goto("/login");
    await expect(visitor.page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
    await expectNoViolations(visitor.page);
    await visitor.page.getByRole("button", { name: "Log in" }).click();
    await expect(visitor.page.getByLabel("Username")).toHaveAttribute("aria-invalid", "true");
    await expectNoViolations(visitor.page);
    await visitor.page.goto("/register");
    await expectNoViolations(visitor.page);
    await visitor.close();
  });

  test(`chatting has no accessibility violations (${colorScheme})`, async ({ browser }) => {
    test.slow();
    const ana = await Person.register(browser, server.url, `Ana ${colorScheme}`, { colorScheme });
    const bia = await Person.register(browser, server.url, `Bia ${colorScheme}`, { colorScheme });
    const caio = await Person.register(browser, server.url, `Caio ${colorScheme}`, { colorScheme });
    await expectNoViolations(ana.page);

    await ana.begin([bia, caio], `Trio ${colorScheme}`);
    await ana.page.locator('form input[type="file"]').setInputFiles([
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("bread") },
      { name: "dot.gif", mimeType: "image/gif", buffer: Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64") },
    ]);
    await expect(ana.page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
    await expectNoViolations(ana.page);
    await ana.say("Have you seen https://example.org/notes ?");
    await bia.openConversation(`Trio ${colorScheme}`);
    await bia.message("Have you seen").hover();
    await bia.message("Have you seen").getByRole("button", { name: /^Actions/ }).click();
    await expectNoViolations(bia.page);
    await bia.page.getByRole("menuitem", { name: "React with 🎉" }).click();
    await bia.message("Have you seen").getByRole("button", { name: /^Actions/ }).click();
    await bia.page.getByRole("menuitem", { name: "Reply" }).click();
    await expectNoViolations(bia.page);
    await bia.say("I have");
    await bia.sent("I have");
    await bia.say("No, wait");
    await bia.composer.press("ArrowUp");
    await bia.page.keyboard.press("Escape");
    await expectNoViolations(ana.page);
    await expectNoViolations(caio.page);

    await ana.page.keyboard.press("Control+k");
    await ana.page.getByRole("searchbox").fill("seen");
    await expect(ana.page.getByRole("region", { name: "Messages", exact: true })).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");
    for (const name of ["New conversation", "Browse channels"]) {
      await ana.page.getByRole("complementary").getByRole("button", { name }).click();
      await expect(ana.page.getByRole("dialog")).toBeVisible();
      await expectNoViolations(ana.page);
      await ana.page.keyboard.press("Escape");
      await expect(ana.page.getByRole("complementary").getByRole("button", { name })).toBeFocused();
    }
    await ana.page.getByRole("button", { name: /^Account/ }).click();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");
    await expect(ana.page.getByRole("button", { name: /^Account/ })).toBeFocused();

    for (const item of ["Settings", "Keyboard shortcuts"]) {
      await ana.page.getByRole("button", { name: /^Account/ }).click();
      await ana.page.getByRole("menuitem", { name: item }).click();
      await expect(ana.page.getByRole("dialog")).toBeVisible();
      await expectNoViolations(ana.page);
      for (const tab of await ana.page.getByRole("tab").all()) {
        await tab.click();
        await expectNoViolations(ana.page);
      }
      await ana.page.keyboard.press("Escape");
      await expect(ana.page.getByRole("button", { name: /^Account/ })).toBeFocused();
    }

    await ana.chooseOption(`Trio ${colorScheme}`, "Go to a date");
    await expect(ana.page.getByLabel("Day")).toBeFocused();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");

    await ana.page.getByRole("button", { name: "Members" }).click();
    await expect(ana.page.getByRole("dialog").getByText(`@${caio.username}`)).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.getByRole("button", { name: `What to do with ${bia.name}` }).click();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");
    await ana.page.getByRole("dialog").getByRole("button", { name: bia.name, exact: false }).first().click();
    await expect(ana.page.getByRole("dialog").getByText("Here since")).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");

    await bia.say("```js\nconst answer = 42; // a number\n```\n> quoted\n\n- one\n- **two** and `three`");
    await expect(ana.page.locator(".hljs-keyword")).toBeVisible();
    await ana.composer.pressSequentially("@");
    await expect(ana.page.getByRole("listbox")).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.composer.fill("");
    await ana.page.getByRole("button", { name: "Insert an emoji" }).click();
    await expect(ana.page.getByRole("dialog", { name: "Emoji" }).getByRole("gridcell").first()).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");

    await ana.context.setOffline(true);
    await expect(ana.page.getByText(/You are offline/)).toBeVisible();
    await ana.say("waiting");
    await expectNoViolations(ana.page);
    await ana.context.setOffline(false);
    for (const person of [ana, bia, caio]) await person.close();
  });

  test(`states and smaller dialogs have no accessibility violations (${colorScheme})`, async ({ browser }) => {
    test.slow();
    const ana = await Person.register(browser, server.url, `Ana states ${colorScheme}`, { colorScheme });
    const bia = await Person.register(browser, server.url, `Bia states ${colorScheme}`);
    const caio = await Person.register(browser, server.url, `Caio states ${colorScheme}`);
    const group = `States ${colorScheme}`;
    const { page } = ana;
    const closed = async () => {
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
    };
    for (const place of ["/nowhere", "/c/01890000-0000-7000-8000-000000000000"]) {
      await page.goto(place);
      await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
      await expectNoViolations(page);
    }
    await page.goto("/");

    await ana.begin([bia, caio], group);
    await expect(page.getByText("Say hello.")).toBeVisible();
    await expectNoViolations(page);
    for (const name of ["Add people", "Invitation links"]) {
      await page.getByRole("button", { name: "Members", exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name }).click();
      await expect(page.getByRole("dialog", { name })).toBeVisible();
      await expectNoViolations(page);
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog").getByRole("button", { name })).toBeFocused();
      await closed();
    }
    await page.getByRole("complementary").getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Invite people" }).click();
    await expect(page.getByRole("dialog", { name: /^Invit/ })).toBeVisible();
    await expectNoViolations(page);
    await closed();
    await page.getByRole("complementary").getByRole("button", { name: "Browse channels" }).click();
    await page.getByLabel("Find a channel").fill("none of this name");
    await expect(page.getByText("No channel found")).toBeVisible();
    await expectNoViolations(page);
    await closed();
    await page.keyboard.press("Control+k");
    await page.getByRole("searchbox").fill("no such word");
    await expect(page.getByText(/^Nothing found/)).toBeVisible();
    await expectNoViolations(page);
    await closed();

    await page.locator('form input[type="file"]').setInputFiles({
      name: "dot.gif",
      mimeType: "image/gif",
      buffer: Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64"),
    });
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
    await ana.say("look at this");
    await ana.sent("look at this");
    await page.getByRole("button", { name: "Look at dot.gif" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectNoViolations(page);
    await closed();
    await ana.composer.press("ArrowUp");
    await expect(page.getByText("Editing your message")).toBeVisible();
    await expectNoViolations(page);
    await page.keyboard.press("Escape");
    await ana.chooseAction("look at this", "Delete");
    await expect(ana.message("Being deleted").getByRole("button", { name: "Undo" })).toBeFocused();
    await expectNoViolations(page);
    await page.keyboard.press("Enter");
    await ana.composer.fill("long ".repeat(2_000));
    await expect(page.getByRole("alert")).toContainText("too long");
    await expectNoViolations(page);
    await ana.composer.fill("");

    await bia.begin([ana]);
    await bia.say("hi");
    await ana.openConversation(bia.name);
    await bia.chooseOption(ana.name, "Block");
    await bia.confirm("Block");
    await expect(bia.page.getByText(/^You blocked/)).toBeVisible();
    await ana.say("not any more");
    await expect(ana.message("not any more")).toContainText("This cannot be sent");
    await expectNoViolations(page);
    for (const person of [ana, bia, caio]) await person.close();
  });

  test(`marks, blocks, reports and invitations have no accessibility violations (${colorScheme})`, async ({ browser }) => {
    test.slow();
    const ana = await Person.register(browser, server.url, `Ana marks ${colorScheme}`, { colorScheme });
    const bia = await Person.register(browser, server.url, `Bia marks ${colorScheme}`);
    const caio = await Person.register(browser, server.url, `Caio marks ${colorScheme}`);
    const group = `Marked ${colorScheme}`;
    await ana.begin([bia, caio], group);
    await bia.openConversation(group);
    await bia.say("look at https://example.org/offer");
    await expect(ana.message("look at")).toBeVisible();
    await ana.listed("#general").click({ button: "right" });
    await expectNoViolations(ana.page);
    await ana.page.getByRole("menuitem", { name: "Pin", exact: true }).click();
    await ana.listed("#general").click({ button: "right" });
    await ana.page.getByRole("menuitem", { name: "Mark as unread" }).click();
    await expect(ana.listed("#general")).toContainText("marked as unread");
    await expectNoViolations(ana.page);
    await ana.listed("#general").click({ button: "right" });
    await ana.page.getByRole("menuitem", { name: "Mute" }).click();
    await expect(ana.listed("#general")).toContainText("muted");
    await expectNoViolations(ana.page);

    await ana.chooseAction("look at", "Report");
    await expect(ana.page.getByRole("dialog", { name: "Report this message" })).toBeVisible();
    await ana.page.getByRole("radio", { name: "Something else" }).check();
    await ana.page.getByRole("dialog").getByRole("button", { name: "Report" }).click();
    await expect(ana.page.getByRole("dialog").getByRole("alert")).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");

    await ana.page.keyboard.press("Control+k");
    await ana.page.getByRole("button", { name: "Links", exact: true }).click();
    await expect(ana.page.getByRole("region", { name: "Messages", exact: true })).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");

    const id = new URL(ana.page.url()).pathname.split("/").pop();
    const answer = await ana.context.request.post(`/api/v1/conversations/${id}/invites`, { data: {} });
    const { invite } = (await answer.json()) as { invite: { id: string } };
    const guest = await Person.open(browser, server.url, "Guest", { colorScheme });
    for (const [path, text] of [[invite.id, "Create an account or log in"], ["nothing", "This invitation is over"]] as const) {
      await guest.page.goto(`/i/${path}`);
      await expect(guest.page.getByText(text)).toBeVisible();
      await expectNoViolations(guest.page);
    }

    await ana.page.getByRole("button", { name: "Members" }).click();
    await ana.page.getByRole("dialog").getByRole("button", { name: bia.name, exact: false }).first().click();
    await ana.page.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click();
    await expect(ana.page.getByRole("alertdialog")).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.confirm("Block");
    await expect(ana.page.getByRole("dialog").getByRole("button", { name: "Unblock" })).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");
    await expect(ana.rows.getByText("Message from a blocked person")).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.getByRole("button", { name: /^Account/ }).click();
    await ana.page.getByRole("menuitem", { name: "Settings" }).click();
    await ana.page.getByRole("tab", { name: "Blocked people" }).click();
    await expect(ana.page.getByRole("button", { name: `Unblock ${bia.name}` })).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.getByRole("tab", { name: "Notifications" }).click();
    await ana.page.getByRole("button", { name: "Until tomorrow, 8:00" }).click();
    await expect(ana.page.getByRole("button", { name: "Turn off" })).toBeVisible();
    await expectNoViolations(ana.page);
    await ana.page.keyboard.press("Escape");
    for (const person of [ana, bia, caio, guest]) await person.close();
  });
}

test("a screen reader hears what others write, each message once", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Log");
  const bia = await Person.register(browser, server.url, "Bia Log");
  await ana.begin([bia]);
  await ana.say("from before");
  await bia.openConversation("Ana Log");
  const log = bia.page.getByRole("log").locator("p");
  await expect(bia.message("from before")).toBeVisible();
  await expect(log).toHaveCount(0);
  await ana.say("hello");
  await ana.say("hello");
  await expect(log).toHaveText(["Ana Log: hello", "Ana Log: hello"]);
  await bia.say("my own");
  await ana.composer.press("ArrowUp");
  await ana.composer.fill("goodbye");
  await ana.composer.press("Enter");
  await expect(bia.message("goodbye")).toBeVisible();
  await expect(log).toHaveText(["Ana Log: hello", "Ana Log: hello"]);
  await ana.close();
  await bia.close();
});

test("a conversation can be held with the keyboard alone", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Keyboard Ana");
  await ana.page.keyboard.press("Control+k");
  await expect(ana.page.getByRole("searchbox")).toBeFocused();
  await ana.page.keyboard.type("general");
  await ana.page.keyboard.press("Enter");
  await expect(ana.composer).toBeFocused();
  await ana.page.keyboard.type("typed");
  await ana.page.keyboard.press("Shift+Enter");
  await ana.page.keyboard.type("on two lines");
  await ana.page.keyboard.press("Enter");
  await ana.sent("on two lines");
  // Past the emoji and the files.
  for (let i = 0; i < 3; i += 1) await ana.page.keyboard.press("Shift+Tab");
  await expect(ana.message("on two lines").getByRole("button", { name: /^Actions/ })).toBeFocused();
  await ana.page.keyboard.press("Enter");
  await expect(ana.page.getByRole("menuitem", { name: "React with 👍" })).toBeFocused();
  await ana.page.keyboard.press("End");
  await expect(ana.page.getByRole("menuitem", { name: "Delete" })).toBeFocused();
  await ana.page.keyboard.press("Escape");
  await expect(ana.message("on two lines").getByRole("button", { name: /^Actions/ })).toBeFocused();
  await ana.close();
});
