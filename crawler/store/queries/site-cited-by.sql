-- What cites a site
-- Who cites any piece of a site, and how?
-- :site site: the registrable domain, such as example.org
SELECT cited_id, cited, cited_published_at, citing_id, citing, citing_site, citing_published_at, kind, label, text, url, chain
FROM provenance
WHERE cited_site = :site AND gone_run_id IS NULL
ORDER BY cited_published_at
