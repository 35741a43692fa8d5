import type { ComponentProps } from "react";
import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon";

interface ButtonProps extends ComponentProps<"button"> {
  kind?: "primary" | "quiet" | "danger";
}

export function Button({ kind = "quiet", className = "", type = "button", ...rest }: ButtonProps) {
  return <button {...rest} type={type} className={`${styles.button} ${styles[kind]} ${className}`} />;
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  icon: IconName;
  label: string;
}

export function IconButton({ icon, label, className = "", type = "button", ...rest }: IconButtonProps) {
  return (
    <button {...rest} type={type} aria-label={label} title={label} className={`${styles.icon} ${className}`}>
      <Icon name={icon} />
    </button>
  );
}
