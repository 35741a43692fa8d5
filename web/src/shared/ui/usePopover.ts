import { useCallback, useEffect, useLayoutEffect, useState, type CSSProperties, type RefObject } from "react";

const GAP = 6;

/** Keeps what pops up beside the element that opened it, and closes it at a click elsewhere. Hidden until it has its place. */
export function usePopover(anchor: HTMLElement, ref: RefObject<HTMLElement | null>, onClose: () => void): CSSProperties {
  const [style, setStyle] = useState<CSSProperties>({ left: 0, top: 0, visibility: "hidden" });

  const place = useCallback(() => {
    const popover = ref.current;
    if (!popover) return;
    const around = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = popover;
    const below = around.bottom + GAP;
    const top = below + height > window.innerHeight - GAP ? around.top - GAP - height : below;
    // Towards the middle of the page, so that it does not cover what stands beside the anchor.
    const rightHalf = around.left > window.innerWidth / 2;
    const left = rightHalf ? around.right - width : Math.min(around.left, window.innerWidth - width - GAP);
    setStyle({ left: Math.max(GAP, left), top: Math.max(GAP, top), visibility: "visible" });
  }, [anchor, ref]);

  useLayoutEffect(place, [place]);

  useEffect(() => {
    // A keyboard on the screen makes the window smaller, too.
    window.addEventListener("resize", place);
    return () => window.removeEventListener("resize", place);
  }, [place]);

  useEffect(() => {
    const closeOutside = (event: Event) => {
      if (event.target instanceof Node && !ref.current?.contains(event.target) && !anchor.contains(event.target)) onClose();
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [anchor, onClose, ref]);

  return style;
}
