-- Times are ISO 8601 in UTC, durations milliseconds. What isn't known is NULL.

-- One execution, with its configuration (PROV Activity).
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted', 'killed')),
  command TEXT NOT NULL,
  config_json TEXT NOT NULL,
  crawler_version TEXT NOT NULL,
  visit_count INTEGER NOT NULL DEFAULT 0,
  request_count INTEGER NOT NULL DEFAULT 0,
  new_piece_count INTEGER NOT NULL DEFAULT 0,
  new_citation_count INTEGER NOT NULL DEFAULT 0,
  gone_citation_count INTEGER NOT NULL DEFAULT 0,
  fault_count INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A thing that cites or is cited (PROV Entity). Two addresses of one piece have one key; the key is never fetched.
CREATE TABLE pieces (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL, -- the last address known; a tweet without a status id has a urn of our own
  kind TEXT CHECK (kind IN ('article', 'tweet', 'media', 'page', 'document')),
  title TEXT,
  byline TEXT,
  site TEXT, -- the registrable domain
  published_at TEXT,
  language TEXT,
  canonical_url TEXT,
  -- 'cited': known from citations only; else the outcome of its last visit
  state TEXT NOT NULL CHECK (state IN (
    'cited', 'arrived', 'http_error', 'gone', 'try_later', 'loop', 'too_many_hops', 'bad_location', 'timeout', 'unreachable',
    'tls_error', 'disallowed', 'refused', 'too_large', 'interrupted')),
  text_sha256 TEXT, -- of the story's own text; NULL: never read
  title_start TEXT, -- how its title begins, folded: what titles are looked up by
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  first_run_id INTEGER NOT NULL REFERENCES runs (id),
  last_run_id INTEGER NOT NULL REFERENCES runs (id)
) STRICT;

CREATE INDEX pieces_title_start ON pieces (title_start) WHERE title_start IS NOT NULL; -- a READ MORE that lost its link
CREATE INDEX pieces_site ON pieces (site, published_at);

-- An embedded tweet as it was first shown.
CREATE TABLE tweets (
  piece_id INTEGER PRIMARY KEY REFERENCES pieces (id),
  status_id TEXT,
  handle TEXT,
  author TEXT,
  text TEXT,
  date_text TEXT, -- as printed
  claimed_on TEXT, -- the day that date_text names
  posted_at TEXT -- from the status id
) STRICT;

-- One following of one URL: only ever added to.
CREATE TABLE resolutions (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  url TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN (
    'arrived', 'http_error', 'gone', 'try_later', 'loop', 'too_many_hops', 'bad_location', 'timeout', 'unreachable', 'tls_error',
    'disallowed', 'refused', 'too_large', 'interrupted')),
  detail TEXT,
  final_url TEXT, -- NULL: it arrived nowhere
  furthest_url TEXT NOT NULL,
  hop_count INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  elapsed_ms INTEGER NOT NULL,
  piece_id INTEGER REFERENCES pieces (id), -- the piece it led to
  landing TEXT CHECK (landing IN ('soft_404', 'home', 'login', 'consent', 'paywall')) -- in place of the piece; NULL: the piece itself
) STRICT;

CREATE INDEX resolutions_url ON resolutions (url);

-- One URL on the way, answered or not: only ever added to.
CREATE TABLE hops (
  id INTEGER PRIMARY KEY,
  resolution_id INTEGER NOT NULL REFERENCES resolutions (id),
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  status INTEGER, -- NULL: no answer
  via TEXT CHECK (via IN ('location', 'refresh_header', 'meta_refresh', 'script', 'inferred')),
  location TEXT, -- what its answer points on with, as sent
  fetched_at TEXT NOT NULL,
  elapsed_ms INTEGER NOT NULL,
  UNIQUE (resolution_id, position)
) STRICT;

CREATE INDEX hops_url ON hops (url); -- which chains pass here; has this run been here

-- One request of a hop: only ever added to. A hop without attempts repeats an answer that its run already had.
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  hop_id INTEGER NOT NULL REFERENCES hops (id),
  number INTEGER NOT NULL,
  status INTEGER,
  error TEXT,
  waited_ms INTEGER NOT NULL,
  wait_reason TEXT,
  started_at TEXT NOT NULL,
  UNIQUE (hop_id, number)
) STRICT;

-- One pointer in one piece; an edge once its cited piece is known. One that an editor takes out keeps its row.
CREATE TABLE citations (
  id INTEGER PRIMARY KEY,
  citing_id INTEGER NOT NULL REFERENCES pieces (id),
  cited_id INTEGER REFERENCES pieces (id),
  kind TEXT NOT NULL CHECK (kind IN ('tweet', 'tweet_link', 'tweet_media', 'read_more', 'link', 'embed', 'listed')),
  position INTEGER NOT NULL,
  href TEXT,
  url TEXT,
  key TEXT, -- what its url is compared by
  text TEXT,
  label TEXT,
  context TEXT,
  tweet_id INTEGER REFERENCES tweets (piece_id),
  confidence REAL NOT NULL,
  resolution_id INTEGER REFERENCES resolutions (id), -- the latest following of its url; NULL: not followed
  -- NULL: not by its title
  matched_by TEXT CHECK (matched_by IN ('title_exact', 'title_folded', 'title_part', 'link_text', 'title_fuzzy')),
  match_score REAL,
  title_start TEXT, -- of a text that is a title: a READ MORE's, a list's
  title_site TEXT, -- the citing site, of a READ MORE that lost its link
  first_run_id INTEGER NOT NULL REFERENCES runs (id),
  last_run_id INTEGER NOT NULL REFERENCES runs (id),
  gone_run_id INTEGER REFERENCES runs (id)
) STRICT;

CREATE INDEX citations_citing_id ON citations (citing_id, position);
CREATE INDEX citations_cited_id ON citations (cited_id);
CREATE INDEX citations_url ON citations (url) WHERE url IS NOT NULL; -- which citations a resolution speaks of
CREATE INDEX citations_key ON citations (key) WHERE cited_id IS NULL; -- which of them a piece was waiting to be
CREATE INDEX citations_title_start ON citations (title_start) WHERE title_start IS NOT NULL;
CREATE INDEX citations_title_site ON citations (title_site, id)
WHERE title_site IS NOT NULL AND (cited_id IS NULL OR matched_by = 'title_fuzzy'); -- open, or matched by mere likeness

-- Other cuts of a link that stood glued to a word: followed where the likeliest cut led nowhere.
CREATE TABLE alternatives (
  id INTEGER PRIMARY KEY,
  citation_id INTEGER NOT NULL REFERENCES citations (id),
  url TEXT NOT NULL,
  UNIQUE (citation_id, url)
) STRICT;

CREATE INDEX alternatives_url ON alternatives (url);

-- One reading of one piece: what came, and what became of it. Only ever added to.
CREATE TABLE captures (
  id INTEGER PRIMARY KEY,
  piece_id INTEGER NOT NULL REFERENCES pieces (id),
  run_id INTEGER NOT NULL REFERENCES runs (id),
  resolution_id INTEGER REFERENCES resolutions (id), -- NULL: a file or standard input
  url TEXT NOT NULL,
  media_type TEXT,
  length INTEGER, -- bytes, decoded; NULL: the body was not worth fetching
  content_sha256 TEXT,
  text_sha256 TEXT, -- NULL: unread
  unread_reason TEXT, -- why it, or what of it, was not read
  captured_at TEXT NOT NULL
) STRICT;

CREATE INDEX captures_piece_id ON captures (piece_id);

-- An archived copy of a piece (RFC 7089).
CREATE TABLE mementos (
  id INTEGER PRIMARY KEY,
  piece_id INTEGER NOT NULL REFERENCES pieces (id),
  url TEXT NOT NULL, -- whose copy it is
  memento_url TEXT NOT NULL,
  memento_datetime TEXT,
  found_at TEXT NOT NULL,
  UNIQUE (piece_id, memento_url)
) STRICT;

CREATE INDEX mementos_url ON mementos (url);

-- What is left to visit. due_at NULL: nothing left to learn there.
CREATE TABLE frontier (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  depth INTEGER NOT NULL, -- citations away from the nearest source; 0 is a source
  reach INTEGER NOT NULL, -- citations still to follow from here; 0: read it, follow nothing it cites
  due_at TEXT,
  leased_until TEXT,
  claims INTEGER NOT NULL DEFAULT 0, -- since it last settled
  visits INTEGER NOT NULL DEFAULT 0, -- with a transient outcome, one after the other
  content_sha256 TEXT, -- of a source that is a file: what was read of it last
  piece_id INTEGER REFERENCES pieces (id), -- where the last visit led
  discovered_run_id INTEGER NOT NULL REFERENCES runs (id)
) STRICT;

CREATE INDEX frontier_due_at ON frontier (due_at, id) WHERE due_at IS NOT NULL;
