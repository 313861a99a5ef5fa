-- Origins of a piece
-- Where do the paths of a piece's citations end, and how many citations away?
-- :piece piece: the piece to start from
SELECT depth, origin_id, origin, origin_kind, origin_site, origin_state FROM origins
WHERE piece_id = :piece ORDER BY depth, origin_id
