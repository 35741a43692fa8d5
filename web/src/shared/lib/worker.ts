/** Lets the page open without a network from the next time on; see worker.js. */
export function startWorker(): void {
  // Only where the built client is served, and where the browser allows it: over https, or on the same machine.
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  window.addEventListener("load", () => {
    navigator.serviceWorker.register("/sw.js").catch(() => undefined);
  });
}
