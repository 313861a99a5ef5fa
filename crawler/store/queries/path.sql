-- Path
-- By which citations does one piece lead to another, on the shortest way?
-- :from piece: the piece that cites
-- :to piece: the piece it may lead to
-- :depth integer = 6: how many citations away, at most
WITH RECURSIVE way (piece_id, depth) AS (
  SELECT :from, 0
  UNION
  SELECT e.cited_id, way.depth + 1 FROM way JOIN edges AS e ON e.citing_id = way.piece_id
  WHERE way.depth < :depth
  ORDER BY 2 LIMIT 100000
),
nearest AS MATERIALIZED (SELECT piece_id, min(depth) AS depth FROM way GROUP BY piece_id),
-- From the end back to the start: at each step one that is a citation nearer.
steps (piece_id, depth) AS (
  SELECT piece_id, depth FROM nearest WHERE piece_id = :to
  UNION ALL
  SELECT (
    SELECT n.piece_id FROM nearest AS n CROSS JOIN edges AS e ON e.cited_id = steps.piece_id AND e.citing_id = n.piece_id
    WHERE n.depth = steps.depth - 1 LIMIT 1), steps.depth - 1
  FROM steps WHERE steps.depth > 0
)
SELECT steps.depth AS step, steps.piece_id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS piece, p.site, p.published_at,
  c.kind AS cites_by, c.label, c.text, c.url
FROM steps JOIN pieces AS p ON p.id = steps.piece_id
LEFT JOIN steps AS next ON next.depth = steps.depth + 1
LEFT JOIN citations AS c ON c.id = (
  SELECT min(e.citation_id) FROM edges AS e WHERE e.citing_id = steps.piece_id AND e.cited_id = next.piece_id)
ORDER BY steps.depth
