-- Descendants
-- What goes back to a piece: what cites it, what cites that, and so on, the nearest first?
-- :piece piece: the piece to start from
-- :depth integer = 6: how many citations away, at most
WITH RECURSIVE way (piece_id, depth) AS (
  SELECT :piece, 0
  UNION
  SELECT e.citing_id, way.depth + 1 FROM way JOIN edges AS e ON e.cited_id = way.piece_id
  WHERE way.depth < :depth
  ORDER BY 2 LIMIT 100000 -- the nearest, so that a hub's answer ends
)
SELECT nearest.depth, p.id AS piece_id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS piece, p.kind, p.site,
  p.published_at, p.state
FROM (SELECT piece_id, min(depth) AS depth FROM way GROUP BY piece_id) AS nearest JOIN pieces AS p ON p.id = nearest.piece_id
WHERE nearest.depth > 0
ORDER BY nearest.depth, p.id
