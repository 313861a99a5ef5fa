-- Cited by
-- Who cites a piece, and how?
-- :piece piece: the piece that is cited
SELECT citing_id, citing, kind, label, text, chain, matched_by, match_score FROM provenance
WHERE cited_id = :piece AND gone_run_id IS NULL ORDER BY citing_id, citation_id
