"""Patterns that are spelled for linear time say what their plain spelling says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.core import dates, matching, tails, titles
from crawler.core.following import soft404, wrappers
from crawler.core.html import hydration

BLANKS = [" ", "  ", "\t", "\xa0", "\n"]
SEPARATORS = ["|", "｜", "-", "--", "–", "—", "·", "•", "»", ":", "::", "/", "//"]
WORDS = ["a", "Port", "404", "é", "x-y", "."]
PLAIN = (
    (matching._PARTED, r"\s+[-|\u00b7»]\s+|(?<=\w):\s+|\s*[|｜]\s*"),
    (titles._SEPARATOR, r"\s+(?:[|\u2022\u00b7»\u2014\u2013]|::|-{1,2}|//?)\s+"),
    (soft404.SEPARATOR, r"\s+[-|–—·•»:]{1,2}\s+|\s*[|»]\s*|:\s+"),
    (tails._BLANKS, r"[^\S\n]{2,}(?=\S)"),
)
PLAIN_ADDRESS = re.compile(
    r"https?(?::|%3a)(?:/|%2f)|//|(?:www\.|(?=[^/]*/))[\w-]+(?:\.[\w-]+)+(?:[/?#]|$)", re.IGNORECASE
)  # fmt: skip
PLAIN_STATUS_FIRST = re.compile(rf"{soft404.STATUS.pattern}[\s:,(-]*(.+?)[!1]*")
PLAIN_STATUS_LAST = re.compile(rf"(.+?)[\s:,-]*\(?{soft404.STATUS.pattern}\)?")

often = settings(max_examples=500, deadline=None, derandomize=True)


def made_of(*parts):
    return st.lists(st.sampled_from(parts), max_size=14).map("".join)


@often
@given(made_of(*BLANKS, *SEPARATORS, *WORDS))
@pytest.mark.parametrize(("pattern", "plain"), PLAIN)
def test_separators_stand_where_they_did(pattern, plain, text):
    assert [found.span() for found in pattern.finditer(text)] == [found.span() for found in re.finditer(plain, text)]


@often
@given(made_of("http", "https", ":", "%3a", "/", "%2F", "www.", "a", "b-c", ".", "?", "#", " ", "é"))
def test_addresses_are_told_from_words_as_before(value):
    assert bool(wrappers._ADDRESS.match(value)) is bool(PLAIN_ADDRESS.match(value))


@often
@given(
    made_of("404", "410", "error", "http", "not found", "page not found", "gone", "story", " ", " - ", ": ", "(", ")", "!", "1")
)
def test_titles_say_that_nothing_is_there_as_before(title):
    part = soft404._folded(title)
    if not part or soft404.LEAD.match(part) or part in soft404.NOT_FOUND or soft404.STATUS.fullmatch(part):
        return
    plain = (pattern.fullmatch(part) for pattern in (PLAIN_STATUS_FIRST, PLAIN_STATUS_LAST))
    said = any(found and found[1].strip(" ()-:,.") in soft404.NOT_FOUND for found in plain)
    assert soft404._says_not_found(part) is said


@often
@given(made_of("12", "3", " ", ".", "October", "октября", "x", "de ", "2016", "r.", "年", "月", ",", "st"))
def test_days_are_read_as_before(printed):
    plain = re.compile(dates.PRINTED_DAY.pattern.replace(r"{1,24}", "+"))
    if not re.search(r"[^\W\d_]{25}", printed):  # no month has so long a name
        assert [found.span() for found in dates.PRINTED_DAY.finditer(printed)] == [
            found.span() for found in plain.finditer(printed)
        ]


@often
@given(made_of('"', "\\", "a", "\n", ":"))
def test_strings_of_a_script_are_found_as_before(script):
    plain = [found.span() for found in re.finditer(r'"(?:[^"\\]|\\.)*"', script, re.DOTALL)]
    found = [found.span() for found in hydration._STRING.finditer(script)]
    assert found[: len(plain)] == plain
    assert [stop for _, stop in found[len(plain) :]] in ([], [len(script)]), "an open one takes the rest"
