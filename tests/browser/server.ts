import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const binary = resolve(root, process.env["CHATCONNECT_BIN"] ?? "target/debug/chatconnect");

const ON_MONGODB = process.env["CHATCONNECT_TEST_DATABASE"] === "mongodb";

/** A database of its own for each data folder, when the run is about MongoDB; see tests/e2e/support/database.mjs. */
function databaseUrl(dataDir: string): { DATABASE_URL?: string } {
  if (!ON_MONGODB) return {};
  const server = process.env["CHATCONNECT_TEST_MONGODB"];
  if (!server) throw new Error("CHATCONNECT_TEST_MONGODB is not set: run `make test-browser-mongodb`");
  const url = new URL(server);
  url.pathname = basename(dataDir);
  return { DATABASE_URL: url.href };
}

/** The real server on a free port, with an empty database of its own; on MongoDB it is two nodes. */
export class ChatServer {
  readonly #dataDir: string;
  readonly #nodes: readonly Node[];
  #asked = 0;

  private constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#nodes = Array.from({ length: ON_MONGODB ? 2 : 1 }, () => new Node(dataDir));
  }

  /** `prepare` may put a database into the data folder before. */
  static async start(prepare: (dataDir: string) => Promise<void> = () => Promise.resolve()): Promise<ChatServer> {
    const server = new ChatServer(await mkdtemp(join(tmpdir(), "chatconnect-browser-")));
    await prepare(server.#dataDir);
    await server.run();
    return server;
  }

  /** Where it is, of several nodes another one each time: people meet across them. */
  get url(): string {
    this.#asked += 1;
    return this.#nodes[this.#asked % this.#nodes.length]?.url ?? "";
  }

  /** Starts it; after `kill` on the same ports and the same data. */
  async run(): Promise<void> {
    for (const node of this.#nodes) await node.run();
  }

  /** As a power cut would: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end("SIGKILL")));
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end("SIGTERM")));
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}

class Node {
  readonly #dataDir: string;
  #port = "0";
  #process: ChildProcess | null = null;
  #url = "";

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  get url(): string {
    return this.#url;
  }

  async run(): Promise<void> {
    const child = spawn(binary, [], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"],
        HOST: "127.0.0.1",
        PORT: this.#port,
        DATA_DIR: this.#dataDir,
        ...databaseUrl(this.#dataDir),
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

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }
}
