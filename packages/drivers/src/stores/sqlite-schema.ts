/** Marks a database file as one of ours: `SKRL`. */
export const applicationId = 0x534b524c;

/** Raised when the tables change. */
export const schemaVersion = 2;

/**
 * The tables. Whatever is filtered by stands in narrow rows; JSON and vectors stand in rows of their own.
 *
 * Every write takes the next number of `state.seq` in its own transaction, so that a reader follows by one number.
 */
export const schema = `
CREATE TABLE state (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  seq      INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO state (one, seq, revision) VALUES (1, 0, 0);

-- What episodes are listed by: derived from their events. An erased episode keeps its place in time only.
CREATE TABLE episode (
  key         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  started_at  INTEGER,
  purpose     TEXT,
  environment TEXT,
  family      TEXT,
  task_id     TEXT,
  status      TEXT NOT NULL DEFAULT 'unknown',
  ended       INTEGER NOT NULL DEFAULT 0,
  erased      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX episode_by_start ON episode (started_at, id);
CREATE INDEX episode_by_task ON episode (task_id);

CREATE TABLE episode_tag (
  episode INTEGER NOT NULL REFERENCES episode (key),
  name    TEXT NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (episode, name)
) STRICT, WITHOUT ROWID;

-- The log. Rows are appended; erasing empties json and leaves the rest.
CREATE TABLE event (
  seq     INTEGER PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  episode INTEGER NOT NULL REFERENCES episode (key),
  type    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  hash    TEXT NOT NULL,
  json    TEXT
) STRICT;
CREATE INDEX event_by_episode ON event (episode);
CREATE INDEX event_head ON event (episode) WHERE type IN ('episode-start', 'episode-end', 'outcome');

CREATE TABLE export (
  seq  INTEGER PRIMARY KEY,
  id   TEXT NOT NULL UNIQUE,
  json TEXT NOT NULL
) STRICT;
CREATE TABLE export_holding (
  kind   TEXT NOT NULL CHECK (kind IN ('episode', 'entry')),
  id     TEXT NOT NULL,
  export INTEGER NOT NULL REFERENCES export (seq),
  PRIMARY KEY (kind, id, export)
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  revision INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  reason   TEXT NOT NULL
) STRICT;

-- One row a change of an entry: it holds from its revision until the next change of the same entry. A removal has no body.
-- A change of status alone shares the body of the row before.
CREATE TABLE entry (
  seq       INTEGER PRIMARY KEY,
  id        TEXT NOT NULL,
  revision  INTEGER NOT NULL REFERENCES revision (revision),
  until     INTEGER NOT NULL DEFAULT ${Number.MAX_SAFE_INTEGER},
  namespace TEXT NOT NULL,
  kind      TEXT NOT NULL,
  status    TEXT NOT NULL,
  cluster   TEXT NOT NULL,
  body      INTEGER REFERENCES entry_body (key)
) STRICT;
CREATE UNIQUE INDEX entry_by_id ON entry (namespace, id, revision);
CREATE INDEX entry_by_revision ON entry (namespace, revision);
CREATE TABLE entry_body (
  key  INTEGER PRIMARY KEY,
  json TEXT NOT NULL
) STRICT;

CREATE TABLE embedder (
  key        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  dimensions INTEGER NOT NULL
) STRICT;
CREATE TABLE vector (
  seq       INTEGER PRIMARY KEY,
  embedder  INTEGER NOT NULL REFERENCES embedder (key),
  text_hash TEXT NOT NULL,
  numbers   BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX vector_by_text ON vector (embedder, text_hash);
CREATE TABLE serving_embedder (
  namespace TEXT PRIMARY KEY,
  embedder  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;
