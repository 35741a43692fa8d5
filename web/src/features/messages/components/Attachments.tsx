import type { Attachment } from "@chatconnect/protocol";
import { useState, type CSSProperties } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { byteSize, clock } from "../../../shared/lib/bytes";
import { isVoice } from "../../../shared/text/preview";
import { Icon } from "../../../shared/ui/Icon";
import styles from "./Attachments.module.css";
import { Lightbox } from "./Lightbox";

/** Pixels of the longer side of what stands alone. */
const SIDE = 320;

/** The files of a message: pictures together, then what plays, then what is downloaded. */
export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  const images = attachments.filter(({ kind }) => kind === "image");
  const others = attachments.filter(({ kind }) => kind !== "image");
  const [open, setOpen] = useState<number | null>(null);
  return (
    <div className={styles.attachments}>
      {images.length > 0 && (
        <div className={styles.images} data-many={images.length > 1}>
          {images.map((image, index) => (
            <Picture key={image.id} image={image} alone={images.length === 1} onOpen={() => setOpen(index)} />
          ))}
        </div>
      )}
      {others.map((attachment) => (
        <Other key={attachment.id} attachment={attachment} />
      ))}
      {open !== null && <Lightbox images={images} at={open} onMove={setOpen} onClose={() => setOpen(null)} />}
    </div>
  );
}

function Picture({ image, alone, onOpen }: { image: Attachment; alone: boolean; onOpen(): void }) {
  const { t } = useI18n();
  const [broken, setBroken] = useState(false);
  return (
    <button
      type="button"
      className={styles.picture}
      style={alone ? box(image) : undefined}
      aria-label={t("attachment.open", { name: image.name })}
      onClick={onOpen}
    >
      {broken ? (
        <span className={styles.broken}>
          <Icon name="alert" size={22} />
        </span>
      ) : (
        <img src={image.thumbnailUrl ?? image.url} alt="" loading="lazy" decoding="async" onError={() => setBroken(true)} />
      )}
    </button>
  );
}

function Other({ attachment }: { attachment: Attachment }) {
  const { t, locale } = useI18n();
  const { kind, name, url, size, durationMs } = attachment;
  if (kind === "video") {
    return (
      // Who sends a video has no captions to give.
      // eslint-disable-next-line jsx-a11y/media-has-caption
      <video className={styles.video} style={box(attachment)} src={url} controls preload="metadata" playsInline aria-label={name} />
    );
  }
  if (kind === "audio") {
    const title = isVoice(attachment) ? t("attachment.voice") : name;
    return (
      <figure className={styles.audio}>
        <figcaption>
          {title}
          {durationMs !== null && <span className={styles.detail}> {clock(durationMs)}</span>}
        </figcaption>
        {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
        <audio src={url} controls preload="none" aria-label={title} />
      </figure>
    );
  }
  return (
    <a className={styles.file} href={url} download={name}>
      <span className={styles.icon}>
        <Icon name="file" size={22} />
      </span>
      <span className={styles.fileText}>
        <span className={styles.name}>{name}</span>
        <span className={styles.detail}>{byteSize(locale, size)}</span>
      </span>
      <Icon name="download" size={18} />
    </a>
  );
}

/** The place that it takes before it is loaded. */
function box({ width, height }: Attachment): CSSProperties {
  if (width === null || height === null) return { width: SIDE, aspectRatio: "4 / 3" };
  const shrunk = Math.min(1, SIDE / Math.max(width, height));
  // A panorama still is something that one can hit.
  return { width: Math.max(64, Math.round(width * shrunk)), aspectRatio: `${width} / ${Math.max(height, width / 6)}` };
}
