import { defineConfig } from "@playwright/test";

/** What Chromium needs to run without a desktop, and not to talk to anybody but the server under test. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A microphone that hums.
  "--use-fake-device-for-media-stream",
];

export default defineConfig({
  testDir: ".",
  outputDir: "results",
  workers: 2,
  fullyParallel: false,
  forbidOnly: process.env["CI"] !== undefined,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "America/Sao_Paulo",
    // Nobody looks at traces of a run that nobody watches.
    trace: process.env["CI"] === undefined ? "retain-on-failure" : "off",
    // What tests put in the way of requests is not in the way of the worker's; offline.spec.ts lets it work.
    serviceWorkers: "block",
    launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args },
  },
  projects: [
    { name: "chat", testMatch: "*.spec.ts" },
    // A trace takes a picture of the page at every step.
    { name: "measure", testMatch: "measure.ts", use: { trace: "off" } },
    { name: "screenshots", testMatch: "screenshots.ts" },
  ],
});
