"""A web in a dictionary: what each URL answers, and a record of who asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crawler.core import documents, urls
from crawler.core.model import Attempt, Document, Exchange, Failure, Outcome, Page, Unread, Url

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


@dataclass
class FakeWeb:
    """Answers from a table: a page's HTML, "-> URL" for a redirect, a status, or an Outcome where no answer comes."""

    table: dict[str, str | int | Outcome]
    asked: Counter[str] = field(default_factory=Counter)

    async def fetch(self, url: Url, seconds: float = 1.0, cookie: str = "") -> Exchange | Failure:
        target = urls.without_fragment(url)
        self.asked[target] += 1
        answer = self.table.get(target, 404)
        if isinstance(answer, Outcome):
            return Failure(url, answer, "said the table", (Attempt(1, None, "none", 0, None, NOON),), NOON, 0)
        status, headers, content = 200, (("content-type", "text/html; charset=utf-8"),), b""
        if isinstance(answer, int):
            status = answer
        elif answer.startswith("-> "):
            status, headers = 302, (("location", answer.removeprefix("-> ")),)
        else:
            content = answer.encode()
        return Exchange(url, status, headers, content, False, (Attempt(1, status, None, 0, None, NOON),), NOON, 0)


async def read_here(document: Document) -> Page | Unread:
    """Read in this process: what a test writes itself can do no harm."""
    return documents.read(document)


def story(title: str, *links: str, canonical: str | None = None, more: str = "") -> str:
    """Return a news page with a title and a paragraph a link."""
    paragraphs = "".join(
        f'<p>It was said before, in <a href="{link}">a piece</a> that we read with care and quote.</p>' for link in links
    )
    head = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><meta property="og:title" content="{title}">'
        f'<meta property="og:type" content="article">{head}</head><body><article><h1>{title}</h1>{paragraphs}{more}'
        "<p>And so it ends, with a sentence that is long enough to be one of a story.</p></article></body></html>"
    )
