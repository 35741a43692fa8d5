import { useState, type ComponentProps } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { Field } from "../../../shared/ui/Field";
import { IconButton } from "../../../shared/ui/Button";

export function PasswordField(props: Omit<ComponentProps<typeof Field>, "type" | "label" | "trailing">) {
  const { t } = useI18n();
  const [shown, setShown] = useState(false);
  return (
    <Field
      {...props}
      label={t("auth.password")}
      type={shown ? "text" : "password"}
      name="password"
      trailing={
        <IconButton
          icon="eye"
          label={t(shown ? "auth.hidePassword" : "auth.showPassword")}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        />
      }
    />
  );
}
