"""Which piece a READ MORE means that has lost its link, told by its title, from the surest to the merest likeness."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from enum import StrEnum

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
TIME_BEFORE, TIME_AFTER = timedelta(days=30), timedelta(days=2)  # how much older or newer a piece referred to may be

LEAST_WORDS = 3  # of a title that can be told from others
START_WORDS = 4
START_LETTERS = 10  # where no blanks part the words
_BRACKETED = re.compile(r"[(\[【][^()\[\]【】]{1,40}[)\]】]")
_PARTED = re.compile(r"\s+[-|\u00b7»]\s+|(?<=\w):\s+|\s*[|｜]\s*")


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
    main = main_part(fold(title))
    words = main.split()
    if len(words) >= LEAST_WORDS:
        return " ".join(words[:START_WORDS])
    return main[:START_LETTERS] if len(main) >= START_LETTERS else None


def main_part(folded: str) -> str:
    """Return a folded title without what is in brackets, and of its parts ("kicker: title - site") the longest."""
    bare = " ".join(_BRACKETED.sub(" ", folded).split()).strip(" .:;,|!…-")
    return max(_PARTED.split(bare), key=len, default="").strip(" .:;,|!…-")


def likeness(one: str, other: str) -> float:
    """Return how alike two titles are, word by word in their order: 0 to 1."""
    words, other_words = fold(one).split(), fold(other).split()
    matcher = SequenceMatcher(None, words, other_words, autojunk=False)
    # The first is an upper bound, and cheap: most titles have few words in common.
    return matcher.ratio() if matcher.quick_ratio() >= FUZZY_FLOOR else 0.0


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
    one, other = fold(one), fold(other)
    if one == other:
        return MatchedBy.TITLE_FOLDED
    main, other_main = main_part(one), main_part(other)
    if main == other_main or _begins(main, other_main) or _begins(other_main, main):
        return MatchedBy.TITLE_PART
    return None


def _begins(longer: str, shorter: str) -> bool:
    """Whether longer is shorter and something behind it: a guess at a title's end was wrong, or one was printed cut."""
    return longer.startswith(f"{shorter} ") and len(shorter.split()) > START_WORDS


def _is_of_one_time(citing: date | None, cited: date | None) -> bool:
    return citing is not None and cited is not None and -TIME_BEFORE <= cited - citing <= TIME_AFTER
