-- Ids are UUIDs of 16 bytes, times are milliseconds since 1970 (UTC).

CREATE TABLE users (
    id            BLOB PRIMARY KEY,
    username      TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    locale        TEXT,
    created_at    INTEGER NOT NULL,
    last_seen_at  INTEGER
) STRICT, WITHOUT ROWID;

-- What people are found by: see `name_keys` in src/domain/entities/search_text.rs.
CREATE TABLE user_names (
    name TEXT NOT NULL,
    user BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (name, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_names_by_user ON user_names (user);

CREATE TABLE sessions (
    key          BLOB PRIMARY KEY,
    id           BLOB NOT NULL,
    user         BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
    device       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user, last_seen_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE conversations (
    id           BLOB PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('direct', 'group', 'channel')),
    title        TEXT,
    -- Of channels only: unique without regard to case, and the form that they are searched in.
    title_key    TEXT UNIQUE,
    title_folded TEXT,
    -- Of direct conversations only: both user ids, the smaller one first.
    direct_key   BLOB UNIQUE,
    is_general   INTEGER NOT NULL DEFAULT 0,
    member_count INTEGER NOT NULL,
    last_seq     INTEGER NOT NULL DEFAULT 0,
    rev          INTEGER NOT NULL DEFAULT 0,
    -- When the newest message was sent, or the conversation created.
    active_at    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX conversations_general ON conversations (is_general) WHERE is_general;

CREATE TABLE members (
    conversation BLOB NOT NULL REFERENCES conversations ON DELETE CASCADE,
    user         BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
    role         TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    joined_at    INTEGER NOT NULL,
    read_seq     INTEGER NOT NULL,
    muted        INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user);
CREATE INDEX members_by_age ON members (conversation, joined_at, user);

CREATE TABLE messages (
    -- Sorts by time and finds a message by its id: see src/adapters/gateways/sqlite/keys.rs.
    pk           INTEGER PRIMARY KEY,
    id           BLOB NOT NULL,
    conversation BLOB NOT NULL REFERENCES conversations ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    rev          INTEGER NOT NULL,
    sender       BLOB NOT NULL REFERENCES users,
    client_id    TEXT NOT NULL,
    -- NULL once the message was deleted.
    body         TEXT,
    reply_to     BLOB,
    -- Whether `reactions` has any for it.
    reacted      INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    edited_at    INTEGER,
    deleted_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX messages_by_seq ON messages (conversation, seq);
CREATE UNIQUE INDEX messages_by_rev ON messages (conversation, rev);
CREATE UNIQUE INDEX messages_by_client_id ON messages (sender, client_id);

CREATE TABLE reactions (
    message   INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    emoji     TEXT NOT NULL,
    user      BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
    -- The conversation's counter when this person reacted, and when the emoji was first used without a break.
    rev       INTEGER NOT NULL,
    first_rev INTEGER NOT NULL,
    PRIMARY KEY (message, emoji, user)
) STRICT, WITHOUT ROWID;

-- One row a message that can be found: its tokens and the one of its conversation. The tokenizer 'ascii' splits at
-- ASCII only, so that our tokens stay as they are.
CREATE VIRTUAL TABLE search USING fts5 (
    tokens, content = '', contentless_delete = 1, detail = 'none', tokenize = 'ascii', prefix = '1'
);

-- Written to find out whether writing works.
CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), writes INTEGER NOT NULL) STRICT;
INSERT INTO probe VALUES (1, 0);
