import type { AdminChannel } from "@chatconnect/protocol";
import { useCallback, useRef, useState } from "react";
import { useI18n } from "../../../shared/i18n/I18n";
import { shortTime } from "../../../shared/lib/dates";
import { useDebounced } from "../../../shared/lib/useDebounced";
import { Avatar } from "../../../shared/ui/Avatar";
import { IconButton } from "../../../shared/ui/Button";
import { useConfirm } from "../../../shared/ui/Confirm";
import { Field } from "../../../shared/ui/Field";
import { useAttempt, useToast } from "../../../shared/ui/Toasts";
import { adminApi } from "../api";
import { usePages } from "../hooks/usePages";
import { useTexts } from "../texts/useTexts";
import styles from "./AdminPage.module.css";
import { Listed } from "./Listed";
import { RenameDialog } from "./RenameDialog";

/** The public channels of the server. */
export function ChannelsTab() {
  const say = useTexts();
  const attempt = useAttempt();
  const confirm = useConfirm();
  const toast = useToast();
  const [typed, setTyped] = useState("");
  const [renaming, setRenaming] = useState<AdminChannel | null>(null);
  const query = useDebounced(typed.trim(), 200);
  const search = useRef<HTMLInputElement>(null);
  const pages = usePages(
    useCallback(
      async (cursor: string | null) => {
        const { channels, nextCursor } = await adminApi.channels(query, { cursor });
        return { items: channels, nextCursor };
      },
      [query],
    ),
  );

  const remove = async (channel: AdminChannel) => {
    const question = { title: say("deleteChannelConfirm", { title: channel.title }), detail: say("deleteChannelDetail"), action: say("deleteChannel") };
    if (!(await confirm(question))) return;
    await attempt(async () => {
      await adminApi.deleteChannel(channel.id);
      pages.change((items) => items.filter(({ id }) => id !== channel.id));
      search.current?.focus();
      toast(say("channelDeleted"));
    });
  };

  return (
    <>
      <div className={styles.tools}>
        <Field ref={search} label={say("findChannels")} type="search" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
      </div>
      <Listed
        label={say("channels")}
        pages={pages}
        empty={say("noChannels")}
        row={(channel) => <Row key={channel.id} channel={channel} onRename={() => setRenaming(channel)} onDelete={() => void remove(channel)} />}
      />
      {renaming && (
        <RenameDialog
          channel={renaming}
          onClose={() => setRenaming(null)}
          onRenamed={(channel) => pages.change((items) => items.map((item) => (item.id === channel.id ? channel : item)))}
        />
      )}
    </>
  );
}

function Row({ channel, onRename, onDelete }: { channel: AdminChannel; onRename(): void; onDelete(): void }) {
  const { t, locale } = useI18n();
  const say = useTexts();
  const { id, title, memberCount, lastSeq, createdAt, general } = channel;
  return (
    <li className={styles.row}>
      <Avatar name={title} id={id} kind="channel" size={44} />
      <div className={styles.text}>
        <p className={styles.line}>
          <span className={styles.name}>{title}</span>
        </p>
        <p className={styles.detail}>
          <span>{t("members", { count: memberCount })}</span>
          <span>{say("messages", { count: lastSeq })}</span>
          <span>{general ? say("general") : say("since", { when: shortTime(locale, createdAt) })}</span>
        </p>
      </div>
      {!general && (
        <div className={styles.icons}>
          <IconButton icon="edit" label={`${say("rename")}: ${title}`} onClick={onRename} />
          <IconButton icon="trash" label={`${say("deleteChannel")}: ${title}`} onClick={onDelete} />
        </div>
      )}
    </li>
  );
}
