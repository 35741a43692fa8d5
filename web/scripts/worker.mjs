// Writes the service worker with the list of the files that the page needs to open, and a version that is theirs.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const directory = process.argv[2];
if (!directory) throw new Error("usage: worker.mjs <directory>");

const assets = (await readdir(join(directory, "assets"))).filter((name) => /\.(js|css)$/.test(name)).sort();
const icons = (await readdir(join(directory, "icons"))).sort();
const known = ["/", "/favicon.svg", "/favicon-unread.svg", "/manifest.webmanifest", ...icons.map((name) => `/icons/${name}`)];
const files = [...known, ...assets.map((name) => `/assets/${name}`)];
const page = await readFile(join(directory, "index.html"));
const version = createHash("sha256").update(page).update(files.join()).digest("hex").slice(0, 16);

const source = await readFile(new URL("../src/worker.js", import.meta.url), "utf8");
await writeFile(join(directory, "sw.js"), source.replace('"FILES"', JSON.stringify(files)).replace("VERSION", version));
