const SEEN = "chatconnect.seen";
/** Longer than the tabs of one browser need to hear of the same message. */
const HELD_MS = 5_000;

let watching: Promise<unknown> | null = null;

/**
 * Runs `work` in one of the tabs of this browser, and in none when one of them is seen: there the person sees the
 * message. Browsers without locks (http pages) take each tab for the only one.
 */
export async function announceOnce(messageId: string, work: () => void): Promise<void> {
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return work();
  const { held = [] } = await locks.query();
  if (held.some(({ name }) => name === SEEN)) return;
  await locks.request(`chatconnect.announce.${messageId}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    work();
    await new Promise((resolve) => setTimeout(resolve, HELD_MS));
  });
}

/** Tells the other tabs, as long as this one is seen. */
export function startWatching(): void {
  const locks = navigator.locks as LockManager | undefined;
  if (!locks || watching) return;
  const watch = () => {
    if (document.visibilityState !== "visible") return;
    watching = locks.request(SEEN, { mode: "shared" }, () => hidden());
  };
  watch();
  document.addEventListener("visibilitychange", watch);
}

function hidden(): Promise<void> {
  return new Promise((resolve) => {
    const listen = () => {
      if (document.visibilityState === "visible") return;
      document.removeEventListener("visibilitychange", listen);
      resolve();
    };
    document.addEventListener("visibilitychange", listen);
  });
}
