"""Which part of a page is the story, and which of its lines are prose: by text mass and link density, never by site."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from crawler.core.markup import Element, Markup

# Words by which pages call what stands around a story. Whole words of a class or an id only: "has-comments-open" is a body's.
_FURNITURE = re.compile(
    r"(?<![a-z0-9])(?:comments?|commentlist|disqus|respond|footer|sidebar|side-?bar|breadcrumbs?|navigation|navbar|nav|menu|share|sharing|"
    r"social|sharedaddy|addtoany|newsletter|subscribe|subscription|signup|promo|promoted|sponsor|advert|advertisement|taboola|outbrain|"
    r"popular|trending|most-read|mostread|most-viewed|latest|tags?|tag-?list|taglist|topics|keywords|author|authors|author-?box|author-?bio|bio|byline|"
    r"related|relatedposts|related-?posts|related-?articles|related-?stories|recommended|recommendations|recirc|more-?stories|pagination|pager|cookie|consent|"
    r"popup|modal|copyright|credits?|widget|ticker|toolbar|login|paywall|post-?meta|entry-?meta|article-?meta|meta)(?![a-z0-9])"
)
_FURNITURE_TAGS = frozenset({"nav", "footer", "form", "button", "dialog", "menu"})
_FURNITURE_ROLES = frozenset({"navigation", "contentinfo", "complementary", "banner", "search", "menu", "dialog", "toolbar"})
_LEAST_PROSE = 50  # characters of a line that are no link's


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the laid-out page: its span, and how much of its text is no link's."""

    start: int
    end: int
    plain: int  # characters outside links

    @property
    def is_prose(self) -> bool:
        """Whether words around links, not links, make up the line."""
        length = self.end - self.start
        return self.plain >= _LEAST_PROSE and 2 * self.plain >= length


@dataclass(frozen=True, slots=True)
class Story:
    """The part of a page that is the story."""

    root: Element | None
    lines: tuple[Line, ...]  # all of the page's
    starts: tuple[int, ...]
    furniture: tuple[tuple[int, int], ...]  # spans within, outermost, in order
    comments: tuple[Element, ...] = ()

    def line_at(self, offset: int) -> int | None:
        """Return the index of the line that offset stands on."""
        index = bisect_right(self.starts, offset) - 1
        return index if index >= 0 and offset < self.lines[index].end else None

    def has(self, element: Element) -> bool:
        """Whether element stands in the story."""
        return self.root is not None and self.root.holds(element)

    def is_comment(self, element: Element) -> bool:
        """Whether element stands among the readers' comments."""
        return any(box.holds(element) for box in self.comments)

    def is_furniture(self, offset: int) -> bool:
        """Whether offset stands in a box around the story."""
        index = bisect_right(self.furniture, (offset, 1 << 60)) - 1
        return index >= 0 and self.furniture[index][0] <= offset < self.furniture[index][1]


def find_story(page: Markup) -> Story:
    """Return the story of a page: the innermost element that still holds nearly all of its prose."""
    lines = _measure(page)
    starts = tuple(line.start for line in lines)
    weights = [0]
    for line in lines:
        weights.append(weights[-1] + (line.plain if line.is_prose else 0))

    def mass(start: int, end: int) -> int:
        return weights[bisect_left(starts, end)] - weights[bisect_left(starts, start)]

    furniture = _furniture(page, mass, weights[-1])
    outside = [0]
    for line in lines:
        heavy = line.plain if line.is_prose and not _inside(furniture, line.start) else 0
        outside.append(outside[-1] + heavy)

    def story_mass(start: int, end: int) -> int:
        return outside[bisect_left(starts, end)] - outside[bisect_left(starts, start)]

    root = _descend(page, story_mass)
    return Story(root, tuple(lines), starts, tuple(furniture))


def _measure(page: Markup) -> list[Line]:
    lines = []
    anchors = [(anchor.start, anchor.end) for anchor in page.anchors if anchor.end > anchor.start]
    position = 0
    for start, end in page.lines:
        linked = 0
        while position < len(anchors) and anchors[position][1] <= start:
            position += 1
        ahead = position
        while ahead < len(anchors) and anchors[ahead][0] < end:
            linked += min(end, anchors[ahead][1]) - max(start, anchors[ahead][0])
            ahead += 1
        lines.append(Line(start, end, end - start - linked))
    return lines


def _furniture(page: Markup, mass, total: int) -> list[tuple[int, int]]:
    """Return the spans of the boxes around the story, outermost first. What holds much of the page's prose is no such box."""
    spans: list[tuple[int, int]] = []
    last = -1
    for element in page.elements:
        if element.index <= last or element.end == element.start:
            continue
        if _is_furniture(element) and 3 * mass(element.start, element.end) <= total:
            spans.append((element.start, element.end))
            last = element.last
    return spans


def _is_furniture(element: Element) -> bool:
    if element.tag in _FURNITURE_TAGS:
        return True
    attributes = element.attributes
    if attributes.get("role") in _FURNITURE_ROLES:
        return True
    marks = attributes.get("class")
    name = attributes.get("id")
    if element.tag in ("body", "html", "main", "article", "a", "p", "span"):
        return False
    return bool((marks and _names_furniture(marks)) or (name and _names_furniture(name)))


@lru_cache(maxsize=16384)
def _names_furniture(marks: str) -> bool:
    return bool(_FURNITURE.search(_words(marks)))


def _words(marks: str) -> str:
    # "relatedPosts" is two words, as "related-posts" is.
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", marks).lower().replace("_", "-")


def _inside(spans: list[tuple[int, int]], offset: int) -> bool:
    index = bisect_right(spans, (offset, 1 << 60)) - 1
    return index >= 0 and spans[index][0] <= offset < spans[index][1]


def _descend(page: Markup, mass) -> Element | None:
    root = next((element for element in page.elements if element.tag == "body"), None)
    if root is None:
        return page.elements[0] if page.elements else None
    whole = mass(root.start, root.end)
    if not whole:
        return root
    while True:
        best, heaviest = None, 0
        index = root.index + 1
        while index <= root.last:
            child = page.elements[index]
            weight = mass(child.start, child.end) if child.end > child.start else 0
            if weight > heaviest:
                best, heaviest = child, weight
            index = child.last + 1
        inner = mass(root.start, root.end)
        if best is None or heaviest * 10 < inner * 6 or best.tag in ("p", "blockquote", "li", "td"):
            return root
        root = best
