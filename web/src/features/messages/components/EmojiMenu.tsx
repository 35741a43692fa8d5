import { useI18n } from "../../../shared/i18n/I18n";
import { Menu } from "../../../shared/ui/Menu";
import styles from "./EmojiMenu.module.css";

const EMOJI = [
  ..."😀😄😅😂🙂😉😍😘🤗🤔😎🥳😴😢😭😡😱🙄🤯🥺🤝👍👎👏🙏💪👋👀🔥✨🎉🚀💡✅❌⏰📌📎🐛☕🍕🎂🌞🌧🌈💚🧡💔".matchAll(
    /\p{Extended_Pictographic}/gu,
  ),
].map(([emoji]) => emoji);

interface Props {
  anchor: HTMLElement;
  onPick(emoji: string): void;
  onClose(): void;
}

export function EmojiMenu({ anchor, onPick, onClose }: Props) {
  const { t } = useI18n();
  return (
    <Menu anchor={anchor} label={t("composer.emoji")} onClose={onClose}>
      <div className={styles.grid} role="presentation">
        {EMOJI.map((emoji) => (
          <button key={emoji} type="button" role="menuitem" tabIndex={-1} className={styles.one} onClick={() => onPick(emoji)}>
            {emoji}
          </button>
        ))}
      </div>
    </Menu>
  );
}
