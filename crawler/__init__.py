"""Follows the pointers of news articles to the pieces they cite, and keeps the provenance graph in SQLite."""
