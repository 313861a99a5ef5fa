"""Dates in header fields."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def http_date(value: str) -> datetime | None:
    """Return the moment that a field's value names, in whichever form (RFC 9110 §5.6.7), without a zone in GMT; None for none."""
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return then if then.tzinfo else then.replace(tzinfo=UTC)
