import { useLayoutEffect, useRef } from "react";

const TALLEST_PX = 200;

/** Grows with its text. The style is set through the object model, which the Content-Security-Policy allows. */
export function useArea(text: string) {
  const area = useRef<HTMLTextAreaElement>(null);
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, TALLEST_PX)}px`;
    element.style.overflowY = element.scrollHeight > TALLEST_PX ? "auto" : "hidden";
    if (wanted.current === null) return;
    element.focus();
    element.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  }, [text]);
  /** Moves the caret as soon as the field has its next text. */
  const moveCaret = (at: number) => {
    wanted.current = at;
  };
  return { area, moveCaret };
}
