import { EmojiPicker as Picker, type EmojiPickerListCategoryHeaderProps, type EmojiPickerListEmojiProps, type EmojiPickerListRowProps } from "frimousse";
import { useI18n } from "../../../shared/i18n/I18n";
import type { Locale } from "../../../shared/i18n/translate";
import styles from "./EmojiPopover.module.css";

/** The names come from this server, where scripts/emoji.mjs has put them, and from nobody else's. */
const NAMES = "/emoji";
const LANGUAGE: Record<Locale, string> = { en: "en", "pt-BR": "pt" };

const components = { CategoryHeader, Row, Emoji };

export default function EmojiPicker({ onPick }: { onPick(emoji: string): void }) {
  const { t, locale } = useI18n();
  return (
    <Picker.Root
      className={styles.picker}
      columns={8}
      locale={LANGUAGE[locale]}
      emojibaseUrl={NAMES}
      onEmojiSelect={({ emoji }) => onPick(emoji)}
    >
      {/* Who opens it wants to type or to choose at once. */}
      {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
      <Picker.Search className={styles.search} autoFocus aria-label={t("emoji.search")} placeholder={t("emoji.search")} />
      <Picker.Viewport className={styles.viewport} tabIndex={0}>
        <Picker.Loading className={styles.note}>{t("emoji.loading")}</Picker.Loading>
        <Picker.Empty className={styles.note}>{({ search }) => t("emoji.nothing", { query: search })}</Picker.Empty>
        <Picker.List className={styles.list} components={components} />
      </Picker.Viewport>
      <p className={styles.active} aria-hidden="true">
        <Picker.ActiveEmoji>
          {({ emoji }) =>
            emoji && (
              <>
                <span className={styles.big}>{emoji.emoji}</span> {emoji.label}
              </>
            )
          }
        </Picker.ActiveEmoji>
      </p>
    </Picker.Root>
  );
}

function CategoryHeader({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div {...props} className={styles.category}>
      {category.label}
    </div>
  );
}

function Row({ children, ...props }: EmojiPickerListRowProps) {
  return (
    <div {...props} aria-rowindex={fromOne(props["aria-rowindex"])} className={styles.line}>
      {children}
    </div>
  );
}

function Emoji({ emoji, ...props }: EmojiPickerListEmojiProps) {
  return (
    <button {...props} role="gridcell" aria-colindex={fromOne(props["aria-colindex"])} className={styles.one} data-active={emoji.isActive}>
      {emoji.emoji}
    </button>
  );
}

/** The library counts from zero, ARIA from one. */
function fromOne(index: number | undefined): number | undefined {
  return index === undefined ? undefined : index + 1;
}
