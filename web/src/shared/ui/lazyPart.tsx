import { useEffect, useState, type ComponentType, type ReactNode } from "react";
import { useI18n } from "../i18n/I18n";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import styles from "./lazyPart.module.css";

type LazyPart<P> = ComponentType<P> & {
  /** Loads it before it is shown. */
  load(): Promise<void>;
};

/**
 * A part of the page that is loaded when it is first shown, or before. `waiting` is shown until then; what cannot be
 * loaded says so, in a dialog if it is one: if it has an `onClose`.
 */
export function lazyPart<P extends object>(load: () => Promise<ComponentType<P>>, waiting: ReactNode = null): LazyPart<P> {
  let known: ComponentType<P> | null = null;
  const fetch = async () => (known ??= await load());

  function Part(props: P) {
    const [Loaded, setLoaded] = useState<ComponentType<P> | null>(() => known);
    const [failures, setFailures] = useState(0);
    const [attempts, setAttempts] = useState(0);
    useEffect(() => {
      let wanted = true;
      fetch().then(
        (part) => wanted && setLoaded(() => part),
        () => wanted && setFailures((before) => before + 1),
      );
      return () => {
        wanted = false;
      };
    }, [attempts]);

    if (Loaded) return <Loaded {...props} />;
    if (failures > attempts) return <Failed onRetry={() => setAttempts(failures)} onClose={"onClose" in props ? (props.onClose as () => void) : null} />;
    return waiting;
  }
  return Object.assign(Part, {
    load: async () => {
      await fetch();
    },
  });
}

function Failed({ onRetry, onClose }: { onRetry(): void; onClose: (() => void) | null }) {
  const { t } = useI18n();
  const note = (
    <div className={styles.failed} role="alert">
      <p>{t("app.partFailed")}</p>
      <Button onClick={onRetry}>{t("app.retry")}</Button>
    </div>
  );
  if (!onClose) return note;
  return (
    <Dialog title={t("app.partFailed")} hideTitle onClose={onClose}>
      {note}
    </Dialog>
  );
}
