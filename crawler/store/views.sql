-- The graph: derived from the recorded facts at every look, so it can't drift from them. Each view says its question first.
-- All of them can be asked as of an earlier run or day too: as_of.sql puts the facts known then in the place of the tables.

-- Which piece cites which other, in the citations that stand today? (The items of a feed or a list cite nothing.)
CREATE VIEW edges AS
SELECT id AS citation_id, citing_id, cited_id, kind FROM citations
WHERE cited_id IS NOT NULL AND cited_id <> citing_id AND gone_run_id IS NULL AND kind <> 'listed';

-- What is each piece called: by its title, by what it says if it is a tweet, else by its address?
CREATE VIEW piece_names AS
SELECT p.id AS piece_id, coalesce(
  p.title, (SELECT coalesce('@' || t.handle || ': ', '') || t.text FROM tweets AS t WHERE t.piece_id = p.id), p.url) AS name
FROM pieces AS p;

-- Who cites what, through which tweet, label and chain of hops, and what came of it?
CREATE VIEW provenance AS
SELECT c.id AS citation_id, c.citing_id, (SELECT name FROM piece_names WHERE piece_id = citing.id) AS citing,
  citing.site AS citing_site,
  citing.published_at AS citing_published_at, c.kind, c.label, c.text, c.url, t.handle AS tweet_handle,
  t.claimed_on AS tweet_claimed_on, t.posted_at AS tweet_posted_at,
  (SELECT group_concat(url, ' → ') FROM (SELECT h.url FROM hops AS h WHERE h.resolution_id = c.resolution_id ORDER BY h.position))
    AS chain,
  r.started_at AS followed_at, r.outcome, r.landing, r.detail, r.furthest_url, c.cited_id,
  (SELECT name FROM piece_names WHERE piece_id = cited.id) AS cited, cited.site AS cited_site,
  cited.published_at AS cited_published_at,
  c.matched_by, c.match_score, c.confidence, c.first_run_id, c.last_run_id, c.gone_run_id,
  (SELECT m.memento_url FROM hops AS h JOIN mementos AS m ON m.url = h.url WHERE h.resolution_id = c.resolution_id
   ORDER BY h.position DESC, m.id DESC LIMIT 1) AS memento_url
FROM citations AS c
JOIN pieces AS citing ON citing.id = c.citing_id
LEFT JOIN pieces AS cited ON cited.id = c.cited_id
LEFT JOIN tweets AS t ON t.piece_id = c.tweet_id
LEFT JOIN resolutions AS r ON r.id = c.resolution_id;

-- Where did each link lead, hop by hop?
CREATE VIEW redirect_chains AS
SELECT r.id AS resolution_id, r.run_id, r.url, h.position, h.status, h.via, h.url AS hop_url, h.location, h.fetched_at,
  h.elapsed_ms,
  r.outcome, r.detail, r.final_url
FROM resolutions AS r JOIN hops AS h ON h.resolution_id = r.id
ORDER BY r.id, h.position;

-- Which host, and which path on it, was asked at each hop, apart from "www.", the query and a last slash?
CREATE VIEW hop_addresses AS
SELECT hop_id, resolution_id, position, status, url, host,
  rtrim(substr(address, length(full_host) + 1, instr(replace(address, '#', '?') || '?', '?') - length(full_host) - 1), '/')
    AS path
FROM (
  SELECT hop_id, resolution_id, position, status, url, address, full_host,
    CASE WHEN full_host LIKE 'www.%' THEN substr(full_host, 5) WHEN full_host LIKE 'm.%' THEN substr(full_host, 3)
      ELSE full_host END AS host
  FROM (
    SELECT hop_id, resolution_id, position, status, url, address,
      substr(address, 1, instr(replace(replace(address, '?', '/'), '#', '/') || '/', '/') - 1) AS full_host
    FROM (SELECT id AS hop_id, resolution_id, position, status, url, substr(url, instr(url, '//') + 2) AS address FROM hops)));

-- What did each following of a link find (alive, moved, home_page, soft_404, blocked, failed), and how did the link stand after it?
-- The rule is that of core/standing.py, which judges each following as it is made; frontier.health and pieces.state go by it too.
-- `gone` is what was not there three times running (strikes: failed, home_page, soft_404), the second time after a day and the third
-- after three more ([schedule] strikes), or what its server calls gone for good (410). `flaky` is what failed since it was last
-- sound: it is tried again soon, is short of three strikes, or has answered but once since. What is blocked is no strike. While a
-- link is not gone, its state is else what was found last.
CREATE VIEW link_checks AS
SELECT resolution_id, url, run_id, checked_at,
  CASE WHEN health = 'gone' THEN 'gone'
    WHEN found = 'failed' OR (health = 'flaky' AND found IN ('alive', 'moved')) THEN 'flaky'
    ELSE found END AS state,
  strikes, found, status, outcome, landing, detail, piece_id, final_url, furthest_url
FROM (
  SELECT r.id AS resolution_id, r.url, r.run_id, r.started_at AS checked_at,
    CASE
      WHEN r.landing = 'home' THEN 'home_page'
      WHEN r.landing = 'soft_404' THEN 'soft_404'
      -- By a login, a paywall, robots.txt, our own guard or limits, or a server that refuses or puts us off: what says nothing of the
      -- piece (SAY_NOTHING and BARRED in core/standing.py; a test holds the two together).
      WHEN r.landing IS NOT NULL OR r.outcome IN ('disallowed', 'refused', 'try_later', 'too_many_hops') THEN 'blocked'
      WHEN r.outcome = 'http_error' AND end_.status IN (401, 402, 403, 406, 407, 409, 423, 429, 451, 503) THEN 'blocked'
      WHEN r.outcome NOT IN ('arrived', 'too_large') THEN 'failed'
      -- To another piece than it led to at first.
      WHEN r.piece_id <> (
        SELECT piece_id FROM resolutions
        WHERE url = r.url AND outcome = 'arrived' AND landing IS NULL AND piece_id IS NOT NULL ORDER BY id LIMIT 1) THEN 'moved'
      -- Permanently (RFC 9110 §15.4.2, §15.4.9): on its host, or with its host, by a path longer than a short link's.
      WHEN EXISTS (
        SELECT 1 FROM hop_addresses AS h
        WHERE h.resolution_id = r.id AND h.position < end_.position AND h.status IN (301, 308)
          AND ((h.host = end_.host AND h.path <> end_.path)
            OR (h.host <> end_.host AND h.path = end_.path AND length(h.path) > 12)))
        THEN 'moved'
      ELSE 'alive'
    END AS found,
    r.health, r.strikes, end_.status, r.outcome, r.landing, r.detail, r.piece_id, r.final_url, r.furthest_url
  FROM resolutions AS r LEFT JOIN hop_addresses AS end_ ON end_.resolution_id = r.id AND end_.position = r.hop_count - 1
  WHERE r.outcome <> 'interrupted');

-- What has become of each cited piece: is its link alive, moved, gone, blocked, flaky, or sent to a home page or to one that says
-- it is not there, and is there an archived copy? (By the rule of link_checks; `landing` says what stands in the place of what is
-- gone.)
CREATE VIEW link_rot AS
SELECT link.url, link.state, link.strikes,
  link.known_piece_id AS piece_id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS piece, p.site,
  (SELECT count(*) FROM resolutions AS k WHERE k.url = link.url AND k.outcome <> 'interrupted') AS checks,
  (SELECT min(started_at) FROM resolutions AS k WHERE k.url = link.url AND k.outcome <> 'interrupted') AS first_checked_at,
  link.checked_at AS last_checked_at,
  (SELECT max(checked_at) FROM link_checks AS k WHERE k.url = link.url AND k.found IN ('alive', 'moved')) AS last_alive_at,
  (SELECT group_concat('run ' || run_id || ': ' || state, ', ') FROM (
     SELECT k.run_id, k.state FROM link_checks AS k WHERE k.url = link.url ORDER BY k.resolution_id)) AS history,
  link.outcome, link.status, link.landing, link.detail, link.furthest_url,
  (SELECT count(DISTINCT c.citing_id) FROM resolutions AS r JOIN citations AS c ON c.resolution_id = r.id
   WHERE r.url = link.url AND c.gone_run_id IS NULL) AS citing_pieces,
  m.memento_url, m.memento_datetime
FROM (
  SELECT latest.*,
    -- What it led to when it was last there; where it never was, what it is known to mean.
    coalesce(
      (SELECT r.piece_id FROM resolutions AS r
       WHERE r.url = latest.url AND r.outcome = 'arrived' AND r.landing IS NULL AND r.piece_id IS NOT NULL
       ORDER BY r.id DESC LIMIT 1),
      (SELECT max(c.cited_id) FROM resolutions AS r JOIN citations AS c ON c.resolution_id = r.id WHERE r.url = latest.url)
    ) AS known_piece_id
  FROM link_checks AS latest
  WHERE latest.resolution_id = (SELECT max(r.id) FROM resolutions AS r WHERE r.url = latest.url AND r.outcome <> 'interrupted')
    AND EXISTS (
      SELECT 1 FROM resolutions AS r JOIN citations AS c ON c.resolution_id = r.id
      WHERE r.url = latest.url AND c.gone_run_id IS NULL)) AS link
LEFT JOIN pieces AS p ON p.id = link.known_piece_id
LEFT JOIN mementos AS m ON m.id = (
  SELECT of_hop.id FROM hops AS h JOIN mementos AS of_hop ON of_hop.url = h.url WHERE h.resolution_id = link.resolution_id
  ORDER BY h.position DESC, of_hop.id DESC LIMIT 1);

-- Where does a site cite itself?
CREATE VIEW self_citations AS
SELECT citing.site, e.citation_id, e.kind, e.citing_id, (SELECT name FROM piece_names WHERE piece_id = citing.id) AS citing,
  e.cited_id, (SELECT name FROM piece_names WHERE piece_id = cited.id) AS cited
FROM edges AS e JOIN pieces AS citing ON citing.id = e.citing_id JOIN pieces AS cited ON cited.id = e.cited_id
WHERE citing.site = cited.site;

-- How much of what a site cites is its own?
CREATE VIEW self_citation_share AS
SELECT site, citations, self_citations, round(1.0 * self_citations / citations, 4) AS share
FROM site_counts WHERE citations > 0
ORDER BY share DESC, citations DESC, site;

-- Which sites cite which, how often, and in how many pieces?
CREATE VIEW site_graph AS
SELECT citing.site AS citing_site, cited.site AS cited_site, count(*) AS citations, count(DISTINCT e.citing_id) AS citing_pieces
FROM edges AS e JOIN pieces AS citing ON citing.id = e.citing_id JOIN pieces AS cited ON cited.id = e.cited_id
WHERE citing.site IS NOT NULL AND cited.site IS NOT NULL
GROUP BY citing.site, cited.site;

-- Which pieces cite each other in a circle (A → B → A, up to four pieces), each circle told once?
CREATE VIEW circles AS
SELECT p.id AS piece_id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS piece, json_array_length(circle.value) AS length,
  (SELECT group_concat(name, ' → ') FROM (
     SELECT n.name FROM json_each(circle.value) AS station JOIN piece_names AS n ON n.piece_id = station.value
     ORDER BY station.key))
    || ' → ' || (SELECT name FROM piece_names WHERE piece_id = p.id) AS circle,
  circle.value AS piece_ids
FROM pieces AS p JOIN json_each((
  WITH RECURSIVE way (at_id, length, ids) AS (
    SELECT p.id, 1, ',' || p.id || ','
    UNION
    SELECT e.cited_id, way.length + 1, way.ids || e.cited_id || ','
    FROM way JOIN edges AS e ON e.citing_id = way.at_id
    WHERE way.length < 4 AND e.cited_id > p.id AND NOT instr(way.ids, ',' || e.cited_id || ',')
  )
  SELECT json_group_array(json('[' || trim(ids, ',') || ']')) FROM way
  WHERE length > 1 AND EXISTS (SELECT 1 FROM edges WHERE citing_id = way.at_id AND cited_id = p.id)
)) AS circle
WHERE EXISTS (SELECT 1 FROM edges WHERE cited_id = p.id);

-- Which pieces cite nothing further, so that paths of citations end there? (A tweet with a link is a station on the way to where
-- that leads, and a picture is a part of its tweet.)
CREATE VIEW path_ends AS
SELECT p.id AS piece_id FROM pieces AS p
WHERE NOT EXISTS (SELECT 1 FROM edges AS e WHERE e.citing_id = p.id AND e.kind <> 'tweet_media')
  AND NOT EXISTS (
    SELECT 1 FROM citations AS c
    WHERE c.tweet_id = p.id AND c.kind = 'tweet_link' AND c.cited_id IS NOT NULL AND c.gone_run_id IS NULL);

-- Where do the paths of a piece's citations end (at what cites nothing further, up to six citations away), and how far is it?
CREATE VIEW origins AS
SELECT p.id AS piece_id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS piece, p.site,
  o.id AS origin_id, (SELECT name FROM piece_names WHERE piece_id = o.id) AS origin, o.site AS origin_site, o.kind AS origin_kind,
  o.state AS origin_state, json_extract(found.value, '$[1]') AS depth
FROM pieces AS p JOIN json_each((
  WITH RECURSIVE way (at_id, depth) AS (
    SELECT p.id, 0
    UNION
    SELECT e.cited_id, way.depth + 1 FROM way JOIN edges AS e ON e.citing_id = way.at_id
    WHERE way.depth < 6 AND e.kind <> 'tweet_media'
    ORDER BY 2 LIMIT 20000
  )
  SELECT json_group_array(json_array(at_id, depth)) FROM (SELECT at_id, min(depth) AS depth FROM way GROUP BY at_id)
  WHERE depth > 0 AND EXISTS (SELECT 1 FROM path_ends WHERE piece_id = at_id)
)) AS found
JOIN pieces AS o ON o.id = json_extract(found.value, '$[0]');

-- On which single piece do several others stand, each path of whose citations ends there and nowhere else?
-- Of paths that end, that is: one that goes round in a circle without an exit, or goes on after six citations, has no end to
-- compare, and counts neither for nor against. Who stands on a circle is told by `circles`.
CREATE VIEW single_source AS
WITH RECURSIVE
steps (citing_id, cited_id) AS MATERIALIZED (SELECT DISTINCT citing_id, cited_id FROM edges WHERE kind <> 'tweet_media'),
-- All pieces at once, from the ends of paths back, a citation further with each row: `led` holds, of each piece that so many
-- citations lead to ends, the ends with the lowest and the highest id. Where these are one, it is the only one.
way (depth, led) AS (
  SELECT 0, (SELECT json_group_array(json_array(piece_id, piece_id, piece_id)) FROM path_ends)
  UNION ALL
  SELECT depth + 1, (
    SELECT json_group_array(json_array(citing_id, lowest, highest)) FROM (
      SELECT s.citing_id, min(json_extract(value, '$[1]')) AS lowest, max(json_extract(value, '$[2]')) AS highest
      FROM json_each(led) CROSS JOIN steps AS s ON s.cited_id = json_extract(value, '$[0]') GROUP BY s.citing_id))
  FROM way WHERE depth < 6
)
SELECT o.id AS origin_id, (SELECT name FROM piece_names WHERE piece_id = o.id) AS origin, o.site AS origin_site,
  o.kind AS origin_kind, count(*) AS pieces, count(DISTINCT p.site) AS sites, max(single.depth) AS farthest,
  coalesce(sum((SELECT n.citing_pieces FROM citation_counts AS n WHERE n.piece_id = p.id)), 0) AS cited_by
FROM (
  SELECT json_extract(value, '$[0]') AS piece_id, min(json_extract(value, '$[1]')) AS origin_id, min(depth) AS depth
  FROM way, json_each(led) WHERE depth > 0
  GROUP BY 1 HAVING origin_id = max(json_extract(value, '$[2]'))
) AS single
JOIN pieces AS p ON p.id = single.piece_id JOIN pieces AS o ON o.id = single.origin_id
GROUP BY o.id HAVING count(*) > 1
ORDER BY pieces DESC, o.id;

-- Which pieces are cited most, by how many other pieces?
CREATE VIEW most_cited AS
SELECT p.id AS piece_id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS cited, p.kind, p.site, p.state,
  n.citing_pieces, n.citations
FROM citation_counts AS n JOIN pieces AS p ON p.id = n.piece_id
WHERE n.citing_pieces > 0
ORDER BY n.citing_pieces DESC, n.citations DESC, n.piece_id;

-- How many days older is each cited piece than what cites it, and which were published later than that?
CREATE VIEW citation_lag AS
SELECT citation_id, kind, citing_id, citing, citing_site, citing_at, cited_id, cited, cited_site, cited_at,
  round(julianday(citing_at) - julianday(cited_at), 2) AS lag_days,
  -- A day without a time may be any moment of it, in any zone.
  julianday(cited_at) - julianday(citing_at) > iif((length(cited_at) = 10) = (length(citing_at) = 10), 0, 1) AS is_later
FROM (
  SELECT e.citation_id, e.kind, e.citing_id, (SELECT name FROM piece_names WHERE piece_id = citing.id) AS citing,
    citing.site AS citing_site,
    citing.published_at AS citing_at, e.cited_id, (SELECT name FROM piece_names WHERE piece_id = cited.id) AS cited,
      cited.site AS cited_site,
    coalesce(cited.published_at, t.posted_at, t.claimed_on) AS cited_at
  FROM edges AS e JOIN pieces AS citing ON citing.id = e.citing_id JOIN pieces AS cited ON cited.id = e.cited_id
  LEFT JOIN tweets AS t ON t.piece_id = e.cited_id)
WHERE julianday(citing_at) IS NOT NULL AND julianday(cited_at) IS NOT NULL;

-- When was each piece read, and as what? (Not what stood in its place and said that it is not there.)
CREATE VIEW readings AS
SELECT k.id AS capture_id, k.piece_id, k.run_id, k.url, k.captured_at, k.title, k.text_sha256
FROM captures AS k LEFT JOIN resolutions AS r ON r.id = k.resolution_id
WHERE k.text_sha256 IS NOT NULL AND r.landing IS NOT 'soft_404';

-- Which citations came to a page, or went from it, after it was first read, and between which two readings?
CREATE VIEW late_edits AS
SELECT edit.citation_id, edit.change, edit.run_id, iif(edit.is_older, edit.seen_at, edit.other_at) AS seen_before_at,
  iif(edit.is_older, edit.other_at, edit.seen_at) AS seen_after_at,
  edit.citing_id, (SELECT name FROM piece_names WHERE piece_id = citing.id) AS citing, citing.site AS citing_site,
  citing.published_at AS citing_published_at, edit.kind, edit.label, edit.text, edit.url, edit.cited_id,
  (SELECT name FROM piece_names WHERE piece_id = cited.id) AS cited
FROM (
  SELECT one.*, seen.captured_at AS seen_at, iif(one.is_older,
    (SELECT min(captured_at) FROM readings
     WHERE piece_id = one.citing_id AND run_id < one.run_id AND captured_at > seen.captured_at),
    (SELECT max(captured_at) FROM readings
     WHERE piece_id = one.citing_id AND run_id < one.run_id AND captured_at <= seen.captured_at)) AS other_at
  FROM (
    -- What only an older page had, read when a newer one was known, is gone since the run that found it; nobody knows when it came.
    SELECT id AS citation_id, 'added' AS change, first_run_id AS run_id, 0 AS is_older, citing_id, kind, label, text, url, cited_id
    FROM citations WHERE gone_run_id IS NOT first_run_id
    UNION ALL
    SELECT id, 'removed', gone_run_id, gone_run_id = first_run_id, citing_id, kind, label, text, url, cited_id
    FROM citations WHERE gone_run_id IS NOT NULL
  ) AS one
  JOIN readings AS seen ON seen.capture_id = (
    SELECT min(capture_id) FROM readings WHERE piece_id = one.citing_id AND run_id = one.run_id)
) AS edit
JOIN pieces AS citing ON citing.id = edit.citing_id
LEFT JOIN pieces AS cited ON cited.id = edit.cited_id
WHERE edit.other_at IS NOT NULL;

-- Which links led elsewhere than at the check before, from what to what, and which hop was the last the same?
CREATE VIEW retargeted_links AS
SELECT later.url, earlier.run_id AS from_run_id, earlier.started_at AS from_at, earlier.piece_id AS from_piece_id,
  (SELECT name FROM piece_names WHERE piece_id = was.id) AS from_piece, earlier.final_url AS from_url,
  later.run_id AS to_run_id, later.started_at AS to_at, later.piece_id AS to_piece_id,
  (SELECT name FROM piece_names WHERE piece_id = is_.id) AS to_piece, later.final_url AS to_url, later.landing,
  (SELECT h.url FROM hops AS h
   JOIN hops AS same ON same.resolution_id = earlier.id AND same.position = h.position AND same.url = h.url
   WHERE h.resolution_id = later.id ORDER BY h.position DESC LIMIT 1) AS turned_at
FROM resolutions AS later
JOIN resolutions AS earlier ON earlier.id = (
  SELECT max(id) FROM resolutions WHERE url = later.url AND id < later.id AND outcome = 'arrived' AND piece_id IS NOT NULL)
JOIN pieces AS was ON was.id = earlier.piece_id
JOIN pieces AS is_ ON is_.id = later.piece_id
WHERE later.outcome = 'arrived' AND later.piece_id <> earlier.piece_id;

-- Which tweets bear a printed date that their id contradicts, by more than the day that a time zone can make?
CREATE VIEW claimed_time_conflicts AS
SELECT t.piece_id, t.status_id, t.handle, t.author, t.text, t.date_text, t.claimed_on, t.posted_at,
  CAST(julianday(t.claimed_on) - julianday(date(t.posted_at)) AS INTEGER) AS days_off
FROM tweets AS t
WHERE abs(julianday(t.claimed_on) - julianday(date(t.posted_at))) > 1;

-- Which READ MORE titles have no piece yet?
CREATE VIEW unmatched_titles AS
SELECT c.id AS citation_id, c.label, c.text AS title, c.citing_id,
  (SELECT name FROM piece_names WHERE piece_id = p.id) AS citing, c.first_run_id
FROM citations AS c JOIN pieces AS p ON p.id = c.citing_id
WHERE c.kind = 'read_more' AND c.url IS NULL AND c.text IS NOT NULL AND c.cited_id IS NULL AND c.gone_run_id IS NULL;

-- In what state is each task of the frontier?
CREATE VIEW frontier_states AS
SELECT id, url, depth, reach, due_at, claims, visits, piece_id, health, strikes,
  CASE WHEN due_at IS NULL THEN 'done' WHEN claims > 2 THEN 'stuck' WHEN leased_until IS NOT NULL THEN 'leased'
    WHEN due_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now') THEN 'waiting' ELSE 'due' END AS state
FROM frontier;

-- Which URLs were claimed three times or more since they last settled? (They may kill the run that visits them.)
CREATE VIEW stuck AS
SELECT id, url, depth, due_at, claims FROM frontier_states WHERE state = 'stuck';
