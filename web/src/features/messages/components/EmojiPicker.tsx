import { defaultEmojiDataResolver, EmojiPicker as Picker, type EmojiData, type EmojiPickerListCategoryHeaderProps, type EmojiPickerListEmojiProps, type EmojiPickerListRowProps } from "frimousse";
import { useCallback, useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import type { Locale } from "../../../shared/i18n/translate";
import { isTouch } from "../../../shared/lib/touch";
import { emojiMemory, rememberEmoji, rememberSkinTone } from "../hooks/emojiMemory";
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
  const [{ recent, skinTone }] = useState(emojiMemory);
  const pick = (emoji: string) => {
    rememberEmoji(emoji);
    onPick(emoji);
  };
  return (
    <Picker.Root
      className={styles.picker}
      columns={8}
      locale={names.locale}
      resolveEmojiData={resolve}
      skinTone={skinTone}
      onEmojiSelect={({ emoji }) => pick(emoji)}
    >
      {/* Who opens it wants to type or to choose at once; a keyboard on the screen would cover what there is to choose. */}
      {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
      <Picker.Search className={styles.search} autoFocus={!isTouch()} aria-label={t("emoji.search")} placeholder={t("emoji.search")} />
      {recent.length > 0 && (
        <div role="group" aria-label={t("emoji.recent")} className={styles.recent}>
          {recent.map((emoji) => (
            <button key={emoji} type="button" className={styles.one} onClick={() => pick(emoji)}>
              {emoji}
            </button>
          ))}
        </div>
      )}
      <Picker.Viewport className={styles.viewport} tabIndex={0}>
        <Picker.Empty className={styles.note}>{({ search }) => t("emoji.nothing", { query: search })}</Picker.Empty>
        <Picker.List className={styles.list} components={components} />
      </Picker.Viewport>
      <div className={styles.foot}>
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
        <SkinTones />
      </div>
    </Picker.Root>
  );
}

/** One after the other, as there are six only. */
function SkinTones() {
  const { t } = useI18n();
  return (
    <Picker.SkinTone emoji="✋">
      {({ skinTone, setSkinTone, skinToneVariations }) => {
        const at = skinToneVariations.findIndex((variation) => variation.skinTone === skinTone);
        const next = skinToneVariations[(at + 1) % skinToneVariations.length];
        return (
          <button
            type="button"
            className={styles.one}
            aria-label={t("emoji.skinTone")}
            title={t("emoji.skinTone")}
            onClick={() => {
              if (!next) return;
              setSkinTone(next.skinTone);
              rememberSkinTone(next.skinTone);
            }}
          >
            {skinToneVariations[at]?.emoji}
          </button>
        );
      }}
    </Picker.SkinTone>
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
