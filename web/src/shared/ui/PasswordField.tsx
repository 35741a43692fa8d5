import { useState, type ComponentProps } from "react";
import { useI18n } from "../i18n/I18n";
import { IconButton } from "./Button";
import { Field } from "./Field";

type Props = Omit<ComponentProps<typeof Field>, "type" | "label" | "trailing"> & { label?: string };

export function PasswordField({ label, ...props }: Props) {
  const { t } = useI18n();
  const [shown, setShown] = useState(false);
  return (
    <Field
      name="password"
      {...props}
      label={label ?? t("auth.password")}
      type={shown ? "text" : "password"}
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
