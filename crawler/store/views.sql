-- The graph: derived from the recorded facts at every look, so it can't drift from them. Each view says its question first.

-- Who cites what: one readable row a citation.
CREATE VIEW provenance AS
SELECT c.id AS citation_id, c.citing_id, coalesce(citing.title, citing.url, citing.key) AS citing, citing.site AS citing_site,
  c.kind, c.label, c.text, c.url, t.handle AS tweet_handle, t.claimed_on AS tweet_claimed_on, t.posted_at AS tweet_posted_at,
  (SELECT group_concat(url, ' → ') FROM (SELECT h.url FROM hops AS h WHERE h.resolution_id = c.resolution_id ORDER BY h.position))
    AS chain,
  r.outcome, r.landing, r.detail, r.furthest_url, c.cited_id, coalesce(cited.title, cited.url, cited.key) AS cited,
  cited.site AS cited_site, cited.published_at AS cited_published_at, c.matched_by, c.match_score, c.confidence,
  c.first_run_id, c.last_run_id, c.gone_run_id,
  (SELECT m.memento_url FROM hops AS h JOIN mementos AS m ON m.url = h.url WHERE h.resolution_id = c.resolution_id
   ORDER BY h.position DESC, m.id DESC LIMIT 1) AS memento_url
FROM citations AS c
JOIN pieces AS citing ON citing.id = c.citing_id
LEFT JOIN pieces AS cited ON cited.id = c.cited_id
LEFT JOIN tweets AS t ON t.piece_id = c.tweet_id
LEFT JOIN resolutions AS r ON r.id = c.resolution_id;

-- Where did each link lead, hop by hop?
CREATE VIEW redirect_chains AS
SELECT r.id AS resolution_id, r.run_id, r.url, h.position, h.status, h.via, h.url AS hop_url, h.location, h.fetched_at, h.elapsed_ms,
  r.outcome, r.detail, r.final_url
FROM resolutions AS r JOIN hops AS h ON h.resolution_id = r.id
ORDER BY r.id, h.position;

-- Which READ MORE titles have no piece yet?
CREATE VIEW unmatched_titles AS
SELECT c.id AS citation_id, c.label, c.text AS title, c.citing_id, coalesce(p.title, p.url, p.key) AS citing, c.first_run_id
FROM citations AS c JOIN pieces AS p ON p.id = c.citing_id
WHERE c.kind = 'read_more' AND c.url IS NULL AND c.text IS NOT NULL AND c.cited_id IS NULL AND c.gone_run_id IS NULL;

-- Which pieces are cited most, by how many other pieces?
CREATE VIEW most_cited AS
SELECT p.id AS piece_id, coalesce(p.title, p.url, p.key) AS cited, p.kind, p.site, p.state,
  count(DISTINCT c.citing_id) AS citing_pieces, count(*) AS citations
FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id
WHERE c.citing_id <> c.cited_id
GROUP BY p.id
ORDER BY citing_pieces DESC, citations DESC, p.id;

-- In what state is each task of the frontier?
CREATE VIEW frontier_states AS
SELECT id, url, depth, reach, due_at, claims, visits, piece_id,
  CASE WHEN due_at IS NULL THEN 'done' WHEN claims > 2 THEN 'stuck' WHEN leased_until IS NOT NULL THEN 'leased'
    WHEN due_at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now') THEN 'waiting' ELSE 'due' END AS state
FROM frontier;

-- Which URLs were claimed three times or more since they last settled? (They may kill the run that visits them.)
CREATE VIEW stuck AS
SELECT id, url, depth, due_at, claims FROM frontier_states WHERE state = 'stuck';
