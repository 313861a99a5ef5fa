-- Changes
-- What changed from one run to a later one: citations found, added or removed, titles, texts, links that lead elsewhere or broke?
-- :from run: the earlier run
-- :to run: the later run
SELECT change, run_id, piece_id, piece, what, was, became
FROM (
  -- Added, where the page had been read without it; found too is what only an older page had, gone since the run that found it.
  SELECT iif(
      c.gone_run_id IS NOT c.first_run_id
        AND EXISTS (SELECT 1 FROM readings WHERE piece_id = c.citing_id AND run_id < c.first_run_id),
      'citation added', 'citation found') AS change,
    c.first_run_id AS run_id, c.citing_id AS piece_id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS piece,
    coalesce(c.text, c.url) AS what,
    NULL AS was, (SELECT name FROM piece_names WHERE piece_id = c.cited_id) AS became
  FROM citations AS c JOIN pieces AS p ON p.id = c.citing_id
  WHERE c.first_run_id > :from AND c.first_run_id <= :to
  UNION ALL
  SELECT 'citation removed', c.gone_run_id, c.citing_id, (SELECT name FROM piece_names WHERE piece_id = p.id),
    coalesce(c.text, c.url),
    (SELECT name FROM piece_names WHERE piece_id = c.cited_id), NULL
  FROM citations AS c JOIN pieces AS p ON p.id = c.citing_id
  WHERE c.gone_run_id > :from AND c.gone_run_id <= :to AND c.gone_run_id <> c.first_run_id
  UNION ALL
  SELECT iif(was.state = now.state, 'link retargeted', 'link ' || now.state), now.run_id, now.piece_id,
    (SELECT name FROM piece_names WHERE piece_id = now.piece_id), now.url,
    was.state || ': ' || was.furthest_url, now.state || ': ' || now.furthest_url
  FROM link_checks AS now JOIN link_checks AS was ON was.resolution_id = (
    SELECT max(id) FROM resolutions WHERE url = now.url AND run_id <= :from AND outcome <> 'interrupted')
  WHERE now.run_id > :from AND now.run_id <= :to AND now.resolution_id = (
    SELECT max(id) FROM resolutions WHERE url = now.url AND run_id <= :to AND outcome <> 'interrupted')
    AND (was.state <> now.state OR was.piece_id <> now.piece_id)
  UNION ALL
  SELECT iif(was.title <> now.title, 'title changed', 'text changed'), now.run_id, now.piece_id,
    (SELECT name FROM piece_names WHERE piece_id = now.piece_id), now.url, was.title, now.title
  FROM readings AS now JOIN readings AS was ON was.capture_id = (
    SELECT capture_id FROM readings WHERE url = now.url AND run_id <= :from ORDER BY captured_at DESC LIMIT 1)
  JOIN pieces AS p ON p.id = now.piece_id AND p.kind <> 'document'
  WHERE now.run_id > :from AND now.run_id <= :to AND now.capture_id = (
    SELECT capture_id FROM readings WHERE url = now.url AND run_id <= :to ORDER BY captured_at DESC LIMIT 1)
    AND (was.title <> now.title OR was.text_sha256 <> now.text_sha256)
)
ORDER BY run_id, change, piece_id, what
