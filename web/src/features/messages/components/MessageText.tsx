import { Fragment, memo } from "react";
import styles from "./MessageText.module.css";

const LINK = /\bhttps?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/gu;
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*\s*){1,6}$/u;

/** A message's text: line breaks kept, addresses turned into links, a few emoji alone shown large. */
export const MessageText = memo(function MessageText({ text }: { text: string }) {
  return (
    <span className={styles.text} data-testid="text" data-large={ONLY_EMOJI.test(text)}>
      {parts(text).map((part, index) => (
        <Fragment key={index}>
          {part.link ? (
            <a href={part.text} target="_blank" rel="noopener noreferrer nofollow">
              {part.text}
            </a>
          ) : (
            part.text
          )}
        </Fragment>
      ))}
    </span>
  );
});

function parts(text: string): { text: string; link: boolean }[] {
  const found: { text: string; link: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index), link: false });
    found.push({ text: match[0], link: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end), link: false });
  return found;
}
