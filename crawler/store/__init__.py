"""Speaks SQL, and nothing else does: the database, the frontier, the recorded facts."""
