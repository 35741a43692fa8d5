import type { User } from "@chatconnect/protocol";
import { useI18n } from "../../../shared/i18n/I18n";
import { Avatar } from "../../../shared/ui/Avatar";
import type { Mentions } from "../hooks/useMentions";
import styles from "./MentionList.module.css";

/** The people who are offered while a name is typed. The field keeps the focus and moves the choice. */
export function MentionList({ id, mentions }: { id: string; mentions: Mentions }) {
  const { t } = useI18n();
  return (
    <div className={styles.frame}>
      <div id={id} role="listbox" aria-label={t("composer.mentions")} className={styles.list}>
        {mentions.options.map((user, index) => (
          <Option key={user.id} id={optionId(id, user)} user={user} active={index === mentions.active} onPick={mentions.pick} />
        ))}
      </div>
    </div>
  );
}

export function optionId(list: string, user: User): string {
  return `${list}-${user.id}`;
}

interface OptionProps {
  id: string;
  user: User;
  active: boolean;
  onPick(user: User): void;
}

function Option({ id, user, active, onPick }: OptionProps) {
  return (
    // The keyboard is in the field, which the choice belongs to.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      className={styles.option}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onPick(user)}
    >
      <Avatar name={user.displayName} id={user.id} src={user.avatarUrl} size={28} />
      <span className={styles.name}>{user.displayName}</span>
      <span className={styles.username}>@{user.username}</span>
    </div>
  );
}
