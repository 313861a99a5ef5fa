"""What a page says of itself: JSON-LD first, then meta elements, then what stands in the page (as search engines read it)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from crawler.core import titles, urls
from crawler.core.citations import folded
from crawler.core.dates import to_utc
from crawler.core.markup import Markup
from crawler.core.model import Article
from crawler.core.story import Story

_ARTICLE_TYPES = frozenset(
    {
        "article",
        "newsarticle",
        "reportagenewsarticle",
        "blogposting",
        "liveblogposting",
        "analysisnewsarticle",
        "opinionnewsarticle",
    }
    | {"backgroundnewsarticle", "reviewnewsarticle", "report", "scholarlyarticle", "socialmediaposting", "techarticle"}
)
_TITLE_METAS = ("og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "headline")
_TIME_METAS = (
    "article:published_time", "article:published", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "pubdate", "publishdate", "publish-date", "publish_date", "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "date", "cxenseparse:recs:publishtime",
)  # fmt: skip
_BYLINE_METAS = (
    "author",
    "article:author",
    "parsely-author",
    "byl",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "cxenseparse:author",
)
_SITE_METAS = ("og:site_name", "application-name", "publisher", "dc.publisher", "al:android:app_name")
_LANGUAGE_METAS = ("content-language", "dc.language", "dcterms.language", "language", "og:locale")
_MOST_NODES = 5000  # of one page's JSON-LD
_LONGEST_TITLE = 500


def read_article(page: Markup, story: Story, url: str | None, base: str | None) -> Article:
    """Return what a page says of itself; what it doesn't say is None."""
    said = _metas(page)
    data = _linked_data(page)
    site_name = _first(_values(said, _SITE_METAS[:1]), _publisher(data), _values(said, _SITE_METAS[1:]))
    return Article(
        url=url,
        canonical_url=_canonical(page, said, url, base),
        title=_title(page, said, data, site_name),
        byline=_byline(page, said, data),
        published_at=_published_at(page, story, said, data),
        language=_language(page, said, data),
        site_name=site_name,
    )


def says_article(page: Markup) -> bool:
    """Whether the page calls itself an article."""
    said = _metas(page)
    return "article" in said.get("og:type", []) or any(_is_article(node) for node in _linked_data(page))


def _metas(page: Markup) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for element in page.metas:
        if element.tag == "meta" and (content := folded(element.get("content"))):
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                if name := element.attributes.get(attribute):
                    said.setdefault(name.strip().lower(), []).append(content)
    return said


def _linked_data(page: Markup) -> list[dict[str, object]]:
    """Return the objects of the page's JSON-LD, articles first."""
    nodes: list[dict[str, object]] = []
    for script in page.data_scripts:
        try:
            # Pages leave bare line breaks within strings: strict=False lets them.
            waiting = [json.loads(script.strip().removeprefix("<!--").removesuffix("-->").rstrip(";"), strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and len(nodes) < _MOST_NODES:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting = [*value[:200], *waiting]
            elif isinstance(value, dict):
                nodes.append(value)
                waiting += [inner for name, inner in value.items() if name in ("@graph", "mainEntity", "mainEntityOfPage")]
    return sorted(nodes, key=lambda node: not _is_article(node))


def _is_article(node: dict[str, object]) -> bool:
    return any(name.lower().rpartition("/")[2] in _ARTICLE_TYPES for name in _strings(node.get("@type")))


def _strings(value: object) -> Iterator[str]:
    """Yield the texts of a JSON-LD value: itself, its items, or their names."""
    for item in value if isinstance(value, list) else [value]:
        text = item.get("name") or item.get("@id") if isinstance(item, dict) else item
        if isinstance(text, str) and (text := folded(text) or ""):
            yield text


def _of_articles(data: list[dict[str, object]], *names: str) -> Iterator[str]:
    for node in data:
        if _is_article(node):
            for name in names:
                yield from _strings(node.get(name))


def _values(said: dict[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from said.get(name, [])


def _first(*values: Iterator[str]) -> str | None:
    return next((value for some in values for value in some if value), None)


def _publisher(data: list[dict[str, object]]) -> Iterator[str]:
    yield from _of_articles(data, "publisher")
    for node in data:
        if any(name in ("WebSite", "NewsMediaOrganization", "Organization") for name in _strings(node.get("@type"))):
            yield from _strings(node.get("name"))


def _title(page: Markup, said: dict[str, list[str]], data: list[dict[str, object]], site_name: str | None) -> str | None:
    headings = (page.said(element) for element in page.elements if element.tag == "h1" and element.end > element.start)
    heads = (folded(element.get("text")) or "" for element in page.metas if element.tag == "title")
    # A page printed in an archive's form names its title on the article itself.
    named = (element.get("title") for element in page.elements if element.tag == "article" and element.get("title"))
    for some in (
        _values(said, _TITLE_METAS[:1]),
        _of_articles(data, "headline"),
        named,
        _values(said, _TITLE_METAS[1:]),
        headings,
        heads,
    ):
        for value in some:
            title = titles.without_site(value[:_LONGEST_TITLE], site_name)
            if title and not (site_name and titles.fold(title) == titles.fold(site_name)):
                return title
    return None


def _byline(page: Markup, said: dict[str, list[str]], data: list[dict[str, object]]) -> str | None:
    found = list(dict.fromkeys(name for name in _of_articles(data, "author") if not _is_address(name)))
    if not found:
        found = [name for name in dict.fromkeys(_values(said, _BYLINE_METAS)) if not _is_address(name)][:1]
    if not found:
        marked = (
            page.said(element)
            for element in page.elements
            if element.attributes.get("rel") == "author" or "author" in (element.attributes.get("itemprop") or "").split()
        )
        found = [name for name in marked if 2 < len(name) < 100][:1]
    return ", ".join(found[:8]) or None


def _is_address(name: str) -> bool:
    return "://" in name or name.startswith(("@", "#", "/")) or len(name) > 150


def _published_at(page: Markup, story: Story, said: dict[str, list[str]], data: list[dict[str, object]]) -> str | None:
    marked = (
        element.get("datetime") or element.get("content")
        for element in page.elements
        if "datePublished" in (element.attributes.get("itemprop") or "")
        or (element.tag == "time" and "pubdate" in element.attributes)
    )
    archived = (element.get("published-at") for element in page.elements if element.tag == "article")
    timed = (element.get("datetime") for element in page.elements if element.tag == "time" and element.attributes.get("datetime"))
    for some in (_of_articles(data, "datePublished", "dateCreated"), _values(said, _TIME_METAS), marked, archived, timed):
        for value in some:
            if value and (time := to_utc(value)):
                return time
    return None


def _language(page: Markup, said: dict[str, list[str]], data: list[dict[str, object]]) -> str | None:
    root = (element.get("lang") or element.get("xml:lang") for element in page.elements[:1])
    for value in (*root, *_of_articles(data, "inLanguage"), *_values(said, _LANGUAGE_METAS)):
        tag = value.strip().replace("_", "-").split(",")[0]
        if 2 <= len(tag) <= 12 and tag.replace("-", "").isascii() and tag.split("-")[0].isalpha() and len(tag.split("-")[0]) <= 3:
            return tag
    return None


def _canonical(page: Markup, said: dict[str, list[str]], url: str | None, base: str | None) -> str | None:
    links = (
        element.get("href")
        for element in page.metas
        if element.tag == "link" and "canonical" in element.get("rel").lower().split()
    )
    for href in (*links, *_values(said, ("og:url",))):
        target = urls.parse(href, base)
        if target and urls.is_web(target) and not _is_root_of_deep_page(target, url):
            return target
    return None


def _is_root_of_deep_page(target: str, url: str | None) -> bool:
    """Whether a canonical URL names the site and not the page: a template's fault, met where editors forget the field."""
    if not url:
        return False
    path = target.split("://", 1)[-1].partition("/")[2]
    own = url.split("://", 1)[-1].partition("/")[2].partition("#")[0]
    return not path.strip("/") and bool(own.strip("/"))
