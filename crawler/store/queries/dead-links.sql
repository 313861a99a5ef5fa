-- Dead links
-- Which links led nowhere, how far did they get, and who cites them?
SELECT citing, kind, url, outcome, detail, furthest_url FROM provenance
WHERE outcome IS NOT NULL AND outcome <> 'arrived' AND gone_run_id IS NULL
ORDER BY outcome, url
