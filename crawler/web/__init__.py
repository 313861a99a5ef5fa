"""Speaks HTTP, and nothing else does: the client, its engine and guard, manners, cassettes."""
