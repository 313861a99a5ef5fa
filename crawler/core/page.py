"""Reading an HTML page: its embedded tweets, its references, the links of its story, in document order."""

from __future__ import annotations

from collections.abc import Container, Iterator
from operator import itemgetter

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from crawler.core.citations import in_order
from crawler.core.html import candidates, embeds, links, metadata, references
from crawler.core.html.frames import frames_tweet
from crawler.core.html.hydration import find_body
from crawler.core.html.markup import flatten
from crawler.core.html.platforms import loaded_player
from crawler.core.html.story import Line, find_root, find_story
from crawler.core.html.survey import Survey, survey
from crawler.core.marks import Marks, marks_with
from crawler.core.model import Article, Page, PieceKind
from crawler.core.text import digest_folded

_MOST_FRAMES = 200  # looked at outside the story
_MOST_PLAYERS = 2
_WHOLE_PAGE = frozenset(("body", "html"))
_LEAST_ARTICLE = 1000  # characters of prose
_LEAST_TOLD = 100  # characters of a paragraph that tells a story
_LEAST_DRAWN = 200  # a page with less waits for its scripts to draw the story


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
    embedded.placed += embeds.find_copies(tree, found, root, page, embedded.placed)
    referenced = references.find_references(page, story, base, embedded.taken, marks or marks_with(()))
    placed = [*embedded.placed, *referenced.placed]
    placed += links.find_links(page, story, base, embedded.taken | referenced.taken)
    placed += links.find_loose_links(page, story, placed)
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
    is_marked = any(node.tag == "article" for _, node in above.values())
    for frame in frames[:_MOST_FRAMES]:
        if is_marked and _stands_in_another_story(frame, above):
            continue
        meeting = next((above[node.mem_id] for node in _upwards(frame) if node.mem_id in above), highest)
        highest = max(highest, meeting, key=itemgetter(0))
    for player in players[:_MOST_PLAYERS]:
        meeting = next((above[node.mem_id] for node in _upwards(player) if node.mem_id in above), highest)
        if meeting[1].tag not in _WHOLE_PAGE:
            highest = max(highest, meeting, key=itemgetter(0))
    return highest[1]


def _stands_in_another_story(frame: LexborNode, above: Container[int]) -> bool:
    """Whether a frame stands in an article beside the story's that has a heading and prose: what is scrolled to next."""
    for node in _upwards(frame):
        if node.mem_id in above:
            return False
        if node.tag == "article" and node.css_first("h1, h2") is not None:
            return any(len(told.text()) >= _LEAST_TOLD and not _is_quoted(told) for told in node.css("p"))
    return False


def _is_quoted(paragraph: LexborNode) -> bool:
    return paragraph.parent is not None and paragraph.parent.tag == "blockquote"


def _upwards(node: LexborNode | None) -> Iterator[LexborNode]:
    while node is not None and node.tag != "-document":
        yield node
        node = node.parent


def _kind(head: metadata.Head, own: list[Line]) -> PieceKind:
    return PieceKind.ARTICLE if head.says_article or _prose(own) >= _LEAST_ARTICLE else PieceKind.PAGE
