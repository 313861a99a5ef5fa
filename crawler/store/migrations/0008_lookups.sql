-- What is lost, and what the web archive said when it was asked for a copy of it.
CREATE TABLE memento_lookups (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE, -- of what is lost
  cited_url TEXT NOT NULL, -- the link by which it was found to be: a copy is wanted of the time it was first cited
  answer TEXT CHECK (answer IN ('found', 'none', 'no_answer')), -- the last; NULL: the archive was not asked yet
  asked_at TEXT,
  due_at TEXT -- when the archive is to be asked, or asked again; NULL: there is no need to
) STRICT;

CREATE INDEX memento_lookups_due_at ON memento_lookups (due_at, id) WHERE due_at IS NOT NULL;

-- What earlier runs found lost, by the last following of each link: as core/following/landing.py has it, as near as SQL comes.
INSERT INTO memento_lookups (url, cited_url, answer, asked_at, due_at)
SELECT lost.url, min(lost.cited_url), iif(m.url IS NULL, NULL, 'found'), max(m.found_at), iif(m.url IS NULL, max(lost.at), NULL)
FROM (
  SELECT substr(there, 1, instr(there || '#', '#') - 1) AS url, cited_url, at FROM (
    SELECT r.url AS cited_url, r.started_at AS at,
      CASE WHEN r.landing = 'home' OR (r.landing = 'soft_404' AND r.furthest_url LIKE '%404%')
        THEN coalesce((SELECT h.url FROM hops AS h WHERE h.resolution_id = r.id AND h.position = r.hop_count - 2), r.url)
        ELSE r.furthest_url END AS there
    FROM resolutions AS r
    WHERE (r.outcome IN ('gone', 'http_error') OR r.landing IN ('home', 'soft_404') OR (r.outcome = 'unreachable' AND r.strikes > 0))
      AND r.id = (SELECT max(id) FROM resolutions WHERE url = r.url AND outcome <> 'interrupted'))
) AS lost LEFT JOIN mementos AS m ON m.url = lost.url
WHERE lost.url NOT GLOB '*/web/[12][0-9][0-9][0-9]*/http*' -- a copy itself
GROUP BY lost.url;
