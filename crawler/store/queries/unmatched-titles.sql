-- Unmatched titles
-- Which READ MORE references lost their link, and no piece with their title is known yet?
SELECT label, title, citing, citation_id FROM unmatched_titles
