import type { ErrorBody } from "./generated/ErrorBody";

/** A command that did not succeed: the server's own error, or one of ours (`offline`, `timeout`). */
export class CommandError extends Error {
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | null;
  readonly requestId: string | null;

  constructor(body: Pick<ErrorBody, "code" | "title"> & Partial<ErrorBody>) {
    super(body.title);
    this.name = "CommandError";
    this.code = body.code;
    this.fields = (body.fields ?? {}) as Record<string, string>;
    this.retryAfterMs = body.retryAfterMs ?? null;
    this.requestId = body.requestId ?? null;
  }
}

export const OFFLINE = "offline";
export const TIMEOUT = "timeout";

const TRANSIENT = new Set([OFFLINE, TIMEOUT, "unavailable", "rate_limited", "unauthenticated", "internal"]);

/** Whether the same command may succeed later, unchanged. */
export function isTransient(error: CommandError): boolean {
  return TRANSIENT.has(error.code);
}

/**
 * How long to wait before attempt number `attempt` (from 0): what the server asks for or a doubling delay of 0.5 to 15 s,
 * plus up to a quarter, so that many clients do not come back in the same moment.
 */
export function retryDelay(attempt: number, retryAfterMs: number | null, random: number): number {
  const base = retryAfterMs ?? Math.min(15_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(base * (1 + random / 4));
}
