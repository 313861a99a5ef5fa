-- A record of a WARC file (ISO 28500) that holds what came over the wire, or a document at hand: only ever added to.
CREATE TABLE warc_records (
  id INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL UNIQUE, -- WARC-Record-ID
  file TEXT NOT NULL, -- its name, in the folder of evidence
  offset INTEGER NOT NULL, -- bytes, to where its gzip member begins
  -- 'revisit': its payload is that of another record; 'metadata': why there is no answer
  type TEXT NOT NULL CHECK (type IN ('response', 'revisit', 'resource', 'metadata')),
  url TEXT NOT NULL,
  payload_digest TEXT, -- NULL: no payload
  recorded_at TEXT NOT NULL,
  refers_to_id INTEGER REFERENCES warc_records (id) -- what holds a revisit's payload
) STRICT;

CREATE INDEX warc_records_url ON warc_records (url, payload_digest) WHERE payload_digest IS NOT NULL; -- was it kept before?

ALTER TABLE hops ADD COLUMN warc_record_id INTEGER REFERENCES warc_records (id); -- NULL: no evidence is kept of it
ALTER TABLE captures ADD COLUMN warc_record_id INTEGER REFERENCES warc_records (id);
