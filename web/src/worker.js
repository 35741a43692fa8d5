/**
 * Lets the page open without a network: keeps the files of the last build, and leaves everything else to the server.
 * `scripts/worker.mjs` fills in what is in capitals.
 */
const FILES = "FILES";
const CACHE = "chatconnect-VERSION";
/** A page that was opened before an update still asks for the files of its own build. */
const KEPT_BUILDS = 2;
/** On a network that hardly answers, the kept page is the better one. */
const PATIENCE_MS = 4_000;
const SERVERS_OWN = /^\/(api|socket\.io|metrics|healthz|readyz)(\/|$)/;
const NEVER_CHANGES = /^\/(assets|emoji)\//;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(FILES);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const builds = (await caches.keys()).filter((name) => name.startsWith("chatconnect-") && name !== CACHE);
      for (const old of builds.slice(0, builds.length + 1 - KEPT_BUILDS)) await caches.delete(old);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || SERVERS_OWN.test(pathname)) return;
  event.respondWith(request.mode === "navigate" ? page(request) : file(request, pathname));
});

async function page(request) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const fetched = fetch(request).catch(() => undefined);
  const response = await Promise.race([fetched, late]);
  return response ?? (await kept("/")) ?? (await fetched) ?? Response.error();
}

async function file(request, pathname) {
  const known = await kept(request);
  if (known) return known;
  const response = await fetch(request);
  if (response.ok && NEVER_CHANGES.test(pathname)) {
    const cache = await caches.open(CACHE);
    await cache.put(request, response.clone()).catch(() => undefined);
  }
  return response;
}

/** The server varies what it sends by its compression alone, which is undone here. */
function kept(request) {
  return caches.match(request, { ignoreVary: true });
}
