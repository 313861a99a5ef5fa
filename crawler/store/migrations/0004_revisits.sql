-- What is looked at again: what it said of itself, what came instead of it, how it stands.

ALTER TABLE captures ADD COLUMN title TEXT;
ALTER TABLE captures ADD COLUMN etag TEXT; -- RFC 9110 §8.8.3
ALTER TABLE captures ADD COLUMN last_modified TEXT; -- RFC 9110 §8.8.2, as sent
ALTER TABLE captures ADD COLUMN not_modified INTEGER NOT NULL DEFAULT 0 -- 1: answered 304, all else is as it was read last
  CHECK (not_modified IN (0, 1));

CREATE INDEX captures_url ON captures (url);

ALTER TABLE frontier ADD COLUMN looks INTEGER NOT NULL DEFAULT 0; -- at what was there, one after the other: which turn of [schedule] is next
ALTER TABLE frontier ADD COLUMN health TEXT CHECK (health IN ('alive', 'ailing', 'flaky', 'gone')); -- NULL: nothing is known of it
ALTER TABLE frontier ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0; -- one after the other
