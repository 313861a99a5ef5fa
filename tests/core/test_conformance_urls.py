"""Our reading of addresses against what others test theirs with, where their tables are at hand beside this repository.

A row is one that conforms, or one that is listed with the reason why not: a deviation that comes or goes fails. Rows are named
by their number in their table.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from crawler.core import keys, urls
from crawler.core.following import refresh
from crawler.core.following.wrappers import unwrap
from crawler.core.model import CitationKind, Exchange, Outcome, Url, Via
from crawler.core.redirects import Follow, Stop, next_step, read_hop
from crawler.core.schedule import is_followed
from crawler.core.settings import Limits
from crawler.core.shortlinks import find_short_links
from tests.core.test_wrappers import NOON

SHARED = Path(__file__).parents[3] / "shared"
TABLES = SHARED / "corpus/conformance"
HOSTILE = SHARED / "corpus-hostile/url"

pytestmark = pytest.mark.skipif(not (TABLES.is_dir() and HOSTILE.is_dir()), reason="the tables of others are not here")


def rows(name: str, *path: str) -> Any:
    table = json.loads((TABLES / name).read_text("utf-8"))
    for step in path:
        table = table[step]
    return table


def calls(name: str, file: str, function: str) -> dict[int, tuple[list[Any], dict[str, Any], Any]]:
    return {
        number: ([text(value) for value in row["args"]], row["kwargs"], text(row["expected"]))
        for number, row in enumerate(rows(name, "files", file, "asserts"))
        if row["call"] == function
    }


def text(value: Any) -> Any:
    return value["_bytes_latin1"].encode("latin-1").decode("utf-8", "replace") if isinstance(value, dict) else value


def deviating(reasons: dict[str, set[int]]) -> set[int]:
    listed = [number for numbers in reasons.values() for number in numbers]
    assert len(listed) == len(set(listed))
    return set(listed)


def with_scheme(address: str, like: str = "") -> str:
    """Return an address that was printed without its scheme as one with it, and with the "www." that like has."""
    bare = address.strip().removeprefix("//")
    www = "www." if (urls.host(like) or "").startswith("www.") and not bare.lower().startswith("www.") else ""
    return bare if "://" in bare[:9] else f"https://{www}{bare}"


# WHATWG URL: the parser.


def test_every_address_of_the_standard_is_read_as_it_says():
    wrong = []
    cases = [row for row in rows("whatwg-urltestdata.json") if isinstance(row, dict)]
    for row in cases:
        url = urls.parse(row["input"], row.get("base"))
        if url != (None if row.get("failure") else row["href"]):
            wrong.append((row["input"], row.get("base"), url))
        elif url:
            assert urls.parse(url) == url, row
            is_ours = row["protocol"] in ("http:", "https:") and row["hostname"] and not row["username"] and not row["password"]
            assert urls.is_web(url) is bool(is_ours), row
            assert urls.host(url) == (row["hostname"] or None)
            assert keys.key(keys.key(url)) == keys.key(url)
            userinfo = f"{row['username']}:{row['password']}".removesuffix(":")
            asked = [row[name] for name in ("protocol", "hostname", "port", "pathname", "search", "hash")]
            protocol, *rest = urls.parts_of(url)
            assert [protocol, *rest[1:]] == asked, row
            assert rest[0].removesuffix(":") == userinfo, row
    assert wrong == []
    assert len(cases) > 800


def test_every_host_of_the_standard_is_read_as_it_says():
    for row in rows("whatwg-toascii.json"):
        if isinstance(row, dict):
            url = urls.parse(f"https://{row['input']}/x")
            assert (urls.host(url) if url else None) == row["output"], row


# Normalisation. Theirs makes another address; ours agrees where both have one key.

FOLDS_TOO_MUCH = "what is a site's own habit may elsewhere be another piece"
URAL_NORMALIZE = {
    f"index pages: {FOLDS_TOO_MUCH}": {1, 3, 4, 5, 6, 38, 90},
    f"www2., m., mobile., amp.: {FOLDS_TOO_MUCH}": {16, 17, 18, 19, 51, 54},
    f"doubled and trailing slashes: {FOLDS_TOO_MUCH}": {0, 62},
    f"/amp, .amp, ?amp: {FOLDS_TOO_MUCH}": {29, 30, 45, 46, 47, 48, 49, 50, 52, 53, 67, 68},
    f"parameters that name pages elsewhere (ref, platform, s, m, source …): {FOLDS_TOO_MUCH}": {
        *(21, 23, 24, 25, 26, 28, 41, 63, 65, 66, 75, 76, 78, 79, 80, 81, 84, 85),
    },
    "a page's double escapes are undone for campaigns only": {64, 71},
    "the order of parameters may tell": {33},
    "a NUL is no part of a host (WHATWG URL §3.5)": {8},
    "a login page is no redirector": {72},
    "one site's own ways: YouTube": {61},
}


def test_what_ural_leaves_out_does_not_count_for_us():
    table = rows("ural-test-tables.json", "files", "normalize_url_test.py", "tables", "TESTS")
    found = {
        number
        for number, (address, normal) in enumerate(table)
        if keys.key(with_scheme(address)) != keys.key(with_scheme(normal, with_scheme(address)))
    }
    assert found == deviating(URAL_NORMALIZE)


def test_what_ural_keeps_apart_we_keep_apart():
    table = rows("ural-test-tables.json", "files", "normalize_url_test.py", "tables", "TESTS")
    by_key: dict[str, set[str]] = {}
    for address, normal in table:
        by_key.setdefault(keys.key(with_scheme(address)), set()).add(normal.casefold())
    # A tweet's id says it all, whatever parameters its page is given.
    assert all(keys.TWEET_PAGE.match(key) for key, normals in by_key.items() if len(normals) > 1)


URAL_CANONICALIZE = {"a NUL is escaped, not left out (WHATWG URL §4.4)": {1}}


def test_what_ural_calls_one_canonical_address_has_one_key():
    table = rows("ural-test-tables.json", "files", "canonicalize_url_test.py", "tables", "TESTS")
    found = {number for number, (a, b) in enumerate(table) if keys.key(with_scheme(a)) != keys.key(with_scheme(b))}
    assert found == deviating(URAL_CANONICALIZE)


W3LIB_CANONICALIZE = {
    "the order of parameters may tell": {116, 121, 123, 125, 146, 147, 148, 163},
    "a blank is a plus in forms only": {127, 128, 129},
    "a query need not be a form's": {126},
    "not of the web: compared as it stands": {154, 156, 157, 161},
}


def test_what_w3lib_calls_one_canonical_address_has_one_key():
    cases = calls("w3lib-test-tables.json", "test_url.py", "canonicalize_url")
    found = {n for n, ([url], options, canonical) in cases.items() if not options and keys.key(url) != keys.key(canonical)}
    assert found == deviating(W3LIB_CANONICALIZE)


W3LIB_SAFE = {"userinfo is carried as it is, for it is neither sent nor kept": {30, 32, 33, 36}}


def test_what_w3lib_makes_safe_is_the_same_address_to_us():
    cases = calls("w3lib-test-tables.json", "test_url.py", "safe_url_string")
    found = {n for n, ([url, *_], _, safe) in cases.items() if "://" in url and urls.parse(url) != urls.parse(safe)}
    assert found == deviating(W3LIB_SAFE)


COURLAN = {
    "not of the web: compared as it stands": {26, 155},
    "an apostrophe may stand in a path (RFC 3986 §3.3)": {28},
    "rests of markup are for the reader of the markup to leave out": {29, 30, 35, 36, 43, 45, 46, 47},
    "an address within one may be an archive's": {37, 38},
    "a share button is no redirector": {41, 42},
    "the order of parameters may tell": {32, 170, 172},
    "doubled slashes may be another piece": {149},
    "parameters that name other things elsewhere": {158, 159, 161},
}


def test_what_courlan_cleans_does_not_count_for_us():
    cases = {}
    for function in ("clean_url", "scrub_url", "normalize_url"):
        cases |= calls("courlan-test-tables.json", "unit_tests.py", function)
    found = {
        number
        for number, ([url, *_], options, clean) in cases.items()
        if isinstance(url, str) and isinstance(clean, str) and not options.get("strict") and keys.key(url) != keys.key(clean)
    }
    assert found == deviating(COURLAN)


COURLAN_JOIN = {"a template's gap is an address to a browser": {"{privacy}"}}


def test_addresses_are_joined_as_courlan_joins_them():
    cases = calls("courlan-test-tables.json", "unit_tests.py", "fix_relative_urls")
    found = {href for (base, href), _, joined in cases.values() if urls.parse(href, base) != urls.parse(joined)}
    assert found == COURLAN_JOIN["a template's gap is an address to a browser"]
    for line in (HOSTILE / "crawler-commons-url-resolve.csv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            href, base, joined = (part.strip().strip('"') for part in line.split(", "))
            assert urls.parse(href, base) == urls.parse(joined), line


CRAWLER_COMMONS = {
    "the order of parameters may tell": {188, 189, 191, 192, 203, 204, 207, 208, 209, 210},
    "an empty value may tell": {201},
    "doubled slashes may be another piece": {122, 123, 124, 125, 126, 127},
    "not of the web: compared as it stands": {137, 138, 175, 184, 185},
}


def test_what_crawler_commons_calls_one_normal_address_has_one_key():
    found = set()
    for number, line in enumerate((HOSTILE / "crawler-commons-weirdToNormalizedUrls.csv").read_text("utf-8").split("\n")):
        if line.strip() and not line.startswith("#"):
            url, _, normal = line.rpartition(",")
            if url.startswith('"'):
                url = url[1:-1].replace('""', '"')
            if keys.key(url) != keys.key(normal.strip()):
                found.add(number)
    assert found == deviating(CRAWLER_COMMONS)


def test_what_crawler_commons_calls_no_address_is_none():
    for line in (HOSTILE / "crawler-commons-invalidUrls.csv").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            assert urls.parse(line.strip()) is None


# Addresses that lead elsewhere.

URAL_INFER = {
    "any site's ?redirect_to= and ?url=: on most sites no redirect": {6, 8, 9, 18, 19},
    "one site's cache within the AMP cache": {14, 15},
}


def test_the_redirects_that_ural_infers_are_those_we_infer():
    table = rows("ural-test-tables.json", "files", "infer_redirection_test.py", "tables", "TESTS")
    found = set()
    for number, (url, target) in enumerate(table):
        reached = url
        while onward := unwrap(reached):
            reached = onward
        if urls.parse(reached) != urls.parse(target):
            found.add(number)
    assert found == deviating(URAL_INFER)


@pytest.mark.parametrize(("file", "name"), [("google_test.py", "LINK_TESTS"), ("facebook_test.py", "FACEBOOK_LINK_TESTS")])
def test_the_links_of_google_and_facebook_are_read_as_ural_reads_them(file, name):
    for url, target in rows("ural-test-tables.json", "files", file, "tables", name):
        assert unwrap(url) == target


def test_every_short_link_of_ural_and_minet_is_followed_and_keeps_its_case():
    shortened = rows("ural-test-tables.json", "files", "is_shortened_test.py", "tables", "TESTS")
    known = [with_scheme(url) for url, is_short in shortened if is_short]
    known += (TABLES / "minet-resolutions-shorteners.csv").read_text("utf-8").splitlines()[1:]
    known += (TABLES / "minet-redirects-urls.csv").read_text("utf-8").splitlines()[1:]
    for address in known:
        url = urls.parse(address)
        assert url
        assert is_followed(CitationKind.LINK, url, Limits())
        slug = address.split("/", 3)[-1].partition("?")[0].partition("#")[0]
        assert slug in unquote(keys.key(url)) or "%" in slug, address
    assert len(known) > 2000
    assert not find_short_links("https://t.co/ https://t.co https://bit.ly")


def test_short_links_that_minet_met_are_told_apart():
    met = {urls.parse(line) or "" for line in (TABLES / "minet-resolutions-shorteners.csv").read_text("utf-8").splitlines()[1:]}
    by_key: dict[str, set[str]] = {}
    for url in met:
        by_key.setdefault(keys.key(url), set()).add(url)
    for same in by_key.values():
        # All that two addresses of one short link differ by: scheme, campaign, an empty query.
        assert len({url.partition("://")[2].partition("?")[0].partition("#")[0] for url in same}) == 1, same


# Pages and answers that point on.

W3LIB_REFRESH = {
    "a page that refreshes itself points nowhere": {95},
    "without scripts, what stands in noscript is shown: t.co's page says it there": {100},
}


def test_refreshes_are_read_as_w3lib_reads_them():
    found = set()
    for number, row in enumerate(rows("w3lib-test-tables.json", "files", "test_html.py", "asserts")):
        if row["call"] != "get_meta_refresh" or row["kwargs"]:
            continue
        html, *rest = row["args"]
        content = html["_bytes_latin1"].encode("latin-1") if isinstance(html, dict) else html.encode()
        pointer = refresh.find(content, urls.parse(rest[0] if rest else "http://none.example/") or Url(""))
        seconds, target = row["expected"]
        aim = urls.parse(target) if target and seconds <= refresh.MAX_DELAY else None
        if (pointer and pointer.url) != aim:
            found.add(number)
    assert found == deviating(W3LIB_REFRESH)


def exchange(url: str, status: int, *headers: tuple[str, str], content: bytes = b"") -> Exchange:
    return Exchange(urls.parse(url) or Url(""), status, headers, content, False, (), NOON, 1)


def step(answer: Exchange) -> Follow | Stop:
    hop, pointing = read_hop(answer, None)
    return next_step([hop], answer, pointing, Limits())


def test_locations_are_followed_where_scrapy_follows_them():
    for url, location, target in rows("scrapy-redirect-test-tables.json", "scheme_cases", "rows"):
        body = f'<meta http-equiv="refresh" content="0;url={location}">'.encode()
        located, refreshed = step(exchange(url, 302, ("location", location))), step(exchange(url, 200, content=body))
        if target:
            assert located == Follow(Url(target), Via.LOCATION)
            assert refreshed == Follow(Url(target), Via.META_REFRESH)
        else:
            assert isinstance(located, Stop)
            assert located.outcome is Outcome.BAD_LOCATION
            assert refreshed == Stop(Outcome.ARRIVED, None)


def test_refreshes_are_followed_where_scrapy_follows_them():
    found = []
    for number, row in enumerate(rows("scrapy-redirect-test-tables.json", "meta_refresh_cases")):
        given = step(exchange(row["url"], 200, ("content-type", "text/html"), content=row["body"].encode()))
        if (given.url if isinstance(given, Follow) else None) != row["target"]:
            found.append(number)
    assert found == [2]  # within noscript: t.co's page has it there
