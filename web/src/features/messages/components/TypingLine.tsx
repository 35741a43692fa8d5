import { useChat } from "../../../shared/chat/Chat";
import { useUserName } from "../../../shared/chat/people";
import { useI18n } from "../../../shared/i18n/I18n";
import styles from "./TypingLine.module.css";

const NOBODY: Readonly<Record<string, number>> = {};

/** Who is writing; takes no room when nobody is. */
export function TypingLine({ conversationId }: { conversationId: string }) {
  const { t } = useI18n();
  const typing = useChat((state) => state.typing[conversationId] ?? NOBODY);
  const [first = null, second = null, ...more] = Object.keys(typing);
  const name = useUserName(first);
  const other = useUserName(second);
  if (first === null) return null;
  const text =
    more.length > 0 ? t("typing.many") : second === null ? t("typing.one", { name }) : t("typing.two", { name, other });
  return (
    <p className={styles.typing}>
      <span className={styles.dots} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {text}
    </p>
  );
}
