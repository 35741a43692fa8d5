import type { Conversation, ConversationMarks } from "@chatconnect/protocol";
import type { ReactNode } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { isUnread, useMarked } from "../../../shared/chat/marks";
import { otherPerson } from "../../../shared/chat/people";
import { useBlock } from "../../../shared/chat/useBlock";
import { useI18n } from "../../../shared/i18n/I18n";
import { Menu, MenuItem } from "../../../shared/ui/Menu";
import { useAttempt } from "../../../shared/ui/Toasts";

interface Props {
  conversation: Conversation;
  title: string;
  anchor: HTMLElement;
  onClose(): void;
  /** More items. */
  children?: ReactNode;
}

/** What somebody can do with a conversation for themselves. */
export function ConversationMenu({ conversation, title, anchor, onClose, children }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const block = useBlock();
  const me = useChat((state) => state.me.id);
  const { id, lastSeq } = conversation;
  const unread = useChat((state) => isUnread(state, conversation));
  const pinned = useMarked("pinned", id);
  const muted = useMarked("muted", id);
  const other = otherPerson(conversation, me);
  const person = other === me ? null : other;
  const blocked = useMarked("blocked", person);

  /** Closes the menu first, and gives the focus back to where it was opened. */
  const then = (work: () => void) => () => {
    onClose();
    anchor.focus();
    work();
  };
  const set = (mark: keyof ConversationMarks, on: boolean) => then(() => void attempt(() => client.setMark(id, mark, on)));

  return (
    <Menu anchor={anchor} label={t("list.actions", { title })} onClose={onClose}>
      {children}
      <MenuItem icon="pin" onSelect={set("pinned", !pinned)}>
        {t(pinned ? "list.unpin" : "list.pin")}
      </MenuItem>
      <MenuItem icon="mail" onSelect={unread ? then(() => client.markRead(id, lastSeq)) : set("unread", true)}>
        {t(unread ? "list.markRead" : "list.markUnread")}
      </MenuItem>
      <MenuItem icon={muted ? "bell" : "bellOff"} onSelect={set("muted", !muted)}>
        {t(muted ? "list.unmute" : "list.mute")}
      </MenuItem>
      {person !== null && (
        <MenuItem icon="block" danger={!blocked} onSelect={then(() => void block(person, title, !blocked))}>
          {t(blocked ? "block.undo" : "block.do")}
        </MenuItem>
      )}
    </Menu>
  );
}
