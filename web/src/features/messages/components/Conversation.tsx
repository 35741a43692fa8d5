import type { Message, Thread } from "@chatconnect/protocol";
import { useCallback, useEffect, useState } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useBlockedOther } from "../../../shared/chat/marks";
import { BlockedBar } from "./BlockedBar";
import { Composer, type Mode } from "./Composer";
import { MessageList } from "./MessageList";
import { ReportDialog } from "./ReportDialog";

const KEPT_MESSAGES = 200;
const NEW: Mode = { kind: "new" };

interface Props {
  thread: Thread;
  title: string;
  target: { seq: number; token: string } | null;
  onTarget(): void;
  onPerson(userId: string): void;
}

/** The messages of one conversation and the place to write. Mount it anew for every conversation. */
export function Conversation({ thread, title, target, onTarget, onPerson }: Props) {
  const client = useChatClient();
  const synced = useChat((state) => state.ready);
  const { id } = thread.conversation;
  const [mode, setMode] = useState<Mode>(NEW);
  const [reported, setReported] = useState<Message | null>(null);
  const closeReport = useCallback(() => setReported(null), []);
  const blocked = useBlockedOther(thread.conversation);
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
      <MessageList
        // Of the last time until the first sync: only then does one know what is unread, and can one jump anywhere.
        key={synced ? "synced" : "kept"}
        thread={thread}
        title={title}
        synced={synced}
        target={synced ? target : null}
        onTarget={onTarget}
        onReply={onReply}
        onEdit={onEdit}
        onPerson={onPerson}
        onReport={setReported}
      />
      {blocked !== null ? (
        <BlockedBar userId={blocked} />
      ) : (
        <Composer
          key={mode.kind === "edit" ? mode.message.id : "new"}
          conversationId={id}
          title={title}
          mode={mode}
          onDone={onDone}
          onEditLast={onEditLast}
        />
      )}
      {reported && <ReportDialog message={reported} onClose={closeReport} />}
    </>
  );
}
