/** Which square of a picture is taken. */
export interface Crop {
  /** 1: the largest square that the picture has; 4: a quarter of its side. */
  zoom: number;
  /** The middle of the square, as parts of the picture's width and height. */
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export const WHOLE: Crop = { zoom: 1, x: 0.5, y: 0.5 };
export const LARGEST_ZOOM = 4;

/** The same square, moved so far back that it lies within the picture. */
export function within({ zoom, x, y }: Crop, { width, height }: Size): Crop {
  const side = Math.min(width, height) / zoom;
  const keep = (at: number, whole: number) => Math.min(1 - side / whole / 2, Math.max(side / whole / 2, at));
  return { zoom, x: keep(x, width), y: keep(y, height) };
}

/** The square in pixels of the picture. */
export function squareOf({ zoom, x, y }: Crop, { width, height }: Size): { left: number; top: number; side: number } {
  const side = Math.min(width, height) / zoom;
  return { left: x * width - side / 2, top: y * height - side / 2, side };
}
