"""How an address is read and joined, as tables."""

import pytest

from crawler.core import urls


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://a.example/", True),
        ("http://a.example", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://[::1]/", True),
        ("https://medium.com/@ann/story", True),
        ("http://xn--/", True),
        ("https://", False),
        ("http://", False),
        ("http://?q", False),
        ("http://#f", False),
        ("http://:80/", False),
        ("http://@/x", False),
        ("https://me@/x", False),
        ("https://me@a.example/", False),
        ("https://me:pw@a.example/", False),
        ("https://:pw@a.example/", False),
        ("https://twitter.com@a.example/ann/status/12", False),
        ("https://twitter.com%2Fann@a.example/", False),
        ("http://a.example:99999/", False),
        ("http://a b/", False),
        ("http://%00/", False),
        ("https:a.example", False),
        ("//a.example/", False),
        ("a.example", False),
        ("ftp://a.example/", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("mailto:a@b.example", False),
        ("urn:tweet:ann", False),
        ("", False),
    ],
)
def test_only_http_with_a_host_and_without_credentials_is_of_the_web(url, answer):
    assert urls.is_web(url) is answer


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("http://xn--/", "http://xn--/"),  # carried: that no name server knows it is for one to say
        ("http://xn--a/", "http://xn--a/"),
        ("https://a.example/\ud83d", "https://a.example/%EF%BF%BD"),  # half a pair, as JSON can hold it
        ("https://a.example/\ud83d\ude00", "https://a.example/%F0%9F%98%80"),
        ("https://a.example/%zz%", "https://a.example/%zz%"),
        ("https://a.example/\0x", "https://a.example/%00x"),
        ("https://a\0.example/", None),
        ("a.example", None),
        ("", None),
    ],
)
def test_an_address_is_read_as_browsers_read_it(href, url):
    assert urls.parse(href) == url


@pytest.mark.parametrize(
    ("base", "href", "url"),
    [
        ("https://a.example/b/c?d#e", "", "https://a.example/b/c?d"),
        ("https://a.example/b/c", "x", "https://a.example/b/x"),
        ("https://a.example/b/c", "//b.example/x", "https://b.example/x"),
        ("https://a.example/\ud83d", "x", "https://a.example/x"),
        ("", "https://a.example/", "https://a.example/"),
        (None, "/x", None),
        ("mailto:a@b.example", "/x", None),
        ("no URL", "https://a.example/", None),
    ],
)
def test_an_address_is_joined_as_browsers_join_it(base, href, url):
    assert urls.parse(href, base) == url
