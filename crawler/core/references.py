"""References to other stories in a flattened text: what stands behind a mark, where it ends and, if kept, where it leads."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import zip_longest

from crawler.core import urls
from crawler.core.charsets import without_references
from crawler.core.citations import cite, context
from crawler.core.headlines import common_words, end_of_title
from crawler.core.marks import Label, Marks
from crawler.core.model import Citation, CitationKind
from crawler.core.spans import Spans
from crawler.core.tails import stands_first
from crawler.core.tweets import Span

_LONGEST_TITLE = 200
_LONGEST_LINE = 160  # that is all title
_LEAST_TITLE = 3
_LEAST_TWEET = 10  # characters
_LEAST_TITLE_BELOW = 10  # on a line that nothing but its place makes a title
_MOST_BELOW = 20  # titles of a list
_CLOSED = re.compile(r"[.,;:…。।۔][\"”’'»)\]]*$")
_SENTENCE_ENDS = re.compile(r"[.!?…。।۔؟][\"”’'»)\]]{0,3}\s*$")
# What may stand before a title but blanks: what an encoding left of a no-break space, Markdown's stress, blanks without width.
_BEFORE_TITLE = "\ufffd\u200b\u200c\u200d\u200e\u200f\u2060\ufeff*_"
_STRESS = "*_"
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_BULLET = re.compile(r"[-*+\u2022\u2013\u2014\u00b7\u25cf\u25aa\u2023\u25ba\u25b6\u2192\u00bb][^\S\n]+(?=\S)")
_ADDRESS = r"https?://(?!t\.co/)[^\s<>()]{1,2048}"
_LINKED = re.compile(rf"\[([^\[\]\n]{{3,{_LONGEST_TITLE}}})\]\(({_ADDRESS})\)")  # a Markdown link
# How mail and its kin print a link behind its words: "title <https://…>", "title (https://…)"; "[title](https://…)" ends so too.
_ADDRESS_BEHIND = re.compile(rf"\]?\s?(?:<({_ADDRESS})>|\(({_ADDRESS})\))")
# Where the title was lost with its link, what stands next on the line may be a picture's credit.
_CREDIT = re.compile(
    r"(?:featured? )?(?:image|photo|photograph|picture|screenshot)s?(?: credits?)?(?::| (?:via|by|courtesy)\b)", re.IGNORECASE
)
_WORD = re.compile(r"\S{1,60}")
_LINKS = re.compile(r"(?:https?://|pic\.)\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference in a text, from its mark, or in a list from its title, to its end."""

    start: int
    end: int
    citation: Citation


def find_references(text: str, spans: list[Span], marks: Marks) -> list[Reference]:
    """Return the references of text, in order; spans are its tweets."""
    references: list[Reference] = []
    done = 0
    # Where a tweet begins is a guess in a text of one line: what reads like a mark there is one.
    tweets = Spans((span.tail.start if span.begins_by_guess else span.start, span.tail.end) for span in spans)
    ends = [span.tail.start for span in spans]
    labels = marks.find(text)
    common = common_words(text) if labels else frozenset()
    for label, following in zip_longest(labels, labels[1:]):
        if label.start < done:
            continue
        span = spans[bisect_left(ends, label.start)] if ends and label.start <= ends[-1] else None
        if tweets.holds(label.start) and not (span and _stands_before_tweet(text, span, label)):
            continue
        # The next mark ends a title, wherever it stands.
        bound = following.start if following and following.is_marked and following.start >= label.end else len(text)
        found, stop = _behind(text, label, bound, common, marks)
        if span and (span.begins_by_guess or label.start >= span.start) and not _leaves_tweet(text, stop, span):
            continue  # a tweet that says "READ MORE" itself
        done = stop
        references += found
    return references


def _stands_before_tweet(text: str, span: Span, label: Label) -> bool:
    """Whether an invitation on the line of a tweet may be the story's, whose sentence has ended there."""
    return label.is_invitation and span.start < label.start and bool(_SENTENCE_ENDS.search(text, span.start, label.start))


def _leaves_tweet(text: str, stop: int, span: Span) -> bool:
    """Whether words are left of a tweet behind a reference on its line."""
    if stop > span.tail.start - _LEAST_TWEET:
        return False
    return span.begins_by_guess or len(_LINKS.sub("", text[stop : span.tail.start]).strip()) >= _LEAST_TWEET


def _behind(text: str, label: Label, bound: int, common: frozenset[str], marks: Marks) -> tuple[list[Reference], int]:
    """Return the references that a mark begins, and where the last ends: none, and the mark does."""
    line_end = text.find("\n", label.start)
    line_end = bound if line_end < 0 else min(bound, line_end)
    begin = label.end
    while begin < line_end and (text[begin].isspace() or text[begin] in _BEFORE_TITLE):
        begin += 1
    if begin >= line_end:
        return _below(text, label, line_end, marks) if line_end < bound else ([], label.end)
    found = _marked(text, label, begin, line_end, common) if label.is_marked else _unmarked(text, label, begin, line_end)
    return ([found], found.end) if found else ([], label.end)


def _marked(text: str, label: Label, begin: int, line_end: int, common: frozenset[str]) -> Reference | None:
    if link := _LINKED.match(text, begin, line_end):
        return _reference(text, label, link[1], link.end(), 0.9, link[2])
    # An address behind the title ends it, as the line does.
    address = _ADDRESS_BEHIND.search(text, begin, min(line_end, begin + _LONGEST_TITLE + 2048))
    limit = address.start() if address and begin < address.start() <= begin + _LONGEST_TITLE else line_end
    if label.leads and not _reads_like_title(text[begin:limit]):
        return None
    leads_line = stands_first(text, label.start)
    first_word = _WORD.match(text, begin, limit)
    if not leads_line and not label.text.isupper() and first_word and first_word[0].islower():
        return None  # a sentence: "Also read: nothing, said she"
    closing = _CLOSING.get(text[label.start - 1 : label.start])
    if (
        closing
        and not text.startswith(closing, label.start + len(label.text))
        and (close := text.find(closing, begin, limit)) > 0
    ):
        stop, is_plain = close, True
    elif leads_line and limit - begin <= _LONGEST_LINE:
        stop, is_plain = limit, True
    else:
        stop, is_plain = end_of_title(text, begin, limit, common)
    title = text[begin:stop].strip()
    if label.start and text[label.start - 1] in _STRESS:
        title = title.rstrip(_STRESS)
    if len(title) < _LEAST_TITLE or title.startswith(("http://", "https://")) or _CREDIT.match(title):
        return None
    confidence = 0.7 if label.leads else 0.9 if is_plain else 0.6
    if address and stop == limit < line_end:
        return _reference(text, label, title, address.end(), confidence, address[1] or address[2])
    return _reference(text, label, title, stop, confidence)


def _unmarked(text: str, label: Label, begin: int, line_end: int) -> Reference | None:
    """Return the reference of a mark that nothing parts from its title on its line: "See also Storm closes the port"."""
    if begin == label.end:
        return None
    if link := _LINKED.match(text, begin, line_end):
        return _reference(text, label, link[1], link.end(), 0.9, link[2])
    title = text[begin:line_end].rstrip()
    return _reference(text, label, title, line_end, 0.7) if _reads_like_title(title) else None


def _below(text: str, label: Label, line_end: int, marks: Marks) -> tuple[list[Reference], int]:
    """Return the references whose titles stand below their mark: one on the next line, or a list of them."""
    found: list[Reference] = []
    stop = line_end
    while len(found) < _MOST_BELOW:
        begin = stop
        while begin < len(text) and text[begin].isspace():
            begin += 1
        stop = text.find("\n", begin)
        stop = len(text) if stop < 0 else stop
        bullet = _BULLET.match(text, begin, stop)
        if found and not bullet:
            break
        if bullet:
            begin = bullet.end()
        link = _LINKED.match(text, begin, stop)
        title = link[1] if link else text[begin : min(stop, begin + 2 * _LONGEST_LINE)].strip()
        if not _reads_like_title(title) or marks.read(text, begin, stop):  # another mark, which has its own
            break
        found.append(_reference(text, label, title, stop, 0.7, link[2] if link else None, begin if found else None))
        if not bullet:
            break
    return found, found[-1].end if found else label.end


def _reference(
    text: str, label: Label, title: str, end: int, confidence: float, href: str | None = None, start: int | None = None
) -> Reference:
    start = label.start if start is None else start
    citation = cite(
        CitationKind.READ_MORE,
        href=href,
        url=urls.parse(href) if href else None,
        text=without_references(title),
        label=label.text,
        confidence=confidence,
        context=context(text, start, end),
    )
    return Reference(start, end, citation)


def _reads_like_title(line: str) -> bool:
    """Whether a line may be a title: short, begun with a capital, not closed as a sentence is, and with no link in it."""
    line = line.strip()
    wide = sum(letter >= "\u2e80" for letter in line)  # a letter of Chinese, Japanese or Korean says as much as two
    if not _LEAST_TITLE_BELOW <= len(line) + wide <= _LONGEST_LINE or line[0].islower() or "://" in line or ".com/" in line:
        return False
    return not _CLOSED.search(line) and (len(line.split()) > 2 or not line.isascii())
