-- Most cited
-- Which pieces are cited by the most other pieces?
SELECT cited, kind, site, state, citing_pieces, citations FROM most_cited LIMIT 50
