import type { ChatState, Message } from "@chatconnect/protocol";
import { useEffect, useEffectEvent } from "react";
import { useChatClient } from "../shared/chat/Chat";
import { conversationTitle } from "../shared/chat/people";
import { useI18n } from "../shared/i18n/I18n";
import { preferences } from "../shared/lib/preferences";
import { mentions } from "../shared/text/markdown";
import { preview } from "../shared/text/preview";
import { announceOnce, startWatching } from "./announceOnce";
import { playChime } from "./chime";

const LONGEST = 140;

/** Announces direct messages and mentions while the page is not seen, as far as the person wants that. */
export function useNotifications(onOpen: (conversationId: string) => void): void {
  const client = useChatClient();
  const { t } = useI18n();

  const announce = useEffectEvent((message: Message) => {
    const state = client.getState();
    const thread = state.threads[message.conversationId];
    if (!thread || !concerns(state, message)) return;
    void announceOnce(message.id, () => {
      const { notify, sound } = preferences();
      if (sound) playChime();
      if (!notify || Notification.permission !== "granted") return;
      const name = state.users[message.senderId]?.displayName ?? t("messages.unknownPerson");
      const { conversation } = thread;
      const title = conversation.kind === "direct" ? name : t("notification.in", { name, title: conversationTitle(state, conversation, t("person.gone")) });
      const notification = new Notification(title, {
        body: preview({ t }, message).slice(0, LONGEST),
        tag: conversation.id,
        icon: "/favicon.svg",
        silent: true,
      });
      notification.onclick = () => {
        window.focus();
        onOpen(conversation.id);
        notification.close();
      };
    });
  });

  useEffect(startWatching, []);
  useEffect(() => {
    let before = client.getState();
    return client.subscribe(() => {
      const now = client.getState();
      // What was there when the page was opened is not new.
      if (before.ready && now.threads !== before.threads) newMessages(before, now).forEach((message) => announce(message));
      before = now;
    });
  }, [client]);
}

/** The newest message of each conversation in which there is a new one. */
function newMessages(before: ChatState, now: ChatState): Message[] {
  return Object.entries(now.threads).flatMap(([id, { conversation }]) => {
    const known = before.threads[id]?.conversation.lastSeq ?? 0;
    return conversation.lastMessage && conversation.lastSeq > known ? [conversation.lastMessage] : [];
  });
}

function concerns(state: ChatState, message: Message): boolean {
  const { conversation } = state.threads[message.conversationId] ?? {};
  if (!conversation || message.senderId === state.me.id || message.deletedAt !== null) return false;
  if (preferences().quiet || document.visibilityState === "visible") return false;
  if (message.seq <= conversation.readSeq) return false;
  return mentions(message.body, state.me.username) || (conversation.kind === "direct" && !conversation.muted);
}
