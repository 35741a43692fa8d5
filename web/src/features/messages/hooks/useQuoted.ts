import type { Message } from "@chatconnect/protocol";
import { useEffect, useState } from "react";
import { api } from "../../../shared/api";
import { useChat } from "../../../shared/chat/Chat";

/** What was asked for already, by who asks and the message's id. */
const asked = new Map<string, Promise<Message | null>>();

/** The message that another one answers: `held`, or else as the server has it; null until then, and where there is none. */
export function useQuoted(id: string, held: Message | null): Message | null {
  const me = useChat((state) => state.me.id);
  const online = useChat((state) => state.connection === "online");
  const [found, setFound] = useState<Message | null>(null);
  const missing = held === null;
  useEffect(() => {
    if (!missing || !online) return;
    let stopped = false;
    const key = `${me} ${id}`;
    const answer = asked.get(key) ?? api.message(id).then(({ message }) => message, () => null);
    asked.set(key, answer);
    void answer.then((message) => {
      if (message === null) asked.delete(key);
      if (!stopped) setFound(message);
    });
    return () => {
      stopped = true;
    };
  }, [me, id, missing, online]);
  return held ?? found;
}
