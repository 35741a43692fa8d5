import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import styles from "./Menu.module.css";
import { Icon, type IconName } from "./Icon";

interface MenuProps {
  /** The element that opened it: the menu stands beside it and gives the focus back to it. */
  anchor: HTMLElement;
  label: string;
  onClose(): void;
  children: ReactNode;
}

const GAP = 6;

/** A pop-up menu. Arrow keys move, Escape, Tab and a click elsewhere close. Its items are role="menuitem". */
export function Menu({ anchor, label, onClose, children }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);

  useLayoutEffect(() => {
    const menu = ref.current;
    if (!menu) return;
    const around = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = around.bottom + GAP;
    const top = below + height > window.innerHeight - GAP ? around.top - GAP - height : below;
    // Towards the middle of the page, so that it does not cover what stands beside the anchor.
    const rightHalf = around.left > window.innerWidth / 2;
    const left = rightHalf ? around.right - width : Math.min(around.left, window.innerWidth - width - GAP);
    setPlace({ left: Math.max(GAP, left), top: Math.max(GAP, top) });
  }, [anchor]);

  useEffect(() => {
    if (place) items(ref.current)[0]?.focus();
  }, [place]);

  useEffect(() => {
    const closeOutside = (event: Event) => {
      if (event.target instanceof Node && !ref.current?.contains(event.target) && !anchor.contains(event.target)) onClose();
    };
    document.addEventListener("pointerdown", closeOutside);
    window.addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      window.removeEventListener("resize", onClose);
    };
  }, [anchor, onClose]);

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
      style={{ left: place?.left ?? 0, top: place?.top ?? 0, visibility: place ? "visible" : "hidden" }}
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
