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

-- What somebody finds wrong with a message.
CREATE TABLE reports (
    id           BLOB PRIMARY KEY,
    message      BLOB NOT NULL,
    conversation BLOB NOT NULL REFERENCES conversations ON DELETE CASCADE,
    -- NULL once they deleted their account.
    reporter     BLOB REFERENCES users ON DELETE SET NULL,
    reason       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    -- NULL while it is open.
    closed_at    INTEGER,
    closed_by    BLOB,
    outcome      TEXT CHECK (outcome IN ('dismissed', 'deleted'))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reports_by_message ON reports (message, reporter);
CREATE INDEX reports_by_conversation ON reports (conversation);
CREATE INDEX reports_by_reporter ON reports (reporter);
CREATE INDEX reports_open ON reports (id) WHERE closed_at IS NULL;
CREATE INDEX reports_closed ON reports (id) WHERE closed_at IS NOT NULL;
