"""Which piece a READ MORE means that has lost its link, told by its title, from the surest to the merest likeness."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from heapq import nlargest

from crawler.core.titles import fold


class MatchedBy(StrEnum):
    """How a title was found to be a piece's."""

    TITLE_EXACT = "title_exact"
    TITLE_FOLDED = "title_folded"  # alike but for case, quotes, dashes, white space
    TITLE_PART = "title_part"  # alike but for what is hung on either: "(VIDEO)", a kicker, the site, the next sentence
    LINK_TEXT = "link_text"  # another link to the piece bears the title
    TITLE_FUZZY = "title_fuzzy"  # much alike, of one site and one time


@dataclass(frozen=True, slots=True)
class Sought:
    """The title that a READ MORE gives, and where it stands."""

    title: str
    site: str | None  # the citing piece's, None where it is not known
    published_on: date | None  # the citing piece's


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece that the title may mean."""

    piece_id: int
    title: str
    site: str | None
    published_on: date | None
    is_link_text: bool  # the title is not the piece's own, but what another link to it says


@dataclass(frozen=True, slots=True)
class Match:
    """The piece a title means, and how surely (0 to 1)."""

    piece_id: int
    matched_by: MatchedBy
    score: float


# On the same site, and elsewhere: a READ MORE points at its own outlet far more often.
SCORES = {
    MatchedBy.TITLE_EXACT: (1.0, 0.9),
    MatchedBy.TITLE_FOLDED: (0.95, 0.8),
    MatchedBy.LINK_TEXT: (0.85, 0.7),
    MatchedBy.TITLE_PART: (0.8, 0.65),
}
FUZZY_FLOOR = 0.75  # of the words' likeness; what is less alike is another story
FUZZY_WEIGHT = 0.75  # so that the likeliest of them stays below every surer match
MOST_WORDS = 100  # of a title that are compared; what is longer is none
MOST_COMPARED = 16  # of the pieces that share words with a title, those that share most
TIME_BEFORE, TIME_AFTER = timedelta(days=30), timedelta(days=2)  # how much older or newer a piece referred to may be

LEAST_WORDS = 3  # of a title that can be told from others
START_WORDS = 4
START_LETTERS = 10  # where no blanks part the words
_BRACKETED = re.compile(r"[(\[【][^()\[\]【】]{1,40}[)\]】]")
_PARTED = re.compile(r"(?<!\s)\s++[-|\u00b7»]\s++|(?<=\w):\s++|(?:(?<!\s)\s++)?[|｜]\s*+")  # a run of blanks is looked at once


def best_match(sought: Sought, candidates: Iterable[Candidate]) -> Match | None:
    """Return the one candidate that fits best; None where none fits, or several pieces fit equally well."""
    found: dict[int, Match] = {}
    for candidate in candidates:
        match = _match(sought, candidate)
        if match and (candidate.piece_id not in found or found[candidate.piece_id].score < match.score):
            found[candidate.piece_id] = match
    top = max((match.score for match in found.values()), default=0.0)
    best = [match for match in found.values() if match.score == top]
    return best[0] if len(best) == 1 else None


def start_of(title: str) -> str | None:
    """Return what titles are looked up by: how the main part of one begins, folded; None where it says too little."""
    main = _forms(title).main
    words = main.split()
    if len(words) >= LEAST_WORDS:
        return " ".join(words[:START_WORDS])
    return main[:START_LETTERS] if len(main) >= START_LETTERS else None


def main_part(folded: str) -> str:
    """Return a folded title without what is in brackets, and of its parts ("kicker: title - site") the longest."""
    bare = " ".join(_BRACKETED.sub(" ", folded).split()).strip(" .:;,|!…-")
    return max(_PARTED.split(bare), key=len, default="").strip(" .:;,|!…-")


def likeness(one: str, other: str) -> float:
    """Return how alike two titles are, word by word in their order: 0 to 1, and 0 where it is less than FUZZY_FLOOR."""
    a, b = _forms(one), _forms(other)
    # In any order they are as alike at least, which is quickly told: most titles have few words in common.
    if _alike_at_most(a, b) < FUZZY_FLOOR:
        return 0.0
    alike = SequenceMatcher(None, a.words, b.words, autojunk=False).ratio()
    return alike if alike >= FUZZY_FLOOR else 0.0


class Neighbours:
    """Pieces of one site and one time, found by the words that their titles share with another: many titles may ask."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._with: defaultdict[tuple[str, int], list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            for word in _forms(candidate.title).bag:
                self._with[word].append(candidate)

    def like(self, title: str) -> list[Candidate]:
        """Return the candidates that may be as alike title as FUZZY_FLOOR asks: MOST_COMPARED of them, that share most words."""
        sought = _forms(title)
        # With M shared of the one's a words and the other's b, 2M >= floor * (a + b) and b >= M ask that
        # M >= floor * a / (2 - floor). So one of the other a - M words and one more is shared: look under the rarest.
        least_shared = math.ceil(FUZZY_FLOOR / (2 - FUZZY_FLOOR) * len(sought.bag))
        rarest = sorted(sought.bag, key=lambda word: (len(self._with.get(word, ())), word))
        found = {
            candidate.piece_id: candidate
            for word in rarest[: len(rarest) - least_shared + 1]
            for candidate in self._with.get(word, ())
        }
        alike = [(_alike_at_most(sought, _forms(candidate.title)), -id_) for id_, candidate in found.items()]
        return [found[-id_] for _, id_ in nlargest(MOST_COMPARED, (each for each in alike if each[0] >= FUZZY_FLOOR))]


@dataclass(frozen=True, slots=True)
class _Forms:
    """A title in the forms it is compared in."""

    folded: str
    main: str
    words: tuple[str, ...]
    bag: frozenset[tuple[str, int]]  # the words in no order, each with the number of times it stood before


@lru_cache(maxsize=4096)  # a page's titles are compared with the same few hundred others
def _forms(title: str) -> _Forms:
    folded = fold(title)
    words = tuple(folded.split(maxsplit=MOST_WORDS)[:MOST_WORDS])
    seen: Counter[str] = Counter()
    bag = []
    for word in words:
        bag.append((word, seen[word]))
        seen[word] += 1
    return _Forms(folded, main_part(folded), words, frozenset(bag))


def _alike_at_most(one: _Forms, other: _Forms) -> float:
    """Return how alike two titles are if the order of their words is left aside."""
    return 2 * len(one.bag & other.bag) / (len(one.words) + len(other.words) or 1)


def _match(sought: Sought, candidate: Candidate) -> Match | None:
    is_same_site = sought.site is not None and sought.site == candidate.site
    matched_by = _same(sought.title, candidate.title)
    if matched_by and candidate.is_link_text:
        matched_by = MatchedBy.LINK_TEXT if matched_by is not MatchedBy.TITLE_PART else None
    if matched_by:
        return Match(candidate.piece_id, matched_by, SCORES[matched_by][0 if is_same_site else 1])
    if is_same_site and not candidate.is_link_text and _is_of_one_time(sought.published_on, candidate.published_on):
        alike = likeness(sought.title, candidate.title)
        if alike >= FUZZY_FLOOR:
            return Match(candidate.piece_id, MatchedBy.TITLE_FUZZY, round(FUZZY_WEIGHT * alike, 3))
    return None


def _same(one: str, other: str) -> MatchedBy | None:
    if one == other:
        return MatchedBy.TITLE_EXACT
    a, b = _forms(one), _forms(other)
    if a.folded == b.folded:
        return MatchedBy.TITLE_FOLDED
    if a.main == b.main or _begins(a.main, b.main) or _begins(b.main, a.main):
        return MatchedBy.TITLE_PART
    return None


def _begins(longer: str, shorter: str) -> bool:
    """Whether longer is shorter and something behind it: a guess at a title's end was wrong, or one was printed cut."""
    return longer.startswith(f"{shorter} ") and len(shorter.split()) > START_WORDS


def _is_of_one_time(citing: date | None, cited: date | None) -> bool:
    return citing is not None and cited is not None and -TIME_BEFORE <= cited - citing <= TIME_AFTER
