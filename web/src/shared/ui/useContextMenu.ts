import { useCallback, useEffect, useRef, useState, type MouseEvent, type PointerEvent } from "react";

const LONG_PRESS_MS = 500;
const STILL_PX = 10;

/**
 * A menu of its own for an element: the right button, the keys for it (Menu, Shift+F10) and a long press open it.
 * Not every browser makes a `contextmenu` of a long press.
 */
export function useContextMenu() {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = useCallback(() => setAnchor(null), []);
  const press = useRef<{ timer: number; x: number; y: number } | null>(null);
  const pressed = useRef(false);

  const end = () => {
    window.clearTimeout(press.current?.timer);
    press.current = null;
  };
  useEffect(() => end, []);

  const handlers = {
    onContextMenu: (event: MouseEvent<HTMLElement>) => {
      event.preventDefault();
      setAnchor(event.currentTarget);
    },
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      pressed.current = false;
      if (event.pointerType !== "touch") return;
      const element = event.currentTarget;
      const timer = window.setTimeout(() => {
        pressed.current = true;
        setAnchor(element);
      }, LONG_PRESS_MS);
      press.current = { timer, x: event.clientX, y: event.clientY };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const { x, y } = press.current ?? { x: event.clientX, y: event.clientY };
      if (Math.hypot(event.clientX - x, event.clientY - y) > STILL_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    /** What ends a long press is no click. */
    onClick: (event: MouseEvent<HTMLElement>) => {
      if (pressed.current) event.preventDefault();
      pressed.current = false;
    },
  };
  return { anchor, close, handlers };
}
