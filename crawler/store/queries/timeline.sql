-- Timeline
-- What happened when in the story of a piece: in it, in what it leads back to, and in what cites it?
-- :piece piece: the piece in the middle
-- :depth integer = 2: how many citations away, at most
WITH RECURSIVE back (piece_id, depth) AS (
  SELECT :piece, 0
  UNION
  SELECT e.cited_id, back.depth + 1 FROM back JOIN edges AS e ON e.citing_id = back.piece_id
  WHERE back.depth < :depth ORDER BY 2 LIMIT 1000
),
forth (piece_id, depth) AS (
  SELECT :piece, 0
  UNION
  SELECT e.citing_id, forth.depth + 1 FROM forth JOIN edges AS e ON e.cited_id = forth.piece_id
  WHERE forth.depth < :depth ORDER BY 2 LIMIT 1000
),
story (piece_id) AS MATERIALIZED (SELECT piece_id FROM back UNION SELECT piece_id FROM forth)
SELECT event.at, event.what, p.id AS piece_id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS piece, p.kind, p.site,
  event.detail
FROM (
  SELECT published_at AS at, 'published' AS what, id AS piece_id, NULL AS detail FROM story JOIN pieces ON id = story.piece_id
  UNION ALL
  SELECT posted_at, 'posted, by its id', story.piece_id, '@' || handle FROM story JOIN tweets USING (piece_id)
  UNION ALL
  SELECT claimed_on, 'posted, by its printed date', story.piece_id, '@' || handle FROM story JOIN tweets USING (piece_id)
  UNION ALL
  SELECT first_seen_at, 'first seen', id, state FROM story JOIN pieces ON id = story.piece_id
  UNION ALL
  SELECT seen_after_at, 'citation ' || change, citing_id, coalesce(text, url)
  FROM story CROSS JOIN late_edits ON citing_id = story.piece_id
  UNION ALL
  SELECT k.checked_at, 'link found ' || k.found, c.citing_id, k.url
  FROM story CROSS JOIN citations AS c ON c.citing_id = story.piece_id JOIN link_checks AS k ON k.resolution_id = c.resolution_id
  WHERE k.found NOT IN ('alive', 'moved')
  UNION ALL
  SELECT m.memento_datetime, 'archived', m.piece_id, m.memento_url FROM story JOIN mementos AS m ON m.piece_id = story.piece_id
) AS event
JOIN pieces AS p ON p.id = event.piece_id
WHERE event.at IS NOT NULL
ORDER BY julianday(event.at), event.what, p.id
