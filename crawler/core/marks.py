"""Finding the marks of core.labels, and those a user adds, where they stand in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from crawler.core.labels import BOXES, HEADINGS, INVITATIONS, SORTS

# "Lire le reportage : title", "Lire aussi notre entretien : title"
_LIRE = re.compile(r"(?:lire|lisez|voir)(?: aussi)? (?:(?:l[ea]s?|nos|notre) |l['\u2019])\w+", re.IGNORECASE)
_ALSO_ON = re.compile(r"also on [\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_BEHIND = re.compile(r"\s?(?:[:：»>›→➜➡►▶|\u2013\u2014\ufffd-]+|\.\.(?!\.))\s*")  # two dots in Arabic
_LEAD = " ([{【►▶▷▼▽▲△■□◆◇●○★☆◎※・»→•*-\u2013\u2014\u200b"
_PARTED = " \u00a0:：»>›→➜➡►▶|\u2013\u2014\ufffd-"
_PARTING = re.compile("[:：»>›→➜➡►▶|\u2013\u2014\ufffd-]")
_BOXED = {"(": ")", "[": "]", "【": "】", "{": "}"}  # "[Read more] title"
_BLANK = re.compile(r"\s?")
_LINE = re.compile(r"[^\n]+")
_SHOUTED = frozenset(
    ("related", "trending", "watch", "more", "full story", "read", "lire", "lea", "leia", "leggi", "baca", "czytaj", "читайте")
)
_KEY = 3  # letters by which a phrase is looked up, from either end
# Capitals lose their accents, in Greek always ("ΔΙΑΒΑΣΤΕ ΕΠΙΣΗΣ"), and keyboards the rest: one letter for each, and one for all
# of its forms.
_UNACCENTED = {
    code: decomposed[0]
    for code in (*range(0xC0, 0x700), *range(0x1E00, 0x2000))
    if len(decomposed := unicodedata.normalize("NFD", chr(code))) > 1 and unicodedata.category(decomposed[1]) == "Mn"
} | {ord("\u0131"): "i", ord("\u03c2"): "\u03c3", ord("\u2019"): "'"}


@dataclass(frozen=True, slots=True)
class Label:
    """A mark as printed, and where the reference begins behind it."""

    text: str
    start: int
    end: int  # behind the mark and what parts it from the title
    is_invitation: bool  # may head a list
    heads_boxes: bool  # heads boxes of stories that the page hangs on any of its stories
    is_marked: bool  # a colon, a dash, an arrow parts it from what follows
    leads: bool = False  # a common word of which only its place, at the beginning of its line, makes a mark


class Marks:
    """The marks to be found: those of core.labels, and more invitations in the reader's own words."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        self._boxes = frozenset(map(_lowered, _all_of(BOXES)))
        own = {_lowered(phrase.strip()) for phrase in more if len(phrase.strip()) >= _KEY}
        invitations = frozenset(map(_lowered, _all_of(INVITATIONS))) | own
        headings = frozenset(map(_lowered, _all_of(HEADINGS)))
        self._leading = (headings | self._boxes) - frozenset(map(_lowered, SORTS))
        self._phrases = {phrase: phrase in invitations for phrase in self._boxes | headings | invitations}
        self._reach = max(map(len, self._phrases)) + 8
        self._by_beginning: dict[str, list[str]] = {}
        self._by_ending: dict[str, list[str]] = {}
        for phrase in sorted(self._phrases, key=len, reverse=True):
            self._by_beginning.setdefault(phrase[:_KEY], []).append(phrase)
            self._by_ending.setdefault(phrase[-_KEY:], []).append(phrase)
        self._beginnings = self._by_beginning.keys() | {"also on"[:_KEY]}

    def read(self, text: str, start: int, end: int) -> Label | None:
        """Return the mark that text[start:end] begins with, or None."""
        head = text[start : min(end, start + self._reach)]
        said = head.lstrip(_LEAD)
        if _lowered(said[:_KEY]) not in self._beginnings:  # most lines: the rest of them needn't be looked at
            return None
        lowered = _lowered(said)
        lead = len(head) - len(said)
        if (
            lowered[:4] in ("lire", "lise", "voir")
            and (found := _LIRE.match(text, start + lead, end))
            and _BEHIND.match(text, found.end(), end)
        ):
            return self._label(text, start + lead, found.end(), end, is_invitation=True)
        for phrase in self._by_beginning.get(lowered[:_KEY], ()):
            if lowered.startswith(phrase):
                return self._label(text, start + lead, start + lead + len(phrase), end, is_invitation=self._phrases[phrase])
        if lowered.startswith("also on ") and (found := _ALSO_ON.match(text, start + lead, end)):
            return self._label(text, start + lead, found.end(), end, is_invitation=True)
        return None

    def read_before(self, text: str, start: int, end: int) -> Label | None:
        """Return the mark that text[start:end] ends with, a colon or its like behind it, or None."""
        window = text[max(start, end - self._reach) : end]
        said = window.rstrip(_PARTED)
        if len(said) == len(window.rstrip()):
            return None  # nothing parts it from what follows: "you can read more" runs on
        lowered = _lowered(said)
        if len(lowered) != len(said):
            return None
        for phrase in self._by_ending.get(lowered[-_KEY:], ()):
            if lowered.endswith(phrase):
                begin = end - len(window) + len(said) - len(phrase)
                if _begins(text, begin):
                    return Label(
                        text=text[begin : begin + len(phrase)],
                        start=begin,
                        end=end,
                        is_invitation=self._phrases[phrase],
                        heads_boxes=phrase in self._boxes,
                        is_marked=True,
                    )
        return None

    def find(self, text: str) -> list[Label]:
        """Return the marks within text that a colon or a dash parts from a title, in order, wherever on their lines they stand.

        A mark begins with a capital, or behind a bracket: "you can read more: here" is a sentence. A heading that is a common
        word too must stand in capitals, begin a bracket, or begin a line ("Related: title"): the last only leads, for the
        reader to weigh. An invitation that begins a line needs nothing to part it from what follows.
        """
        found: dict[int, Label] = {}
        for parting in _PARTING.finditer(text):
            label = self.read_before(text, max(0, parting.start() - self._reach), parting.end())
            if label and (label.is_invitation or (_stands_out(text, label) and label.text.lower() in _SHOUTED)):
                found[label.start] = label
            elif label and self._leads(text, label):
                found[label.start] = replace(label, leads=True)
        for line in _LINE.finditer(text):
            label = self.read(text, line.start(), line.end())
            if label and label.is_invitation and not text[label.start].islower():
                found.setdefault(label.start, label)
        return [found[start] for start in sorted(found)]

    def _leads(self, text: str, label: Label) -> bool:
        line = text.rfind("\n", max(0, label.start - 8), label.start)
        begins_line = line >= 0 and not text[line + 1 : label.start].strip(_LEAD)
        return begins_line and not label.text[0].islower() and _lowered(label.text) in self._leading

    def _label(self, text: str, start: int, stop: int, end: int, *, is_invitation: bool) -> Label | None:
        boxed = _BOXED.get(text[start - 1 : start])
        behind = _BEHIND.match(text, stop + 1 if boxed and text.startswith(boxed, stop) else stop, end)
        if not behind and boxed and text.startswith(boxed, stop, end):
            behind = _BLANK.match(text, stop + 1, end)
        if not behind and stop < end and text[stop].isalnum() and text[stop - 1].isascii() and not _breaks(text, stop):
            return None  # "See alsoran"
        return Label(
            text=text[start:stop],
            start=start,
            end=behind.end() if behind else stop,
            is_invitation=is_invitation,
            heads_boxes=_lowered(text[start:stop]) in self._boxes,
            is_marked=bool(behind),
        )


@lru_cache(maxsize=8)
def marks_with(more: tuple[str, ...]) -> Marks:
    """Return the marks of core.labels and more; made once for each set of them."""
    return Marks(more)


def _all_of(table: dict[str, tuple[str, ...]]) -> Iterable[str]:
    """Yield the phrases of a table, each however its letters may be composed (UAX #15)."""
    for phrase in chain.from_iterable(table.values()):
        # Hindi's and Bengali's rha, as keyboards write it; Unicode's normal forms take it apart.
        composed = phrase.replace("\u0922\u093c", "\u095d").replace("\u09a1\u09bc", "\u09dc")
        yield from {phrase, composed, unicodedata.normalize("NFC", phrase), unicodedata.normalize("NFD", phrase)}


def _lowered(text: str) -> str:
    if text.isascii():
        return text.lower()
    return text.translate(_UNACCENTED).lower().replace("\u03c2", "\u03c3")


def _stands_out(text: str, label: Label) -> bool:
    return label.text.isupper() or (text[label.start - 1 : label.start] in ("(", "[") and label.text[0].isupper())


def _breaks(text: str, position: int) -> bool:
    """Whether two elements of a page laid flat meet at position: "See alsoStorm", "READ MOREStorm"."""
    return text[position].isupper() and (text[position - 1].islower() or text[position + 1 : position + 2].islower())


def _begins(text: str, position: int) -> bool:
    letter, before = text[position], text[position - 1] if position else "\n"
    if before.isalnum():
        # Two elements of a page laid flat may stand close: "AbonnésLire aussi : title".
        return before.islower() and letter.isupper()
    return before in "\n([{" or not letter.islower()
