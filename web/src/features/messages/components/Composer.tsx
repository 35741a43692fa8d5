import type { Message } from "@chatconnect/protocol";
import {
  useCallback,
  useEffect,
  useId,
  useState,
  type ClipboardEvent,
  type FormEvent,
  type KeyboardEvent,
} from "react";
import { useChat, useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { readDraft, writeDraft } from "../../../shared/lib/drafts";
import { isTouch } from "../../../shared/lib/touch";
import { IconButton } from "../../../shared/ui/Button";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import styles from "./Composer.module.css";
import { useArea } from "../hooks/useArea";
import { useDrop } from "../hooks/useDrop";
import { useMentions } from "../hooks/useMentions";
import { useUploads } from "../hooks/uploads";
import { useVoice } from "../hooks/useVoice";
import { AttachButton } from "./AttachButton";
import { EmojiPopover } from "./EmojiPopover";
import { MentionList, optionId } from "./MentionList";
import { ModeBar } from "./ModeBar";
import { UploadTray } from "./UploadTray";
import { VoiceBar } from "./VoiceBar";

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

export function Composer({ conversationId, title, mode, onDone, onEditLast }: ComposerProps) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const toast = useToast();
  const me = useChat((state) => state.me.id);
  // What one had begun to write, also of an edit, is there again after whatever interrupted it.
  const place = mode.kind === "edit" ? `edit.${mode.message.id}` : conversationId;
  const [text, setText] = useState(() => readDraft(me, place) || (mode.kind === "edit" ? mode.message.body : ""));
  const { area, moveCaret } = useArea(text);
  const [emojiAnchor, setEmojiAnchor] = useState<HTMLElement | null>(null);
  const closeEmoji = useCallback(() => setEmojiAnchor(null), []);
  const hintId = useId();
  const mentionsId = useId();
  const [caret, setCaret] = useState(0);
  const body = text.trim();
  const excess = body.length > LONGEST ? [...body].length - LONGEST : 0;
  const editing = mode.kind === "edit";
  const { uploads, items, addFiles } = useFiles(conversationId);
  const voice = useVoice((file, durationMs) => uploads.add([file], { durationMs }));
  const over = useDrop((files) => !editing && addFiles(files));
  const attachments = items.flatMap(({ attachment }) => attachment ?? []);
  const hasFiles = editing ? mode.message.attachments.length > 0 : items.length > 0;
  const complete = editing || attachments.length === items.length;
  const sendable = (body !== "" || hasFiles) && excess <= 0 && complete;

  const recording = voice.since !== null;
  useEffect(() => {
    if (editing || mode.kind === "reply" || !isTouch()) area.current?.focus();
  }, [area, editing, mode, recording]);
  useEffect(() => () => client.setTyping(conversationId, false), [client, conversationId]);

  const change = (next: string) => {
    setText(next);
    writeDraft(me, place, next);
    if (editing) return;
    client.setTyping(conversationId, next.trim() !== "");
  };
  const replace = (next: string, at: number) => {
    change(next);
    setCaret(at);
    moveCaret(at);
  };
  const mentions = useMentions(conversationId, text, caret, replace);
  const chosen = mentions.options[mentions.active];
  const leave = () => {
    if (editing) writeDraft(me, place, "");
    onDone();
  };
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (!sendable) return;
    if (editing) {
      const unchanged = body === mode.message.body;
      if (unchanged || (await attempt(() => client.edit(mode.message.id, body)))) leave();
      return;
    }
    client.send(conversationId, body, mode.kind === "reply" ? mode.message.id : null, attachments);
    change("");
    uploads.clear();
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
      leave();
    } else if (event.key === "ArrowUp" && text === "" && mode.kind === "new") {
      event.preventDefault();
      onEditLast();
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    // What comes from a word processor is a picture of its text, too: the text is what is meant.
    const formatted = ["text/plain", "text/html"].every((type) => event.clipboardData.types.includes(type));
    const pasted = event.clipboardData.getData("text/plain");
    const tooLong = pasted.length > LONGEST;
    if (editing || (!tooLong && (files.length === 0 || formatted))) return;
    event.preventDefault();
    addFiles(tooLong ? [new File([pasted], t("composer.pastedName"), { type: "text/plain" })] : files);
    if (tooLong) toast(t("composer.pasted"));
  };
  const record = () => voice.start().catch(() => toast(t("voice.denied")));
  const insert = (emoji: string) => {
    const { selectionStart = text.length, selectionEnd = text.length } = area.current ?? {};
    replace(text.slice(0, selectionStart) + emoji + text.slice(selectionEnd), selectionStart + emoji.length);
    closeEmoji();
  };

  return (
    <form className={styles.composer} onSubmit={submit}>
      {chosen && <MentionList id={mentionsId} mentions={mentions} />}
      {mode.kind !== "new" && <ModeBar mode={mode} onCancel={leave} />}
      {!editing && <UploadTray uploads={uploads} items={items} />}
      {over && !editing && <div className={styles.drop}>{t("attachment.drop")}</div>}
      {voice.since !== null ? (
        <div className={styles.row}>
          <VoiceBar since={voice.since} onFinish={voice.finish} onCancel={voice.cancel} />
        </div>
      ) : (
        <div className={styles.row}>
          {!editing && (
            <AttachButton
              onFiles={(files) => {
                addFiles(files);
                // What comes next is a word about them, or Enter.
                if (!isTouch()) area.current?.focus();
              }}
            />
          )}
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
            onPaste={onPaste}
          />
          {voice.supported && !editing && text === "" && items.length === 0 && (
            <IconButton icon="mic" label={t("voice.start")} onClick={record} />
          )}
          <button type="submit" className={styles.send} aria-label={t(editing ? "composer.save" : "composer.send")} disabled={!sendable}>
            <Icon name={editing ? "check" : "send"} />
          </button>
        </div>
      )}
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

/** The files of the next message; those that find no room are named. */
function useFiles(conversationId: string) {
  const { t } = useI18n();
  const toast = useToast();
  const { uploads, items } = useUploads(conversationId);
  const addFiles = (files: readonly File[]) => {
    const count = uploads.add(files);
    if (count > 0) toast(t("attachment.tooMany", { count }));
  };
  return { uploads, items, addFiles };
}
