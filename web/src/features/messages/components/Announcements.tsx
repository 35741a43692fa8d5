import type { Conversation } from "@chatconnect/protocol";
import { useState } from "react";
import { useChat } from "../../../shared/chat/Chat";
import { useFolded } from "../../../shared/chat/marks";
import { useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { preview } from "../../../shared/text/preview";
import type { Row } from "../hooks/rows";

/** Of a burst, so many are read out. */
const MOST = 5;

/** What others write while one looks on, each once, in words for a screen reader. */
export function Announcements({ rows, conversation }: { rows: readonly Row[]; conversation: Conversation }) {
  const me = useChat((state) => state.me.id);
  const [before] = useState(conversation.lastSeq);
  const fresh = rows.filter(({ message, senderId }) => message !== null && message.seq > before && message.deletedAt === null && senderId !== me);
  return (
    <div className="visually-hidden" role="log">
      {fresh.slice(-MOST).map((row) => (
        <Announcement key={row.key} row={row} conversation={conversation} />
      ))}
    </div>
  );
}

function Announcement({ row, conversation }: { row: Row; conversation: Conversation }) {
  const i18n = useI18n();
  const folded = useFolded(conversation, row.senderId);
  const sender = useUserName(row.senderId);
  // What is changed afterwards is not news.
  const [text] = useState(() => row.body || preview(i18n, row));
  return folded ? null : <p>{i18n.t("messages.from", { name: sender, text })}</p>;
}
