import { useEffect, useRef, type KeyboardEvent, type ReactNode } from "react";
import { Icon, type IconName } from "./Icon";
import styles from "./Menu.module.css";
import { usePopover } from "./usePopover";

interface MenuProps {
  /** The element that opened it: the menu stands beside it and gives the focus back to it. */
  anchor: HTMLElement;
  label: string;
  onClose(): void;
  children: ReactNode;
}

/** A pop-up menu. Arrow keys move, Escape, Tab and a click elsewhere close. Its items are role="menuitem". */
export function Menu({ anchor, label, onClose, children }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  const style = usePopover(anchor, ref, onClose);
  const isPlaced = style.visibility !== "hidden";

  useEffect(() => {
    if (isPlaced) items(ref.current)[0]?.focus();
  }, [isPlaced]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = items(ref.current);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) all[(at + step + all.length) % all.length]?.focus();
    else if (event.key === "Home") all[0]?.focus();
    else if (event.key === "End") all.at(-1)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") {
      onClose();
      anchor.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={ref}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      className={styles.menu}
      style={style}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}

function items(menu: HTMLElement | null): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
}

interface MenuItemProps {
  icon?: IconName;
  danger?: boolean;
  onSelect(): void;
  children: ReactNode;
}

export function MenuItem({ icon, danger = false, onSelect, children }: MenuItemProps) {
  return (
    <button type="button" role="menuitem" tabIndex={-1} className={styles.item} data-danger={danger} onClick={onSelect}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </button>
  );
}
