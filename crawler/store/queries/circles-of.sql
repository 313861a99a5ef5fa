-- Circles of a piece
-- On which circles of citations does a piece stand: it cites what cites it, at once or by way of others?
-- :piece piece: the piece that the circles go through
-- :length integer = 4: how many pieces on a circle, at most; no more than 8 are looked for
WITH RECURSIVE way (at_id, length, ids) AS (
  SELECT :piece, 1, ',' || :piece || ','
  UNION
  SELECT e.cited_id, way.length + 1, way.ids || e.cited_id || ','
  FROM way JOIN edges AS e ON e.citing_id = way.at_id
  WHERE way.length < min(:length, 8) AND NOT instr(way.ids, ',' || e.cited_id || ',')
)
SELECT length,
  (SELECT group_concat(name, ' → ') FROM (
     SELECT n.name
     FROM json_each('[' || trim(ids, ',') || ']') AS station JOIN piece_names AS n ON n.piece_id = station.value
     ORDER BY station.key))
    || ' → ' || (SELECT name FROM piece_names WHERE piece_id = :piece) AS circle,
  '[' || trim(ids, ',') || ']' AS piece_ids
FROM way
WHERE length > 1 AND EXISTS (SELECT 1 FROM edges AS e WHERE e.citing_id = way.at_id AND e.cited_id = :piece)
ORDER BY length, ids
