import { expect, type Locator, type Page, test } from "@playwright/test";
import { Person } from "./person";
import { ChatServer } from "./server";

let server: ChatServer;

test.beforeAll(async () => {
  server = await ChatServer.start();
});
test.afterAll(() => server.stop());

/** A picture that the browser draws: of one colour, which says later which one it is. */
async function picture(page: Page, width: number, height: number, colour: string): Promise<Buffer> {
  const url = await page.evaluate(
    ([width, height, colour]) => {
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no canvas");
      context.fillStyle = colour;
      context.fillRect(0, 0, width, height);
      return canvas.toDataURL("image/png");
    },
    [width, height, colour] as const,
  );
  return Buffer.from(url.split(",")[1] ?? "", "base64");
}

const attach = (person: Person, ...files: { name: string; mimeType: string; buffer: Buffer }[]) =>
  person.page.locator('form input[type="file"]').setInputFiles(files);
const tray = (person: Person) => person.page.getByRole("list", { name: "Files to send" });
const send = (person: Person) => person.page.getByRole("button", { name: "Send", exact: true }).click();
const isLoaded = (image: Locator) =>
  expect.poll(() => image.evaluate((element) => (element as HTMLImageElement).complete && (element as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);

/** What comes along with a drop or a paste. */
async function transfer(person: Person, name: string, buffer: Buffer) {
  return person.page.evaluateHandle(
    ([name, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type: "image/png" }));
      return data;
    },
    [name, buffer.toString("base64")] as const,
  );
}

test("pictures and files are sent, looked at, downloaded, and gone when they are deleted", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana");
  const bia = await Person.register(browser, server.url, "Bia");
  const caio = await Person.register(browser, server.url, "Caio");
  await ana.begin([bia]);
  const beach = await picture(ana.page, 1_600, 900, "#3377aa");
  const tower = await picture(ana.page, 40, 60, "#aa3333");
  await attach(
    ana,
    { name: "beach.png", mimeType: "image/png", buffer: beach },
    { name: "tower.png", mimeType: "image/png", buffer: tower },
    { name: "list of <b>bread.txt", mimeType: "text/plain", buffer: Buffer.from("two loaves") },
  );
  await expect(tray(ana).getByRole("listitem")).toHaveCount(3);
  await ana.composer.fill("from the weekend");
  await expect(tray(ana).getByRole("progressbar")).toHaveCount(0);
  await ana.composer.press("Enter");
  await ana.sent("from the weekend");
  await expect(tray(ana)).toBeHidden();

  await bia.openConversation("Ana");
  const message = bia.message("from the weekend");
  const shown = message.getByRole("button", { name: /^Look at/ });
  await expect(shown).toHaveCount(2);
  for (const image of await shown.locator("img").all()) await isLoaded(image);

  // Looked at: the arrows lead from one to the other, Escape back to where one was.
  await shown.first().click();
  const lightbox = bia.page.getByRole("dialog");
  await expect(lightbox.getByRole("img", { name: "beach.png" })).toBeVisible();
  await isLoaded(lightbox.getByRole("img", { name: "beach.png" }));
  expect(await lightbox.getByRole("img").evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1_600);
  await bia.page.keyboard.press("ArrowRight");
  await expect(lightbox.getByRole("img", { name: "tower.png" })).toBeVisible();
  await expect(lightbox.getByText("2 of 2")).toBeVisible();
  await bia.page.keyboard.press("Escape");
  await expect(lightbox).toBeHidden();
  await expect(shown.first()).toBeFocused();

  const downloading = bia.page.waitForEvent("download");
  await message.getByRole("link", { name: /list of/ }).click();
  const download = await downloading;
  const stream = await download.createReadStream();
  expect(Buffer.concat(await stream.toArray()).toString()).toBe("two loaves");

  // An answer without words, and what the list and the quote say of it.
  await attach(bia, { name: "tower.png", mimeType: "image/png", buffer: tower });
  await expect(tray(bia).getByRole("progressbar")).toHaveCount(0);
  await send(bia);
  await expect(ana.listed("Bia")).toContainText("Picture");
  await ana.messages.getByRole("article").last().hover();
  await ana.messages.getByRole("article").last().getByRole("button", { name: /^Actions/ }).click();
  await ana.page.getByRole("menuitem", { name: "Reply" }).click();
  await ana.say("what a tower");
  await expect(bia.message("what a tower").getByText("Picture")).toBeVisible();

  // They are still there after a reload, for those who are in the conversation.
  await bia.page.reload();
  await isLoaded(shown.first().locator("img"));
  const path = (await shown.first().locator("img").getAttribute("src")) ?? "";
  expect(path).toMatch(/\/thumbnail$/);
  expect((await bia.context.request.get(path)).status()).toBe(200);
  expect((await caio.context.request.get(path)).status()).toBe(404);

  await ana.message("from the weekend").getByRole("button", { name: /^Actions/ }).click();
  await ana.page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(bia.message("This message was deleted")).toBeVisible({ timeout: 20_000 });
  await expect(bia.messages.getByRole("button", { name: "Look at beach.png" })).toBeHidden();
  await expect.poll(async () => (await bia.context.request.get(path)).status()).toBe(404);
  for (const person of [ana, bia, caio]) await person.close();
});

test("files are pasted and dropped, taken back, and tried again", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Drop");
  await ana.openConversation("#general");
  const red = await picture(ana.page, 30, 30, "#ff0000");

  const pasted = await transfer(ana, "image.png", red);
  await ana.composer.evaluate(
    (field, clipboardData) => field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })),
    pasted,
  );
  await expect(tray(ana).getByRole("listitem")).toHaveCount(1);

  const dropped = await transfer(ana, "dropped.png", red);
  await ana.messages.dispatchEvent("dragenter", { dataTransfer: dropped });
  await expect(ana.page.getByText("Drop the files to send them")).toBeVisible();
  await ana.messages.dispatchEvent("drop", { dataTransfer: dropped });
  await expect(ana.page.getByText("Drop the files to send them")).toBeHidden();
  await expect(tray(ana).getByRole("listitem")).toHaveCount(2);

  await tray(ana).getByRole("button", { name: "Remove image.png" }).click();
  await expect(tray(ana).getByRole("listitem")).toHaveCount(1);

  // What was chosen waits while one looks at another conversation.
  const bia = await Person.register(browser, server.url, "Bia Drop");
  await ana.begin([bia]);
  await expect(tray(ana)).toBeHidden();
  await ana.openConversation("#general");
  await expect(tray(ana).getByText("dropped.png")).toBeVisible();
  await expect(tray(ana).getByRole("progressbar")).toHaveCount(0);

  // Without a network the upload fails and says so; a click tries again.
  await ana.context.setOffline(true);
  await attach(ana, { name: "later.txt", mimeType: "text/plain", buffer: Buffer.from("later") });
  await expect(tray(ana).getByRole("alert")).toContainText("you are offline");
  await expect(ana.page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  await ana.context.setOffline(false);
  await tray(ana).getByRole("button", { name: "Try again" }).click();
  await expect(tray(ana).getByRole("alert")).toHaveCount(0);
  await expect(tray(ana).getByRole("progressbar")).toHaveCount(0);

  // What the server does not take is said, and does not stand in the way of the rest.
  await attach(
    ana,
    { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) },
    { name: "broken.png", mimeType: "image/png", buffer: red.subarray(0, 40) },
  );
  await expect(tray(ana).getByRole("alert")).toHaveCount(2);
  await expect(tray(ana).getByRole("alert").first()).toContainText("this file cannot be sent");
  await tray(ana).getByRole("button", { name: "Remove empty.txt" }).click();
  await tray(ana).getByRole("button", { name: "Remove broken.png" }).click();
  await send(ana);
  await expect(ana.messages.getByRole("link", { name: /later\.txt/ })).toBeVisible();
  await bia.openConversation("#general");
  await expect(bia.messages.getByRole("button", { name: "Look at dropped.png" })).toBeVisible();

  const many = Array.from({ length: 12 }, (_, i) => ({ name: `${i}.txt`, mimeType: "text/plain", buffer: Buffer.from(`${i}`) }));
  await attach(ana, ...many);
  await expect(tray(ana).getByRole("listitem")).toHaveCount(10);
  await expect(ana.page.getByText("2 were left out")).toBeVisible();
  await ana.close();
  await bia.close();
});

test("a voice message is recorded, discarded, recorded again and heard", async ({ browser }) => {
  const permissions = ["microphone"];
  const ana = await Person.register(browser, server.url, "Ana Voice", { permissions });
  const bia = await Person.register(browser, server.url, "Bia Voice");
  await ana.begin([bia]);
  await ana.page.getByRole("button", { name: "Record a voice message" }).click();
  await expect(ana.page.getByRole("timer")).toBeVisible();
  await ana.page.getByRole("button", { name: "Discard the recording" }).click();
  await expect(tray(ana)).toBeHidden();
  await expect(ana.composer).toBeFocused();

  await ana.page.getByRole("button", { name: "Record a voice message" }).click();
  await expect(ana.page.getByRole("timer")).toHaveText("0:02");
  await ana.page.getByRole("button", { name: "Finish the recording" }).click();
  await expect(tray(ana).getByRole("listitem")).toHaveCount(1);
  await expect(tray(ana).getByRole("progressbar")).toHaveCount(0);
  await send(ana);

  await expect(bia.listed("Ana Voice")).toContainText("Voice message");
  await bia.openConversation("Ana Voice");
  const player = bia.messages.locator("audio");
  await expect(bia.rows.getByText("Voice message")).toBeVisible();
  await player.evaluate((audio: HTMLAudioElement) => {
    audio.muted = true;
    return audio.play();
  });
  await expect.poll(() => player.evaluate((audio: HTMLAudioElement) => audio.currentTime)).toBeGreaterThan(0.2);
  await ana.close();
  await bia.close();
});

test("who does not give the microphone is told so", async ({ browser }) => {
  const ana = await Person.open(browser, server.url, "Ana Deaf");
  await ana.page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await ana.register();
  await ana.openConversation("#general");
  await ana.page.getByRole("button", { name: "Record a voice message" }).click();
  await expect(ana.page.getByText("The microphone cannot be used")).toBeVisible();
  await expect(ana.composer).toBeVisible();
  await ana.close();
});

test("a person's picture is cut out, seen by others, and removed", async ({ browser }) => {
  const ana = await Person.register(browser, server.url, "Ana Face");
  const bia = await Person.register(browser, server.url, "Bia Face");
  await bia.begin([ana]);
  await bia.say("who are you?");
  await ana.page.getByRole("button", { name: /^Account/ }).click();
  await ana.page.getByRole("menuitem", { name: "Settings" }).click();
  const chooser = ana.page.waitForEvent("filechooser");
  await ana.page.getByRole("button", { name: "Choose a picture" }).click();
  await (await chooser).setFiles({ name: "me.png", mimeType: "image/png", buffer: await picture(ana.page, 300, 200, "#00aa00") });
  const cropping = ana.page.getByRole("dialog", { name: "Your picture" });
  await cropping.getByRole("application").press("ArrowLeft");
  await cropping.getByLabel("Zoom").fill("2");
  await cropping.getByRole("button", { name: "Use this picture" }).click();
  await expect(cropping).toBeHidden();
  await expect(ana.page.getByRole("button", { name: "Remove the picture" })).toBeVisible();

  await bia.page.reload();
  const face = bia.listed("Ana Face").locator("img");
  await isLoaded(face);
  expect(await face.evaluate((image) => [(image as HTMLImageElement).naturalWidth, (image as HTMLImageElement).naturalHeight])).toEqual([256, 256]);

  await ana.page.getByRole("button", { name: "Remove the picture" }).click();
  await expect(ana.page.getByRole("button", { name: "Remove the picture" })).toBeHidden();
  await ana.close();
  await bia.close();
});

test("files are found by what they are, without a word", async ({ browser }) => {
  // Nobody else has sent anything here.
  const own = await ChatServer.start();
  const ana = await Person.register(browser, own.url, "Ana Seeks");
  const bia = await Person.register(browser, own.url, "Bia Seeks");
  await ana.begin([bia]);
  await attach(ana, { name: "sky.png", mimeType: "image/png", buffer: await picture(ana.page, 300, 200, "#3366cc") });
  await expect(ana.page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
  await send(ana);
  await ana.page.getByRole("button", { name: "Look at sky.png" }).waitFor();
  await attach(ana, { name: "recipe.txt", mimeType: "text/plain", buffer: Buffer.from("flour") });
  await expect(ana.page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
  await send(ana);
  await ana.say("see https://example.org/bread");
  await ana.sent("see https://");

  await bia.page.keyboard.press("Control+k");
  const hits = bia.page.getByRole("region", { name: "Messages", exact: true }).getByRole("button");
  await bia.page.getByRole("button", { name: "Pictures" }).click();
  await expect(bia.page.getByRole("searchbox")).toBeFocused();
  await expect(hits).toHaveText([/sky\.png/]);
  await isLoaded(hits.locator("img"));
  await bia.page.getByRole("searchbox").fill("tem:arquivo");
  await expect(hits).toHaveText([/recipe\.txt/, /sky\.png/]);
  await bia.page.getByRole("searchbox").fill("has:link");
  await expect(hits).toHaveText([/example\.org/]);
  await bia.page.getByRole("searchbox").fill("has:video");
  await expect(bia.page.getByText("Nothing found for “has:video”")).toBeVisible();
  await bia.page.getByRole("searchbox").fill("has:link bread");
  await hits.first().click();
  await expect(bia.message("see https://")).toBeVisible();
  await ana.close();
  await bia.close();
  await own.stop();
});
