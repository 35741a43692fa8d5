import { useI18n } from "../../../shared/i18n/I18n";
import { byteSize } from "../../../shared/lib/bytes";
import { IconButton } from "../../../shared/ui/Button";
import { Icon } from "../../../shared/ui/Icon";
import type { Item, Uploads } from "../hooks/uploads";
import styles from "./UploadTray.module.css";

/** The files that go with the message, and how far each of them is. */
export function UploadTray({ uploads, items }: { uploads: Uploads; items: readonly Item[] }) {
  const { t } = useI18n();
  if (items.length === 0) return null;
  return (
    <ul className={styles.tray} aria-label={t("attachment.chosen")}>
      {items.map((item) => (
        <Chosen key={item.key} item={item} uploads={uploads} />
      ))}
    </ul>
  );
}

function Chosen({ item, uploads }: { item: Item; uploads: Uploads }) {
  const { t, locale } = useI18n();
  const { key, name, size, previewUrl, progress, attachment, error } = item;
  return (
    <li className={styles.item} data-failed={error !== null}>
      {previewUrl ? (
        <img className={styles.picture} src={previewUrl} alt="" />
      ) : (
        <span className={styles.picture}>
          <Icon name={attachment?.kind === "audio" ? "mic" : "file"} size={22} />
        </span>
      )}
      <span className={styles.text}>
        <span className={styles.name} title={name}>
          {name}
        </span>
        {error ? (
          <span role="alert" className={styles.error}>
            {t(error)}{" "}
            <button type="button" className={styles.retry} onClick={() => uploads.retry(key)}>
              {t("app.retry")}
            </button>
          </span>
        ) : (
          <span className={styles.size}>{byteSize(locale, size)}</span>
        )}
      </span>
      {!attachment && !error && <progress className={styles.progress} value={progress} aria-label={t("attachment.uploading", { name })} />}
      <IconButton icon="close" label={t("attachment.remove", { name })} onClick={() => uploads.remove(key)} />
    </li>
  );
}
