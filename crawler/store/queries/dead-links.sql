-- Dead links
-- Which links led nowhere, or to something in place of what they cited, how far did they get, who cites them, and is there a copy?
SELECT citing, kind, url, outcome, landing, detail, furthest_url, memento_url, citation_id FROM provenance
WHERE (outcome <> 'arrived' OR landing IS NOT NULL) AND gone_run_id IS NULL
ORDER BY outcome, url
