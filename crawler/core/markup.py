"""A page laid flat: its visible text, one line a block, and every element as a span of that text.

The tree is walked once; what reads it afterwards works on plain Python values, so that the same rules for running text hold for
pages and for flattened articles.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser

# What a reader never sees as text. Scripts are looked at apart, for the data that pages carry in them.
_UNSEEN = frozenset(
    {
        "script",
        "style",
        "template",
        "svg",
        "math",
        "select",
        "datalist",
        "textarea",
        "object",
        "canvas",
        "title",
        "audio",
        "video",
        "-comment",
    }
)
_BLOCKS = frozenset(
    "address amp-twitter article aside blockquote body button dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hgroup hr html iframe li main menu nav noscript ol p pre section summary table tbody td tfoot th thead tr ul video".split()
)


@dataclass(slots=True, eq=False)
class Element:
    """An element, the text it spans, and the elements inside it: those whose index lies in (index, last]."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None
    index: int
    start: int
    end: int = 0
    last: int = 0

    def get(self, name: str) -> str:
        """Return an attribute's value, "" where it is missing or empty."""
        return self.attributes.get(name) or ""

    @property
    def marks(self) -> str:
        """The class and the id in lower case, by which pages name what an element is for."""
        return f"{self.get('class')} {self.get('id')}".lower()

    def holds(self, other: Element) -> bool:
        """Whether other stands inside this element."""
        return self.index < other.index <= self.last


@dataclass(slots=True)
class Markup:
    """A page laid flat."""

    text: str = ""
    elements: list[Element] = field(default_factory=list)
    anchors: list[Element] = field(default_factory=list)
    embeds: list[Element] = field(default_factory=list)  # what may be an embed of any sort
    lines: list[tuple[int, int]] = field(default_factory=list)
    data_scripts: list[str] = field(default_factory=list)  # JSON-LD
    scripts: list[str] = field(default_factory=list)  # others that hold a copy of an embed
    metas: list[Element] = field(default_factory=list)  # meta, link, base, title (its text in the attribute "text")

    def within(self, elements: list[Element], outer: Element) -> list[Element]:
        """Return those of elements, which stand in document order, that stand inside outer."""
        first = bisect_left(elements, outer.index + 1, key=_index)
        stop = bisect_left(elements, outer.last + 1, key=_index)
        return elements[first:stop]

    def said(self, element: Element) -> str:
        """Return the text of an element, its white space folded."""
        return " ".join(self.text[element.start : element.end].split())


def _index(element: Element) -> int:
    return element.index


def flatten(html: str) -> Markup:
    """Return the page laid flat. The walk is a loop: depth costs nothing."""
    page = Markup()
    node = LexborHTMLParser(html).root
    if node is None:
        return page
    copies_embeds = "twitter-tweet" in html
    parts: list[str] = []
    length = 0
    blank = True  # what stands last in parts ends in white space
    line = True  # … in a line's end
    open_elements: list[Element] = []
    elements = page.elements
    current: Element | None = None
    while True:
        tag = node.tag
        child = None
        if tag == "-text":
            words = node.text_content or ""
            folded = " ".join(words.split())
            if not folded:
                if words and not blank:
                    parts.append(" ")
                    length += 1
                    blank = True
            else:
                if words[0].isspace() and not blank:
                    folded = " " + folded
                blank = words[-1].isspace()
                if blank:
                    folded += " "
                line = False
                parts.append(folded)
                length += len(folded)
        elif tag == "br":
            if not line:
                parts.append("\n")
                length += 1
                blank = line = True
        elif tag is not None and tag not in _UNSEEN:
            if tag in _BLOCKS and not line:
                parts.append("\n")
                length += 1
                blank = line = True
            attributes = node.attributes
            element = Element(tag, attributes, current, len(elements), length)
            elements.append(element)
            if tag == "a":
                page.anchors.append(element)
            elif tag in _METADATA:
                page.metas.append(element)
            elif _may_embed(tag, attributes):
                page.embeds.append(element)
            child = None if tag == "iframe" else node.first_child
            if child is not None:
                open_elements.append(element)
                current = element
            else:
                element.end, element.last = length, element.index
        elif tag == "script":
            _keep_script(page, node, copies_embeds=copies_embeds)
        elif tag == "title":
            page.metas.append(Element("title", {"text": node.text()}, current, len(elements), length, length, len(elements)))
        if child is not None:
            node = child
            continue
        while (following := node.next) is None:
            if current is None:
                break
            element = open_elements.pop()
            if element.tag in _BLOCKS and not line:
                parts.append("\n")
                length += 1
                blank = line = True
            element.end, element.last = length, len(elements) - 1
            current = element.parent
            node = node.parent
        else:
            node = following
            continue
        break
    page.text = "".join(parts)
    page.lines = _lines(page.text)
    return page


_METADATA = frozenset({"meta", "link", "base"})
_EMBEDDING = frozenset(
    {"iframe", "blockquote", "embed", "amp-twitter", "amp-youtube", "amp-instagram", "amp-facebook", "amp-iframe"}
)


def _may_embed(tag: str, attributes: dict[str, str | None]) -> bool:
    if tag in _EMBEDDING or "data-tweet-id" in attributes or "data-tweetid" in attributes:
        return True
    marks = attributes.get("class")
    return bool(marks) and ("tweet" in marks or "twitter" in marks or "embed" in marks or "Tweet" in marks)


def _keep_script(page: Markup, node, *, copies_embeds: bool) -> None:
    kind = (node.attributes.get("type") or "").lower()
    if "ld+json" in kind:
        page.data_scripts.append(node.text())
    elif copies_embeds:
        script = node.text()
        if "twitter-tweet" in script:
            page.scripts.append(script)


def _lines(text: str) -> list[tuple[int, int]]:
    lines = []
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        if end < 0:
            end = len(text)
        if end > start:
            lines.append((start, end))
        start = end + 1
    return lines
