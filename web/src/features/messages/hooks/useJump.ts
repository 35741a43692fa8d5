import type { Thread } from "@chatconnect/protocol";
import { useCallback, useEffect, useState } from "react";
import { useChatClient } from "../../../shared/chat/Chat";
import { useAttempt } from "../../../shared/ui/Toasts";

const HIGHLIGHT_MS = 2_000;

/** Where the list opens. It is mounted anew for every visit: a virtual list that scrolls over rows it has not measured goes astray. */
export interface Place {
  visit: number;
  /** Null: the newest message. */
  seq: number | null;
  /** The first unread message stands at the top, what was jumped to in the middle. */
  align: "start" | "center";
  /** Whether the message takes the focus, as that of the button that led there is lost. */
  focus: boolean;
}

type Wanted = Omit<Place, "visit">;

export interface Jump {
  place: Place;
  /** Whether the first place is still being loaded. */
  opening: boolean;
  /** The `seq` of the message that flashes, as it was jumped to. */
  highlighted: number | null;
  goTo(seq: number, focus?: boolean): void;
  goToNewest(): void;
}

const NEWEST: Wanted = { seq: null, align: "center", focus: false };

/**
 * Shows any message of a conversation, held or not.
 *
 * @param target the `seq` of a message to show, and how often it was asked for
 * @param synced whether what is unread is known, and the server can be asked
 * @param onTarget called when it is on its way to the target
 */
export function useJump(thread: Thread, target: { seq: number; token: string } | null, synced: boolean, onTarget: () => void): Jump {
  const client = useChatClient();
  const attempt = useAttempt();
  const { id } = thread.conversation;
  const [unread] = useState(() => (synced && target === null ? unreadBeforeHeld(thread) : null));
  const [unreadFailed, setUnreadFailed] = useState(false);
  const [place, setPlace] = useState<Place>({ ...NEWEST, visit: 0 });
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [highlighted, setHighlighted] = useState<number | null>(null);

  const load = useCallback(
    (seq: number, align: Place["align"], focus: boolean) =>
      attempt(async () => {
        // Before it is loaded, so that the list never shows the loaded part at the place of the one before.
        setWanted({ seq, align, focus });
        let held = false;
        try {
          held = await client.loadAround(id, seq);
        } finally {
          if (!held) setWanted(null);
        }
      }),
    [attempt, client, id],
  );

  if (wanted !== null && isShown(thread, wanted.seq)) {
    setWanted(null);
    setPlace({ ...wanted, visit: place.visit + 1 });
    setHighlighted(wanted.align === "center" ? wanted.seq : null);
  }

  useEffect(() => {
    if (unread !== null) void load(unread, "start", false).then((loaded) => setUnreadFailed(!loaded));
  }, [load, unread]);

  useEffect(() => {
    if (highlighted === null) return;
    const timer = setTimeout(() => setHighlighted(null), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [highlighted]);

  const seq = target?.seq ?? null;
  const token = target?.token;
  useEffect(() => {
    if (seq === null) return;
    void load(seq, "center", false);
    onTarget();
  }, [seq, token, load, onTarget]);

  const goTo = useCallback((to: number, focus = false) => void load(to, "center", focus), [load]);
  const goToNewest = useCallback(() => {
    setWanted(NEWEST);
    client.leaveExcerpt(id);
  }, [client, id]);
  return { place, opening: unread !== null && !unreadFailed && place.visit === 0, highlighted, goTo, goToNewest };
}

/** The first unread message, if it lies before what is held. */
function unreadBeforeHeld({ conversation, from }: Thread): number | null {
  const first = conversation.readSeq + 1;
  return conversation.unreadCount > 0 && first < from ? first : null;
}

function isShown(thread: Thread, seq: number | null): boolean {
  if (seq === null) return thread.excerpt === null;
  const { from, messages } = thread.excerpt ?? thread;
  return seq >= from && seq <= (messages.at(-1)?.seq ?? 0);
}
