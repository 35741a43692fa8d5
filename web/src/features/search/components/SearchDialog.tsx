import type { Conversation, SearchHit } from "@chatconnect/protocol";
import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useChat } from "../../../shared/chat/Chat";
import { ConversationAvatar, PersonAvatar } from "../../../shared/chat/ConversationAvatar";
import { conversationTitle, useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { shortTime } from "../../../shared/lib/dates";
import { fold } from "../../../shared/lib/fold";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Icon } from "../../../shared/ui/Icon";
import { isSearchable, onlyIn, parseTyped } from "../hooks/filters";
import { useMessageSearch } from "../hooks/useMessageSearch";
import styles from "./SearchDialog.module.css";

interface Props {
  /** What is typed already. */
  initial: string;
  /** The conversation that is open. */
  activeId: string | null;
  onClose(): void;
  onOpen(conversationId: string, seq?: number): void;
}

const MOST_CONVERSATIONS = 6;

/** Jump to a conversation by its name, or find messages by their words. */
export function SearchDialog({ initial, activeId, onClose, onOpen }: Props) {
  const { t } = useI18n();
  const [typed, setTyped] = useState(initial);
  const { words, filters } = parseTyped(typed);
  const isFiltered = Object.keys(filters).length > 0;
  const conversations = useMatchingConversations(isFiltered ? null : words);
  const messages = useMessageSearch(typed);
  const body = useRef<HTMLDivElement>(null);
  const nothing = isSearchable({ words, filters }) && messages.query === typed.trim() && !messages.failed && conversations.length + messages.hits.length === 0;

  const narrow = (filter: string) => {
    setTyped(`${filter} ${typed}`);
    // The button that was pressed goes away.
    body.current?.querySelector("input")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const stops = [...(body.current?.querySelectorAll<HTMLElement>("input, [data-hit]") ?? [])];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    stops[(at + step + stops.length) % stops.length]?.focus();
  };

  return (
    <Dialog title={t("search.title")} onClose={onClose} hideTitle>
      {/* The arrow keys are a short cut over what Tab does too. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div ref={body} className={styles.body} onKeyDown={onKeyDown}>
        <form
          className={styles.field}
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            const [first] = conversations;
            const [hit] = messages.hits;
            if (first) onOpen(first.conversation.id);
            else if (hit) onOpen(hit.message.conversationId, hit.message.seq);
          }}
        >
          <Icon name="search" />
          <input
            type="text"
            role="searchbox"
            enterKeyHint="go"
            aria-label={t("search.title")}
            placeholder={t("search.placeholder")}
            autoComplete="off"
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </form>
        {!isFiltered && <Hint activeId={activeId} onFilter={narrow} />}
        <div className={styles.results}>
          {conversations.length > 0 && (
            <section aria-label={t("search.conversations")}>
              <h3 className={styles.heading}>{t("search.conversations")}</h3>
              <ul>
                {conversations.map(({ conversation, title }) => (
                  <li key={conversation.id}>
                    <button type="button" data-hit className={styles.hit} onClick={() => onOpen(conversation.id)}>
                      <ConversationAvatar conversation={conversation} size={36} />
                      <span className={styles.name}>{title}</span>
                      {conversation.unreadCount > 0 && <span className={styles.unread}>{t("list.unread", { count: conversation.unreadCount })}</span>}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {messages.hits.length > 0 && (
            <section aria-label={t("search.messages")}>
              <h3 className={styles.heading}>{t("search.messages")}</h3>
              <ul>
                {messages.hits.map((hit) => (
                  <li key={hit.message.id}>
                    <Hit hit={hit} words={words} onOpen={onOpen} />
                  </li>
                ))}
              </ul>
              {messages.nextCursor !== null && !messages.failed && (
                <Button className={styles.more} onClick={messages.more}>
                  {t("search.more")}
                </Button>
              )}
            </section>
          )}
          {messages.failed && (
            <div className={styles.failed} role="alert">
              <p>{t("search.failed")}</p>
              <Button onClick={messages.retry}>{t("app.retry")}</Button>
            </div>
          )}
          <p className={nothing ? styles.nothing : "visually-hidden"} role="status">
            {nothing && t("search.nothing", { query: typed.trim() })}
          </p>
        </div>
      </div>
    </Dialog>
  );
}

/** How to narrow a search down; to the conversation that is open, with one press. */
function Hint({ activeId, onFilter }: { activeId: string | null; onFilter(filter: string): void }) {
  const { t } = useI18n();
  const title = useChat((state) => {
    const thread = activeId === null ? undefined : state.threads[activeId];
    return thread ? conversationTitle(state, thread.conversation, t("person.gone")) : null;
  });
  return (
    <p className={styles.hint}>
      {title !== null && (
        <button type="button" className={styles.filter} onClick={() => onFilter(onlyIn(t("search.in"), title))}>
          {t("search.here", { title })}
        </button>
      )}
      <button type="button" className={styles.filter} onClick={() => onFilter(t("search.hasImage"))}>
        {t("search.images")}
      </button>
      <button type="button" className={styles.filter} onClick={() => onFilter(t("search.hasFile"))}>
        {t("search.files")}
      </button>
      <button type="button" className={styles.filter} onClick={() => onFilter(t("search.hasLink"))}>
        {t("search.links")}
      </button>
      <span>{t("search.hint")}</span>
    </p>
  );
}

function Hit({ hit, words, onOpen }: { hit: SearchHit; words: string; onOpen: Props["onOpen"] }) {
  const { t, locale } = useI18n();
  const { message, snippet } = hit;
  const sender = useUserName(message.senderId);
  const title = useChat((state) => {
    const thread = state.threads[message.conversationId];
    return thread ? conversationTitle(state, thread.conversation, t("person.gone")) : "";
  });
  return (
    <button type="button" data-hit className={styles.hit} onClick={() => onOpen(message.conversationId, message.seq)}>
      <PersonAvatar userId={message.senderId} size={36} />
      <span className={styles.text}>
        <span className={styles.line}>
          <span className={styles.name}>{sender}</span>
          <span className={styles.where}>{title}</span>
          <time className={styles.where} dateTime={message.createdAt}>
            {shortTime(locale, message.createdAt)}
          </time>
        </span>
        {snippet !== "" && <span className={styles.snippet}>{marked(snippet, words)}</span>}
        {message.attachments.length > 0 && <Files files={message.attachments} />}
      </span>
    </button>
  );
}

/** The text, with those of its words marked that begin with one that was typed, case and accents aside. */
function marked(text: string, typed: string): ReactNode[] {
  const wanted = fold(typed).split(/\s+/).filter(Boolean);
  const parts = text.split(/([\p{L}\p{M}\p{N}]+)/u);
  // Every other part is a word.
  return parts.map((part, at) => (at % 2 === 1 && wanted.some((word) => fold(part).startsWith(word)) ? <mark key={at}>{part}</mark> : part));
}

/** What is attached, by name; pictures small. */
function Files({ files }: { files: SearchHit["message"]["attachments"] }) {
  return (
    <span className={styles.files}>
      {files.map(({ id, name, kind, url, thumbnailUrl }) => (
        <span key={id} className={styles.file}>
          {kind === "image" ? (
            <img src={thumbnailUrl ?? url} alt="" loading="lazy" decoding="async" />
          ) : (
            <Icon name="file" size={16} />
          )}
          <span>{name}</span>
        </span>
      ))}
    </span>
  );
}

interface Match {
  conversation: Conversation;
  title: string;
}

/** Conversations whose title has every word that was typed, case and accents aside; the newest without any. */
function useMatchingConversations(typed: string | null): readonly Match[] {
  const { t } = useI18n();
  const threads = useChat((state) => state.threads);
  const users = useChat((state) => state.users);
  const gone = useChat((state) => state.gone);
  const me = useChat((state) => state.me);
  return useMemo(() => {
    if (typed === null) return [];
    const words = fold(typed).split(/\s+/).filter(Boolean);
    return Object.values(threads)
      .map(({ conversation }) => ({ conversation, title: conversationTitle({ users, gone, me }, conversation, t("person.gone")) }))
      .filter(({ title }) => words.every((word) => fold(title).includes(word)))
      .sort((a, b) => activity(b.conversation).localeCompare(activity(a.conversation)))
      .slice(0, MOST_CONVERSATIONS);
  }, [threads, users, gone, me, typed, t]);
}

function activity(conversation: Conversation): string {
  return conversation.lastMessage?.createdAt ?? conversation.createdAt;
}
