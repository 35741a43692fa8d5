import { createContext, use, useCallback, useState, type ReactNode } from "react";
import { useI18n } from "../i18n/I18n";
import { Button } from "./Button";
import styles from "./Confirm.module.css";
import { Dialog } from "./Dialog";

interface Question {
  /** What will be done, as a question. */
  title: string;
  /** What follows from it. */
  detail?: string;
  /** What the button says that does it. */
  action: string;
}

interface Asked extends Question {
  resolve(yes: boolean): void;
}

const ConfirmContext = createContext<((question: Question) => Promise<boolean>) | null>(null);

/** Asks before what cannot be undone. */
export function ConfirmProvider({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = useCallback((question: Question) => new Promise<boolean>((resolve) => setAsked({ ...question, resolve })), []);
  const answer = (yes: boolean) => {
    asked?.resolve(yes);
    setAsked(null);
  };

  return (
    <ConfirmContext value={ask}>
      {children}
      {asked && (
        <Dialog title={asked.title} role="alertdialog" onClose={() => answer(false)}>
          {asked.detail !== undefined && <p className={styles.detail}>{asked.detail}</p>}
          <div className={styles.buttons}>
            <Button data-autofocus onClick={() => answer(false)}>
              {t("app.cancel")}
            </Button>
            <Button kind="danger" onClick={() => answer(true)}>
              {asked.action}
            </Button>
          </div>
        </Dialog>
      )}
    </ConfirmContext>
  );
}

/** Resolves to whether the person wants it. */
export function useConfirm(): (question: Question) => Promise<boolean> {
  const ask = use(ConfirmContext);
  if (!ask) throw new Error("useConfirm is used outside of ConfirmProvider");
  return ask;
}
