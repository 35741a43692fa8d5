import type { Message } from "@chatconnect/protocol";
import { useCallback, useState } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useModerates } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { copy } from "../../../shared/lib/copy";
import { Icon } from "../../../shared/ui/Icon";
import { Menu, MenuItem } from "../../../shared/ui/Menu";
import { useAttempt } from "../../../shared/ui/Toasts";
import { EmojiPopover } from "./EmojiPopover";
import styles from "./MessageActions.module.css";
import type { RowActions } from "./MessageRow";

const QUICK = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

interface Props {
  message: Message;
  mine: boolean;
  sender: string;
  actions: RowActions;
}

export function MessageActions({ message, mine, sender, actions }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const me = useChat((state) => state.me.id);
  const moderates = useModerates(message.conversationId);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [pickerAnchor, setPickerAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  const closePicker = useCallback(() => setPickerAnchor(null), []);

  /** Closes the menu first: what follows may move the focus. */
  const then = (work: () => void) => () => {
    close();
    anchor?.focus();
    work();
  };
  const react = (emoji: string) => {
    const mineAlready = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.userIds.includes(me));
    void attempt(() => client.react(message.id, emoji, !mineAlready));
  };

  return (
    <>
      <button
        type="button"
        className={styles.open}
        aria-haspopup="menu"
        aria-expanded={(anchor ?? pickerAnchor) !== null}
        aria-label={t("messages.actions", { name: sender })}
        onClick={(event) => {
          setAnchor(anchor ? null : event.currentTarget);
          closePicker();
        }}
      >
        <Icon name="more" size={18} />
      </button>
      {anchor && (
        <Menu anchor={anchor} label={t("messages.actions", { name: sender })} onClose={close}>
          <div className={styles.emoji} role="presentation">
            {QUICK.map((emoji) => (
              <button
                key={emoji}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className={styles.one}
                aria-label={t("messages.react", { emoji })}
                onClick={then(() => react(emoji))}
              >
                {emoji}
              </button>
            ))}
            <button
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={styles.one}
              aria-label={t("messages.reactOther")}
              onClick={() => {
                close();
                setPickerAnchor(anchor);
              }}
            >
              <Icon name="plus" size={18} />
            </button>
          </div>
          <MenuItem icon="reply" onSelect={then(() => actions.reply(message))}>
            {t("messages.reply")}
          </MenuItem>
          {message.body !== "" && (
            <MenuItem icon="copy" onSelect={then(() => void attempt(() => copy(message.body)))}>
              {t("messages.copy")}
            </MenuItem>
          )}
          {mine && (
            <MenuItem icon="edit" onSelect={then(() => actions.edit(message))}>
              {t("messages.edit")}
            </MenuItem>
          )}
          {!mine && (
            <MenuItem icon="flag" onSelect={then(() => actions.report(message))}>
              {t("report.open")}
            </MenuItem>
          )}
          {(mine || moderates) && (
            <MenuItem icon="trash" danger onSelect={then(() => actions.remove(message))}>
              {t("messages.delete")}
            </MenuItem>
          )}
        </Menu>
      )}
      {pickerAnchor && (
        <EmojiPopover
          anchor={pickerAnchor}
          onClose={closePicker}
          onPick={(emoji) => {
            closePicker();
            pickerAnchor.focus();
            react(emoji);
          }}
        />
      )}
    </>
  );
}
