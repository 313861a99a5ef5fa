-- Unmatched titles
-- Which READ MORE references lost their link, and no piece with their title is known yet?
SELECT label, title, citing FROM unmatched_titles
