// Puts the names of the emoji, in the languages of the interface, where the emoji picker asks for them.
import { copyFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const LOCALES = ["en", "pt"];
const FILES = ["data.json", "messages.json"];

const directory = process.argv[2];
if (!directory) throw new Error("usage: emoji.mjs <directory>");

const from = dirname(createRequire(import.meta.url).resolve("emojibase-data/package.json"));
for (const locale of LOCALES) {
  const to = join(directory, "emoji", locale);
  await mkdir(to, { recursive: true });
  for (const file of FILES) await copyFile(join(from, locale, file), join(to, file));
}
