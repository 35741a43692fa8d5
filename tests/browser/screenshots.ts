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
    await marina.chooseOption("Launch crew", "Go to a date");
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

/** A landscape, as far as a browser can draw one without being told how. */
async function landscape(page: Page, hue: number, width: number, height: number): Promise<Buffer> {
  const url = await page.evaluate(
    ([hue, width, height]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no canvas");
      const sky = context.createLinearGradient(0, 0, 0, height);
      sky.addColorStop(0, `hsl(${hue} 70% 45%)`);
      sky.addColorStop(1, `hsl(${hue + 40} 80% 82%)`);
      context.fillStyle = sky;
      context.fillRect(0, 0, width, height);
      for (const [depth, light] of [[0.55, 40], [0.7, 28], [0.85, 16]] as const) {
        context.fillStyle = `hsl(${hue + 130} 30% ${light}%)`;
        context.beginPath();
        context.moveTo(0, height);
        for (let x = 0; x <= width; x += 8) context.lineTo(x, height * depth + Math.sin((x / width) * 9 + depth * 20) * height * 0.07);
        context.lineTo(width, height);
        context.fill();
      }
      return canvas.toDataURL("image/jpeg", 0.9);
    },
    [hue, width, height] as const,
  );
  return Buffer.from(url.split(",")[1] ?? "", "base64");
}

test("screenshots of files", async ({ browser }) => {
  test.setTimeout(120_000);
  const rita = await Person.register(browser, server.url, "Rita Campos", { viewport: DESKTOP, permissions: ["microphone"] });
  const davi = await Person.register(browser, server.url, "Davi Moura");
  await rita.begin([davi]);
  const attach = (person: Person, ...files: { name: string; mimeType: string; buffer: Buffer }[]) =>
    person.page.locator('form input[type="file"]').setInputFiles(files);
  const complete = (person: Person) => person.page.waitForFunction(() => !document.querySelector("form progress"));
  const photo = async (name: string, hue: number, width: number, height: number) => ({
    name,
    mimeType: "image/jpeg",
    buffer: await landscape(davi.page, hue, width, height),
  });
  await davi.openConversation("Rita Campos");
  await attach(davi, await photo("serra.jpg", 200, 1_600, 1_000));
  await davi.composer.fill("The view from the hut this morning");
  await complete(davi);
  await davi.composer.press("Enter");
  await davi.sent("The view from");
  await attach(rita, { name: "route.gpx", mimeType: "text/plain", buffer: Buffer.alloc(48_200, "x") });
  await rita.composer.fill("Beautiful! Here is how we came up last year.");
  await complete(rita);
  await rita.composer.press("Enter");
  await rita.sent("Beautiful!");
  await attach(davi, await photo("vale.jpg", 20, 900, 900), await photo("lago.jpg", 180, 900, 1_400), await photo("noite.jpg", 250, 1_400, 900));
  await complete(davi);
  await davi.page.getByRole("button", { name: "Send", exact: true }).click();
  await rita.page.getByRole("button", { name: "Look at noite.jpg" }).waitFor();
  await rita.page.getByRole("button", { name: "Record a voice message" }).click();
  await rita.page.getByRole("timer").getByText("0:02").waitFor();
  await shoot(rita.page, "recording-desktop-light");
  await rita.page.getByRole("button", { name: "Finish the recording" }).click();
  await complete(rita);
  await rita.page.getByRole("button", { name: "Send", exact: true }).click();
  await rita.messages.locator("audio").waitFor();
  await attach(rita, await photo("sunrise.jpg", 10, 1_200, 800), { name: "packing list.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 of no use") });
  await rita.composer.fill("And what to take along");
  await complete(rita);
  for (const colorScheme of ["light", "dark"] as const) {
    await rita.page.emulateMedia({ colorScheme });
    await rita.page.setViewportSize(DESKTOP);
    await shoot(rita.page, `files-desktop-${colorScheme}`);
    await rita.page.setViewportSize(PHONE);
    await shoot(rita.page, `files-phone-${colorScheme}`);
    await rita.page.setViewportSize(DESKTOP);
    await rita.page.getByRole("button", { name: "Look at lago.jpg" }).click();
    await rita.page.getByRole("dialog").getByRole("img").waitFor();
    await shoot(rita.page, `lightbox-desktop-${colorScheme}`);
    await rita.page.keyboard.press("Escape");
  }
  await rita.close();
  await davi.close();
});

/** A conversation's menu, its marks, a report, a block, an invitation and the rest that concerns one person alone. */
for (const locale of ["en-GB", "pt-BR"] as const) {
  test(`screenshots of marks, blocks and reports (${locale})`, async ({ browser }) => {
    test.setTimeout(300_000);
    const pt = locale === "pt-BR";
    const say = (en: string, other: string) => (pt ? other : en);
    const eva = await Person.register(browser, server.url, say("Eva Moreira", "Eva Nogueira"), { viewport: DESKTOP });
    const ivo = await Person.register(browser, server.url, say("Ivo Santos", "Ivo Teixeira"));
    const lia = await Person.register(browser, server.url, say("Lia Costa", "Lia Ribeiro"));
    const group = say("Saturday market", "Feira de sábado");
    await eva.begin([ivo, lia], group);
    await ivo.openConversation(group);
    await lia.openConversation(group);
    await ivo.say(say("Buy followers at https://example.org/offer", "Compre seguidores em https://example.org/offer"));
    await ivo.sent("https://");
    await lia.say(say("I bring the apples.", "Eu levo as maçãs."));
    await lia.begin([eva]);
    await lia.say(say("See you tomorrow!", "Até amanhã!"));
    await ivo.begin([eva]);
    await ivo.say(say("Interested?", "Quer saber mais?"));
    await ivo.sent(say("Interested?", "Quer saber mais?"));
    const path = new URL(eva.page.url()).pathname;
    const answer = await eva.context.request.post(`/api/v1/conversations/${path.split("/").pop()}/invites`, { data: {} });
    const { invite } = (await answer.json()) as { invite: { id: string } };

    const marina = eva.page;
    await marina.evaluate((language) => localStorage.setItem("chatconnect.locale", language), pt ? "pt-BR" : "en");
    await marina.reload();
    const listed = (title: string) => marina.getByRole("navigation").getByRole("link").filter({ hasText: title });
    const choose = async (title: string, item: string) => {
      await listed(title).first().click({ button: "right" });
      await marina.getByRole("menuitem", { name: item, exact: true }).click();
    };
    await choose("#general", say("Pin", "Fixar"));
    await choose(lia.name, say("Mark as read", "Marcar como lida"));
    await choose(lia.name, say("Mark as unread", "Marcar como não lida"));
    const guest = await Person.open(browser, server.url, "Guest", { viewport: DESKTOP, locale });
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [name, size] of [["desktop", DESKTOP], ["phone", PHONE]] as const) {
        const shot = (what: string, page = marina) => shoot(page, `${what}-${name}-${colorScheme}-${locale}`);
        for (const page of [marina, guest.page]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(size);
        }
        await guest.page.goto(`/i/${invite.id}`);
        await guest.page.getByText(group).waitFor();
        await shot("invite", guest.page);
        await guest.page.goto("/i/over");
        await guest.page.getByRole("alert").waitFor();
        await shot("invite-over", guest.page);

        await marina.goto("/");
        await listed("#general").waitFor();
        await shot("marks-list");
        await listed(ivo.name).last().click({ button: "right" });
        await marina.getByRole("menu").waitFor();
        await shot("marks-menu");
        await marina.keyboard.press("Escape");
        await marina.goto(path);
        const offer = marina.getByRole("article").filter({ hasText: "https://" });
        await offer.hover();
        await offer.getByRole("button", { name: say("Actions", "Ações") }).click();
        await marina.getByRole("menuitem", { name: say("Report", "Denunciar") }).click();
        await marina.getByRole("dialog").waitFor();
        await shot("report");
        await marina.keyboard.press("Escape");
        await marina.keyboard.press("Control+k");
        await marina.getByRole("button", { name: "Links", exact: true }).click();
        await marina.getByRole("dialog").getByText("example.org").first().waitFor();
        await shot("search-links");
        await marina.keyboard.press("Escape");

        await eva.context.request.put(`/api/v1/users/me/blocks/${await idOf(ivo)}`);
        await marina.getByText(say("Message from a blocked person", "Mensagem de uma pessoa bloqueada")).last().waitFor();
        await shot("blocked-group");
        await marina.goto("/");
        await listed(ivo.name).last().click();
        await marina.getByRole("main").getByRole("button", { name: say("Unblock", "Desbloquear") }).waitFor();
        await marina.getByTestId("virtuoso-item-list").getByText(say("Interested?", "Quer saber mais?")).waitFor();
        await shot("blocked-direct");
        await marina.getByRole("main").getByRole("button", { name: ivo.name, exact: true }).click();
        await marina.getByRole("dialog").getByRole("button", { name: say("Unblock", "Desbloquear") }).waitFor();
        await shot("blocked-person");
        await marina.keyboard.press("Escape");
        if (name === "phone") await marina.goto("/");
        for (const tab of [say("Blocked people", "Bloqueios"), say("Notifications", "Notificações")]) {
          await marina.getByRole("button", { name: say("Account", "Conta") }).click();
          await marina.getByRole("menuitem", { name: say("Settings", "Configurações") }).click();
          await marina.getByRole("tab", { name: tab }).click();
          await shot(tab === say("Notifications", "Notificações") ? "quiet" : "blocked-settings");
          await marina.keyboard.press("Escape");
        }
        await eva.context.request.delete(`/api/v1/users/me/blocks/${await idOf(ivo)}`);
      }
    }
    await ivo.openConversation(eva.name);
    await eva.context.request.put(`/api/v1/users/me/blocks/${await idOf(ivo)}`);
    await ivo.say("one more thing");
    await ivo.page.getByText("This cannot be sent").waitFor();
    await shoot(ivo.page, `blocked-sender-${locale}`);
    for (const person of [eva, ivo, lia, guest]) await person.close();
  });
}

async function idOf(person: Person): Promise<string> {
  const { user } = (await (await person.context.request.get("/api/v1/users/me")).json()) as { user: { id: string } };
  return user.id;
}

test("screenshots of the administration", async ({ browser }) => {
  test.setTimeout(300_000);
  const own = await ChatServer.start();
  const marina = await Person.register(browser, own.url, "Marina Duarte", { viewport: DESKTOP });
  const others: Person[] = [];
  for (const name of ["Theo Lindqvist", "Caio Prado", "Yuki Tanaka", "Maximiliano Fontes Cavalcanti"]) others.push(await Person.register(browser, own.url, name));
  const [theo, caio, yuki] = others;
  if (!theo || !caio || !yuki) throw new Error("nobody is there");
  await caio.begin([marina]);
  await caio.say("I am moving on to another team. Thank you for everything!");
  await caio.sent("I am moving on");
  await theo.page.request.post("/api/v1/conversations", { data: { kind: "channel", title: "launch", memberIds: [] } });
  const { accounts } = (await (await marina.page.request.get("/api/v1/admin/users")).json()) as { accounts: { user: { id: string; username: string } }[] };
  const idOf = (person: Person) => accounts.find(({ user }) => user.username === person.username)?.user.id ?? "";
  const change = (person: Person, data: object) => marina.page.request.patch(`/api/v1/admin/users/${idOf(person)}`, { data });
  await change(theo, { admin: true });
  await change(yuki, { banned: true });
  await marina.page.request.delete(`/api/v1/admin/users/${idOf(caio)}`);
  const stranger = await Person.open(browser, own.url, "Stranger");

  for (const locale of ["en", "pt-BR"] as const) {
    for (const person of [marina, yuki, stranger]) {
      await person.page.goto("/login");
      await person.page.evaluate((chosen) => localStorage.setItem("chatconnect.locale", chosen), locale);
    }
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [size, viewport] of [["desktop", DESKTOP], ["phone", PHONE]] as const) {
        const of = `${size}-${locale}-${colorScheme}`;
        for (const { page } of [marina, yuki, stranger]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(viewport);
        }
        for (const tab of ["people", "channels", "registration", "figures"]) {
          await marina.page.goto(`/admin/${tab}`);
          await marina.page.getByRole("tabpanel").locator("li, dl, fieldset").last().waitFor();
          await shoot(marina.page, `admin-${tab}-${of}`);
        }
        await marina.page.goto("/admin");
        await marina.page.getByRole("listitem").filter({ hasText: "Maximiliano" }).getByRole("button").click();
        await marina.page.getByRole("menuitem").first().waitFor();
        await shoot(marina.page, `admin-menu-${of}`);
        await marina.page.getByRole("menuitem").nth(1).click();
        await marina.page.getByRole("alertdialog").waitFor();
        await shoot(marina.page, `admin-question-${of}`);
        await marina.page.getByRole("alertdialog").getByRole("button").last().click();
        await marina.page.getByTestId("password").waitFor();
        await shoot(marina.page, `admin-password-${of}`);
        await marina.page.goto("/");
        const gone = locale === "en" ? "Deleted account" : "Conta excluída";
        await marina.page.getByRole("link", { name: gone }).click();
        await marina.page.getByRole("heading", { name: gone, level: 2 }).waitFor();
        await shoot(marina.page, `gone-${of}`);
        await marina.page.goto("/");
        await marina.page.locator("aside").getByRole("button").last().click();
        await shoot(marina.page, `account-menu-${of}`);
        await marina.page.getByRole("menuitem").first().click();
        await marina.page.getByRole("tab").last().click();
        await shoot(marina.page, `settings-data-${of}`);
        await marina.page.request.patch("/api/v1/admin/settings", { data: { registration: "invite" } });
        await stranger.page.goto("/register");
        await stranger.page.getByRole("heading", { name: locale === "en" ? "By invitation only" : "Só com convite" }).waitFor();
        await shoot(stranger.page, `register-invite-${of}`);
        await yuki.page.goto("/login");
        await yuki.page.locator('[name="username"]').fill(yuki.username);
        await yuki.page.locator('[name="password"]').fill(PASSWORD);
        await yuki.page.keyboard.press("Enter");
        await yuki.page.getByRole("alert").waitFor();
        await shoot(yuki.page, `login-banned-${of}`);
      }
    }
  }
  for (const person of [marina, ...others, stranger]) await person.close();
  await own.stop();
});
