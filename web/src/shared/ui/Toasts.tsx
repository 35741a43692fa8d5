import { createContext, use, useCallback, useState, type ReactNode } from "react";
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

  const show = useCallback((text: string) => {
    const id = (lastId += 1);
    setToasts((shown) => [...shown.slice(-2), { id, text }]);
    setTimeout(() => setToasts((shown) => shown.filter((toast) => toast.id !== id)), SHOWN_MS);
  }, []);

  return (
    <ToastContext value={show}>
      {children}
      <div className={styles.toasts} role="status">
        {toasts.map((toast) => (
          <p key={toast.id} className={styles.toast}>
            {toast.text}
          </p>
        ))}
      </div>
    </ToastContext>
  );
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
  return useCallback(
    async (work) => {
      try {
        await work();
        return true;
      } catch (error) {
        show(t("app.error", { reason: t(errorKey(error)) }));
        return false;
      }
    },
    [show, t],
  );
}
