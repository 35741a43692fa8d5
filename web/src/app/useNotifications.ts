import type { Thread } from "@chatconnect/protocol";
import { useEffect, useEffectEvent } from "react";
import { useChatClient } from "../shared/chat/Chat";
import { conversationTitle } from "../shared/chat/people";
import { useI18n } from "../shared/i18n/I18n";
import { preferences } from "../shared/lib/preferences";
import { preview } from "../shared/text/preview";
import { isAnnounced } from "./announcement";
import { announceOnce, startWatching } from "./announceOnce";
import { playChime } from "./chime";

const LONGEST = 140;

/** Announces direct messages and mentions while the page is not seen, as far as the person wants that. */
export function useNotifications(onOpen: (conversationId: string) => void): void {
  const client = useChatClient();
  const { t } = useI18n();

  const announce = useEffectEvent((thread: Thread, known: number) => {
    const state = client.getState();
    const circumstances = { visible: document.visibilityState === "visible", quietUntil: preferences().quietUntil, now: Date.now() };
    const message = thread.messages.findLast((one) => one.seq > known && isAnnounced(state, one, circumstances));
    if (!message) return;
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
      if (before.ready && now.threads !== before.threads) {
        for (const [id, thread] of Object.entries(now.threads)) {
          const known = before.threads[id]?.conversation.lastSeq ?? 0;
          if (thread.conversation.lastSeq > known) announce(thread, known);
        }
      }
      before = now;
    });
  }, [client]);
}
