"""Matching READ MORE titles to pieces."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.core.matching import FUZZY_FLOOR, Candidate, Neighbours, Sought, best_match, likeness, start_of

DAY = date(2026, 3, 18)
TITLE = "Turkey may launch ground op against Kurds in Iraq – minister"


def piece(piece_id, title, site="rt.com", published_on=DAY, *, is_link_text=False):
    return Candidate(piece_id, title, site, published_on, is_link_text)


@pytest.mark.parametrize(
    ("title", "site", "matched_by", "score"),
    [
        (TITLE, "rt.com", "title_exact", 1.0),
        (TITLE, "other.example", "title_exact", 0.9),
        ("Turkey may launch ground op against Kurds in Iraq - Minister", "rt.com", "title_folded", 0.95),
        ("TURKEY MAY LAUNCH GROUND OP AGAINST KURDS IN IRAQ — MINISTER", "other.example", "title_folded", 0.8),
        ("Turkey may launch ground op against Kurds in Iraq – minister (VIDEO)", "rt.com", "title_part", 0.8),
        ("Turkey may launch ground op against Kurds in Iraq – minister — RT World News", "rt.com", "title_part", 0.8),
        ("Turkey may launch ground op against Kurds in Iraq", "rt.com", "title_part", 0.8),
        ("Exclusive: Turkey may launch ground op against Kurds in Iraq", "other.example", "title_part", 0.65),
        ("Turkey might launch a ground op against Kurds in Iraq – minister", "rt.com", "title_fuzzy", 0.65),
    ],
)
def test_how_a_title_is_matched_and_how_surely(title, site, matched_by, score):
    match = best_match(Sought(TITLE, "rt.com", DAY), [piece(1, title, site)])
    assert match is not None
    assert (match.matched_by, match.score) == (matched_by, pytest.approx(score, abs=0.05))


@pytest.mark.parametrize(
    ("title", "site", "published_on"),
    [
        ("Turkey", "rt.com", DAY),
        ("Turkey may buy ground coffee from Brazil – minister", "rt.com", DAY),
        ("Turkey might launch a ground op against Kurds in Iraq – minister", "other.example", DAY),
        ("Turkey might launch a ground op against Kurds in Iraq – minister", "rt.com", date(2024, 3, 18)),
        ("Turkey might launch a ground op against Kurds in Iraq – minister", "rt.com", None),
    ],
)
def test_what_is_another_story_is_not_matched(title, site, published_on):
    assert best_match(Sought(TITLE, "rt.com", DAY), [piece(1, title, site, published_on)]) is None


def test_two_pieces_that_fit_equally_well_leave_it_open():
    assert best_match(Sought(TITLE, None, None), [piece(1, TITLE), piece(2, TITLE, "other.example")]) is None


def test_the_same_site_decides_between_two():
    match = best_match(Sought(TITLE, "other.example", None), [piece(1, TITLE), piece(2, TITLE, "other.example")])
    assert match is not None
    assert match.piece_id == 2


def test_a_pieces_own_title_counts_before_what_a_link_says():
    link = piece(1, TITLE, is_link_text=True)
    assert best_match(Sought(TITLE, "rt.com", DAY), [link]).matched_by == "link_text"
    assert best_match(Sought(TITLE, "rt.com", DAY), [link, piece(1, TITLE)]).matched_by == "title_exact"


def test_a_link_that_says_only_a_part_is_no_evidence():
    assert best_match(Sought(TITLE, "rt.com", None), [piece(1, f"{TITLE} (VIDEO)", is_link_text=True)]) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TITLE, TITLE.upper()),
        (TITLE, f"{TITLE} (VIDEO)"),
        (TITLE, f"{TITLE} | The Site"),
        (TITLE, "Turkey may launch ground op"),
        ("“It burned”: what we know so far about it", "It burned: What We Know So Far About It"),
        ("延伸閱讀這是一個很長的標題沒有空格", "延伸閱讀這是一個很長的標題沒有空格！"),
    ],
)
def test_titles_that_may_be_one_are_looked_up_alike(one, other):
    assert start_of(one) == start_of(other) is not None


@pytest.mark.parametrize("title", ["", "Iraq", "Two words", "??? !!!"])
def test_a_title_that_says_too_little_is_not_looked_up(title):
    assert start_of(title) is None


def test_likeness_is_of_words_in_their_order():
    assert likeness(TITLE, TITLE) == 1.0
    assert likeness(TITLE, "Something else entirely happened in Spain") == 0.0


few_words = st.lists(
    st.sampled_from(["the", "port", "storm", "of", "closes", "minister", "says", "again"]), min_size=1, max_size=9
).map(" ".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(few_words, st.lists(few_words, max_size=12))
def test_whatever_is_alike_enough_is_found_among_the_neighbours(title, others):
    candidates = [piece(number, other) for number, other in enumerate(others)]
    alike = {candidate.piece_id for candidate in candidates if likeness(title, candidate.title) >= FUZZY_FLOOR}
    assert alike <= {candidate.piece_id for candidate in Neighbours(candidates).like(title)}


def test_of_very_many_neighbours_those_that_share_most_words_are_compared():
    near = [piece(number, f"{TITLE} on day {number}") for number in range(100)]
    found = Neighbours([*near, piece(100, TITLE)]).like(TITLE)
    assert found[0].piece_id == 100
    assert len(found) < 20


def test_a_title_that_is_a_book_is_compared_by_how_it_begins():
    assert likeness("a b " * 50_000, "a b " * 49_000) == 1.0
