import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const binary = resolve(root, process.env["CHATCONNECT_BIN"] ?? "target/debug/chatconnect");

/** A database of its own for each data folder, when the run is about MongoDB; see tests/e2e/support/database.mjs. */
function databaseUrl(dataDir: string): { DATABASE_URL?: string } {
  if (process.env["CHATCONNECT_TEST_DATABASE"] !== "mongodb") return {};
  const server = process.env["CHATCONNECT_TEST_MONGODB"];
  if (!server) throw new Error("CHATCONNECT_TEST_MONGODB is not set: run `make test-browser-mongodb`");
  const url = new URL(server);
  url.pathname = basename(dataDir);
  return { DATABASE_URL: url.href };
}

/** The real server on a free port, with an empty database of its own. */
export class ChatServer {
  readonly dataDir: string;
  #port = "0";
  #process: ChildProcess | null = null;
  #url = "";

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  static async start(): Promise<ChatServer> {
    const server = new ChatServer(await mkdtemp(join(tmpdir(), "chatconnect-browser-")));
    await server.run();
    return server;
  }

  get url(): string {
    return this.#url;
  }

  /** Starts the process; after `kill` on the same port and the same data. */
  async run(): Promise<void> {
    const child = spawn(binary, [], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"],
        HOST: "127.0.0.1",
        PORT: this.#port,
        DATA_DIR: this.dataDir,
        ...databaseUrl(this.dataDir),
        BCRYPT_COST: "4",
        RATE_LIMITS: "off",
        RUST_LOG: "warn",
      },
    });
    this.#process = child;
    let complaints = "";
    child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
    const url = await new Promise<string>((ready, failed) => {
      child.once("error", failed);
      child.once("exit", (code) => failed(new Error(`the server ended with ${code}: ${complaints}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const found = /listening on (http:\/\/\S+)/.exec(line)?.[1];
        if (found) ready(found.replace(/\/$/, ""));
      });
    });
    this.#url = url;
    this.#port = new URL(url).port;
  }

  /** As a power cut would: nothing is flushed, nobody is told. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Ends the process and removes its data. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}
