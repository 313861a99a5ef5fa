-- How a link stood after each following of it (core/standing.py), so that it can be told of the past too.

ALTER TABLE resolutions ADD COLUMN health TEXT CHECK (health IN ('alive', 'flaky', 'gone')); -- NULL: nothing was known of it
ALTER TABLE resolutions ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0; -- one after the other

UPDATE frontier SET health = 'flaky' WHERE health = 'ailing'; -- what failed, and what is there again: strikes tell them apart

-- Of links that were followed before this was kept, only how they stand now is known.
UPDATE resolutions SET health = f.health, strikes = f.strikes FROM frontier AS f
WHERE f.url = resolutions.url AND resolutions.id = (
  SELECT max(r.id) FROM resolutions AS r WHERE r.url = f.url AND r.outcome <> 'interrupted');
