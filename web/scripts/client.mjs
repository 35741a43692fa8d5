// Puts the Socket.IO client for plain pages where every Socket.IO server serves it.
import { copyFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const directory = process.argv[2];
if (!directory) throw new Error("usage: client.mjs <directory>");

const library = createRequire(import.meta.url).resolve("socket.io-client/dist/socket.io.js");
await mkdir(join(directory, "socket.io"), { recursive: true });
await copyFile(join(dirname(library), "socket.io.min.js"), join(directory, "socket.io", "socket.io.js"));
