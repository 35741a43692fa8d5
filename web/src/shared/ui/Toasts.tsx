import { createContext, use, useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { useI18n } from "../i18n/I18n";
import { errorKey } from "../lib/errors";
import styles from "./Toasts.module.css";

interface Toast {
  id: number;
  text: string;
}

const SHOWN_MS = 6_000;
const ToastContext = createContext<((text: string) => void) | null>(null);
let lastId = 0;

/** Short notes about what just happened, read out to screen readers. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const [host, setHost] = useState<Element | null>(null);

  const show = useCallback((text: string) => {
    const id = (lastId += 1);
    // What lies beneath an open dialog is neither seen well nor heard at all.
    const open = [...document.querySelectorAll("dialog[open]")].at(-1);
    open?.addEventListener("close", () => setHost(null), { once: true });
    setHost(open?.querySelector("[data-toasts]") ?? null);
    setToasts((shown) => [...shown.slice(-2), { id, text }]);
    setTimeout(() => setToasts((shown) => shown.filter((toast) => toast.id !== id)), SHOWN_MS);
  }, []);

  const notes = toasts.map((toast) => (
    <p key={toast.id} className={styles.toast}>
      {toast.text}
    </p>
  ));
  return (
    <ToastContext value={show}>
      {children}
      <div className={styles.toasts} role="status">
        {host ? createPortal(notes, host) : notes}
      </div>
    </ToastContext>
  );
}

/** Where notes are shown while a dialog is open: within it. */
export function ToastHost() {
  return <div className={styles.toasts} data-toasts aria-live="polite" />;
}

export function useToast(): (text: string) => void {
  const show = use(ToastContext);
  if (!show) throw new Error("useToast is used outside of ToastProvider");
  return show;
}

/** Runs something that may fail, and says so when it does. Resolves to whether it succeeded. */
export function useAttempt(): (work: () => Promise<unknown>) => Promise<boolean> {
  const { t } = useI18n();
  const show = useToast();
  // What waits for this does not begin anew in another language.
  const translate = useRef(t);
  useEffect(() => {
    translate.current = t;
  }, [t]);
  return useCallback(
    async (work) => {
      try {
        await work();
        return true;
      } catch (error) {
        show(translate.current("app.error", { reason: translate.current(errorKey(error)) }));
        return false;
      }
    },
    [show],
  );
}
