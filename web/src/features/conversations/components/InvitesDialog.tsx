import type { Conversation, Invite } from "@chatconnect/protocol";
import { useCallback, useEffect, useState, type FormEvent } from "react";
import { api } from "../../../shared/api";
import { useI18n } from "../../../shared/i18n/I18n";
import { copy } from "../../../shared/lib/copy";
import { dayAndTime } from "../../../shared/lib/dates";
import { Button, IconButton } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { ListSkeleton } from "../../../shared/ui/Skeleton";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import styles from "./InvitesDialog.module.css";
import { LoadFailed } from "./LoadFailed";
import pick from "./pick.module.css";

interface Props {
  conversation: Conversation;
  onClose(): void;
}

const HOURS = [24, 168, 720] as const;
const USES = [1, 10, 100] as const;

/** Links that lead into a conversation: making, copying and taking them back. */
export function InvitesDialog({ conversation: { id }, onClose }: Props) {
  const { t } = useI18n();
  const attempt = useAttempt();
  const toast = useToast();
  const [invites, setInvites] = useState<readonly Invite[] | null>(null);
  const [failed, setFailed] = useState(false);
  const [hours, setHours] = useState<string>("168");
  const [uses, setUses] = useState<string>("");

  const load = useCallback(() => {
    api.invites(id).then(
      (answer) => setInvites(answer.invites),
      () => setFailed(true),
    );
  }, [id]);
  useEffect(load, [load]);
  const retry = () => {
    setFailed(false);
    load();
  };

  const share = async (invite: Invite) => {
    await copy(linkOf(invite));
    toast(t("invite.copied"));
  };
  const create = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const number = (text: string) => (text === "" ? null : Number(text));
      const { invite } = await api.createInvite(id, { expiresInHours: number(hours), maxUses: number(uses) });
      setInvites((before) => [invite, ...(before ?? [])]);
      await share(invite);
    });
  };
  const revoke = (invite: Invite) =>
    attempt(async () => {
      await api.revokeInvite(id, invite.id);
      setInvites((before) => before?.filter((one) => one.id !== invite.id) ?? null);
    });

  return (
    <Dialog title={t("invite.links")} onClose={onClose}>
      <div className={pick.form}>
        <form className={styles.terms} onSubmit={create}>
          <label>
            {t("invite.expires")}
            <select aria-label={t("invite.expires")} value={hours} onChange={(event) => setHours(event.target.value)}>
              {HOURS.map((each) => (
                <option key={each} value={each}>
                  {t("invite.days", { count: each / 24 })}
                </option>
              ))}
              <option value="">{t("invite.never")}</option>
            </select>
          </label>
          <label>
            {t("invite.uses")}
            <select aria-label={t("invite.uses")} value={uses} onChange={(event) => setUses(event.target.value)}>
              <option value="">{t("invite.unlimited")}</option>
              {USES.map((each) => (
                <option key={each} value={each}>
                  {t("invite.people", { count: each })}
                </option>
              ))}
            </select>
          </label>
          <Button kind="primary" type="submit">
            {t("invite.create")}
          </Button>
        </form>
        {failed && <LoadFailed onRetry={retry} />}
        {invites === null && !failed && <ListSkeleton rows={2} label={t("app.loading")} />}
        {invites?.length === 0 && <p className={pick.none}>{t("invite.none")}</p>}
        {invites && invites.length > 0 && (
          <ul className={styles.invites} aria-label={t("invite.links")}>
            {invites.map((invite) => (
              <Row key={invite.id} invite={invite} onCopy={() => void attempt(() => share(invite))} onRevoke={() => void revoke(invite)} />
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}

function linkOf(invite: Invite): string {
  return new URL(`/i/${invite.id}`, location.href).href;
}

function Row({ invite, onCopy, onRevoke }: { invite: Invite; onCopy(): void; onRevoke(): void }) {
  const { t, locale } = useI18n();
  const { expiresAt, uses, maxUses } = invite;
  return (
    <li className={styles.invite}>
      <input className={styles.link} aria-label={t("invite.link")} value={linkOf(invite)} readOnly onFocus={(event) => event.currentTarget.select()} />
      <span className={styles.detail}>
        {uses === 0 ? t("invite.unused") : maxUses === null ? t("invite.used", { count: uses }) : t("invite.usedOf", { count: uses, most: maxUses })}
        {" · "}
        {expiresAt === null ? t("invite.never") : t("invite.until", { when: dayAndTime(locale, expiresAt) })}
      </span>
      <IconButton icon="copy" label={t("invite.copy")} onClick={onCopy} />
      <IconButton icon="trash" label={t("invite.revoke")} onClick={onRevoke} />
    </li>
  );
}
