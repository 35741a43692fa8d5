-- Links that lead into a group or channel.

CREATE TABLE invites (
    id            BLOB PRIMARY KEY,
    conversation  BLOB NOT NULL,
    creator       BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    -- NULL: never.
    expires_at    INTEGER,
    uses          INTEGER NOT NULL DEFAULT 0,
    -- NULL: as many as there are people.
    max_uses      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_by_conversation ON invites (conversation, created_at);
