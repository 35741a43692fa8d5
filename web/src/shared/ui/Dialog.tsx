import { useEffect, useId, useRef, type MouseEvent, type ReactNode } from "react";
import { useI18n } from "../i18n/I18n";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";
import { ToastHost } from "./Toasts";

interface DialogProps {
  title: string;
  onClose(): void;
  children: ReactNode;
  /** Whether the title is for screen readers only, because the first field says the same. */
  hideTitle?: boolean;
  size?: "normal" | "large";
  role?: "alertdialog";
}

/** A modal dialog. The browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function Dialog({ title, onClose, children, hideTitle = false, size = "normal", role }: DialogProps) {
  const { t } = useI18n();
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const before = document.activeElement;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === ref.current) onClose();
  };

  return (
    // The backdrop is the dialog itself; Escape and the button do the same for the keyboard.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref}
      role={role}
      className={styles.dialog}
      data-size={size}
      aria-labelledby={titleId}
      onClick={closeOnBackdrop}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.body}>
        <header className={hideTitle ? styles.bare : styles.header}>
          <h2 id={titleId} className={hideTitle ? "visually-hidden" : styles.title}>
            {title}
          </h2>
          <IconButton icon="close" label={t("app.close")} onClick={onClose} />
        </header>
        {children}
      </div>
      <ToastHost />
    </dialog>
  );
}
