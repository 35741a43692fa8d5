import { useI18n } from "../../../shared/i18n/I18n";
import { copy } from "../../../shared/lib/copy";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { Icon } from "../../../shared/ui/Icon";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import { useTexts } from "../texts/useTexts";
import styles from "./AdminPage.module.css";

interface Props {
  /** Whose it is. */
  name: string;
  password: string;
  onClose(): void;
}

/** A password that nobody will be told again. */
export function NewPasswordDialog({ name, password, onClose }: Props) {
  const { t } = useI18n();
  const say = useTexts();
  const attempt = useAttempt();
  const toast = useToast();
  const share = () =>
    attempt(async () => {
      await copy(password);
      toast(say("passwordCopied"));
    });
  return (
    <Dialog title={say("newPassword", { name })} onClose={onClose}>
      <div className={styles.fresh}>
        <p className={styles.password}>
          <span className="visually-hidden">{t("auth.password")}: </span>
          <code data-testid="password">{password}</code>
        </p>
        <p className={styles.hint}>{say("newPasswordHint")}</p>
        <div className={styles.buttons}>
          <Button onClick={onClose}>{say("done")}</Button>
          <Button kind="primary" data-autofocus onClick={() => void share()}>
            <Icon name="copy" size={18} />
            {say("copyPassword")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
