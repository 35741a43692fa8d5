import { useEffect, useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { copy } from "../../../shared/lib/copy";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt } from "../../../shared/ui/Toasts";
import type { Stretch } from "../text/highlight";
import styles from "./CodeBlock.module.css";

interface Props {
  language: string | null;
  text: string;
}

/** Code in a language that was named is coloured as soon as what knows languages is loaded. */
export function CodeBlock({ language, text }: Props) {
  const { t } = useI18n();
  const attempt = useAttempt();
  const stretches = useHighlighted(language, text);
  return (
    <div className={styles.block}>
      <div className={styles.head}>
        <span>{language}</span>
        <button type="button" aria-label={t("messages.copyCode")} onClick={() => void attempt(() => copy(text))}>
          <Icon name="copy" size={14} />
        </button>
      </div>
      {/* It scrolls sideways, and so the keyboard has to reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <code className={styles.code} tabIndex={0}>
        {stretches?.map((stretch, index) => (
          <span key={index} className={stretch.className}>
            {stretch.text}
          </span>
        )) ?? text}
      </code>
    </div>
  );
}

function useHighlighted(language: string | null, text: string): Stretch[] | null {
  const [found, setFound] = useState<{ key: string; stretches: Stretch[] | null } | null>(null);
  const key = `${language ?? ""}\n${text}`;
  useEffect(() => {
    if (language === null) return;
    let wanted = true;
    // Without it the code is shown as it is.
    import("../text/highlight").then(
      ({ highlight }) => wanted && setFound({ key, stretches: highlight(language, text) }),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [key, language, text]);
  return found?.key === key ? found.stretches : null;
}
