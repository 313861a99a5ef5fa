"""The line that closes an embedded tweet: "— Name (@handle) October 23, 2016", in any language, with whichever dash survived."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from crawler.core.dates import read_day
from crawler.core.keys import TWEET_PAGE

# What every author's line holds; Markdown escapes the underscores of a handle.
HANDLE = re.compile(r"\(\s?[@＠]((?:\w|\\_){1,20})\s?\)", re.ASCII)
_LONGEST_NAME = 80  # Twitter allows 50 characters; entities and emoji names can swell them

# Dashes that part the tweet from its author. "\x97" is the em dash of windows-1252 read as Latin-1, "â€”" that of UTF-8 read as
# windows-1252; a feed's description whose markup is gone keeps its character references.
_LONG_DASH = re.compile(
    r"(?:[\u2014\u2015\u2013\u2012\x97\x96\uff0d\u2e3a]|\u00e2[\u20ac\x80][\u201c\u201d\x93\x94]"
    r"|&(?:[mn]dash|#821[123]|#x201[345]);)(?=\s?\S)",
    re.IGNORECASE,
)
# A hyphen stands apart from the tweet's words, or right behind its last link, whose length is known.
_HYPHEN = re.compile(r"(?:^|(?<=\s)|(?<=t\.co/\w{10})|(?<=\.com/\w{10}))(?:--?|\u2212|~)\s(?=\S)", re.MULTILINE)
_LOST_DASH = re.compile(r"[?\ufffd](?=\s\S)")  # what an encoding without dashes leaves
_BLANKS = re.compile(r"(?<![^\S\n])[^\S\n]{2,}+(?=\S)")  # what an encoder leaves that drops what it can't say

# A clock time right behind the day is how Instagram closes a post: "(@handle) on Jan 7, 2015 at 3:02pm PST".
# The blanks are bounded: three runs of any length, of which any may be empty, can share one out in very many ways.
_CLOCK_TIME = re.compile(
    r"[^\S\n]{0,3},?[^\S\n]{0,3}(?:at|um|в|à|a las|às|alle|om|kl\.?|o|u)?[^\S\n]{0,3}\d{1,2}[:.]\d\d", re.IGNORECASE
)
# What may stand between the handle and its day: a comma or a dot behind a name that a dash sets apart, the hour as Twitter's own
# pages print it ("8:15 AM - 4 Mar 2019"), and the bracket of a Markdown link, which keeps the tweet's address.
_COMMA = re.compile(r"[^\S\n]?[,،\u00b7\u2022]")
_HOUR = re.compile(r"\d{1,2}[:.]\d\d(?:\s?[AP]\.?M\.?)?\s?[-\u2013\u00b7\u2022]\s?", re.IGNORECASE)
_DAYS_LINK = re.compile(r"\]\((https?://[^\s()]{1,2048})\)")
# A short link stands in nothing but tweets: what follows it behind a dash is its author, day or no day.
_SHORT_LINK_LAST = re.compile(r"(?:://t\.co|\.(?:twitter|x)\.com)/\w{10}[\"'\u201d\u2019»)]{0,2}[^\S\n]?$", re.IGNORECASE)
_LONGEST_LINK = 48
_END_OF_LINE = re.compile(r"[^\S\n]*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Tail:
    """Where an author's line stands in its text, and what it says."""

    start: int  # of the dash
    end: int
    author: str | None
    handle: str
    date_text: str | None
    claimed_on: date | None
    confidence: float  # 1.0 by a long dash; less where the dash was lost and the name's beginning is a guess
    address: str | None = None  # of the tweet's page, where Markdown keeps the day's link


def find_tails(text: str, start: int = 0, end: int | None = None) -> list[Tail]:
    """Return the author's lines of text[start:end], in order."""
    stop = len(text) if end is None else end
    if "@" not in text and "＠" not in text:
        return []
    found = []
    earliest = start
    for handle in HANDLE.finditer(text, start, stop):
        tail = _read(text, handle, earliest, stop)
        if tail:
            found.append(tail)
            earliest = tail.end
    return found


def _read(text: str, handle: re.Match[str], earliest: int, stop: int) -> Tail | None:
    name = _name(text, handle.start(), earliest)
    if name is None:
        return None
    begin, author, confidence = name
    called = handle[1].replace("\\", "")
    comma = _COMMA.match(text, handle.end(), stop) if confidence == 1.0 else None
    after = _behind_blanks(text, comma.end() if comma else handle.end(), stop)
    if hour := _HOUR.match(text, after, stop):
        after = hour.end()
    is_linked = text.startswith("[", after)
    day = read_day(text, after + is_linked) if after < stop else None
    if day is None:
        # Without its day the line must stand alone, and behind a dash: "(@handle)" alone is how a story introduces someone.
        if confidence < 1.0 or not _END_OF_LINE.match(text, handle.end()):
            return None
        if not stands_first(text, begin) and not _SHORT_LINK_LAST.search(text, max(earliest, begin - _LONGEST_LINK), begin):
            return None
        return Tail(begin, handle.end(), author, called, None, None, 0.7)
    if confidence < 1.0 and _CLOCK_TIME.match(text, day.end):
        return None
    link = _DAYS_LINK.match(text, day.end, stop) if is_linked else None
    if link and TWEET_PAGE.match(link[1]):
        return Tail(begin, link.end(), author, called, day.text, day.day, confidence, link[1])
    return Tail(begin, min(day.end, stop), author, called, day.text, day.day, confidence)


def _behind_blanks(text: str, offset: int, stop: int) -> int:
    """Return where the first letter stands at or behind offset, no more than four blanks on."""
    after = offset
    while after < stop and text[after].isspace() and after - offset < 4:
        after += 1
    return after


def stands_first(text: str, offset: int) -> bool:
    """Whether nothing but blanks stands before offset on its line."""
    floor = max(0, offset - 20)  # more blanks than that are no indent
    return not text[text.rfind("\n", floor, offset) + 1 or floor : offset].strip() and (floor == 0 or "\n" in text[floor:offset])


def _name(text: str, end: int, earliest: int) -> tuple[int, str | None, float] | None:
    """Return where the author's line begins, the name, and how sure that is; None where nothing parts it from the tweet."""
    # A tail's own line may be broken between dash and name (a <br>), never within the name.
    floor = max(earliest, end - _LONGEST_NAME)
    line = max(floor, text.rfind("\n", floor, end) + 1)
    if not text[line:end].strip():
        line = max(floor, text.rfind("\n", floor, max(line - 1, floor)) + 1)
    for shape, confidence in ((_LONG_DASH, 1.0), (_HYPHEN, 0.9), (_BLANKS, 0.8), (_LOST_DASH, 0.7)):
        dashes = _partings(shape, text, line, end)
        if not dashes:
            continue
        # A line that opens with a dash is all name, further dashes belong to it; else the last dash parts.
        opens = stands_first(text, dashes[0][0])
        dash = dashes[0] if opens else dashes[-1]
        if shape is _BLANKS and dash[1] == end and len(dashes) > 1:
            dash = dashes[-2]  # blanks before the bracket: "ALT- Immigration   (@ALT_uscis)"
        author = text[dash[1] : end].strip()
        return dash[0], author or None, confidence
    return None


def _partings(shape: re.Pattern[str], text: str, start: int, end: int) -> list[tuple[int, int]]:
    if shape is _BLANKS:  # a run of them that begins further up begins, cut out, at start
        return [(start + found.start(), start + found.end()) for found in shape.finditer(text[start:end])]
    return [found.span() for found in shape.finditer(text, start, end)]


def find_author(text: str, start: int, end: int) -> tuple[int, str | None, str] | None:
    """Return where the last author's line of text[start:end] begins, the name and the handle, whatever follows it.

    For frames that are known to hold a tweet: there the line needs no day to be one.
    """
    handles = list(HANDLE.finditer(text, start, end))
    name = _name(text, handles[-1].start(), start) if handles else None
    return (name[0], name[1], handles[-1][1].replace("\\", "")) if name else None
