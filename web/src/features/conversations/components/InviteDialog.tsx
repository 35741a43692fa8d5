import { useEffect, useEffectEvent, useRef, useState } from "react";
import { api } from "../../../shared/api";
import { useChatClient } from "../../../shared/chat/Chat";
import { useI18n } from "../../../shared/i18n/I18n";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { useAttempt } from "../../../shared/ui/Toasts";
import { useInvite } from "../hooks/useInvite";
import { InviteCard } from "./InviteCard";
import pick from "./pick.module.css";

interface Props {
  inviteId: string;
  /** Whether the person said already that they want to join: before they signed in. */
  accepted: boolean;
  onClose(): void;
  onOpen(conversationId: string): void;
}

/** What one is invited to, and the way in. */
export function InviteDialog({ inviteId, accepted, onClose, onOpen }: Props) {
  const { t } = useI18n();
  const client = useChatClient();
  const attempt = useAttempt();
  const state = useInvite(inviteId);
  const [busy, setBusy] = useState(false);

  const join = async () => {
    setBusy(true);
    await attempt(async () => {
      const { conversation } = await api.acceptInvite(inviteId);
      client.learnConversation(conversation);
      onOpen(conversation.id);
    });
    setBusy(false);
  };
  const isOpen = state.status === "open";
  const joined = useRef(false);
  const joinOnce = useEffectEvent(() => {
    if (joined.current) return;
    joined.current = true;
    void join();
  });
  useEffect(() => {
    if (accepted && isOpen) joinOnce();
  }, [accepted, isOpen]);

  return (
    <Dialog title={t("invite.title")} onClose={onClose} hideTitle>
      <div className={pick.form}>
        <InviteCard inviteId={inviteId} state={state} Heading="h3">
          <Button kind="primary" data-autofocus disabled={busy} onClick={() => void join()}>
            {t("invite.join")}
          </Button>
        </InviteCard>
      </div>
    </Dialog>
  );
}
