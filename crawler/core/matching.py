"""Which piece a READ MORE means that has lost its link, told by its title."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class MatchedBy(StrEnum):
    """How a title was found to be a piece's."""

    TITLE_EXACT = "title_exact"
    TITLE_FOLDED = "title_folded"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece whose title folds to the one looked for."""

    piece_id: int
    title: str
    site: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """The piece a title means, and how surely (0 to 1)."""

    piece_id: int
    matched_by: MatchedBy
    score: float


# A READ MORE points at its own outlet far more often than elsewhere, so the site weighs more than the title's exact print.
SCORES = {
    (True, MatchedBy.TITLE_EXACT): 1.0,
    (True, MatchedBy.TITLE_FOLDED): 0.95,
    (False, MatchedBy.TITLE_EXACT): 0.9,
    (False, MatchedBy.TITLE_FOLDED): 0.8,
}


def best_match(title: str, site: str | None, candidates: Iterable[Candidate]) -> Match | None:
    """Return the one candidate that fits best; None where there is none, or several that fit equally well.

    site is the citing piece's, None where it is not known.
    """
    matches = [_match(title, site, candidate) for candidate in candidates]
    top = max((match.score for match in matches), default=0.0)
    best = [match for match in matches if match.score == top]
    return best[0] if len(best) == 1 else None


def _match(title: str, site: str | None, candidate: Candidate) -> Match:
    matched_by = MatchedBy.TITLE_EXACT if candidate.title == title else MatchedBy.TITLE_FOLDED
    same_site = site is not None and site == candidate.site
    return Match(candidate.piece_id, matched_by, SCORES[same_site, matched_by])
