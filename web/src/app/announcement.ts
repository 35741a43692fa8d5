import type { ChatState, Message } from "@chatconnect/protocol";
import { mentions } from "../shared/text/markdown";

interface Circumstances {
  /** Whether the page can be seen. */
  visible: boolean;
  /** Until when the person does not want to be disturbed, in milliseconds since 1970; null when they do. */
  quietUntil: number | null;
  /** Milliseconds since 1970. */
  now: number;
}

/** Whether a new message is announced: a mention, or anything in a direct conversation that is not muted. */
export function isAnnounced(state: ChatState, message: Message, { visible, quietUntil, now }: Circumstances): boolean {
  const { conversation } = state.threads[message.conversationId] ?? {};
  if (!conversation || message.deletedAt !== null || message.seq <= conversation.readSeq) return false;
  if (message.senderId === state.me.id || state.marks.blocked.includes(message.senderId)) return false;
  if (visible || (quietUntil !== null && now < quietUntil)) return false;
  if (mentions(message.body, state.me.username)) return true;
  return conversation.kind === "direct" && !state.marks.muted.includes(conversation.id);
}
