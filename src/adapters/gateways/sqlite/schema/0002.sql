-- Files: what is known of them, and what their messages show. The bytes are in the blob store.

-- The upload that a person's picture was made from.
ALTER TABLE users ADD COLUMN avatar BLOB;

-- JSON, see src/adapters/dto/archive/files.rs; NULL of messages without files.
ALTER TABLE messages ADD COLUMN attachments TEXT;

CREATE TABLE attachments (
    id            BLOB PRIMARY KEY,
    owner         BLOB NOT NULL REFERENCES users,
    -- JSON, an array of one.
    file          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    -- The send that has it.
    conversation  BLOB,
    client_id     TEXT,
    -- Nobody can have it any more.
    discarded     INTEGER NOT NULL DEFAULT 0,
    -- The sweep need not look at it.
    settled       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_unclaimed ON attachments (owner) WHERE client_id IS NULL AND discarded = 0;
CREATE INDEX attachments_unsettled ON attachments (created_at, id) WHERE settled = 0;
CREATE INDEX attachments_by_conversation ON attachments (conversation) WHERE conversation IS NOT NULL;
