-- Cited by
-- Who cites the piece with the id :piece, and how?
SELECT citing_id, citing, kind, label, text, chain, matched_by, match_score FROM provenance
WHERE cited_id = :piece ORDER BY citing_id, citation_id
