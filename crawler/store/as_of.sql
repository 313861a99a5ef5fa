-- The tables as they stood at the end of the run :as_of (its id is put in: a view takes no parameter), in the temporary schema of
-- one connection. There they come before the tables they are named after, and so do the views of views.sql, made anew beside
-- them: every question can be asked of the past. What a page said of itself is as it was read last by then as far as readings keep
-- it (title, text), else as it was read last (byline, date, a citation's place and context); it is left out where nobody had read
-- it by then. `python -m tests.year` holds these tables against copies of the database that were made at the time.

CREATE TEMP VIEW runs AS SELECT * FROM main.runs WHERE id <= :as_of;

CREATE TEMP VIEW resolutions AS SELECT * FROM main.resolutions WHERE run_id <= :as_of;

CREATE TEMP VIEW hops AS
SELECT * FROM main.hops WHERE resolution_id <= (SELECT max(id) FROM main.resolutions WHERE run_id <= :as_of);

CREATE TEMP VIEW attempts AS SELECT a.* FROM main.attempts AS a WHERE EXISTS (SELECT 1 FROM temp.hops AS h WHERE h.id = a.hop_id);

CREATE TEMP VIEW captures AS SELECT * FROM main.captures WHERE run_id <= :as_of;

CREATE TEMP VIEW pieces AS
SELECT id, key, url,
  -- What was read later only was a page like any other: what stood in its place, or what of it was not read.
  CASE WHEN was_read OR kind IN ('tweet', 'media') THEN kind WHEN was_captured THEN iif(text_sha256 IS NULL, kind, 'page') END
    AS kind,
  coalesce(title_then, iif(was_read, title, NULL)) AS title, iif(was_read, byline, NULL) AS byline, site,
  iif(was_read, published_at, NULL) AS published_at, iif(was_read, language, NULL) AS language,
  iif(was_read, canonical_url, NULL) AS canonical_url,
  coalesce(
    -- As store/pieces.py has it: gone when a link to it counts as gone and has one more strike there, until it answers again. What
    -- stands in its place is at its address, or was come by from there.
    (SELECT 'gone' FROM main.hops AS h JOIN main.resolutions AS r ON r.id = h.resolution_id
     WHERE h.url = p.url AND r.run_id <= :as_of AND r.health = 'gone'
       AND CASE
         WHEN p.state = 'gone' THEN h.position = r.hop_count - 1 OR r.landing IS NOT NULL
         WHEN r.landing = 'home' THEN h.position = r.hop_count - 2
         WHEN r.landing = 'soft_404' THEN h.position = r.hop_count - 1 AND h.url NOT LIKE '%404%'
         ELSE h.position = r.hop_count - 1 AND r.landing IS NULL AND r.outcome <> 'unreachable' END
       AND r.outcome NOT IN ('interrupted', 'disallowed', 'refused', 'try_later', 'too_many_hops')
       AND NOT (r.outcome = 'http_error' AND h.status IN (401, 402, 403, 406, 407, 409, 423, 429, 451, 503))
       AND r.id > ifnull((SELECT max(id) FROM main.resolutions WHERE piece_id = p.id AND run_id <= :as_of
         AND outcome IN ('arrived', 'too_large') AND landing IS NOT 'soft_404'), 0)
     LIMIT 1),
    (SELECT iif(r.outcome = 'gone', 'http_error', r.outcome) FROM main.resolutions AS r
     WHERE r.piece_id = p.id AND r.run_id <= :as_of ORDER BY r.id DESC LIMIT 1),
    iif(was_captured, 'arrived', 'cited')) AS state,
  (SELECT text_sha256 FROM main.captures WHERE id = read_id) AS text_sha256, iif(was_read, title_start, NULL) AS title_start,
  first_seen_at, min(last_seen_at, coalesce((SELECT finished_at FROM main.runs WHERE id = :as_of), last_seen_at)) AS last_seen_at,
  first_run_id, min(last_run_id, :as_of) AS last_run_id
FROM (
  SELECT *, read_id IS NOT NULL AS was_read FROM (
    SELECT p.*,
      EXISTS (SELECT 1 FROM main.captures AS k WHERE k.piece_id = p.id AND k.run_id <= :as_of) AS was_captured,
      -- What stands in a piece's place says nothing of it.
      (SELECT k.id FROM main.captures AS k LEFT JOIN main.resolutions AS r ON r.id = k.resolution_id
       WHERE k.piece_id = p.id AND k.run_id <= :as_of AND k.text_sha256 IS NOT NULL AND r.landing IS NOT 'soft_404'
       ORDER BY k.id DESC LIMIT 1) AS read_id,
      (SELECT k.title FROM main.captures AS k LEFT JOIN main.resolutions AS r ON r.id = k.resolution_id
       WHERE k.piece_id = p.id AND k.run_id <= :as_of AND k.title IS NOT NULL AND r.landing IS NOT 'soft_404'
       ORDER BY k.id DESC LIMIT 1) AS title_then
    FROM main.pieces AS p WHERE p.first_run_id <= :as_of)) AS p;

CREATE TEMP VIEW tweets AS SELECT t.* FROM main.tweets AS t JOIN main.pieces AS p ON p.id = t.piece_id WHERE p.first_run_id <= :as_of;

CREATE TEMP VIEW mementos AS
SELECT * FROM main.mementos
WHERE found_at <= coalesce((SELECT max(finished_at) FROM main.runs WHERE id <= :as_of), '9999');

-- How a link stood is kept with each following of it; when it was due is not.
CREATE TEMP VIEW frontier AS
SELECT f.id, f.url, f.depth, f.reach, f.due_at, f.leased_until, f.claims, f.visits, f.content_sha256, f.piece_id, f.discovered_run_id,
  f.read_as, f.entry_limit, f.dated_at, f.visited_at, f.looks, r.health, ifnull(r.strikes, 0) AS strikes
FROM main.frontier AS f LEFT JOIN main.resolutions AS r ON r.id = (
  SELECT max(id) FROM main.resolutions WHERE url = f.url AND run_id <= :as_of)
WHERE f.discovered_run_id <= :as_of;

CREATE TEMP TABLE citations AS SELECT * FROM main.citations WHERE first_run_id <= :as_of;

-- What is known to have stood on its page later was seen last when that page was read last.
UPDATE temp.citations AS c SET
  last_run_id = iif(last_run_id <= :as_of, last_run_id, coalesce(
    (SELECT max(k.run_id) FROM main.captures AS k LEFT JOIN main.resolutions AS r ON r.id = k.resolution_id
     WHERE k.piece_id = c.citing_id AND k.run_id BETWEEN c.first_run_id AND :as_of AND k.text_sha256 IS NOT NULL
       AND r.landing IS NOT 'soft_404'),
    first_run_id)),
  gone_run_id = iif(gone_run_id <= :as_of, gone_run_id, NULL)
WHERE last_run_id > :as_of OR gone_run_id > :as_of;

-- A link that was followed again since: to what it had been followed to, or passed on to, else to the piece with its key.
UPDATE temp.citations AS c SET
  cited_id = coalesce(
    (SELECT r.piece_id FROM main.resolutions AS r
     WHERE r.url IN (later.url, c.url) AND r.run_id <= :as_of AND r.piece_id IS NOT NULL ORDER BY r.id DESC LIMIT 1),
    (SELECT r.piece_id FROM main.hops AS h JOIN main.resolutions AS r ON r.id = h.resolution_id
     WHERE h.url IN (later.url, c.url) AND r.run_id <= :as_of AND r.piece_id IS NOT NULL ORDER BY h.id DESC LIMIT 1),
    (SELECT p.id FROM main.pieces AS p WHERE p.key = c.key)),
  resolution_id = (SELECT max(r.id) FROM main.resolutions AS r WHERE r.url IN (later.url, c.url) AND r.run_id <= :as_of)
FROM main.resolutions AS later
WHERE later.id = c.resolution_id AND later.run_id > :as_of;

-- A piece that nobody had met; and one matched by its title since, that nobody had read. (By what title it was matched then, and
-- whether to another piece, is not kept.)
UPDATE temp.citations AS c SET cited_id = NULL, matched_by = NULL, match_score = NULL
WHERE cited_id IN (SELECT id FROM main.pieces WHERE first_run_id > :as_of)
  OR (matched_by <> 'link_text' AND NOT EXISTS (
    SELECT 1 FROM main.captures AS k WHERE k.piece_id = c.cited_id AND k.run_id <= :as_of AND k.text_sha256 IS NOT NULL));

CREATE UNIQUE INDEX temp.citations_as_of_id ON citations (id);
CREATE INDEX temp.citations_as_of_citing_id ON citations (citing_id, cited_id, gone_run_id, kind);
CREATE INDEX temp.citations_as_of_cited_id ON citations (cited_id, citing_id, gone_run_id, kind);
CREATE INDEX temp.citations_as_of_resolution_id ON citations (resolution_id);
CREATE INDEX temp.citations_as_of_tweet_id ON citations (tweet_id);

CREATE TEMP TABLE citation_counts AS
SELECT cited_id AS piece_id, count(DISTINCT citing_id) AS citing_pieces, count(*) AS citations FROM temp.citations
WHERE cited_id IS NOT NULL AND cited_id <> citing_id AND gone_run_id IS NULL AND kind <> 'listed' GROUP BY cited_id;

CREATE UNIQUE INDEX temp.citation_counts_as_of_piece_id ON citation_counts (piece_id);

CREATE TEMP TABLE site_counts AS
SELECT citing.site, count(*) AS citations, sum(citing.site = cited.site) AS self_citations
FROM temp.citations AS c JOIN main.pieces AS citing ON citing.id = c.citing_id JOIN main.pieces AS cited ON cited.id = c.cited_id
WHERE c.cited_id <> c.citing_id AND c.gone_run_id IS NULL AND c.kind <> 'listed'
  AND citing.site IS NOT NULL AND cited.site IS NOT NULL
GROUP BY citing.site;
