"""The entries of a list (feed, sitemap, URLs), and the page that they make."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.core import urls
from crawler.core.bounds import LONGEST_URL
from crawler.core.citations import folded
from crawler.core.dates import to_utc
from crawler.core.model import Article, Citation, CitationKind, Document, Page, PieceKind, ReadAs

LONGEST_TITLE = 1000  # characters
DATED_LENGTH = 40  # characters; no date is longer


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as its list has it."""

    href: str
    title: str | None = None
    date_text: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a list says of itself."""

    title: str | None = None
    language: str | None = None


def page_of(
    document: Document, read_as: ReadAs, entries: Iterable[Entry], about: About | None = None, cuts: Iterable[str | None] = ()
) -> Page:
    """Return the page of a list: a citation for each URL it has, in its order, and of too many those dated latest.

    An entry without a URL that can be fetched is kept as it stands, and cites nothing. Entries of other sites than a
    sitemap's own are left out: it speaks for its own (sitemaps.org, "location").
    """
    about = about or About()
    site = urls.site(document.url) if document.url and read_as in (ReadAs.SITEMAP, ReadAs.SITEMAP_INDEX) else None
    seen: set[str] = set()
    foreign = over = 0
    latest: list[tuple[str, int, Citation]] = []
    for position, entry in enumerate(entries):
        citation = _cite(entry, document.url)
        name = citation.url or citation.href or citation.text
        if name is None or name in seen:
            continue
        seen.add(name)
        if site and citation.url and urls.site(citation.url) != site:
            foreign += 1
            continue
        candidate = (citation.dated_at or "", -position, citation)
        if len(latest) < document.entry_limit:
            heapq.heappush(latest, candidate)
        else:
            over += 1
            heapq.heappushpop(latest, candidate)
    taken = [citation for _, _, citation in sorted(latest, key=lambda candidate: -candidate[1])]
    for position, citation in enumerate(taken):
        object.__setattr__(citation, "position", position)  # ours until here, as in core.citations
    cut = (
        *cuts,
        f"entries past the limit of {document.entry_limit:,}: {over:,}" if over else None,
        f"entries of other sites: {foreign:,}" if foreign else None,
        "all past limits.body_bytes" if document.truncated else None,
    )
    article = Article(url=document.url, title=_bounded(about.title), language=about.language)
    return Page(article, PieceKind.DOCUMENT, (), tuple(taken), _digest(taken), "; ".join(filter(None, cut)) or None, read_as)


def _cite(entry: Entry, base: str | None) -> Citation:
    href = entry.href.strip()
    url = urls.parse(href, base) if href and len(href) <= LONGEST_URL else None
    return Citation(
        position=-1,
        kind=CitationKind.LISTED,
        href=href[:LONGEST_URL] or None,
        url=urls.without_userinfo(url) if url and urls.is_web(url) else None,
        text=_bounded(entry.title),
        label=None,
        tweet=None,
        confidence=1.0,
        context=None,
        dated_at=to_utc(entry.date_text[:DATED_LENGTH]) if entry.date_text else None,
    )


def _bounded(title: str | None) -> str | None:
    return folded(title[:LONGEST_TITLE]) if title else None


def _digest(taken: Iterable[Citation]) -> str:
    digest = hashlib.sha256()
    for citation in taken:
        digest.update(f"{citation.url or citation.href}\t{citation.text or ''}\n".encode("utf-8", "replace"))
    return digest.hexdigest()
