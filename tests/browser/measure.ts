/** How the built client keeps up, in Chromium: what `make bench-browser` prints, and what docs/BENCHMARKS.md says of it. */
import { type Browser, expect, type Page, test } from "@playwright/test";
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { io } from "socket.io-client";
import { PASSWORD, Person } from "./person";
import { binary, ChatServer } from "./server";

const MESSAGES = 100_000;
const ROUNDS = 3;
const SCROLL_MS = 10_000;
const BURST_MS = 10_000;
const BURST_PER_SECOND = 200;
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const run = promisify(execFile);

/** A database whose channel `general` holds so many messages. */
async function filled(dataDir: string): Promise<void> {
  const generate = join(dirname(binary), "examples/generate_archive");
  const options = `--people 200 --conversations 0 --messages ${MESSAGES}`;
  await run("bash", ["-c", `set -o pipefail; "${generate}" ${options} | DATA_DIR="${dataDir}" "${binary}" import -`]);
}

interface Tasks {
  /** Milliseconds of every task of the page's main thread. */
  tasks: number[];
  /** Milliseconds from each input to the frame that shows what it did. */
  inputs: number[];
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  args?: { name?: string; data?: { duration?: number; interactionId?: number } };
}

/** What the main thread did meanwhile, from Chromium's own trace. */
async function traced(browser: Browser, page: Page, work: () => Promise<void>): Promise<Tasks> {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const mains = new Set(
    traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const onMain = traceEvents.filter(({ pid, tid }) => mains.has(`${pid} ${tid}`));
  return {
    tasks: onMain.filter(({ name, ph }) => name === "RunTask" && ph === "X").map(({ dur = 0 }) => dur / 1_000),
    inputs: traceEvents.filter(({ name, args }) => name === "EventTiming" && args?.data?.interactionId).map(({ args }) => args?.data?.duration ?? 0),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** The median of the rounds. */
function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** From a press on a conversation's line until the frame with its messages has been drawn. */
function switchTo(page: Page, title: string): Promise<number> {
  return page.evaluate(async (wanted) => {
    const lines = [...document.querySelectorAll<HTMLElement>("a[href^='/c/']")];
    const line = lines.find((one) => one.textContent.includes(wanted));
    const begin = performance.now();
    line?.click();
    await new Promise<void>((done) => {
      // What is in the page when a frame is about to be drawn is in that frame; what comes after it, comes after its drawing.
      requestAnimationFrame(function look() {
        const seen = [...document.querySelectorAll("[data-row]")].some((row) => row.checkVisibility({ visibilityProperty: true }));
        const isThere = document.querySelector("h2")?.textContent === wanted && seen;
        if (isThere) setTimeout(done);
        else requestAnimationFrame(look);
      });
    });
    return performance.now() - begin;
  }, title);
}

async function jsBytes(): Promise<number> {
  const assets = join(root, "web/dist/assets");
  const page = await readFile(join(root, "web/dist/index.html"), "utf8");
  const loaded = (await readdir(assets)).filter((name) => name.endsWith(".js.gz") && page.includes(name.replace(".gz", "")));
  const sizes = await Promise.all(loaded.map(async (name) => (await stat(join(assets, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("measure", async ({ browser }) => {
  test.setTimeout(900_000);
  const server = await ChatServer.start(filled);
  const figures: Record<string, number[]> = {};
  const note = (name: string, value: number) => (figures[name] ??= []).push(value);
  const ana = await Person.register(browser, server.url, "Ana", { viewport: { width: 1440, height: 900 } });
  const bia = await Person.register(browser, server.url, "Bia");
  await ana.begin([bia]);
  for (let i = 0; i < 60; i += 1) await ana.say(`message ${i}`);

  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = performance.now();
    await ana.page.goto("/");
    await ana.listed("Bia").waitFor();
    note("page load to the list, ms", performance.now() - begin);

    const switches: number[] = [];
    for (let i = 0; i < 20; i += 1) switches.push(await switchTo(ana.page, i % 2 === 0 ? "#general" : "Bia"));
    note("conversation switch p50, ms", percentile(switches, 0.5));
    note("conversation switch p95, ms", percentile(switches, 0.95));

    await ana.openConversation("#general");
    const scroller = ana.messages.locator("[data-virtuoso-scroller]");
    await scroller.hover();
    const scrolling = await traced(browser, ana.page, async () => {
      for (const end = performance.now() + SCROLL_MS; performance.now() < end; ) {
        await ana.page.mouse.wheel(0, -600);
        await ana.page.waitForTimeout(50);
      }
    });
    note("scrolling, longest task, ms", Math.max(...scrolling.tasks));
    note("scrolling, tasks over 50 ms", scrolling.tasks.filter((ms) => ms > 50).length);

    await ana.page.goto("/");
    await ana.openConversation("Bia");
    await burst(server, bia, async () => {
      const typing = await traced(browser, ana.page, async () => {
        for (const end = performance.now() + BURST_MS; performance.now() < end; ) {
          await ana.composer.press("a");
          await ana.page.waitForTimeout(100);
        }
      });
      note("burst, input to frame p50, ms", percentile(typing.inputs, 0.5));
      note("burst, input to frame p99, ms", percentile(typing.inputs, 0.99));
      note("burst, longest task, ms", Math.max(...typing.tasks));
    });
    await ana.composer.fill("");
  }
  await server.stop();

  const { stdout } = await run("git", ["describe", "--always", "--dirty", "--abbrev=12"], { cwd: root });
  const lines = Object.entries(figures).map(([name, values]) => `| ${name} | ${median(values).toFixed(1)} |`);
  const report = [
    `Measured ${new Date().toISOString()} on commit ${stdout.trim()}, by \`make bench-browser\`. Chromium ${browser.version()} without a graphics card,`,
    `${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), the server on the same ones;`,
    `medians of ${ROUNDS} rounds. Scrolling is in a channel of ${MESSAGES} messages for ${SCROLL_MS / 1_000} s; a burst is ${BURST_PER_SECOND} messages a second into the`,
    `conversation in which somebody types, for ${BURST_MS / 1_000} s. Tasks are those of the page's main thread.`,
    "",
    "| | |",
    "|---|--:|",
    `| JavaScript of the first load, gzipped, kB | ${((await jsBytes()) / 1_000).toFixed(1)} |`,
    ...lines,
    "",
  ].join("\n");
  console.log(report);
  await mkdir(join(root, "bench/results"), { recursive: true });
  await writeFile(join(root, "bench/results/browser.md"), report);
});

/** Somebody writes that much into their conversation with Ana while `work` goes on; all of it has to arrive. */
async function burst(server: ChatServer, sender: Person, work: () => Promise<void>): Promise<void> {
  const login = await sender.context.request.post(`${server.url}/api/v1/auth/login`, { data: { username: sender.username, password: PASSWORD } });
  const cookie = (login.headers()["set-cookie"] ?? "").split(";")[0] ?? "";
  const socket = io(server.url, { transports: ["websocket"], extraHeaders: { cookie } });
  await new Promise<void>((connected, failed) => {
    socket.once("connect", connected);
    socket.once("connect_error", failed);
  });
  const { data } = (await socket.emitWithAck("conversation:list", {})) as { data: { conversations: { id: string; kind: string }[] } };
  const conversationId = data.conversations.find(({ kind }) => kind === "direct")?.id;
  let sent = 0;
  const acks: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    for (let i = 0; i < BURST_PER_SECOND / 50; i += 1) {
      sent += 1;
      acks.push(socket.emitWithAck("message:send", { conversationId, clientId: crypto.randomUUID(), body: `burst ${sent}` }));
    }
  }, 20);
  await work();
  clearInterval(timer);
  for (const ack of await Promise.all(acks)) expect((ack as { ok: boolean }).ok).toBe(true);
  socket.disconnect();
}
