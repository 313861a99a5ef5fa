-- Cites
-- What does a piece cite?
-- :piece piece: the piece that cites
SELECT kind, label, text, url, chain, outcome, cited_id, cited FROM provenance
WHERE citing_id = :piece AND gone_run_id IS NULL ORDER BY citation_id
