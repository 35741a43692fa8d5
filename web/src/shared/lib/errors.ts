import { ApiError, CommandError } from "@chatconnect/protocol";
import type { Key } from "../i18n/en";

/** What to tell a person about something that failed. */
export function errorKey(error: unknown): Key {
  const code = error instanceof CommandError || error instanceof ApiError ? error.code : "other";
  switch (code) {
    case "offline":
    case "network":
    case "timeout":
      return "error.offline";
    case "rate_limited":
      return "error.rateLimited";
    case "unavailable":
      return "error.unavailable";
    case "forbidden":
      return "error.forbidden";
    case "conversation.not_member":
      return "error.notMember";
    case "conversation.blocked":
      return "error.blocked";
    case "not_found":
      return "error.notFound";
    case "too_large":
      return "error.tooLarge";
    default:
      return "error.other";
  }
}
