import type { Message } from "@chatconnect/protocol";
import { useCallback, useState } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useModerates } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { copy } from "../../../shared/lib/copy";
import { Icon } from "../../../shared/ui/Icon";
import { Menu, MenuItem } from "../../../shared/ui/Menu";
import { useAttempt } from "../../../shared/ui/Toasts";
import { useReaders } from "../hooks/useReads";
import { EmojiPopover } from "./EmojiPopover";
import styles from "./MessageActions.module.css";
import type { RowActions } from "./MessageRow";

const QUICK = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

interface Props {
  message: Message;
  mine: boolean;
  sender: string;
  actions: RowActions;
  /** What was pressed for long, or with the right button. */
  pressed: HTMLElement | null;
  onReleased(): void;
}

export function MessageActions({ message, mine, sender, actions, pressed, onReleased }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const me = useChat((state) => state.me.id);
  const moderates = useModerates(message.conversationId);
  const [button, setButton] = useState<HTMLElement | null>(null);
  const anchor = button ?? pressed;
  const [pickerAnchor, setPickerAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => {
    setButton(null);
    onReleased();
  }, [onReleased]);
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
        aria-expanded={(button ?? pickerAnchor) !== null}
        aria-label={t("messages.actions", { name: sender })}
        onClick={(event) => {
          setButton(button ? null : event.currentTarget);
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
          {mine && <Readers message={message} />}
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

/** Who has read it, as far as that is told. */
function Readers({ message }: { message: Message }) {
  const { t } = useI18n();
  const { count, others } = useReaders(message);
  if (count === 0) return null;
  return (
    <div className={styles.readers} role="menuitem" aria-disabled tabIndex={-1}>
      <Icon name="checks" size={18} />
      {t("messages.readByOf", { count, others })}
    </div>
  );
}
