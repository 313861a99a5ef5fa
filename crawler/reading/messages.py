"""What a run and its readers say to each other: lists in MessagePack, each behind its length; behind questions, the documents."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.core.model import Page, ReadAs

LENGTH_BYTES = 4

LIST_PATIENCE = 10  # times as long as a page a list may take: feeds of 10,000 entries are known, and named by the user
# Times as long as a reader a scan may take; it tries to be done in a third of that. Both, and their starts, take 5 s by default.
SCAN_PATIENCE = 1.5


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader is told before it is sent a document's bytes."""

    length: int
    media_type: str | None
    url: str | None
    truncated: bool
    failure: str | None  # of an earlier reader; then this one is to read without a parser
    read_as: ReadAs
    entry_limit: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a document: one of these."""

    page: Page | None = None
    unread: str | None = None  # the reason
    failure: str | None = None  # the document was too much
    fault: str | None = None  # a mistake of ours


def framed(message: bytes) -> bytes:
    """Return a message behind its length."""
    return len(message).to_bytes(LENGTH_BYTES) + message


def patience(read_as: ReadAs, failure: str | None) -> float:
    """Return how many times limits.read_seconds a document may take."""
    if read_as is not ReadAs.PAGE:
        return LIST_PATIENCE
    return 1 if failure is None else SCAN_PATIENCE
