"""What the page of one document may hold, and how it says that there was more."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass, replace
from typing import Any

from crawler.core.model import Article, Citation, Document, Page, PieceKind, Tweet

MOST_CITATIONS = 10_000
LONGEST_URL = 65_536  # characters; no server takes as many


def bounded(page: Page, *, truncated: bool) -> Page:
    """Return a page with no more citations than one may hold, and no longer links; what that leaves out its `cut` says."""
    kept = tuple(map(_without_long_link, page.citations[:MOST_CITATIONS]))
    indexes = [citation.tweet for citation in kept if citation.tweet is not None]
    # Tweets stand in the order of their citations, so those kept are the first.
    tweets = page.tweets if len(kept) == len(page.citations) else page.tweets[: max(indexes, default=-1) + 1]
    long = sum(now is not before for now, before in zip(kept, page.citations, strict=False))
    cuts = (
        page.cut,
        "all past limits.body_bytes" if truncated else None,
        f"citations past the first {len(kept):,}" if len(kept) < len(page.citations) else None,
        f"links of more than {LONGEST_URL:,} characters: {long:,}" if long else None,
    )
    cut = "; ".join(filter(None, cuts)) or None
    return replace(page, tweets=tuple(map(_without_long_links, tweets)), citations=kept, cut=cut)


def nothing_of(document: Document, reason: str) -> Page:
    """Return the page of a document that gave nothing at all."""
    empty = hashlib.sha256(b"").hexdigest()
    return Page(Article(url=document.url), PieceKind.PAGE, (), (), empty, cut=f"all of it: {reason}")


def sayable(value: Any) -> Any:
    """Return a page, or what holds one, with U+FFFD for each lone surrogate: JSON can spell one, but UTF-8 can't."""
    if type(value) is str:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, tuple):
        return tuple(map(sayable, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: sayable(getattr(value, field.name)) for field in fields(value)})
    return value


def _without_long_link(citation: Citation) -> Citation:
    is_long = len(citation.url or "") > LONGEST_URL or len(citation.href or "") > LONGEST_URL
    return replace(citation, href=None, url=None) if is_long else citation


def _without_long_links(tweet: Tweet) -> Tweet:
    if not any(len(link) > LONGEST_URL for link in (*tweet.links, tweet.url or "")):
        return tweet
    url = tweet.url if tweet.url and len(tweet.url) <= LONGEST_URL else None
    return replace(tweet, url=url, links=tuple(link for link in tweet.links if len(link) <= LONGEST_URL))
