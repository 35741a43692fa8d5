import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from "react";

interface Tab {
  name: string;
  label: string;
}

interface Props<T extends Tab> {
  label: string;
  tabs: readonly T[];
  open: T;
  onOpen(tab: T): void;
  /** How the list, one of its tabs and the panel look. */
  styles: { tabs: string; tab: string; panel: string };
  children: ReactNode;
}

/** A list of tabs and the panel of the open one. Arrow keys move among the tabs, of which one is in the order of Tab. */
export function Tabs<T extends Tab>({ label, tabs, open, onOpen, styles, children }: Props<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    // On a phone there may be more of them than there is room for.
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [open.name]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = (tabs.findIndex(({ name }) => name === open.name) + step + tabs.length) % tabs.length;
    const next = tabs[at];
    if (!next) return;
    onOpen(next);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[at]?.focus();
  };

  return (
    <>
      <div ref={list} role="tablist" aria-label={label} tabIndex={-1} className={styles.tabs} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.name}
            type="button"
            role="tab"
            id={`${id}-${tab.name}`}
            aria-selected={tab.name === open.name}
            aria-controls={`${id}-panel`}
            tabIndex={tab.name === open.name ? 0 : -1}
            className={styles.tab}
            onClick={() => onOpen(tab)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${open.name}`} className={styles.panel}>
        {children}
      </div>
    </>
  );
}
