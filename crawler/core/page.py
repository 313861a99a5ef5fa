"""Reading an HTML page: its embedded tweets, its references, the links of its story, in document order."""

from __future__ import annotations

from crawler.core import embeds, metadata, references, urls
from crawler.core.citations import Placed, cite, cite_short_link, context, in_order
from crawler.core.markup import Element, Markup, flatten
from crawler.core.model import CitationKind, Page, PieceKind
from crawler.core.shortlinks import find_short_links
from crawler.core.story import Story, find_story
from crawler.core.text import digest


def read_page(html: str, url: str | None = None) -> Page:
    """Return the page that an HTML document makes."""
    page = flatten(html)
    story = find_story(page)
    base = _base(page, url)
    embedded = embeds.find_embeds(page, story, base)
    taken = embedded.taken
    read_more = references.find_references(page, story, base, taken)
    taken = taken | read_more.taken
    placed = [*embedded.placed, *read_more.placed]
    placed += _links(page, story, base, taken)
    placed += _loose_links(page, story, placed)
    tweets, citations = in_order(placed)
    article = metadata.read_article(page, story, url, base)
    return Page(article, _kind(page, story), tweets, citations, digest(_story_text(page, story)))


def _base(page: Markup, url: str | None) -> str | None:
    """Return what relative links are resolved against (WHATWG HTML, "document base URL")."""
    for element in page.metas:
        if element.tag == "base" and element.get("href"):
            return urls.parse(element.get("href"), url) or url
    return url


def _links(page: Markup, story: Story, base: str | None, taken: frozenset[int]) -> list[Placed]:
    placed = []
    for anchor in page.anchors:
        if anchor.index in taken or not story.has(anchor) or anchor.end == anchor.start:
            continue
        href = anchor.attributes.get("href")
        if not href or href.lstrip()[:1] == "#" or story.is_furniture(anchor.start):
            continue
        scheme = href.lstrip()[:11].lower()
        if scheme.startswith(("mailto:", "javascript:", "tel:", "data:", "sms:", "whatsapp:")):
            continue
        words = page.said(anchor)
        line = story.line_at(anchor.start)
        if not words or line is None or not _is_in_prose(story, line, anchor):
            continue
        placed.append(
            Placed(
                anchor.start,
                (
                    cite(
                        CitationKind.LINK,
                        href=href,
                        url=urls.parse(href, base),
                        text=words,
                        context=context(page.text, anchor.start, anchor.end),
                    ),
                ),
            )
        )
    return placed


def _is_in_prose(story: Story, index: int, anchor: Element) -> bool:
    line = story.lines[index]
    if line.is_prose:
        return True
    return line.plain >= 20 and 3 * line.plain >= line.end - line.start and anchor.end <= line.end


def _loose_links(page: Markup, story: Story, placed: list[Placed]) -> list[Placed]:
    """Return the short links that stand in the story's text outside all embeds: a tweet whose frame and author got lost."""
    if story.root is None:
        return []
    seen = {citation.href for item in placed for citation in item.citations} | {
        citation.text for item in placed for citation in item.citations
    }
    loose = []
    for link in find_short_links(page.text, story.root.start, story.root.end):
        printed = page.text[link.start : link.end]
        if printed not in seen and not story.is_furniture(link.start):
            seen.add(printed)
            loose.append(Placed(link.start, (cite_short_link(page.text, link),)))
    return loose


def _kind(page: Markup, story: Story) -> PieceKind:
    if metadata.says_article(page):
        return PieceKind.ARTICLE
    prose = sum(
        line.plain for line in story.lines if line.is_prose and story.root and story.root.start <= line.start < story.root.end
    )
    return PieceKind.ARTICLE if prose >= 1000 else PieceKind.PAGE


def _story_text(page: Markup, story: Story) -> str:
    if story.root is None:
        return page.text
    return "\n".join(
        page.text[line.start : line.end]
        for line in story.lines
        if story.root.start <= line.start < story.root.end and not story.is_furniture(line.start)
    )
