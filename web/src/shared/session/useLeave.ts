import { useCallback } from "react";
import { useChatClient } from "../chat/Chat";
import { forgetDrafts } from "../lib/drafts";
import { useSession } from "./Session";

/** Leaves nothing of the person on this device: they have just signed out, or there is no such account any more. */
export function useLeave(): () => void {
  const client = useChatClient();
  const { signedOut } = useSession();
  return useCallback(() => {
    const { me, outbox } = client.getState();
    for (const item of outbox) client.discard(item.clientId);
    forgetDrafts(me.id);
    signedOut(false);
  }, [client, signedOut]);
}
