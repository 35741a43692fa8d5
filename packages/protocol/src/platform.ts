/**
 * The few things of the host (browser, React Native, Node) that this package uses, typed here so that it needs neither
 * the DOM's types nor Node's.
 */
export type Timer = unknown;

/** What an AbortController gives to `fetch`. */
export interface AbortSignal {
  addEventListener(type: "abort", listener: () => void): void;
}

interface Host {
  setTimeout(run: () => void, ms: number): Timer;
  clearTimeout(timer: Timer): void;
  AbortController: new () => { readonly signal: AbortSignal; abort(): void };
  crypto?: { getRandomValues?(bytes: Uint8Array): Uint8Array };
}

const host = globalThis as unknown as Host;

export function startTimer(run: () => void, ms: number): Timer {
  return host.setTimeout(run, ms);
}

export function stopTimer(timer: Timer): void {
  if (timer !== null && timer !== undefined) host.clearTimeout(timer);
}

/** Does `work`, which ends when its signal is aborted: after `ms` milliseconds. */
export async function abortedAfter<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new host.AbortController();
  const timer = startTimer(() => controller.abort(), ms);
  try {
    return await work(controller.signal);
  } finally {
    stopTimer(timer);
  }
}

/** A version 4 UUID. `crypto.randomUUID` exists only on https pages and on localhost, so it is not used. */
export function randomUuid(): string {
  const bytes = new Uint8Array(16);
  if (host.crypto?.getRandomValues) host.crypto.getRandomValues(bytes);
  else for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(Math.random() * 256);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
