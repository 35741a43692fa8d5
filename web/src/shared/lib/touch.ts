/** Whether fingers point here: then a field with the focus brings a keyboard onto the screen. */
export function isTouch(): boolean {
  return window.matchMedia?.("(pointer: coarse)").matches ?? false;
}
