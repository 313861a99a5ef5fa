"""READ MORE references of a page: a mark, and the titles and links that stand with it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace

from crawler.core import urls
from crawler.core.citations import Placed, cite, context
from crawler.core.html.markup import Element, Markup
from crawler.core.html.naming import HEADINGS
from crawler.core.html.story import Line, Story
from crawler.core.labels import SORTS
from crawler.core.marks import Label, Marks
from crawler.core.model import CitationKind
from crawler.core.spans import Spans

_LEAST_TITLE = 12  # characters of a line that nothing but its place makes a title
_LONGEST_TITLE = 250
_LONGEST_LIST = 8
_LONGEST_SUBJECT = 40  # characters: "on this story:"
_LISTED = HEADINGS | {"li", "td"}


@dataclass(slots=True)
class References:
    """The references of a page, and the anchors that are theirs (by index)."""

    placed: list[Placed] = field(default_factory=list)
    taken: frozenset[int] = frozenset()


def find_references(page: Markup, story: Story, base: str | None, taken: frozenset[int], marks: Marks) -> References:
    """Return the references of the story, in document order."""
    reader = _Reader(page, story, base, taken, marks)
    for index in range(bisect_left(story.starts, story.start), bisect_left(story.starts, story.end)):
        reader.read(index, story.lines[index])
    return References(reader.placed, frozenset(reader.taken))


def _width(text: str, start: int, end: int) -> int:
    """Return how wide text[start:end] is in columns: the scripts of East Asia say in one sign what others say in two letters."""
    width = end - start
    if width >= _LEAST_TITLE:
        return width
    return width + sum("\u2e80" <= sign <= "\uffdc" for sign in text[start:end])


class _Reader:
    """The lines of a story, read one after the other; a mark may concern those behind it."""

    def __init__(self, page: Markup, story: Story, base: str | None, taken: frozenset[int], marks: Marks) -> None:
        self.marks = marks
        self.page, self.story, self.base = page, story, base
        self.anchors = [anchor for anchor in page.anchors if anchor.end > anchor.start and anchor.index not in taken]
        self.starts = [anchor.start for anchor in self.anchors]
        self.headings = Spans((element.start, element.end) for element in page.headings)
        self.placed: list[Placed] = []
        self.taken: set[int] = set()
        self.done = -1

    def anchors_of(self, start: int, end: int) -> list[Element]:
        first = bisect_left(self.starts, start)
        # An anchor may begin on an earlier line: a card is one link round several.
        while first > 0 and self.anchors[first - 1].end > start:
            first -= 1
        found = []
        while first < len(self.anchors) and self.anchors[first].start < end:
            if self.anchors[first].end > start:
                found.append(self.anchors[first])
            first += 1
        return found

    def stands_apart(self, line: Line) -> bool:
        """Whether a line stands above or below all of the story's prose."""
        first, last = self.story.prose
        return not first <= line.start < last

    def heads_a_box(self, label: Label) -> bool:
        """Whether a mark on a line of its own is a heading, or stands without a colon in what calls itself a box."""
        in_box = self.story.furniture.holds(label.start) and not label.is_marked
        return in_box or self.headings.holds(label.start)

    def names_its_sort(self, line: Line, label: Label, anchors: list[Element]) -> bool:
        """Whether a mark is but the sort of a story in a list or a box of the page's own: "Opinion: title"."""
        if label.is_invitation:
            return False
        if self.story.furniture.holds(line.start):
            return self.stands_apart(line) or label.text.lower() in SORTS
        return self.stands_apart(line) and any(anchor.box in _LISTED for anchor in anchors)

    def read(self, index: int, line: Line) -> None:
        if index <= self.done:
            return
        text = self.page.text
        label = self.marks.read(text, line.start, line.end)
        if label is not None:
            label = self.whole(line, label)
            if text[label.end : line.end].strip(" :»>›-–—\ufffd"):
                self.on_its_line(index, line, label)
            elif self.stands_apart(line) and self.heads_a_box(label):
                return
            elif not (label.is_invitation and self.closing(index, line, label)):
                self.above(index, line, label)
            return
        if line.plain < line.end - line.start:  # else no link stands on it
            self.within(line)

    def whole(self, line: Line, label: Label) -> Label:
        """Return a mark with what it says it is about, where it heads what stands below: "Read more on this story:"."""
        said = self.page.text[label.end : line.end].rstrip()
        is_heading = label.is_invitation and not label.is_marked and len(said) <= _LONGEST_SUBJECT and said.endswith((":", "："))
        if not is_heading or self.anchors_of(line.start, line.end):
            return label
        end = label.end + len(said)
        return replace(label, text=self.page.text[label.start : end].rstrip(" :："), end=end, is_marked=True)

    def on_its_line(self, index: int, line: Line, label: Label) -> None:
        """Read a mark and its title on one line: "Read more: <a>title</a>", "<a>READ MORE: title</a>"."""
        text = self.page.text
        anchors = self.anchors_of(line.start, line.end)
        if self.names_its_sort(line, label, anchors):
            return
        around = [anchor for anchor in anchors if anchor.start < label.end and anchor.end > label.end + 2]
        if around:
            stop = min(line.end, around[0].end)
            rest_is_plain = text[stop : line.end].strip(" .)]")
            if label.is_marked or (label.is_invitation and not rest_is_plain):
                self.cite(line, label, text[label.end : stop], around[0])
                self.done = index
            return
        behind = [anchor for anchor in anchors if anchor.start >= label.end]
        if behind:
            between = text[label.end : behind[0].start].strip(" :»>›-–—(\"“'")
            if not between and (label.is_marked or (label.is_invitation and line.plain < 40)):
                self.cite(line, label, self.page.said(behind[0]), behind[0])
                for more in behind[1:_LONGEST_LIST]:
                    if len(text[behind[0].end : more.start].split()) <= 2 and len(self.page.said(more).split()) > 2:
                        self.cite(line, label, self.page.said(more), more)
                self.done = index
            return
        if label.is_marked and label.end - line.start < 60 and line.end - label.end <= _LONGEST_TITLE:
            # The link is lost: an anchor without href, or none at all.
            self.cite(line, label, text[label.end : line.end], None)
            self.done = index

    def above(self, index: int, line: Line, label: Label) -> None:
        """Read a mark on a line of its own, above its titles: all of each such line is one link."""
        own = self.anchors_of(line.start, line.end)
        card = next((anchor for anchor in own if anchor.end > line.end + 2), None)
        if card is None and any(anchor.start <= label.start and anchor.attributes.get("href") for anchor in own):
            return  # a teaser's button: it leads to the story above it, and heads none below
        found: list[tuple[Line, Element, str]] = []
        text = self.page.text
        for follower in range(index + 1, min(index + 1 + 2 * _LONGEST_LIST, len(self.story.lines))):
            other = self.story.lines[follower]
            words = text[other.start : other.end].strip()
            if not words:
                continue
            if self.marks.read(text, other.start, other.end) is not None:
                break  # the next mark
            anchors = self.anchors_of(other.start, other.end)
            if card is not None and card in anchors:
                if len(words) > 12:
                    found.append((other, card, words))
                    break
                continue
            whole = [anchor for anchor in anchors if _width(text, anchor.start, anchor.end) >= _LEAST_TITLE]
            # The items of one list stand in boxes of one sort.
            if len(whole) != 1 or other.plain > 12 or (found and whole[0].box != found[0][1].box):
                break
            found.append((other, whole[0], self.page.said(whole[0])))
        if found and (card is not None or label.is_invitation or (len(found) == 1 and not label.heads_boxes)):
            for other, anchor, words in found[:_LONGEST_LIST]:
                self.cite(other, label, words, anchor)
            self.done = index + len(found)

    def closing(self, index: int, line: Line, label: Label) -> bool:
        """Read a mark that is the last line of a card, below its title; return whether it is one."""
        card = next((anchor for anchor in self.anchors_of(line.start, line.end) if anchor.start < line.start - 1), None)
        if card is None or card.end > line.end + 2 or self.stands_apart(line) or self.story.furniture.holds(line.start):
            return False
        for above in reversed(self.story.lines[max(0, index - _LONGEST_LIST) : index]):
            words = self.page.text[max(card.start, above.start) : above.end].strip()
            if above.end <= card.start:
                break
            if _LEAST_TITLE <= len(words) <= _LONGEST_TITLE:
                self.cite(above, label, words, card)
                return True
        return False

    def within(self, line: Line) -> None:
        """Read a mark in the midst of a line: "… fifty. <a>(RELATED: title)</a>", "… fifty. (Related: <a>title</a>)"."""
        text = self.page.text
        for anchor in self.anchors_of(line.start, line.end):
            if anchor.start <= line.start or anchor.end > line.end:
                continue
            label = self.marks.read(text, anchor.start, anchor.end)
            if label is not None and label.is_marked and text[label.end : anchor.end].strip():
                self.cite(line, label, text[label.end : anchor.end], anchor)
            elif label := self.marks.read_before(text, line.start, anchor.start):
                self.cite(line, label, text[anchor.start : anchor.end], anchor)

    def cite(self, line: Line, label: Label, title: str, anchor: Element | None) -> None:
        title = " ".join(title.split()).strip()
        if title.endswith((")", "]")) and title.count(title[-1]) > title.count("(["[")]".index(title[-1])]):
            title = title[:-1].rstrip()
        if not title or (anchor is not None and (anchor.index in self.taken or self.story.comments.holds(anchor.index))):
            return
        href = anchor.attributes.get("href") if anchor is not None else None
        if not href or href.strip()[:11].lower().startswith(("#", "javascript:", "mailto:")):
            href = None
        if anchor is not None:
            self.taken.add(anchor.index)
        reference = cite(
            CitationKind.READ_MORE,
            href=href,
            url=urls.parse(href, self.base) if href else None,
            text=title,
            label=label.text,
            confidence=0.95 if href else 0.8,
            context=context(self.page.text, line.start, line.end),
        )
        self.placed.append(Placed(max(label.start, anchor.start if anchor is not None else 0), (reference,)))
