"""What a page says of itself: JSON-LD first, then meta elements, then what stands in the page (as search engines read it)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core import titles, urls
from crawler.core.citations import folded
from crawler.core.dates import to_utc
from crawler.core.html.microdata import Marked
from crawler.core.html.survey import Survey
from crawler.core.model import Article

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
    "article:published_time",
    "article:published",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "date",
    "cxenseparse:recs:publishtime",
)
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
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")  # RFC 5646, the shapes that pages use
_MOST_NODES = 5000  # of one page's JSON-LD
_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself, gathered from wherever pages say it."""

    metas: dict[str, list[str]]  # by name in lower case, as written
    data: list[dict[str, object]]  # objects of JSON-LD, articles first
    canonical_links: list[str]
    base_href: str | None
    language: str | None
    marked: Marked  # asked for what the rest doesn't say

    @property
    def says_article(self) -> bool:
        """Whether the page calls itself an article."""
        return "article" in _values(self.metas, ("og:type",)) or any(map(_is_article, self.data))

    def base(self, url: str | None) -> str | None:
        """Return what relative links are resolved against (WHATWG HTML, "document base URL")."""
        if url is None:  # a page saved to a file still names its own address
            named = (urls.parse(href) for href in self.canonical_hrefs)
            url = next((target for target in named if target and urls.is_web(target)), None)
        return urls.parse(self.base_href, url) or url if self.base_href else url

    @property
    def canonical_hrefs(self) -> tuple[str, ...]:
        """What the page gives as its own address, from the surest."""
        return (*self.canonical_links, *_values(self.metas, ("og:url",)))

    def article(self, url: str | None) -> Article:
        """Return what the page says of itself; what it doesn't say is None."""
        site_name = _first(_values(self.metas, _SITE_METAS[:1]), _publisher(self.data), _values(self.metas, _SITE_METAS[1:]))
        return Article(
            url=url,
            canonical_url=_canonical(self, url),
            title=_title(self, site_name),
            byline=_byline(self),
            published_at=_published_at(self),
            language=_language(self),
            site_name=site_name,
        )


def read_head(tree: LexborHTMLParser, found: Survey) -> Head:
    """Return what a page says of itself, wherever in it: a head that an image closed early goes on in the body."""
    root = tree.root.attributes if tree.root is not None else {}
    return Head(
        metas=_metas(found.metas),
        data=_linked_data(found.data),
        canonical_links=[node.attributes.get("href") or "" for node in found.canonical_links],
        base_href=next((href for node in found.bases if (href := node.attributes.get("href"))), None),
        language=root.get("lang") or root.get("xml:lang"),
        marked=Marked(tree),
    )


def _metas(nodes: Iterable[LexborNode]) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for node in nodes:
        attributes = node.attributes
        if content := attributes.get("content"):
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                if name := attributes.get(attribute):
                    metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def _linked_data(scripts: Iterable[LexborNode]) -> list[dict[str, object]]:
    """Return the objects of the page's JSON-LD, articles first."""
    nodes: list[dict[str, object]] = []
    for node in scripts:
        script = node.text().strip().removeprefix("<!--").removesuffix("-->").rstrip(";")
        try:
            waiting = [_decoded(script)]
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


def _decoded(script: str) -> object:
    try:
        return msgspec.json.decode(script)
    except msgspec.DecodeError:
        return json.loads(script, strict=False)  # pages leave bare line breaks within strings


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
    yield from (value for name in names for content in said.get(name, ()) if (value := folded(content)))


def _first(*values: Iterator[str]) -> str | None:
    return next((value for some in values for value in some if value), None)


def _publisher(data: list[dict[str, object]]) -> Iterator[str]:
    yield from _of_articles(data, "publisher")
    for node in data:
        if any(name in ("WebSite", "NewsMediaOrganization", "Organization") for name in _strings(node.get("@type"))):
            yield from _strings(node.get("name"))


def _title(head: Head, site_name: str | None) -> str | None:
    for value in _titles(head):
        title = titles.without_site(value[:_LONGEST_TITLE], site_name)
        if title and not (site_name and titles.fold(title) == titles.fold(site_name)):
            return title
    return None


def _titles(head: Head) -> Iterator[str]:
    yield from _values(head.metas, _TITLE_METAS[:1])
    yield from _of_articles(head.data, "headline")
    yield from head.marked.named()
    yield from _values(head.metas, _TITLE_METAS[1:])
    yield from head.marked.titles()


def _byline(head: Head) -> str | None:
    found = [name for name in dict.fromkeys(_of_articles(head.data, "author")) if not _is_address(name)]
    if not found:
        found = [name for name in dict.fromkeys(_values(head.metas, _BYLINE_METAS)) if not _is_address(name)][:1]
    if not found:
        found = [name for name in head.marked.authors() if 2 < len(name) < 100][:1]
    return ", ".join(found[:8]) or None


def _is_address(name: str) -> bool:
    return "://" in name or name.startswith(("@", "#", "/")) or len(name) > 150


def _published_at(head: Head) -> str | None:
    said = (_of_articles(head.data, "datePublished", "dateCreated"), _values(head.metas, _TIME_METAS), head.marked.times())
    return next((time for value in chain(*said) if (time := to_utc(value))), None)


def _language(head: Head) -> str | None:
    for value in (head.language or "", *_of_articles(head.data, "inLanguage"), *_values(head.metas, _LANGUAGE_METAS)):
        tag = value.strip().replace("_", "-").split(",")[0]
        if _LANGUAGE_TAG.fullmatch(tag):
            return tag
    return None


def _canonical(head: Head, url: str | None) -> str | None:
    base = head.base(url)
    for href in head.canonical_hrefs:
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
