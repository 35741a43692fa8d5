import { useState, type CSSProperties } from "react";
import styles from "./Avatar.module.css";
import { Icon } from "./Icon";
import { hueOf } from "./hue";

interface AvatarProps {
  name: string;
  /** What decides the colour, so that it stays when the name changes. */
  id: string;
  /** Where the picture is; null when there is none. */
  src?: string | null | undefined;
  kind?: "person" | "group" | "channel" | "gone";
  size?: number;
  online?: boolean;
}

/** A person's or a conversation's mark. Says nothing to a screen reader: the name always stands beside it. */
export function Avatar({ name, id, src, kind = "person", size = 44, online = false }: AvatarProps) {
  const style = { "--size": `${size}px`, "--hue": hueOf(id) } as CSSProperties;
  return (
    <span className={styles.avatar} data-kind={kind} style={style} aria-hidden="true">
      {kind === "channel" && <Icon name="hash" size={Math.round(size * 0.48)} />}
      {kind === "gone" && <Icon name="personOff" size={Math.round(size * 0.52)} />}
      {(kind === "person" || kind === "group") && initials(name)}
      {src && <Picture key={src} src={src} />}
      {online && <span className={styles.online} />}
    </span>
  );
}

/** Over the initials, which stay where it cannot be loaded. */
function Picture({ src }: { src: string }) {
  const [broken, setBroken] = useState(false);
  return broken ? null : <img className={styles.picture} src={src} alt="" draggable={false} onError={() => setBroken(true)} />;
}

function initials(name: string): string {
  const words = name.split(/[\s,._-]+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}
