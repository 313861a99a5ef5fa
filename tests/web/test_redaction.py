"""What is written down of secrets and cookies: nothing that could be used, and enough to tell two apart."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.core.model import Url
from crawler.web.cookies import Jar
from crawler.web.redaction import cookie_mark, redacted, set_cookie_mark

HERE = Url("https://www.a.example/story/1")
NOW = datetime(2016, 10, 25, 18, 0, tzinfo=UTC)


def test_redaction_keeps_apart_what_differs_and_leaves_the_rest_alone():
    one, two = redacted("http://a/?token=1&x=1"), redacted("http://a/?token=2&x=1")
    assert one != two
    assert redacted(one) == one
    for harmless in ("http://a/?keyword=1&monkey=2", "http://a/?v=1#token", "http://a/@user/?q=a@b"):
        assert redacted(harmless) == harmless


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("id=hush; Path=/; HttpOnly", "; path=/"),
        ("id=; Max-Age=0", "; max-age=0"),
        ("id=hush; Expires=Fri, 01-Jan-2038 00:00:00 GMT; Secure; Domain=a.example", "; domain=a.example; secure"),
    ],
)
def test_the_mark_of_a_cookie_says_where_it_goes_and_not_what_it_is(line, mark):
    made = set_cookie_mark(line, NOW)
    assert "hush" not in made
    assert "id" not in made.partition(";")[0].split("=")
    assert made.endswith(mark)
    assert set_cookie_mark(made, NOW) == made
    sent = Jar().after(HERE, [("set-cookie", made)], NOW).header(HERE)
    assert cookie_mark(sent) == sent
