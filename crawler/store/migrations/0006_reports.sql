-- What came of a run, as it was printed at its end: failures by reason, slow and refusing hosts, bytes, seconds.
ALTER TABLE runs ADD COLUMN report_json TEXT; -- NULL: the run did not end in good order
