-- Most cited
-- Which pieces are cited by the most other pieces?
SELECT cited, kind, site, state, citing_pieces, citations, piece_id FROM most_cited LIMIT 50
