/** Marks a database file as one of ours: `SKRL`. */
export const applicationId = 0x534b524c;

/** Raised when the tables change. */
export const schemaVersion = 4;

/**
 * The tables. Whatever is filtered by stands in narrow rows; JSON and vectors stand in rows of their own. Every page that an append touches
 * is written to the log of recent writes: an event in the middle of an episode touches two.
 *
 * Every row takes the next number of one sequence in its own transaction (`nextSeq`), so that a reader follows by one number.
 *
 * `crc` is the crc32 of the text or bytes beside it: SQLite does not notice a byte that the disk changed within a value.
 */
export const schema = `
-- seq: the last number that was given to anything but an event; the log itself holds those of events.
-- erasures, emptied: how many erasures there were, and how many of them when the log of recent writes was last emptied.
CREATE TABLE state (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  seq      INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL DEFAULT 0,
  erasures INTEGER NOT NULL DEFAULT 0,
  emptied  INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO state (one) VALUES (1);

-- What episodes are listed by: derived from their events. An erased episode keeps its place in time only.
-- won and score (in millionths) are those of a verified outcome.
CREATE TABLE episode (
  key            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  started_at     INTEGER,
  purpose        TEXT,
  policy         TEXT,
  policy_version TEXT,
  environment    TEXT,
  family         TEXT,
  task_id        TEXT,
  status         TEXT NOT NULL DEFAULT 'unknown',
  won            INTEGER,
  score          INTEGER,
  ended          INTEGER NOT NULL DEFAULT 0,
  erased         INTEGER NOT NULL DEFAULT 0
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
  id      TEXT NOT NULL,
  episode INTEGER NOT NULL REFERENCES episode (key),
  type    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  hash    TEXT NOT NULL,
  json    TEXT
) STRICT;
CREATE UNIQUE INDEX event_by_id ON event (episode, id);

-- How an episode's first draw of an entry went. Derived from its events.
CREATE TABLE entry_use (
  episode    INTEGER NOT NULL REFERENCES episode (key),
  namespace  TEXT NOT NULL,
  entry      TEXT NOT NULL,
  version    INTEGER NOT NULL,
  shown      INTEGER NOT NULL,
  propensity REAL NOT NULL,
  call       INTEGER NOT NULL,
  PRIMARY KEY (episode, namespace, entry)
) STRICT, WITHOUT ROWID;

-- Sums over entry_use and episode, kept up to date by every append. Score is in millionths: whole numbers add up in any order.
CREATE TABLE entry_statistic (
  namespace      TEXT NOT NULL,
  entry          TEXT NOT NULL,
  version        INTEGER NOT NULL,
  policy         TEXT NOT NULL,
  policy_version TEXT NOT NULL,
  purpose        TEXT NOT NULL,
  propensity     REAL NOT NULL,
  shown          INTEGER NOT NULL,
  episodes       INTEGER NOT NULL,
  won            INTEGER NOT NULL,
  lost           INTEGER NOT NULL,
  score          INTEGER NOT NULL,
  PRIMARY KEY (namespace, entry, version, policy, policy_version, purpose, propensity, shown)
) STRICT, WITHOUT ROWID;

-- held: how many things it holds; each has a row.
CREATE TABLE export (
  seq  INTEGER PRIMARY KEY,
  id   TEXT NOT NULL UNIQUE,
  json TEXT NOT NULL,
  crc  INTEGER NOT NULL,
  held INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE export_holding (
  kind      TEXT NOT NULL CHECK (kind IN ('episode', 'entry')),
  -- Of an entry; empty for an episode.
  namespace TEXT NOT NULL,
  id        TEXT NOT NULL,
  export    INTEGER NOT NULL REFERENCES export (seq),
  PRIMARY KEY (kind, namespace, id, export)
) STRICT, WITHOUT ROWID;

-- The mark is drawn anew for each revision: no two banks, and no two histories of one, have it in common.
CREATE TABLE revision (
  revision INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  mark     TEXT NOT NULL DEFAULT (lower(hex(randomblob(16))))
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
  json TEXT NOT NULL,
  crc  INTEGER NOT NULL
) STRICT;

-- Entries on their way in, one import at a time: their bodies stand in entry_body already, and no view sees them until the import commits.
-- A row of staging without a process that holds the lock beside the file is what a killed one left.
CREATE TABLE staging (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  namespace TEXT NOT NULL,
  -- Set by the commit: what was added or replaced keeps its body.
  revision  INTEGER
) STRICT;
CREATE TABLE staged_entry (
  id      TEXT NOT NULL PRIMARY KEY,
  line    INTEGER NOT NULL,
  version INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  status  TEXT NOT NULL,
  cluster TEXT NOT NULL,
  body    INTEGER NOT NULL,
  outcome TEXT NOT NULL DEFAULT 'added' CHECK (outcome IN ('added', 'replaced', 'skipped')),
  -- The version that the bank has.
  present INTEGER
) STRICT, WITHOUT ROWID;

-- Always empty: what is written to it is taken back (LogRoom).
CREATE TABLE room (bytes BLOB NOT NULL) STRICT;

CREATE TABLE embedder (
  key        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  dimensions INTEGER NOT NULL
) STRICT;
CREATE TABLE vector (
  seq       INTEGER PRIMARY KEY,
  embedder  INTEGER NOT NULL REFERENCES embedder (key),
  text_hash TEXT NOT NULL,
  numbers   BLOB NOT NULL,
  crc       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vector_by_text ON vector (embedder, text_hash);
CREATE TABLE serving_embedder (
  namespace TEXT PRIMARY KEY,
  embedder  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;

/** The last number that was given, over the row of `state`. The log, which only grows, holds its own last number. */
export const lastSeqSql = 'max(state.seq, coalesce((SELECT max(event.seq) FROM event), 0))';
