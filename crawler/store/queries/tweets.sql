-- Tweets
-- Which tweets are embedded where, by whom, when were they posted, and where do their links lead?
SELECT p.citing, t.handle, t.author, t.claimed_on, t.posted_at, t.text,
  (SELECT group_concat(coalesce(l.cited, l.url), ' | ') FROM provenance AS l
   WHERE l.citing_id = p.citing_id AND l.kind = 'tweet_link' AND l.gone_run_id IS NULL
     AND (SELECT c.tweet_id FROM citations AS c WHERE c.id = l.citation_id) = t.piece_id) AS links
FROM provenance AS p JOIN tweets AS t ON t.piece_id = p.cited_id
WHERE p.kind = 'tweet' AND p.gone_run_id IS NULL
ORDER BY p.citing_id, p.citation_id
