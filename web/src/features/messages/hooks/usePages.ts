import type { Thread } from "@chatconnect/protocol";
import { useCallback, useEffect, useState } from "react";
import { useChatClient } from "../../../shared/chat/Chat";

export interface Pages {
  /** What is being loaded, or could not be. */
  state: "idle" | "older" | "newer" | "older-failed" | "newer-failed";
  loadOlder(): void;
  loadNewer(): void;
}

/** Loads what lies before and after the shown messages when one of their ends is reached. */
export function usePages({ conversation: { id }, from, messages, excerpt }: Thread): Pages {
  const client = useChatClient();
  const [state, setState] = useState<Pages["state"]>("idle");
  const run = useCallback((what: "older" | "newer", load: () => Promise<void>) => {
    setState(what);
    load().then(
      () => setState("idle"),
      () => setState(`${what}-failed`),
    );
  }, []);

  const shownFrom = excerpt?.from ?? from;
  const loadOlder = useCallback(() => {
    if (shownFrom > 1) run("older", () => client.loadOlder(id));
  }, [client, id, shownFrom, run]);
  const away = excerpt !== null;
  const loadNewer = useCallback(() => {
    if (away) run("newer", () => client.loadNewer(id));
  }, [client, id, away, run]);

  const nothingHeld = messages.length === 0 && from > 1;
  useEffect(() => {
    // An empty list has no top that could be reached.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    if (nothingHeld) loadOlder();
  }, [nothingHeld, loadOlder]);
  return { state, loadOlder, loadNewer };
}
