import type { Message } from "@chatconnect/protocol";
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { readDraft, writeDraft } from "../../../shared/lib/drafts";
import { isTouch } from "../../../shared/lib/touch";
import { summary } from "../../../shared/text/markdown";
import { IconButton } from "../../../shared/ui/Button";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt } from "../../../shared/ui/Toasts";
import styles from "./Composer.module.css";
import { useMentions } from "../hooks/useMentions";
import { EmojiPopover } from "./EmojiPopover";
import { MentionList, optionId } from "./MentionList";

/** What the text will become: a new message, an answer to one, or the new text of one. */
export type Mode = { kind: "new" } | { kind: "reply"; message: Message } | { kind: "edit"; message: Message };

interface ComposerProps {
  conversationId: string;
  title: string;
  mode: Mode;
  onDone(): void;
  /** The person wants to edit what they wrote last. */
  onEditLast(): void;
}

const LONGEST = 8_000;
const TALLEST_PX = 200;

export function Composer({ conversationId, title, mode, onDone, onEditLast }: ComposerProps) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const me = useChat((state) => state.me.id);
  const [text, setText] = useState(() => (mode.kind === "edit" ? mode.message.body : readDraft(me, conversationId)));
  const { area, moveCaret } = useArea(text);
  const [emojiAnchor, setEmojiAnchor] = useState<HTMLElement | null>(null);
  const closeEmoji = useCallback(() => setEmojiAnchor(null), []);
  const hintId = useId();
  const mentionsId = useId();
  const [caret, setCaret] = useState(0);
  const body = text.trim();
  const excess = body.length > LONGEST ? [...body].length - LONGEST : 0;
  const editing = mode.kind === "edit";

  useEffect(() => {
    if (editing || mode.kind === "reply" || !isTouch()) area.current?.focus();
  }, [area, editing, mode]);
  useEffect(() => () => client.setTyping(conversationId, false), [client, conversationId]);

  const change = (next: string) => {
    setText(next);
    if (editing) return;
    writeDraft(me, conversationId, next);
    client.setTyping(conversationId, next.trim() !== "");
  };
  const replace = (next: string, at: number) => {
    change(next);
    setCaret(at);
    moveCaret(at);
  };
  const mentions = useMentions(conversationId, text, caret, replace);
  const chosen = mentions.options[mentions.active];
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!body || excess > 0) return;
    if (editing) {
      const unchanged = body === mode.message.body;
      if (unchanged || (await attempt(() => client.edit(mode.message.id, body)))) onDone();
      return;
    }
    client.send(conversationId, body, mode.kind === "reply" ? mode.message.id : null);
    change("");
    onDone();
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || mentions.onKeyDown(event)) return;
    // On a screen keyboard Enter starts a new line, and there is a button to send.
    if (event.key === "Enter" && !event.shiftKey && !isTouch()) {
      event.preventDefault();
      void submit();
    } else if (event.key === "Escape" && mode.kind !== "new") {
      event.preventDefault();
      onDone();
    } else if (event.key === "ArrowUp" && text === "" && mode.kind === "new") {
      event.preventDefault();
      onEditLast();
    }
  };
  const insert = (emoji: string) => {
    const { selectionStart = text.length, selectionEnd = text.length } = area.current ?? {};
    replace(text.slice(0, selectionStart) + emoji + text.slice(selectionEnd), selectionStart + emoji.length);
    closeEmoji();
  };

  return (
    <form className={styles.composer} onSubmit={submit}>
      {chosen && <MentionList id={mentionsId} mentions={mentions} />}
      {mode.kind !== "new" && <ModeBar mode={mode} onCancel={onDone} />}
      <div className={styles.row}>
        <IconButton
          icon="smile"
          label={t("composer.emoji")}
          aria-haspopup="dialog"
          aria-expanded={emojiAnchor !== null}
          onClick={(event) => setEmojiAnchor(emojiAnchor ? null : event.currentTarget)}
        />
        {emojiAnchor && <EmojiPopover anchor={emojiAnchor} onPick={insert} onClose={closeEmoji} />}
        <textarea
          ref={area}
          className={styles.area}
          rows={1}
          value={text}
          aria-label={t("composer.label", { title })}
          aria-invalid={excess > 0}
          placeholder={t("composer.placeholder")}
          enterKeyHint={isTouch() ? "enter" : "send"}
          aria-describedby={hintId}
          aria-autocomplete="list"
          aria-controls={chosen && mentionsId}
          aria-activedescendant={chosen && optionId(mentionsId, chosen)}
          onChange={(event) => {
            change(event.target.value);
            setCaret(event.target.selectionEnd);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionEnd)}
          onBlur={() => setCaret(0)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          className={styles.send}
          aria-label={t(editing ? "composer.save" : "composer.send")}
          disabled={!body || excess > 0}
        >
          <Icon name={editing ? "check" : "send"} />
        </button>
      </div>
      <p id={hintId} className="visually-hidden">
        {t("composer.hint")}
      </p>
      {excess > 0 && (
        <p className={styles.excess} role="alert">
          {t("composer.tooLong", { count: excess })}
        </p>
      )}
    </form>
  );
}

function ModeBar({ mode, onCancel }: { mode: Exclude<Mode, { kind: "new" }>; onCancel(): void }) {
  const { t } = useI18n();
  const name = useUserName(mode.message.senderId);
  return (
    <div className={styles.mode}>
      <Icon name={mode.kind === "edit" ? "edit" : "reply"} size={18} />
      <span className={styles.modeText}>
        <strong>{mode.kind === "edit" ? t("messages.editing") : t("messages.replyTo", { name })}</strong>
        <span>{summary(mode.message.body)}</span>
      </span>
      <IconButton icon="close" label={t("app.cancel")} onClick={onCancel} />
    </div>
  );
}

/** Grows with its text. The style is set through the object model, which the Content-Security-Policy allows. */
function useArea(text: string) {
  const area = useRef<HTMLTextAreaElement>(null);
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, TALLEST_PX)}px`;
    element.style.overflowY = element.scrollHeight > TALLEST_PX ? "auto" : "hidden";
    if (wanted.current === null) return;
    element.focus();
    element.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  }, [text]);
  /** Moves the caret as soon as the field has its next text. */
  const moveCaret = (at: number) => {
    wanted.current = at;
  };
  return { area, moveCaret };
}
