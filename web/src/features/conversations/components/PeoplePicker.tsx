import type { User } from "@chatconnect/protocol";
import { useState, type ReactNode } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { Avatar } from "../../../shared/ui/Avatar";
import { Field } from "../../../shared/ui/Field";
import { Icon } from "../../../shared/ui/Icon";
import { usePeopleSearch } from "../hooks/usePeopleSearch";
import { LoadFailed } from "./LoadFailed";
import styles from "./pick.module.css";

interface Props {
  chosen: readonly User[];
  onChange(chosen: readonly User[]): void;
  /** Ids of those who are not offered. */
  without?: ReadonlySet<string>;
  /** More fields, below those who were chosen. */
  children?: ReactNode;
}

/** Finds people by name and notes who was chosen. */
export function PeoplePicker({ chosen, onChange, without, children }: Props) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const { items, failed, retry } = usePeopleSearch(typed);
  const people = items?.filter((user) => !without?.has(user.id));
  const isChosen = (user: User) => chosen.some((one) => one.id === user.id);

  const toggle = (user: User) => {
    onChange(isChosen(user) ? chosen.filter((one) => one.id !== user.id) : [...chosen, user]);
    setTyped("");
  };

  return (
    <>
      <div className={styles.fields}>
        <Field
          label={t("new.people")}
          placeholder={t("new.peopleHint")}
          value={typed}
          autoComplete="off"
          data-autofocus
          onChange={(event) => setTyped(event.target.value)}
        />
        {chosen.length > 0 && (
          <ul className={styles.chips} aria-label={t("new.selected")}>
            {chosen.map((user) => (
              <li key={user.id}>
                <button type="button" className={styles.chip} aria-label={t("new.remove", { name: user.displayName })} onClick={() => toggle(user)}>
                  {user.displayName}
                  <Icon name="close" size={14} />
                </button>
              </li>
            ))}
          </ul>
        )}
        {children}
      </div>
      {failed && <LoadFailed onRetry={retry} />}
      <ul className={styles.results} aria-label={t("new.people")} hidden={failed}>
        {people?.map((user) => (
          <li key={user.id}>
            <button type="button" className={styles.result} aria-pressed={isChosen(user)} onClick={() => toggle(user)}>
              <Avatar name={user.displayName} id={user.id} src={user.avatarUrl} size={40} />
              <span className={styles.names}>
                <span className={styles.name}>{user.displayName}</span>
                <span className={styles.detail}>@{user.username}</span>
              </span>
              {isChosen(user) && <Icon name="check" />}
            </button>
          </li>
        ))}
        {people?.length === 0 && <li className={styles.none}>{t(typed.trim() === "" ? "new.alone" : "new.noOne")}</li>}
      </ul>
    </>
  );
}
