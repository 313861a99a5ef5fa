-- Runs
-- What ran when, how it ended and what it found.
SELECT id, started_at, finished_at, status, visit_count, request_count, new_piece_count, new_citation_count, gone_citation_count,
  fault_count FROM runs ORDER BY id DESC
