-- What a site cites
-- What do all pieces of a site cite, by their date?
-- :site site: the registrable domain, such as example.org
SELECT citing_id, citing, citing_published_at, kind, label, text, url, chain, outcome, landing, cited_id, cited, cited_site
FROM provenance
WHERE citing_site = :site AND gone_run_id IS NULL
ORDER BY citing_published_at
