"""Addresses of copies: whose, and when they were taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.core.copies import memento, moment
from crawler.core.following.wrappers import unwrap

ARCHIVED = {
    "https://web.archive.org/web/20160102030405/https://a.example/x?b=1": ("https://a.example/x?b=1", (2016, 1, 2, 3, 4, 5)),
    "http://web.archive.org/web/20160102030405if_/http://a.example:80/x#part": ("http://a.example/x#part", (2016, 1, 2, 3, 4, 5)),
    "https://web.archive.org/web/20160102030405id_/a.example/x": ("http://a.example/x", (2016, 1, 2, 3, 4, 5)),
    "https://web.archive.org/web/20160102030405/http:/a.example/x": ("http://a.example/x", (2016, 1, 2, 3, 4, 5)),
    "https://web.archive.org/web/20160102030405/https%3A%2F%2Fa.example%2Fx": ("https://a.example/x", (2016, 1, 2, 3, 4, 5)),
    "https://web.archive.org/web/2016/http://a.example/": ("http://a.example/", None),
    "https://web.archive.org/web/20161399000000/http://a.example/": ("http://a.example/", None),
    "https://web.archive.org/web/http://a.example/": ("http://a.example/", None),
    "https://archive.org/web/20160102030405/http://a.example/": ("http://a.example/", (2016, 1, 2, 3, 4, 5)),
    "https://archive.today/20160102030405/http://a.example/": ("http://a.example/", (2016, 1, 2, 3, 4, 5)),
    "http://archive.is/2016.01.02-030405/http://a.example/": ("http://a.example/", (2016, 1, 2, 3, 4, 5)),
    "https://archive.ph/2016/http://a.example/": ("http://a.example/", None),
    "https://archive.ph/newest/http://a.example/": ("http://a.example/", None),
    "https://archive.is/o/AbCdE/https://a.example/x": ("https://a.example/x", None),
    "https://arquivo.pt/wayback/20160102030405/http://a.example/": ("http://a.example/", (2016, 1, 2, 3, 4, 5)),
    "https://arquivo.pt/noFrame/replay/20160102030405mp_/http://a.example/": ("http://a.example/", (2016, 1, 2, 3, 4, 5)),
    "https://webarchive.nationalarchives.gov.uk/ukgwa/20160102030405/http://a.example/": (
        "http://a.example/",
        (2016, 1, 2, 3, 4, 5),
    ),
    "https://wayback.archive-it.org/12/20160102030405/http://a.example/": ("http://a.example/", (2016, 1, 2, 3, 4, 5)),
    "http://webcache.googleusercontent.com/search?q=cache:abcDEF_123-4:https://a.example/x+word&cd=1": (
        "https://a.example/x",
        None,
    ),
    "http://webcache.googleusercontent.com/search?q=cache:a.example/x": ("http://a.example/x", None),
    "https://archive.is/https://web.archive.org/web/20160102030405/http://a.example/": None,
    "https://web.archive.org/web/20160102030405*/http://a.example/": None,
    "https://web.archive.org/web/*/http://a.example/": None,
    "https://web.archive.org/save/http://a.example/": None,
    "https://web.archive.org/web/20160102030405/": None,
    "https://web.archive.org/web/20160102030405/mailto:a@b.example": None,
    "https://archive.is/AbCdE": None,
    "https://archive.org/details/abc": None,
    "https://a.example/20160102030405/x": None,
    "https://a.example/?u=https://web.archive.org/web/20160102030405/http://b.example/": None,
    "https://a.example/x": None,
    "no URL": None,
}


@pytest.mark.parametrize("url", ARCHIVED)
def test_a_copy_in_an_archive_tells_its_original_and_its_moment_and_is_no_wrapper(url):
    copy = memento(url)
    original = ARCHIVED[url] and (ARCHIVED[url][0], ARCHIVED[url][1] and datetime(*ARCHIVED[url][1], tzinfo=UTC))
    assert (copy and (copy.original, moment(copy.stamp))) == original
    assert unwrap(url) is None
