import type { Attachment } from "@chatconnect/protocol";
import { useEffect, useRef, type KeyboardEvent, type MouseEvent } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { IconButton } from "../../../shared/ui/Button";
import { Icon } from "../../../shared/ui/Icon";
import styles from "./Lightbox.module.css";

interface Props {
  images: readonly Attachment[];
  at: number;
  onMove(at: number): void;
  onClose(): void;
}

/** A picture as large as the window allows; the arrows lead to the others of the message. */
export function Lightbox({ images, at, onMove, onClose }: Props) {
  const { t } = useI18n();
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const image = images[at];
  if (!image) return null;

  const move = (by: number) => {
    if (images[at + by]) onMove(at + by);
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === "ArrowLeft") move(-1);
    if (key === "ArrowRight") move(1);
  };
  const closeBeside = ({ target }: MouseEvent) => {
    if (target instanceof Element && target.matches("[data-beside]")) onClose();
  };
  return (
    // Beside the picture is a large button to close; Escape and the small one do the same for the keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref}
      className={styles.lightbox}
      aria-label={image.name}
      onKeyDown={onKeyDown}
      onClick={closeBeside}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.bar}>
        <span className={styles.name}>{image.name}</span>
        {images.length > 1 && <span className={styles.count}>{t("attachment.position", { at: at + 1, count: images.length })}</span>}
        <a className={styles.download} href={image.url} download={image.name} aria-label={t("attachment.download")} title={t("attachment.download")}>
          <Icon name="download" />
        </a>
        <IconButton icon="close" label={t("app.close")} onClick={onClose} />
      </div>
      <div className={styles.stage} data-beside>
        <img key={image.id} src={image.url} alt={image.name} width={image.width ?? undefined} height={image.height ?? undefined} />
      </div>
      {at > 0 && <IconButton className={styles.previous} icon="back" label={t("attachment.previous")} onClick={() => move(-1)} />}
      {at + 1 < images.length && <IconButton className={styles.next} icon="forward" label={t("attachment.next")} onClick={() => move(1)} />}
    </dialog>
  );
}
