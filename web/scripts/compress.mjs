// Writes a .br and a .gz beside every file that is worth compressing, so that the server need not do it at every request.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const COMPRESSIBLE = new Set([".html", ".js", ".css", ".svg", ".json", ".txt", ".webmanifest", ".map"]);
const SMALLEST = 512;

const brotli = promisify(brotliCompress);
const gz = promisify(gzip);

const directory = process.argv[2];
if (!directory) throw new Error("usage: compress.mjs <directory>");

let files = 0;
let before = 0;
let after = 0;
for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !COMPRESSIBLE.has(extname(entry.name))) continue;
  const path = join(entry.parentPath, entry.name);
  const content = await readFile(path);
  if (content.length < SMALLEST) continue;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  const compressed = await brotli(content, quality);
  await writeFile(`${path}.br`, compressed);
  await writeFile(`${path}.gz`, await gz(content, { level: 9 }));
  files += 1;
  before += content.length;
  after += compressed.length;
}
console.log(`compressed ${files} files: ${before} -> ${after} bytes`);
