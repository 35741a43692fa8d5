import type { AccountFilter, AdminAccount } from "@chatconnect/protocol";
import { useCallback, useId, useRef, useState } from "react";
import { useChat } from "../../../shared/chat/Chat";
import { useIsOnline } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import { shortTime } from "../../../shared/lib/dates";
import { useDebounced } from "../../../shared/lib/useDebounced";
import { Avatar } from "../../../shared/ui/Avatar";
import { Field } from "../../../shared/ui/Field";
import { adminApi } from "../api";
import { usePages } from "../hooks/usePages";
import type { AdminKey } from "../texts/en";
import { useTexts } from "../texts/useTexts";
import { AccountActions } from "./AccountActions";
import styles from "./AdminPage.module.css";
import { Listed } from "./Listed";
import { NewPasswordDialog } from "./NewPasswordDialog";
import type { TabProps } from "./tab";

const FILTERS: readonly { name: AccountFilter; label: AdminKey; empty: AdminKey }[] = [
  { name: "all", label: "all", empty: "nobody" },
  { name: "admins", label: "admins", empty: "noAdmins" },
  { name: "banned", label: "banned", empty: "noBanned" },
];

/** Everybody who has an account here, and what to do with them. */
export function PeopleTab({ onServer }: TabProps) {
  const say = useTexts();
  const me = useChat((state) => state.me.id);
  const [typed, setTyped] = useState("");
  const [filter, setFilter] = useState<AccountFilter>("all");
  const [fresh, setFresh] = useState<{ name: string; password: string } | null>(null);
  const query = useDebounced(typed.trim(), 200);
  const search = useRef<HTMLInputElement>(null);
  const pages = usePages(
    useCallback(
      async (cursor: string | null) => {
        const { accounts, nextCursor } = await adminApi.accounts(query, filter, { cursor });
        return { items: accounts, nextCursor };
      },
      [query, filter],
    ),
  );
  const empty = query === "" ? FILTERS.find(({ name }) => name === filter)?.empty : undefined;

  const onChanged = (account: AdminAccount) => {
    pages.change((items) => items.map((item) => (item.user.id === account.user.id ? account : item)));
    if (account.user.id === me) onServer();
  };
  const onDeleted = (userId: string) => {
    pages.change((items) => items.filter((item) => item.user.id !== userId));
    // What had the focus is gone.
    search.current?.focus();
  };

  return (
    <>
      <div className={styles.tools}>
        <Field ref={search} label={say("findPeople")} type="search" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
        <Filter chosen={filter} onChange={setFilter} />
      </div>
      <Listed
        label={say("people")}
        pages={pages}
        empty={say(empty ?? "nobody")}
        row={(account) => (
          <Row
            key={account.user.id}
            account={account}
            isMe={account.user.id === me}
            onChanged={onChanged}
            onDeleted={onDeleted}
            onPassword={(password) => setFresh({ name: account.user.displayName, password })}
          />
        )}
      />
      {fresh && <NewPasswordDialog {...fresh} onClose={() => setFresh(null)} />}
    </>
  );
}

function Filter({ chosen, onChange }: { chosen: AccountFilter; onChange(filter: AccountFilter): void }) {
  const say = useTexts();
  const name = useId();
  return (
    <fieldset className={styles.filter}>
      <legend>{say("filter")}</legend>
      <div className={styles.choices}>
        {FILTERS.map((each) => (
          <label key={each.name} className={styles.pill}>
            <input type="radio" className="visually-hidden" name={name} checked={each.name === chosen} onChange={() => onChange(each.name)} />
            {say(each.label)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface RowProps {
  account: AdminAccount;
  isMe: boolean;
  onChanged(account: AdminAccount): void;
  onDeleted(userId: string): void;
  onPassword(password: string): void;
}

function Row({ account, isMe, ...actions }: RowProps) {
  const { t, locale } = useI18n();
  const say = useTexts();
  const { user, admin, bannedAt, lastSeenAt } = account;
  const online = useIsOnline(user.id) || isMe;
  return (
    <li className={styles.row} data-banned={bannedAt !== null}>
      <Avatar name={user.displayName} id={user.id} src={user.avatarUrl} size={44} />
      <div className={styles.text}>
        <p className={styles.line}>
          <span className={styles.name}>
            {user.displayName}
            {isMe && ` (${t("members.you")})`}
          </span>
          {admin && <span className={styles.badge}>{say("isAdmin")}</span>}
          {bannedAt !== null && (
            <span className={styles.badge} data-tone="danger">
              {say("isBanned", { when: shortTime(locale, bannedAt) })}
            </span>
          )}
        </p>
        <p className={styles.detail}>
          <span>@{user.username}</span>
          {online ? (
            <span>{t("presence.online")}</span>
          ) : (
            // Nothing of whoever is here for the first time: they were not seen going.
            lastSeenAt !== null && <span>{say("lastSeen", { when: shortTime(locale, lastSeenAt) })}</span>
          )}
        </p>
      </div>
      <AccountActions account={account} isMe={isMe} {...actions} />
    </li>
  );
}
