import { useCallback, useEffect, useRef, useState } from "react";
import { useChatClient } from "../../../shared/chat/Chat";
import { useAttempt } from "../../../shared/ui/Toasts";

/** How long a deletion can be taken back: nobody has been told of it until then. */
export const UNDO_MS = 8_000;

export interface Deletions {
  /** Ids of the messages that are about to be deleted. */
  pending: ReadonlySet<string>;
  begin(messageId: string): void;
  undo(messageId: string): void;
}

const NONE: ReadonlySet<string> = new Set();

/** Deletes messages a moment later. Who leaves the conversation or the page meanwhile has meant it. */
export function useDeletions(): Deletions {
  const client = useChatClient();
  const attempt = useAttempt();
  const [pending, setPending] = useState(NONE);
  const timers = useRef(new Map<string, number>());

  const end = useCallback((messageId: string) => {
    window.clearTimeout(timers.current.get(messageId));
    timers.current.delete(messageId);
  }, []);
  const undo = useCallback(
    (messageId: string) => {
      end(messageId);
      setPending((ids) => new Set([...ids].filter((id) => id !== messageId)));
    },
    [end],
  );
  const carryOut = useCallback(
    async (messageId: string) => {
      end(messageId);
      await attempt(() => client.remove(messageId));
      undo(messageId);
    },
    [attempt, client, end, undo],
  );
  const begin = useCallback(
    (messageId: string) => {
      if (timers.current.has(messageId)) return;
      timers.current.set(messageId, window.setTimeout(() => void carryOut(messageId), UNDO_MS));
      setPending((ids) => new Set([...ids, messageId]));
    },
    [carryOut],
  );

  useEffect(() => {
    const waiting = timers.current;
    const carryOutAll = () => {
      for (const messageId of [...waiting.keys()]) void carryOut(messageId);
    };
    window.addEventListener("pagehide", carryOutAll);
    return () => {
      window.removeEventListener("pagehide", carryOutAll);
      carryOutAll();
    };
  }, [carryOut]);
  return { pending, begin, undo };
}
