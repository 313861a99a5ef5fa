"""Whose cookie goes where (RFC 6265), and for how long."""

from datetime import UTC, datetime

import pytest

from crawler.core.model import Url
from crawler.web.cookies import MOST, Jar

NOW = datetime(2016, 10, 25, 18, 0, tzinfo=UTC)
HERE = "https://www.a.example/story/1"


def jar(*lines, url=HERE, before=None):
    return (before or Jar()).after(Url(url), [("set-cookie", line) for line in lines], NOW)


@pytest.mark.parametrize(
    ("line", "url", "sent"),
    [
        ("id=1", HERE, "id=1"),
        ("id=1", "https://www.a.example/other", ""),  # the path it was set at is the default (§5.1.4)
        ("id=1; Path=/", "https://www.a.example/other", "id=1"),
        ("id=1; Path=/", "https://www.a.example:8443/", "id=1"),  # ports don't part cookies
        ("id=1; Path=/", "https://a.example/", ""),
        ("id=1; Path=/", "https://b.www.a.example/", ""),
        ("id=1; Path=/", "https://other.example/", ""),
        ("id=1; Path=/; Domain=a.example", "https://a.example/", "id=1"),
        ("id=1; Path=/; Domain=.A.EXAMPLE", "https://other.a.example/", "id=1"),
        ("id=1; Path=/; Domain=a.example", "https://xa.example/", ""),
        ("id=1; Path=/; Domain=www.a.example", "https://b.www.a.example/", "id=1"),
        ("id=1; Path=/; Domain=b.www.a.example", HERE, ""),
        ("id=1; Path=/; Domain=example", HERE, ""),  # a public suffix
        ("id=1; Path=/; Domain=other.example", HERE, ""),
        ("id=1; Path=/; Domain=other.example", "https://other.example/", ""),
        ("id=1; Path=/; Secure", "https://www.a.example/", "id=1"),
        ("id=1; Path=/; Secure", "http://www.a.example/", ""),
        ("id=1; Path=/", "http://www.a.example/", "id=1"),
        ("id=1; Path=/st", HERE, ""),
        ("id=1; Path=/story", HERE, "id=1"),
        ("id=1; Path=story", HERE, "id=1"),
        ("__Host-id=1; Secure; Path=/", HERE, "__Host-id=1"),
        ("__Host-id=1; Secure; Path=/; Domain=www.a.example", HERE, ""),
        ("__host-id=1; Secure; Path=/story", HERE, ""),
        ("__Secure-id=1; Secure; Path=/; Domain=a.example", "https://a.example/", "__Secure-id=1"),
        ("__Secure-id=1; Path=/", HERE, ""),
        ("id=a=b", HERE, "id=a=b"),
        (' id = "1" ; HttpOnly; SameSite=Lax', HERE, 'id="1"'),
        ("lone", HERE, "lone"),
        ("=", HERE, ""),
        ("", HERE, ""),
        ("id=1\tx; Path=/", HERE, ""),
        ("id=café; Path=/", HERE, ""),
        ("id=" + "x" * 5000, HERE, ""),
        ("id=1; Max-Age=0", HERE, ""),
        ("id=1; Max-Age=-5", HERE, ""),
        ("id=1; Max-Age=5; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HERE, "id=1"),
        ("id=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HERE, ""),
        ("id=1; Expires=Fri, 01-Jan-2038 00:00:00 GMT", HERE, "id=1"),
        ("id=1; Expires=soon; Max-Age=soon", HERE, "id=1"),
    ],
)
def test_a_cookie_goes_where_it_was_set_for_and_nowhere_else(line, url, sent):
    assert jar(line).header(Url(url)) == sent


@pytest.mark.parametrize(
    ("url", "line", "to", "sent"),
    [
        ("https://www.bbc.co.uk/", "a=1; Domain=co.uk", "https://other.co.uk/", ""),
        ("https://www.bbc.co.uk/", "a=1; Domain=bbc.co.uk", "https://bbc.co.uk/", "a=1"),
        ("https://me.github.io/", "a=1; Domain=github.io", "https://you.github.io/", ""),
        ("https://github.io/", "a=1; Domain=github.io", "https://you.github.io/", ""),
        ("https://github.io/", "a=1; Domain=github.io", "https://github.io/", "a=1"),
        ("https://me.github.io/", "a=1; Domain=me.github.io", "https://b.me.github.io/", "a=1"),
        ("https://a.example./", "a=1; Domain=example.", "https://b.example./", ""),
        ("https://1.2.3.4/", "a=1; Domain=1.2.3.4", "https://1.2.3.4/", "a=1"),
        ("https://1.2.3.4/", "a=1; Domain=3.4", "https://9.2.3.4/", ""),
        ("https://1.2.3.4/", "a=1", "https://1.2.3.4/", "a=1"),
        ("http://a.example/", "a=1; Secure", "https://a.example/", ""),  # an open line may not speak for a closed one
    ],
)
def test_no_cookie_is_set_for_more_than_a_site(url, line, to, sent):
    assert jar(line, url=url).header(Url(to)) == sent


def test_a_cookie_set_again_takes_the_place_of_the_first_and_one_that_is_over_leaves():
    both = jar("a=1", "b=2")
    assert both.header(Url(HERE)) == "a=1; b=2"
    assert jar("a=3", before=both).header(Url(HERE)) == "a=3; b=2"
    assert jar("a=; Max-Age=0", before=both).header(Url(HERE)) == "b=2"
    assert jar("c=1; Path=/story/1", before=both).header(Url(HERE)).startswith("c=1; ")


def test_a_jar_has_its_limits_and_no_value_shows():
    assert len(jar(*(f"n{number}=x" for number in range(200))).cookies) == MOST
    assert "hush" not in repr(jar("id=hush"))
