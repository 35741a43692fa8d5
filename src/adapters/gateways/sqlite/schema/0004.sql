-- Administrators, people who may not sign in, and people who are gone.

-- Who may administrate the server.
ALTER TABLE users ADD COLUMN admin INTEGER NOT NULL DEFAULT 0;
-- Since when somebody may not sign in.
ALTER TABLE users ADD COLUMN banned_at INTEGER;
-- Since when an account is gone. The row stays for the messages; its username is none, so that the name is free.
ALTER TABLE users ADD COLUMN deleted_at INTEGER;
CREATE INDEX users_admins ON users (username) WHERE admin;
CREATE INDEX users_banned ON users (username) WHERE banned_at IS NOT NULL;

-- The oldest account administrates; not one that was adopted, whose id is a UUID of version 8.
UPDATE users SET admin = 1 WHERE id =
    (SELECT id FROM users WHERE substr(hex(id), 13, 1) <> '8' ORDER BY created_at, id LIMIT 1);

-- What administrators decide for the server.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
