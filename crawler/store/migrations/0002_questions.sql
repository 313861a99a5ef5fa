-- What the questions of views.sql and queries/ stand on: the edges of the graph as indexes, and counts kept with every citation.

-- Both ways along an edge without looking at its row.
DROP INDEX citations_citing_id;
DROP INDEX citations_cited_id;
CREATE INDEX citations_citing_id ON citations (citing_id, cited_id, gone_run_id, kind);
CREATE INDEX citations_cited_id ON citations (cited_id, citing_id, gone_run_id, kind);
CREATE INDEX citations_resolution_id ON citations (resolution_id) WHERE resolution_id IS NOT NULL;
CREATE INDEX citations_tweet_id ON citations (tweet_id) WHERE tweet_id IS NOT NULL;
CREATE INDEX citations_gone_run_id ON citations (gone_run_id) WHERE gone_run_id IS NOT NULL;
CREATE INDEX resolutions_piece_id ON resolutions (piece_id) WHERE piece_id IS NOT NULL;

-- How often each piece is cited by others today. Kept by the triggers below, in the transaction that writes the citation.
CREATE TABLE citation_counts (
  piece_id INTEGER PRIMARY KEY REFERENCES pieces (id),
  citing_pieces INTEGER NOT NULL,
  citations INTEGER NOT NULL
) STRICT;

CREATE INDEX citation_counts_order ON citation_counts (citing_pieces DESC, citations DESC, piece_id);

-- How often the pieces of a site cite others of a known site today, and how often those are its own. Kept in the same way.
CREATE TABLE site_counts (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL UNIQUE,
  citations INTEGER NOT NULL,
  self_citations INTEGER NOT NULL
) STRICT;

-- An edge comes: its cited piece is known, is another than the citing one, and a page, not a list, points at it.
CREATE TRIGGER citations_added AFTER INSERT ON citations
WHEN new.cited_id IS NOT NULL AND new.cited_id <> new.citing_id AND new.gone_run_id IS NULL AND new.kind <> 'listed'
BEGIN
  INSERT INTO citation_counts (piece_id, citing_pieces, citations)
  VALUES (new.cited_id, NOT EXISTS (
    SELECT 1 FROM citations WHERE cited_id = new.cited_id AND citing_id = new.citing_id AND gone_run_id IS NULL
      AND kind <> 'listed' AND id <> new.id), 1)
  ON CONFLICT (piece_id) DO UPDATE SET citing_pieces = citing_pieces + excluded.citing_pieces, citations = citations + 1;
  INSERT INTO site_counts (site, citations, self_citations)
  SELECT citing.site, 1, citing.site = cited.site FROM pieces AS citing, pieces AS cited
  WHERE citing.id = new.citing_id AND cited.id = new.cited_id AND citing.site IS NOT NULL AND cited.site IS NOT NULL
  ON CONFLICT (site) DO UPDATE SET citations = citations + 1, self_citations = self_citations + excluded.self_citations;
END;

CREATE TRIGGER citations_pointed AFTER UPDATE OF cited_id, gone_run_id ON citations
WHEN new.cited_id IS NOT NULL AND new.cited_id <> new.citing_id AND new.gone_run_id IS NULL AND new.kind <> 'listed'
  AND (old.cited_id IS NOT new.cited_id OR old.gone_run_id IS NOT NULL)
BEGIN
  INSERT INTO citation_counts (piece_id, citing_pieces, citations)
  VALUES (new.cited_id, NOT EXISTS (
    SELECT 1 FROM citations WHERE cited_id = new.cited_id AND citing_id = new.citing_id AND gone_run_id IS NULL
      AND kind <> 'listed' AND id <> new.id), 1)
  ON CONFLICT (piece_id) DO UPDATE SET citing_pieces = citing_pieces + excluded.citing_pieces, citations = citations + 1;
  INSERT INTO site_counts (site, citations, self_citations)
  SELECT citing.site, 1, citing.site = cited.site FROM pieces AS citing, pieces AS cited
  WHERE citing.id = new.citing_id AND cited.id = new.cited_id AND citing.site IS NOT NULL AND cited.site IS NOT NULL
  ON CONFLICT (site) DO UPDATE SET citations = citations + 1, self_citations = self_citations + excluded.self_citations;
END;

-- An edge goes: its page dropped it, or it points elsewhere now.
CREATE TRIGGER citations_left AFTER UPDATE OF cited_id, gone_run_id ON citations
WHEN old.cited_id IS NOT NULL AND old.cited_id <> old.citing_id AND old.gone_run_id IS NULL AND old.kind <> 'listed'
  AND (old.cited_id IS NOT new.cited_id OR new.gone_run_id IS NOT NULL)
BEGIN
  UPDATE citation_counts SET citations = citations - 1, citing_pieces = citing_pieces - NOT EXISTS (
    SELECT 1 FROM citations WHERE cited_id = old.cited_id AND citing_id = old.citing_id AND gone_run_id IS NULL
      AND kind <> 'listed' AND id <> old.id)
  WHERE piece_id = old.cited_id;
  UPDATE site_counts SET citations = citations - 1, self_citations = self_citations - (site = cited.cited_site)
  FROM (SELECT site AS cited_site FROM pieces WHERE id = old.cited_id AND site IS NOT NULL) AS cited
  WHERE site = (SELECT site FROM pieces WHERE id = old.citing_id);
END;

INSERT INTO citation_counts (piece_id, citing_pieces, citations)
SELECT cited_id, count(DISTINCT citing_id), count(*) FROM citations
WHERE cited_id IS NOT NULL AND cited_id <> citing_id AND gone_run_id IS NULL AND kind <> 'listed' GROUP BY cited_id;

INSERT INTO site_counts (site, citations, self_citations)
SELECT citing.site, count(*), sum(citing.site = cited.site)
FROM citations AS c JOIN pieces AS citing ON citing.id = c.citing_id JOIN pieces AS cited ON cited.id = c.cited_id
WHERE c.cited_id <> c.citing_id AND c.gone_run_id IS NULL AND c.kind <> 'listed'
  AND citing.site IS NOT NULL AND cited.site IS NOT NULL
GROUP BY citing.site;
