-- Loops
-- Which links lead round in a circle of redirects and nowhere else, and who cites them?
SELECT url, chain, followed_at, citing_id, citing, kind FROM provenance
WHERE outcome = 'loop' AND gone_run_id IS NULL
ORDER BY url, citing_id
