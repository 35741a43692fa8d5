import type { Message, Thread } from "@chatconnect/protocol";
import { useCallback, useEffect, useState } from "react";
import { useChatClient } from "../../../shared/chat/Chat";
import { Composer, type Mode } from "./Composer";
import { MessageList } from "./MessageList";

const KEPT_MESSAGES = 200;
const NEW: Mode = { kind: "new" };

interface Props {
  thread: Thread;
  title: string;
  target: { seq: number; token: string } | null;
}

/** The messages of one conversation and the place to write. Mount it anew for every conversation. */
export function Conversation({ thread, title, target }: Props) {
  const client = useChatClient();
  const { id } = thread.conversation;
  const [mode, setMode] = useState<Mode>(NEW);
  const onReply = useCallback((message: Message) => setMode({ kind: "reply", message }), []);
  const onEdit = useCallback((message: Message) => setMode({ kind: "edit", message }), []);
  const onDone = useCallback(() => setMode(NEW), []);

  useEffect(() => () => client.trim(id, KEPT_MESSAGES), [client, id]);

  const onEditLast = () => {
    const me = client.getState().me.id;
    const last = thread.messages.findLast((message) => message.senderId === me && message.deletedAt === null);
    if (last) onEdit(last);
  };

  return (
    <>
      <MessageList thread={thread} title={title} target={target} onReply={onReply} onEdit={onEdit} />
      <Composer
        key={mode.kind === "edit" ? mode.message.id : "new"}
        conversationId={id}
        title={title}
        mode={mode}
        onDone={onDone}
        onEditLast={onEditLast}
      />
    </>
  );
}
