import { Fragment, memo, useMemo } from "react";
import { useChat } from "../../../shared/chat/Chat";
import { userNamed } from "../../../shared/chat/people";
import { parse, type Block, type Inline } from "../../../shared/text/markdown";
import { CodeBlock } from "./CodeBlock";
import styles from "./MessageText.module.css";

const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*\s*){1,6}$/u;

/** A message's text as it was meant; a few emoji alone are shown large. */
export const MessageText = memo(function MessageText({ text }: { text: string }) {
  const blocks = useMemo(() => parse(text), [text]);
  const [first, ...more] = blocks;
  if (first?.type === "paragraph" && more.length === 0) {
    // It lets the time stand on its last line.
    return (
      <span className={styles.text} data-testid="text" data-large={ONLY_EMOJI.test(text)}>
        <Inlines nodes={first.children} />
      </span>
    );
  }
  return (
    <div className={styles.text} data-testid="text">
      <Blocks nodes={blocks} />
    </div>
  );
});

function Blocks({ nodes }: { nodes: readonly Block[] }) {
  return nodes.map((node, index) => <BlockView key={index} node={node} />);
}

function BlockView({ node }: { node: Block }) {
  switch (node.type) {
    case "paragraph":
      return (
        <div className={styles.paragraph}>
          <Inlines nodes={node.children} />
        </div>
      );
    case "code":
      return <CodeBlock language={node.language} text={node.text} />;
    case "quote":
      return (
        <blockquote className={styles.quote}>
          <Blocks nodes={node.children} />
        </blockquote>
      );
    case "list": {
      const items = node.items.map((item, index) => (
        <li key={index}>
          <Blocks nodes={item} />
        </li>
      ));
      return node.start === null ? (
        <ul className={styles.list}>{items}</ul>
      ) : (
        <ol className={styles.list} start={node.start}>
          {items}
        </ol>
      );
    }
  }
}

function Inlines({ nodes }: { nodes: readonly Inline[] }) {
  return nodes.map((node, index) => (
    <Fragment key={index}>
      <InlineView node={node} />
    </Fragment>
  ));
}

function InlineView({ node }: { node: Inline }) {
  switch (node.type) {
    case "text":
      return node.text;
    case "code":
      return <code className={styles.code}>{node.text}</code>;
    case "mention":
      return <Mention text={node.text} username={node.username} />;
    case "link":
      return (
        <a href={node.href} title={node.href} target="_blank" rel="noopener noreferrer nofollow">
          <Inlines nodes={node.children} />
        </a>
      );
    case "strong":
      return (
        <strong>
          <Inlines nodes={node.children} />
        </strong>
      );
    case "emphasis":
      return (
        <em>
          <Inlines nodes={node.children} />
        </em>
      );
    case "delete":
      return (
        <del>
          <Inlines nodes={node.children} />
        </del>
      );
  }
}

/** Somebody's name, when there is such a person as far as we know. */
function Mention({ text, username }: { text: string; username: string }) {
  const user = useChat((state) => userNamed(state, username));
  const isMe = useChat((state) => state.me.username === username);
  if (!user) return text;
  return (
    <span className={styles.mention} data-me={isMe} title={user.displayName}>
      {text}
    </span>
  );
}
