"""Reading an HTML page: its embedded tweets, its references, the links of its story, in document order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from crawler.core import urls
from crawler.core.citations import Placed, cite, cite_short_link, context, in_order
from crawler.core.html import candidates, embeds, metadata, references
from crawler.core.html.frames import frames_tweet
from crawler.core.html.hydration import find_body
from crawler.core.html.markup import Element, Markup, flatten
from crawler.core.html.platforms import loaded_player
from crawler.core.html.story import Line, Story, find_root, find_story
from crawler.core.html.survey import Survey, survey
from crawler.core.marks import Marks, marks_with
from crawler.core.model import Article, CitationKind, Page, PieceKind
from crawler.core.shortlinks import find_short_links
from crawler.core.text import digest_folded

_NO_PAGE = ("mailto:", "javascript:", "tel:", "data:", "sms:", "whatsapp:", "about:", "blob:")
_MOST_FRAMES = 200  # looked at outside the story
_MOST_PLAYERS = 2
_WHOLE_PAGE = frozenset(("body", "html"))
_LEAST_ARTICLE = 1000  # characters of prose
_LEAST_DRAWN = 200  # a page with less waits for its scripts to draw the story

# A site's own statement on what it does with its readers' data: every box that asks for leave before an embed links to it.
_OWN_POLICY = re.compile(
    r"/(?:[\w-]+/){0,2}(?:privacy|cookies?|datenschutz|privacidade?|confidentialite|personvern|integritet|prywatnosc|gizlilik)"
    r"(?:[-_]?(?:policy|notice|statement|hinweise?|erklaerung|politik))?(?:\.\w+)?/?(?:[?#].*)?",
    re.IGNORECASE,
)
# A line that asks readers to follow or to subscribe, and one that credits a picture, are none of the story.
_SOLICITS = re.compile(
    r"\b(?:follow|contact|subscribe|sign up|newsletter|s[ií]gu\w*|seguir\w*|suscr\w+|suivez|"
    r"abonn\w*|download|install|descarg\w+|baix\w+|télécharg\w+|scarica|pobierz|get (?:the|our) (?:\w+ ){0,3}app|"
    r"folg(?:en|t|e)|seguici|śledź|obserwuj|подпис\w+|takip|volg|følg|följ)\b",
    re.IGNORECASE,
)
_CREDITS = re.compile(
    r"\s*\(?(?:images?|photos?|photo credits?|image credits?|picture|credits?|bilde?r?|fotos?|"
    r"imagen(?:es)?|zdjęci[ae]|фото)\s*[:：/]",
    re.IGNORECASE,
)
# A line that names where the story has it from: the shortest of citations, and none the worse for it.
_SOURCES = re.compile(
    r"\s*\(?(?:sources?|via|h/t|hat tip|quellen?|fuentes?|fontes?|źródł[oa]|zdroj|källa|kilde|lähde|forrás|kaynak|πηγή|источник|"
    r"джерело|出典|来源|來源|参考)\s*(?:[:：]|(?=\s))",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"^(?:https?:)?//(?:[\w-]+\.)*(?:twitter|x|facebook|instagram|youtube|linkedin|t|telegram|threads|tiktok|pinterest|bsky|whatsapp)\."
    r"(?:com|me|net|app)(?:/(?:#!/|user/|channel/|in/|company/|profile/|groups/)?@?[\w.-]*)?/?(?:\?[^/]*)?$",
    re.IGNORECASE,
)
_SUBSCRIPTION = (
    "newsletter", "subscri", "signup", "sign-up", "news.google.", "apps.apple.com", "itunes.apple.com", "play.google.com",
    "/apps", "/download",
)  # fmt: skip


def read_page(html: str | bytes, url: str | None = None, marks: Marks | None = None) -> Page:
    """Return the page that an HTML document makes; bytes are UTF-8."""
    tree = LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS)
    found = survey(tree)
    head = metadata.read_head(tree, found)
    base = head.base(url)
    root = find_root(tree, found)
    if root is None:
        return Page(Article(url=url), PieceKind.PAGE, (), (), digest_folded(""))
    page = flatten(_with_frames(found, root), root)
    story = find_story(page)
    if _prose(story.own) < _LEAST_DRAWN and (body := find_body(tree)) and (drawn := LexborHTMLParser(body)).body is not None:
        page = flatten(drawn.body, drawn.body)
        story = find_story(page)
    embedded = embeds.find_embeds(page, story, base)
    embedded.placed += embeds.find_copies(tree, found.inert, page, embedded.placed)
    referenced = references.find_references(page, story, base, embedded.taken, marks or marks_with(()))
    placed = [*embedded.placed, *referenced.placed]
    placed += _links(page, story, base, embedded.taken | referenced.taken)
    placed += _loose_links(page, story, placed)
    tweets, citations = in_order(candidates.offered(tree, base, placed))
    words = " ".join([page.text[line.start : line.end].rstrip() for line in story.own])  # folded, as a page laid flat is
    return Page(head.article(url), _kind(head, story.own), tweets, citations, digest_folded(words))


def _prose(own: list[Line]) -> int:
    return sum(line.plain for line in own if line.is_prose)


def _with_frames(found: Survey, root: LexborNode) -> LexborNode:
    """Return the innermost element that holds the story and every frame of a tweet: a lead may stand above the story.

    A player may, too, in one box with the story; of the others that stand around it, embeds.find_embeds takes none.
    """
    frames = [node for tag, node in found.frames if frames_tweet(tag, node.attributes)]
    players = [node for tag, node in found.frames if tag == "iframe" and loaded_player(node.attributes)]
    above = {node.mem_id: (depth, node) for depth, node in enumerate(_upwards(root))} if frames or players else {}
    highest = (0, root)
    for frame in frames[:_MOST_FRAMES]:
        meeting = next((above[node.mem_id] for node in _upwards(frame) if node.mem_id in above), highest)
        highest = max(highest, meeting, key=itemgetter(0))
    for player in players[:_MOST_PLAYERS]:
        meeting = next((above[node.mem_id] for node in _upwards(player) if node.mem_id in above), highest)
        if meeting[1].tag not in _WHOLE_PAGE:
            highest = max(highest, meeting, key=itemgetter(0))
    return highest[1]


def _upwards(node: LexborNode | None) -> Iterator[LexborNode]:
    while node is not None and node.tag != "-document":
        yield node
        node = node.parent


def _links(page: Markup, story: Story, base: str | None, taken: frozenset[int]) -> list[Placed]:
    placed = []
    for anchor in page.anchors:
        if anchor.index in taken or anchor.end == anchor.start or not story.has(anchor.start):
            continue
        href = anchor.attributes.get("href")
        if not href or not (address := href.strip()) or address[0] == "#" or address[:11].lower().startswith(_NO_PAGE):
            continue
        index = story.line_at(anchor.start)
        words = page.said(anchor)
        if index is None or not words or not _is_in_prose(page, story, story.lines[index], anchor):
            continue
        if "#" in address and not any(letter.isalpha() for letter in words):
            continue  # a footnote's mark
        if address[0] == "/" and _OWN_POLICY.fullmatch(address):
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
                        confidence=0.9,
                        context=context(page.text, anchor.start, anchor.end),
                    ),
                ),
            )
        )
    return placed


def _is_in_prose(page: Markup, story: Story, line: Line, anchor: Element) -> bool:
    if not line.is_prose and not (line.end - line.start < 200 and _SOURCES.match(page.text, line.start, line.end)):
        is_short_sentence = line.plain >= 20 and 3 * line.plain >= line.end - line.start and anchor.end <= line.end
        if not is_short_sentence and not _closes_behind(page.text, line, anchor):
            return False
        if not story.prose[0] <= line.start < story.prose[1] and _is_to_follow(anchor.get("href")):
            return False  # above or below all prose an account's page is its author's
    if _CREDITS.match(page.text, line.start, line.end):
        return False
    is_short = line.end - line.start < 400
    return not (is_short and _is_to_follow(anchor.get("href")) and _SOLICITS.search(page.text, line.start, line.end))


def _closes_behind(text: str, line: Line, anchor: Element) -> bool:
    """Whether a line is a sentence, however short, round a link: words stand before the link, and a full stop behind it."""
    is_inside = line.start + 3 <= anchor.start and anchor.end < line.end
    return is_inside and line.plain >= 4 and text[line.start : line.end].rstrip()[-1] in ".!?…。！？"


def _is_to_follow(href: str) -> bool:
    if _PROFILE.match(href):
        return True
    lowered = href.lower()
    for word in _SUBSCRIPTION:  # noqa: SIM110 - asked of every link, and a loop takes a third of the time that any() does
        if word in lowered:
            return True
    return False


def _loose_links(page: Markup, story: Story, placed: list[Placed]) -> list[Placed]:
    """Return the short links that stand in the story's text outside all embeds: a tweet whose frame and author got lost."""
    seen = {said for item in placed for citation in item.citations for said in (citation.href, citation.text)}
    loose = []
    for link in find_short_links(page.text, story.start, story.end):
        printed = page.text[link.start : link.end]
        if printed not in seen and story.has(link.start):
            seen.add(printed)
            loose.append(Placed(link.start, (cite_short_link(page.text, link),)))
    return loose


def _kind(head: metadata.Head, own: list[Line]) -> PieceKind:
    return PieceKind.ARTICLE if head.says_article or _prose(own) >= _LEAST_ARTICLE else PieceKind.PAGE
