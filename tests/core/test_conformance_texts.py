"""Our finding of links in running text against twitter-text's and ural's, where their tables are at hand beside this repository.

twitter-text links what its writer meant as a link in one tweet; we take what is left of links in texts that were flattened, words
glued to both ends. A case is one that conforms, or one that is listed with the reason why not: a deviation that comes or goes
fails. Cases are named by their number in their section. An address without its scheme is none of ours, and left out of all.
"""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.core.printed import find_urls
from crawler.core.shortlinks import find_short_links
from crawler.core.text import read_text

TABLES = Path(__file__).parents[3] / "shared/corpus/conformance"

pytestmark = pytest.mark.skipif(not TABLES.is_dir(), reason="the tables of others are not here")

NO_DOMAIN = "whether a name can be a domain is for name servers to say, who know more than a list of endings"
GLUED = "a mark or a letter before a link is what a flattened text glues to it"
LETTERS = "letters of another script may belong to an address: a browser takes them"
SLUG = "a slug is ten letters long, or seven to nine before 2013, and says it all without its parameters"

EXTRACT = {
    "urls": {
        NO_DOMAIN: {22, 23, 26, 40, 43, *range(54, 66)},
        GLUED: {79, 87},
        LETTERS: {17, 38},
        SLUG: {83, 84},
    },
    "urls_with_indices": {
        LETTERS: {4},
        "a short link within another address is its parameter, and five letters are no slug": {6},
    },
    "urls_with_directional_markers": {},
    "tco_urls_with_params": {SLUG: {0, 1, 2, 3, 4}},
}
AUTOLINK = {
    "urls": {
        NO_DOMAIN: {18, 19},
        GLUED: {37, 77},
        LETTERS: {3},
        SLUG: {76},
        "an opening bracket that is never closed may belong to an address": {10, 11},
        "a low line at the end is emphasis, as Markdown has it": {14},
        'an address may end in "="': {31},
    },
    "all": {GLUED: {5}},
    "json": {},
}

_LINK = re.compile(r'<a href="(https?://[^"]*)"(?![^>]*tweet-url)[^>]*>')


@cache
def sections(name: str) -> dict[str, list[dict[str, Any]]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((TABLES / name).read_text("utf-8"), loader)["tests"]  # noqa: S506 - either is a safe one


def links(text: str) -> list[str]:
    """Return all that we find in text, in order."""
    found = [(link.start, text[link.start : link.end]) for link in find_short_links(text) if not link.is_truncated]
    found += [(printed.start, printed.href) for printed in find_urls(text)]
    return [href for _, href in sorted(found)]


def deviating(cases: list[dict[str, Any]], expected: Any) -> set[int]:
    return {number for number, case in enumerate(cases) if links(case["text"]) != expected(case)}


def extracted(case: dict[str, Any]) -> list[str]:
    named = [found if isinstance(found, str) else found["url"] for found in case["expected"]]
    return [url for url in named if url.lower().startswith(("https://", "http://"))]


def autolinked(case: dict[str, Any]) -> list[str]:
    return [html.unescape(found[1]) for found in _LINK.finditer(case["expected"])]


@pytest.mark.parametrize("section", EXTRACT)
def test_links_are_found_where_twitter_finds_them(section):
    reasons = EXTRACT[section]
    listed = {number for numbers in reasons.values() for number in numbers}
    assert deviating(sections("twitter-text-extract.yml")[section], extracted) == listed


@pytest.mark.parametrize("section", AUTOLINK)
def test_links_are_made_where_twitter_makes_them(section):
    reasons = AUTOLINK[section]
    listed = {number for numbers in reasons.values() for number in numbers}
    assert deviating(sections("twitter-text-autolink.yml")[section], autolinked) == listed


def test_a_link_stands_where_twitter_says_it_does():
    for number, case in enumerate(sections("twitter-text-extract.yml")["urls_with_indices"]):
        if number not in {4, 6}:
            wanted = {found["indices"][0] for found in case["expected"] if "://" in found["url"]}
            assert {link.start for link in find_short_links(case["text"])} | {u.start for u in find_urls(case["text"])} == wanted


def test_what_the_finders_find_is_cited():
    for name in ("twitter-text-extract.yml", "twitter-text-autolink.yml"):
        for cases in sections(name).values():
            for case in cases:
                text = str(case["text"])
                cited = [citation.href for citation in read_text(text).citations]
                assert set(links(text)) <= set(cited), text


URAL = {
    "an empty fragment is left on: it changes no address's key": {3},
}


def test_addresses_are_cut_out_of_texts_as_ural_cuts_them():
    tables = json.loads((TABLES / "ural-test-tables.json").read_text("utf-8"))["files"]["urls_from_text_test.py"]["tables"]
    found = {number for number, (text, expected) in enumerate(tables["TESTS"]) if links(text) != expected}
    assert found == {number for numbers in URAL.values() for number in numbers}
    assert set(links(tables["TEXT"])) == set(tables["REF_SET"])
    assert [url for url in links(tables["TEXT_WITH_INVALID_URLS"]) if "..." in url] == []
