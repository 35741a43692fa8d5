import { expect, test } from "@playwright/test";
import { PASSWORD, Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

async function settings(person: Person, tab: string): Promise<void> {
  await person.page.getByRole("button", { name: /^Account/ }).click();
  await person.page.getByRole("menuitem", { name: "Settings" }).click();
  await person.page.getByRole("tab", { name: tab }).click();
}

test("name, language and colours are set and stay", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Settings", { colorScheme: "light" });
  const page = ana.page;
  await settings(ana, "Profile");
  await page.getByLabel("Your name").fill("");
  await expect(page.getByRole("alert")).toHaveText("Fill this in.");
  await page.getByLabel("Your name").fill("Ana Maria");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.getByRole("tab", { name: "Appearance" }).click();
  await page.getByRole("radio", { name: "Dark" }).check();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("tab", { name: "Profile" }).click();
  await page.getByRole("radio", { name: "Português (Brasil)" }).check();
  await expect(page.getByRole("heading", { name: "Configurações" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "Conta: Ana Maria" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await ana.close();
});

test("colours follow the system unless they were chosen", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Colours", { colorScheme: "dark" });
  await expect(ana.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await ana.page.emulateMedia({ colorScheme: "light" });
  await expect(ana.page.locator("html")).toHaveAttribute("data-theme", "light");
  await settings(ana, "Appearance");
  await ana.page.getByRole("radio", { name: "Dark" }).check();
  await ana.page.emulateMedia({ colorScheme: "light" });
  await expect(ana.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await ana.close();
});

test("devices are ended, and a new password ends the others", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Devices");
  const signIn = async (password: string) => {
    const device = await Person.open(browser, server.url, ana.name);
    await device.page.goto("/login");
    await device.page.getByLabel("Username").fill(ana.username);
    await device.page.getByLabel("Password", { exact: true }).fill(password);
    await device.page.getByRole("button", { name: "Log in" }).click();
    return device;
  };
  const second = await signIn(PASSWORD);
  await expect(second.listed("#general")).toBeVisible();
  await settings(ana, "Devices");
  const devices = ana.page.getByRole("list", { name: "Devices" }).getByRole("listitem");
  await expect(devices).toHaveCount(2);
  await devices.getByRole("button", { name: /^Sign out/ }).click();
  await expect(devices).toHaveCount(1);
  await expect(second.page.getByText(/Your session has ended/)).toBeVisible();
  await second.close();

  const third = await signIn(PASSWORD);
  await expect(third.listed("#general")).toBeVisible();
  await ana.page.getByRole("tab", { name: "Password" }).click();
  await ana.page.getByLabel("Current password", { exact: true }).fill("not it at all");
  await ana.page.getByLabel("New password", { exact: true }).fill("short");
  await ana.page.getByRole("button", { name: "Change password" }).click();
  await expect(ana.page.getByRole("alert")).toHaveText("Use at least 8 characters.");
  await ana.page.getByLabel("New password", { exact: true }).fill("an even longer passphrase");
  await ana.page.getByRole("button", { name: "Change password" }).click();
  await expect(ana.page.getByRole("alert")).toHaveText("This is not your password.");
  await ana.page.getByLabel("Current password", { exact: true }).fill(PASSWORD);
  await ana.page.getByRole("button", { name: "Change password" }).click();
  await expect(ana.page.getByText("Your password was changed.")).toBeVisible();
  await expect(third.page.getByText(/Your session has ended/)).toBeVisible();
  await third.close();
  const fourth = await signIn("an even longer passphrase");
  await expect(fourth.listed("#general")).toBeVisible();
  for (const person of [fourth, ana]) await person.close();
});

test("keys jump among conversations and show what they do", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Keys");
  const bia = await Person.register(browser, server.url, "Bia Keys");
  await ana.begin([bia]);
  await ana.say("hello");
  await ana.sent("hello");
  await expect(ana.page.getByRole("heading", { name: "Bia Keys", level: 2 })).toBeVisible();
  await ana.page.keyboard.press("Alt+ArrowDown");
  await expect(ana.page.getByRole("heading", { name: "#general", level: 2 })).toBeVisible();
  await ana.page.keyboard.press("Alt+ArrowUp");
  await expect(ana.page.getByRole("heading", { name: "Bia Keys", level: 2 })).toBeVisible();
  await ana.composer.pressSequentially("what?");
  await expect(ana.composer).toHaveValue("what?");
  await ana.page.getByRole("heading", { name: "Bia Keys", level: 2 }).click();
  await ana.composer.blur();
  await ana.page.keyboard.press("?");
  await expect(ana.page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await ana.page.keyboard.press("Escape");
  for (const person of [ana, bia]) await person.close();
});
