-- Dead links
-- Which links led nowhere, or to something in place of what they cited, how far did they get, and who cites them?
SELECT citing, kind, url, outcome, landing, detail, furthest_url FROM provenance
WHERE (outcome <> 'arrived' OR landing IS NOT NULL) AND gone_run_id IS NULL
ORDER BY outcome, url
