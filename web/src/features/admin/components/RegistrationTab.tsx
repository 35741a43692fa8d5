import type { Registration } from "@chatconnect/protocol";
import { useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { Choice } from "../../../shared/ui/Choice";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import { adminApi } from "../api";
import { useTexts } from "../texts/useTexts";
import styles from "./AdminPage.module.css";
import type { TabProps } from "./tab";

/** Who may open an account. */
export function RegistrationTab({ server, onServer }: TabProps) {
  const { t } = useI18n();
  const say = useTexts();
  const attempt = useAttempt();
  const toast = useToast();
  /** What was chosen, until the server says so itself. */
  const [chosen, setChosen] = useState<Registration | null>(null);

  const choose = async (registration: Registration) => {
    setChosen(registration);
    const saved = await attempt(() => adminApi.setRegistration(registration));
    if (saved) {
      onServer();
      toast(t("settings.saved"));
    } else setChosen(null);
  };

  return (
    <div className={styles.card}>
      <Choice
        label={say("who")}
        value={chosen ?? server.registration}
        options={[
          { value: "open", name: say("open"), hint: say("openHint") },
          { value: "invite", name: say("invite"), hint: say("inviteHint") },
          { value: "closed", name: say("closed"), hint: say("closedHint") },
        ]}
        onChange={(registration) => void choose(registration)}
      />
    </div>
  );
}
