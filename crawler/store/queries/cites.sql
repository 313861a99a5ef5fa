-- Cites
-- What does the piece with the id :piece cite?
SELECT kind, label, text, url, chain, outcome, cited_id, cited FROM provenance
WHERE citing_id = :piece AND gone_run_id IS NULL ORDER BY citation_id
