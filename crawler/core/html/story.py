"""Which part of a page is the story, and which of its lines are prose: by text mass and link density, never by site."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.html.markup import Markup
from crawler.core.html.naming import COMMENTS, FURNITURE, sorts
from crawler.core.html.survey import Survey
from crawler.core.spans import Spans

_SMALL = frozenset(("p", "blockquote", "li", "td", "figure", "figcaption"))

_LEAST_PROSE = 50  # characters of a line that are no link's
_LEAST_SENTENCE = 30  # … that a full stop closes
_STOPS = tuple('.!?…。！？"”»')
_LEAST_STORY = 400  # characters of paragraphs; pages with fewer set their text some other way
_MOST_SHARE = 3  # a box that holds more than a third of a page's prose is no furniture


def find_root(tree: LexborHTMLParser, found: Survey) -> LexborNode | None:
    """Return the innermost element that still holds nearly all prose of a page, found by its paragraphs.

    Where a page sets its text without paragraphs that is the body; what in it is prose, the lines must tell.
    """
    body = tree.body
    if body is None:
        return tree.root
    masses = _masses(found)
    whole = sum(mass for _, mass in masses.values())
    if whole < _LEAST_STORY:
        return _marked_as_article(masses, whole) or body
    holder, mass = max(masses.values(), key=itemgetter(1))
    if _bears(mass, whole):  # most pages: every step down leads to it, and none past it
        return _above_small(holder)
    trunk = _grow(masses, body)
    _weigh(trunk)
    return _descend(trunk)


def _marked_as_article(masses: dict[int, tuple[LexborNode, int]], whole: int) -> LexborNode | None:
    """Return the innermost element that a page of few words calls its article (HTML, 4.3.2) and that holds nearly all of them."""
    articles: dict[int, tuple[LexborNode, int]] = {}
    for holder, mass in masses.values():
        node: LexborNode | None = holder
        while node is not None:
            if node.tag == "article":
                articles[node.mem_id] = node, articles.get(node.mem_id, (node, 0))[1] + mass
            node = node.parent
    # From each holder upwards: the innermost that bears the whole is the first that does.
    return next((node for node, mass in articles.values() if _bears(mass, whole)), None)


def _masses(found: Survey) -> dict[int, tuple[LexborNode, int]]:
    """Return the elements that hold paragraphs of prose, by their ids, with the length of those paragraphs outside links."""
    linked: dict[int, int] = {}
    for anchor in found.links:
        holder = anchor.parent
        while holder is not None and holder.tag != "p":
            holder = holder.parent
        if holder is not None:
            linked[holder.mem_id] = linked.get(holder.mem_id, 0) + len(anchor.text())
    masses: dict[int, tuple[LexborNode, int]] = {}
    for paragraph in found.paragraphs:
        length = len(paragraph.text().strip())
        if length >= _LEAST_PROSE:
            plain = length - linked.get(paragraph.mem_id, 0)
            if plain >= _LEAST_PROSE and 2 * plain >= length and (holder := paragraph.parent) is not None:
                node, mass = masses.get(holder.mem_id, (holder, 0))
                masses[holder.mem_id] = node, mass + plain
    return masses


@dataclass(slots=True)
class _Branch:
    """An element above paragraphs, and the prose under it."""

    node: LexborNode
    is_furniture: bool
    children: list[_Branch] = field(default_factory=list)
    own: int = 0  # of the paragraphs that stand in the element itself
    mass: int = 0  # of all under it


def _grow(masses: dict[int, tuple[LexborNode, int]], body: LexborNode) -> _Branch:
    """Return the tree of all elements above paragraphs, each met once."""
    trunk = _Branch(body, is_furniture=False)
    branches = {body.mem_id: trunk}
    for holder, mass in masses.values():
        below: _Branch | None = None
        node: LexborNode | None = holder
        while node is not None:
            branch = branches.get(node.mem_id)
            is_known = branch is not None
            if branch is None:
                tag = node.tag or ""
                # Paragraphs within a link are a card's.
                branch = branches[node.mem_id] = _Branch(node, tag == "a" or bool(sorts(tag, node.attributes) & FURNITURE))
            if below is None:
                branch.own = mass
            else:
                branch.children.append(below)
            if is_known:
                break
            below = branch
            node = node.parent
    return trunk


def _weigh(trunk: _Branch) -> None:
    """Give every branch the prose under it; furniture's is left out, unless it holds too much of the page to be any."""
    order = [trunk]
    for branch in order:
        order += branch.children
    _add_up(order)
    dropped = [branch for branch in order if branch.is_furniture and _MOST_SHARE * branch.mass <= trunk.mass]
    for branch in dropped:
        if branch.mass:
            branch.own = branch.mass = 0
            dropped += branch.children  # what stands in furniture goes with it
    if dropped:
        _add_up(order)


def _add_up(order: list[_Branch]) -> None:
    for branch in reversed(order):
        branch.mass = branch.own
        for child in branch.children:
            branch.mass += child.mass


def _descend(trunk: _Branch) -> LexborNode:
    branch = trunk
    while True:
        heaviest = max(branch.children, key=lambda child: child.mass, default=None)
        if heaviest is None or not heaviest.mass or not _bears(heaviest.mass, branch.mass) or heaviest.node.tag in _SMALL:
            return branch.node
        branch = heaviest


def _bears(mass: int, whole: int) -> bool:
    """Whether a part holds so much of the whole's prose that the story is in it."""
    return mass * 10 >= whole * 6


def _above_small(holder: LexborNode) -> LexborNode:
    """Return holder or, where it stands in an element that is no more than a paragraph, what that stands in."""
    root = holder
    node: LexborNode | None = holder
    while node is not None:
        above = node.parent
        if node.tag in _SMALL and above is not None:
            root = above
        node = above
    return root


class Line(NamedTuple):
    """A line of the text laid flat."""

    start: int
    end: int
    plain: int  # how much of it is no link's
    is_prose: bool  # words around links, not links, make up the line


@dataclass(frozen=True, slots=True)
class Story:
    """The part of a page that is the story, line by line."""

    start: int
    end: int
    lines: list[Line]  # of all that was laid flat
    starts: list[int]
    own: list[Line]  # that begin in the story and in none of the boxes around it
    furniture: Spans  # the boxes in it, outermost
    comments: Spans  # of the readers, by the elements' indices
    prose: tuple[int, int]  # from its first line of prose to the end of its last

    def line_at(self, offset: int) -> int | None:
        """Return the index of the line that offset stands on."""
        index = bisect_right(self.starts, offset) - 1
        return index if index >= 0 and offset < self.lines[index].end else None

    def has(self, offset: int) -> bool:
        """Whether offset stands in the story and in none of the boxes around it."""
        return self.start <= offset < self.end and not self.furniture.holds(offset)


def find_story(page: Markup) -> Story:
    """Return the story of a page laid flat, with the boxes in it that are none of it."""
    lines = _measure(page)
    starts = [line.start for line in lines]
    weights = [0]
    for line in lines:
        weights.append(weights[-1] + (line.plain if line.is_prose else 0))
    if not weights[-1]:  # a note of a few short lines is weighed by all its words
        weights = [0, *accumulate(line.plain for line in lines)]
    furniture: list[tuple[int, int]] = []
    comments: list[tuple[int, int]] = []
    done = done_comments = -1
    for element in page.furniture:
        if element.index > done and element.end > element.start:
            mass = weights[bisect_left(starts, element.end)] - weights[bisect_left(starts, element.start)]
            if _MOST_SHARE * mass <= weights[-1]:
                furniture.append((element.start, element.end))
                done = element.last
        if element.index > done_comments and element.sorts & COMMENTS:
            comments.append((element.index, element.last + 1))
            done_comments = element.last
    root, boxes = page.story, Spans(furniture)
    start, end = (root.start, root.end) if root else (0, len(page.text))
    own = lines[bisect_left(starts, start) : bisect_left(starts, end)]
    if furniture:
        own = [line for line in own if not boxes.holds(line.start)]
    first = next((line for line in own if _reads_as_prose(page.text, line)), None)
    last = next((line for line in reversed(own) if _reads_as_prose(page.text, line)), None)
    return Story(
        start=start,
        end=end,
        lines=lines,
        starts=starts,
        own=own,
        furniture=boxes,
        comments=Spans(comments),
        prose=(first.start, last.end) if first and last else (start, end),
    )


def _reads_as_prose(text: str, line: Line) -> bool:
    length = line.end - line.start
    is_sentence = line.plain >= _LEAST_SENTENCE or (length >= _LEAST_SENTENCE and 2 * line.plain >= length)
    return line.is_prose or (is_sentence and text[line.start : line.end].rstrip().endswith(_STOPS))


def _measure(page: Markup) -> list[Line]:
    lines = []
    anchors = (anchor for anchor in page.anchors if anchor.end > anchor.start)
    anchor = next(anchors, None)
    start = 0
    for words in page.text.split("\n"):
        length = len(words)
        end = start + length
        linked = 0
        while anchor is not None and anchor.start < end:
            linked += min(end, anchor.end) - max(start, anchor.start)
            if anchor.end > end:
                break  # a card: one link round several lines
            anchor = next(anchors, None)
        if words:
            plain = length - linked if linked > 0 else length
            lines.append(Line(start, end, plain, plain >= _LEAST_PROSE and 2 * plain >= length))
        start = end + 1
    return lines
