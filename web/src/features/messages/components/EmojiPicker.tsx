import { defaultEmojiDataResolver, EmojiPicker as Picker, type EmojiData, type EmojiPickerListCategoryHeaderProps, type EmojiPickerListEmojiProps, type EmojiPickerListRowProps } from "frimousse";
import { useCallback } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import type { Locale } from "../../../shared/i18n/translate";
import { isTouch } from "../../../shared/lib/touch";
import styles from "./EmojiPopover.module.css";

/** The names come from this server, where scripts/emoji.mjs has put them, and from nobody else's. */
const NAMES = "/emoji";
const LANGUAGE: Record<Locale, string> = { en: "en", "pt-BR": "pt" };

const components = { CategoryHeader, Row, Emoji };

/**
 * The emoji with their names in a language.
 *
 * @throws When the server does not answer with them.
 */
export async function namesIn(locale: Locale): Promise<EmojiData> {
  return defaultEmojiDataResolver(LANGUAGE[locale], { emojibaseUrl: NAMES });
}

interface Props {
  names: EmojiData;
  onPick(emoji: string): void;
}

export function EmojiPicker({ names, onPick }: Props) {
  const { t } = useI18n();
  const resolve = useCallback(() => names, [names]);
  return (
    <Picker.Root
      className={styles.picker}
      columns={8}
      locale={names.locale}
      resolveEmojiData={resolve}
      onEmojiSelect={({ emoji }) => onPick(emoji)}
    >
      {/* Who opens it wants to type or to choose at once; a keyboard on the screen would cover what there is to choose. */}
      {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
      <Picker.Search className={styles.search} autoFocus={!isTouch()} aria-label={t("emoji.search")} placeholder={t("emoji.search")} />
      <Picker.Viewport className={styles.viewport} tabIndex={0}>
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
