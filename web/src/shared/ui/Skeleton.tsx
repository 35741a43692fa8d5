import styles from "./Skeleton.module.css";

/** What a list looks like before its content is known. */
export function ListSkeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div className={styles.list} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className={styles.row}>
          <span className={styles.circle} />
          <span className={styles.lines}>
            <span className={styles.line} />
            <span className={styles.line} data-short="true" />
          </span>
        </div>
      ))}
    </div>
  );
}

export function Spinner({ label }: { label: string }) {
  return <span className={styles.spinner} role="status" aria-label={label} />;
}
