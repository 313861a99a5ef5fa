"""Where a chain goes on and where it ends, as tables."""

import json
from datetime import UTC, datetime

import pytest

from crawler.core.model import Exchange, Failure, Hop, Outcome, Url, Via
from crawler.core.redirects import Follow, Stop, next_step, read_hop
from crawler.core.settings import Limits

NOON = datetime(2016, 10, 25, 12, tzinfo=UTC)
HERE = "http://a.example/dir/page"
HTML = ("content-type", "text/html; charset=utf-8")


def answer(status=200, *headers, url=HERE, content=b"", truncated=False):
    return Exchange(Url(url), status, headers, content, truncated, (), NOON, 1)


def located(*locations, status=301, url=HERE):
    return answer(status, *(("location", location) for location in locations), url=url)


def step(given, limits=None):
    return after([], given, limits)


def after(hops, given, limits=None):
    made, pointing = read_hop(given, None)
    return next_step([*hops, made], given, pointing, limits or Limits())


def location_of(given):
    return read_hop(given, None)[0].location


def hop(url):
    return Hop(Url(url), 301, None, None, NOON, 1)


LOCATIONS = {
    "/abs": "http://a.example/abs",
    "rel": "http://a.example/dir/rel",
    "../../../up": "http://a.example/up",
    "?q=1": "http://a.example/dir/page?q=1",
    "//b.example/x": "http://b.example/x",
    "///b.example/x": "http://b.example/x",
    "http:/x": "http://a.example/x",
    "HTTP://B.EXAMPLE/X": "http://b.example/X",
    "  http://b.example/ ": "http://b.example/",
    "http://b.example/a b": "http://b.example/a%20b",
    "http://b.example/%zz%": "http://b.example/%zz%",
    "http://b.example/?u=http%3A%2F%2Fc": "http://b.example/?u=http%3A%2F%2Fc",
    "http://b.example/é": "http://b.example/%C3%A9",
    "http://b.example\\@c.example/": "http://b.example/@c.example/",
    "http://xn--a/": "http://xn--a/",
    "http://user:pw@b.example/": "http://b.example/",
    "https://a.example/dir/page": "https://a.example/dir/page",
}


@pytest.mark.parametrize(("location", "url"), LOCATIONS.items())
def test_a_location_is_read_as_browsers_read_it(location, url):
    assert step(located(location)) == Follow(Url(url), Via.LOCATION)


@pytest.mark.parametrize(
    ("locations", "reason"),
    [
        ((), "without a Location"),
        (("",), "empty"),
        (("   ",), "empty"),
        (("http://",), "no URL"),
        (("http://b.example:99999/",), "no URL"),
        (("http://b.example:-1/",), "no URL"),
        (("http://b.example /",), "no URL"),
        (("http://[::1",), "no URL"),
        (("mailto:a@b.example",), "isn't http"),
        (("file:///etc/passwd",), "isn't http"),
        (("data:text/html,hi",), "isn't http"),
        (("javascript:alert(1)",), "isn't http"),
        (("ftp://b.example/",), "isn't http"),
        (("http://b.example/1", "http://c.example/2"), "differ"),
    ],
)
def test_a_redirect_that_leads_nowhere_says_why(locations, reason):
    match step(located(*locations)):
        case Stop(Outcome.BAD_LOCATION, detail):
            assert reason in detail
        case other:
            pytest.fail(str(other))


def test_two_equal_locations_are_one():
    assert step(located("/x", "/x")) == Follow(Url("http://a.example/x"), Via.LOCATION)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_these_statuses_redirect(status):
    assert step(located("/x", status=status)) == Follow(Url("http://a.example/x"), Via.LOCATION)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.ARRIVED),
        (201, Outcome.ARRIVED),
        (204, Outcome.ARRIVED),
        (101, Outcome.HTTP_ERROR),
        (304, Outcome.HTTP_ERROR),
        (305, Outcome.HTTP_ERROR),
        (306, Outcome.HTTP_ERROR),
        (399, Outcome.HTTP_ERROR),
        (403, Outcome.HTTP_ERROR),
        (404, Outcome.GONE),
        (410, Outcome.GONE),
        (429, Outcome.TRY_LATER),
        (451, Outcome.HTTP_ERROR),
        (500, Outcome.HTTP_ERROR),
        (503, Outcome.TRY_LATER),
        (999, Outcome.HTTP_ERROR),
    ],
)
def test_other_statuses_end_the_chain_whatever_their_location(status, outcome):
    given = located("/x", status=status)
    assert step(given) == Stop(outcome, step(given).detail)
    assert location_of(given) is None


@pytest.mark.parametrize(
    ("base", "location", "url"),
    [
        (f"{HERE}#part", "/x", "http://a.example/x#part"),
        (f"{HERE}#part", "/x#own", "http://a.example/x#own"),
        (f"{HERE}#part", "/x#", "http://a.example/x#"),
        (HERE, "/x#own", "http://a.example/x#own"),
    ],
)
def test_a_fragment_is_inherited_where_the_location_has_none(base, location, url):
    assert step(located(location, url=base)) == Follow(Url(url), Via.LOCATION)


@pytest.mark.parametrize("location", [HERE, "page", "#part", "http://b.example/seen", "http://b.example/seen#again"])
def test_what_was_requested_in_this_chain_is_a_loop(location):
    given = located(location)
    assert after([hop("http://b.example/seen#x")], given).outcome is Outcome.LOOP


@pytest.mark.parametrize("location", ["https://a.example/dir/page", "http://a.example/dir/page/", "http://a.example/DIR/page"])
def test_a_url_that_differs_at_all_is_no_loop(location):
    assert isinstance(step(located(location)), Follow)


def test_a_chain_has_so_many_hops_and_no_more():
    given = located("/x")
    hops = [hop(f"http://b.example/{number}") for number in range(18)]
    assert isinstance(after(hops, given, Limits(max_hops=20)), Follow)
    assert after([*hops, hop("http://c.example/")], given, Limits(max_hops=20)) == Stop(
        Outcome.TOO_MANY_HOPS, "http://a.example/x"
    )


def test_a_failure_keeps_its_own_outcome():
    failure = Failure(Url(HERE), Outcome.TLS_ERROR, "expired", (), NOON, 1)
    assert step(failure) == Stop(Outcome.TLS_ERROR, "expired")
    assert read_hop(failure, Via.LOCATION)[0].status is None


def test_a_page_past_the_cap_is_too_large_but_may_still_point_on():
    assert step(answer(200, HTML, content=b"<p>", truncated=True)).outcome is Outcome.TOO_LARGE
    pointing = b'<meta http-equiv=refresh content="0;url=/x">'
    assert isinstance(step(answer(200, HTML, content=pointing, truncated=True)), Follow)


def test_the_hop_keeps_the_pointer_as_sent_but_no_password():
    assert location_of(located("../x y")) == "../x y"
    assert location_of(located("http://u:secret@b.example/")) == "http://b.example/"
    assert location_of(located("javascript:x")) == "javascript:x"


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("0;url=/x", "http://a.example/x"),
        ("3; URL='/x'", "http://a.example/x"),
        ("300;url=/x", None),
        ("0", None),
        ("0;url=page", None),
    ],
)
def test_a_refresh_header_points_on(value, url):
    given = answer(200, HTML, ("refresh", value))
    assert step(given) == (Follow(Url(url), Via.REFRESH_HEADER) if url else Stop(Outcome.ARRIVED, None))


def test_an_error_page_that_leads_home_is_an_error_page():
    assert step(answer(404, HTML, ("refresh", "0;url=/"), content=b"")).outcome is Outcome.GONE


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_only_html_sends_its_reader_on(content_type):
    content = b'<meta http-equiv=refresh content="0;url=/x">'
    assert step(answer(200, ("content-type", content_type), content=content)) == Stop(Outcome.ARRIVED, None)
    assert isinstance(step(answer(200, content=content)), Follow)


def test_every_hostile_location_is_read_as_the_corpus_says(hostile):
    for line in (hostile / "redirects" / "own-location-values.jsonl").read_text().splitlines():
        case = json.loads(line)
        if "multiple" in case or "…" in case["location_hex"]:
            continue
        raw = bytes.fromhex(case["location_hex"])
        try:
            location = raw.decode()
        except UnicodeDecodeError:
            location = raw.decode("latin-1")
        given = located(location, url=case["base"].partition("#")[0])
        expected = case["whatwg"]
        match step(given):
            case Follow(url, Via.LOCATION):
                assert expected is None or url == expected.replace("user:pw@", "").replace("user@", "").replace(
                    "b.example@c", "c"
                ).replace("b.example:80@c", "c"), case
            case Stop(Outcome.BAD_LOCATION, detail):
                assert detail
                assert not location.strip() or expected is None or not expected.startswith("http"), case
            case Stop(outcome, _):
                assert outcome is Outcome.LOOP, case
