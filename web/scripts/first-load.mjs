// Fails when the JavaScript that the page asks for itself, gzipped, is more than somebody on a slow network should wait for.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

const MOST_BYTES = 200_000;

const directory = process.argv[2];
if (!directory) throw new Error("usage: first-load.mjs <directory>");

const page = await readFile(join(directory, "index.html"), "utf8");
const scripts = (await readdir(join(directory, "assets"))).filter((name) => name.endsWith(".js") && page.includes(name));
const sizes = await Promise.all(scripts.map(async (name) => (await stat(join(directory, "assets", `${name}.gz`))).size));
const bytes = sizes.reduce((sum, size) => sum + size, 0);
console.log(`first load: ${(bytes / 1_000).toFixed(1)} kB of gzipped JavaScript, of ${MOST_BYTES / 1_000} that it may be`);
if (bytes === 0 || bytes > MOST_BYTES) process.exit(1);
