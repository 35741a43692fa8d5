-- What people mark for themselves, and whom they block.

ALTER TABLE members ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
-- Counts as unread though it was read.
ALTER TABLE members ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
-- Of direct conversations only: one of the two has blocked the other. The same for both, so that sending asks for no more
-- than the sender's own row.
ALTER TABLE members ADD COLUMN silenced INTEGER NOT NULL DEFAULT 0;

CREATE TABLE blocks (
    blocker    BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
    blocked    BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (blocker, blocked)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_by_blocked ON blocks (blocked);

-- Search for files.
CREATE INDEX messages_with_files ON messages (conversation, pk) WHERE attachments IS NOT NULL;
