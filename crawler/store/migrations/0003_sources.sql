-- Feeds, sitemaps and lists of URLs as sources; looking at things again.

ALTER TABLE frontier ADD COLUMN read_as TEXT NOT NULL DEFAULT 'page'
  CHECK (read_as IN ('page', 'feed', 'sitemap', 'sitemap_index', 'urls', 'any'));
ALTER TABLE frontier ADD COLUMN entry_limit INTEGER NOT NULL DEFAULT 10000; -- of a list: the entries taken, the latest first
ALTER TABLE frontier ADD COLUMN dated_at TEXT; -- when it was changed last, as the list says that has it as an entry
ALTER TABLE frontier ADD COLUMN visited_at TEXT; -- last; NULL: never

ALTER TABLE citations ADD COLUMN dated_at TEXT; -- of a list's entry: when it was changed or published, as the list says

CREATE INDEX frontier_read_as ON frontier (read_as) WHERE read_as <> 'page'; -- the lists, and what may be one
