-- Citations
-- Who cites what, newest run first: one row a citation, with the chain its link was followed through.
SELECT citing, kind, label, text, chain, outcome, cited, matched_by, citation_id FROM provenance
WHERE gone_run_id IS NULL
ORDER BY last_run_id DESC, citing_id, citation_id
