import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { Button } from "../../../shared/ui/Button";
import { Dialog } from "../../../shared/ui/Dialog";
import { LARGEST_ZOOM, squareOf, WHOLE, within, type Crop } from "../hooks/crop";
import styles from "./CropDialog.module.css";

/** Pixels: of what is shown, and of what is sent. */
const SHOWN = 280;
const SENT = 512;
/** How far an arrow key moves, as a part of the picture. */
const STEP = 0.02;

interface Props {
  picture: ImageBitmap;
  busy: boolean;
  onDone(cut: Blob): void;
  onClose(): void;
}

/** Chooses the square of a picture that becomes a person's face. */
export function CropDialog({ picture, busy, onDone, onClose }: Props) {
  const { t } = useI18n();
  const [crop, setCrop] = useState<Crop>(WHOLE);
  const canvas = useRef<HTMLCanvasElement>(null);
  const dragged = useRef<{ x: number; y: number } | null>(null);

  useEffect(() => {
    if (canvas.current) draw(canvas.current, picture, crop);
  }, [picture, crop]);

  const move = (change: Partial<Crop>) => setCrop((now) => within({ ...now, ...change }, picture));
  const onPointerMove = ({ clientX, clientY }: PointerEvent) => {
    const from = dragged.current;
    if (!from) return;
    dragged.current = { x: clientX, y: clientY };
    const { side } = squareOf(crop, picture);
    const scale = side / SHOWN;
    move({ x: crop.x - ((clientX - from.x) * scale) / picture.width, y: crop.y - ((clientY - from.y) * scale) / picture.height });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    move({ x: crop.x + (dx ?? 0) * STEP, y: crop.y + (dy ?? 0) * STEP });
  };
  const save = () => {
    const large = document.createElement("canvas");
    large.width = SENT;
    large.height = SENT;
    draw(large, picture, crop);
    large.toBlob((blob) => blob && onDone(blob), "image/jpeg", 0.9);
  };

  return (
    <Dialog title={t("profile.crop")} onClose={onClose}>
      <div className={styles.crop}>
        {/* It is moved like a slider that has two directions, for which there is no role. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <div
          className={styles.window}
          role="application"
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          aria-label={t("profile.cropHint")}
          onKeyDown={onKeyDown}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            dragged.current = { x: event.clientX, y: event.clientY };
          }}
          onPointerMove={onPointerMove}
          onPointerUp={() => {
            dragged.current = null;
          }}
        >
          <canvas ref={canvas} width={SENT} height={SENT} aria-hidden="true" />
        </div>
        <label className={styles.zoom}>
          {t("profile.zoom")}
          <input
            type="range"
            min={1}
            max={LARGEST_ZOOM}
            step={0.05}
            value={crop.zoom}
            onChange={(event) => move({ zoom: Number(event.target.value) })}
          />
        </label>
        <div className={styles.actions}>
          <Button onClick={onClose}>{t("app.cancel")}</Button>
          <Button kind="primary" disabled={busy} onClick={save}>
            {t("profile.usePicture")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, crop: Crop): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { left, top, side } = squareOf(crop, picture);
  // What is transparent would be black in a JPEG.
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
}
