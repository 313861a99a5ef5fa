"""What an address is compared by, as tables: each row is a decision."""

from datetime import date

import pytest

from crawler.core import keys, tracking
from crawler.core.model import Tweet

# Two addresses of one piece.
SAME = {
    "scheme: a site serves one thing on both default ports": ("http://a.example/x", "https://a.example/x"),
    "scheme and host: no case (RFC 3986 §6.2.2.1)": ("HTTPS://A.Example/x", "https://a.example/x"),
    "host: no matter how its letters are written (WHATWG URL §3.3)": (
        "https://bücher.example/",
        "https://xn--bcher-kva.example/",
    ),
    "host: the root's dot is understood (RFC 1034 §3.1)": ("https://a.example./x", "https://a.example/x"),
    "host: an address is a number (WHATWG URL §3.5)": ("http://0x7f.1/", "http://127.0.0.1/"),
    "port: the default is understood (RFC 3986 §6.2.3)": ("https://a.example:443/x", "https://a.example/x"),
    "port: empty is none (RFC 3986 §6.2.3)": ("https://a.example:/x", "https://a.example/x"),
    "credentials: neither sent nor kept": ("https://me:pw@a.example/x", "https://a.example/x"),
    "path: empty is the root (RFC 3986 §6.2.3)": ("https://a.example", "https://a.example/"),
    "path: dot segments (RFC 3986 §6.2.2.3)": ("https://a.example/b/./c/../x", "https://a.example/b/x"),
    "path: backslashes are slashes (WHATWG URL §4.4)": ("https://a.example\\b\\x", "https://a.example/b/x"),
    "escapes: no case (RFC 3986 §6.2.2.1)": ("https://a.example/%c3%a9?q=%2f", "https://a.example/%C3%A9?q=%2F"),
    "escapes: not of unreserved characters (RFC 3986 §6.2.2.2)": ("https://a.example/%7Ex%2D?%5F=1", "https://a.example/~x-?_=1"),
    "escapes: what a browser escapes (WHATWG URL §1.3)": ("https://a.example/é ü", "https://a.example/%C3%A9%20%C3%BC"),
    "escapes: of what may not stand there (RFC 3986 §2.2)": (
        "https://a.example/b|c?x[y]={1}",
        "https://a.example/b%7Cc?x%5By%5D=%7B1%7D",
    ),
    "escapes: a percent sign that begins none": ("https://a.example/90%?a=%&b=%4", "https://a.example/90%25?a=%25&b=%254"),
    "escapes: read from the left": ("https://a.example/%2%65", "https://a.example/%252e"),
    "blanks around, line breaks within (WHATWG URL §4.4)": (" https://a.exa\nmple/x\t", "https://a.example/x"),
    "query: empty": ("https://a.example/x?", "https://a.example/x"),
    "query: empty pairs": ("https://a.example/x?&a=1&&b=2&", "https://a.example/x?a=1&b=2"),
    "query: campaigns": ("https://a.example/x?utm_source=t&a=1&fbclid=2", "https://a.example/x?a=1"),
    "query: campaigns in a page's double escapes": ("https://a.example/x?a=1&amp;utm_source=t", "https://a.example/x?a=1"),
    "query: nothing but a campaign": ("https://a.example/x?utm_source=t", "https://a.example/x"),
    "fragment: a place in a page": ("https://a.example/x#part", "https://a.example/x"),
    "fragment: words to be marked": ("https://a.example/x#:~:text=words", "https://a.example/x"),
    "fragment: a link that does nothing": ("https://a.example/x#!", "https://a.example/x#/"),
    "tweet: the id names it": ("https://twitter.com/ann/status/12?s=20", "https://x.com/bob/status/12/photo/1"),
    "tweet: on a phone": ("https://mobile.twitter.com/ann/status/12", "http://m.twitter.com/ann/statuses/12"),
    "tweet: without a handle": ("https://twitter.com/i/web/status/12", "https://twitter.com/i/status/12"),
    "tweet: as a route": ("https://twitter.com/#!/ann/status/12", "https://twitter.com/ann/status/12"),
    "tweet: whatever its address was written with": ("https://me@TWITTER.com:443/ann/status/12", "https://x.com/i/status/12"),
    "media: printed without its scheme": ("pic.twitter.com/AbC", "https://pic.x.com/AbC"),
    "t.co: the slug alone names it": ("http://t.co/AbC?amp=1", "https://t.co/AbC"),
    "AMP cache: what it serves": (
        "https://www-a-example.cdn.ampproject.org/c/s/www.a.example/x?usqp=1",
        "https://www.a.example/x",
    ),
    "AMP cache: of a page without TLS": ("https://a-example.cdn.ampproject.org/v/a.example/x", "http://a.example/x"),
    "archive: how a copy is dressed": (
        "https://web.archive.org/web/20160102030405if_/http://a.example/x",
        "http://web.archive.org/web/20160102030405/https://a.example:443/x",
    ),
    "archive: the original's own rules": (
        "https://web.archive.org/web/20160102030405/https://x.com/ann/status/12?s=20",
        "https://web.archive.org/web/20160102030405/https://twitter.com/i/status/12",
    ),
    "archive: its other names": ("https://archive.is/AbCdE", "http://archive.ph/AbCdE"),
    "archive: two ways to write a moment": (
        "http://archive.today/2016.01.02-030405/http://a.example/x",
        "https://archive.ph/20160102030405/https://a.example/x",
    ),
    "archive: with or without its frame": (
        "https://arquivo.pt/noFrame/replay/20160102030405/http://a.example/x",
        "https://arquivo.pt/wayback/20160102030405/http://a.example/x",
    ),
}

# Addresses that may be two pieces, however seldom: only what a server says makes them one.
DIFFERENT = {
    "path: its case": ("https://a.example/X", "https://a.example/x"),
    "t.co: its case": ("https://t.co/AbCdEfGhIj", "https://t.co/aBCdEfGhIj"),
    "media: its case": ("pic.twitter.com/AbCdEfGhIj", "pic.twitter.com/aBCdEfGhIj"),
    "bit.ly: its case": ("https://bit.ly/2KkpxiW", "https://bit.ly/2kkpxiW"),
    "archive: the case of a short code": ("https://archive.is/AbCdE", "https://archive.is/aBCdE"),
    "path: a trailing slash": ("https://a.example/x/", "https://a.example/x"),
    "path: doubled slashes": ("https://a.example//x", "https://a.example/x"),
    "path: a slash within a segment": ("https://a.example/b%2Fx", "https://a.example/b/x"),
    "path: an escaped percent sign": ("https://a.example/%2541", "https://a.example/A"),
    "path: index.html": ("https://a.example/index.html", "https://a.example/"),
    "path: /amp, which is each site's own": ("https://a.example/x/amp", "https://a.example/x"),
    "host: www.": ("https://www.a.example/x", "https://a.example/x"),
    "host: m.": ("https://m.a.example/x", "https://a.example/x"),
    "port: another one": ("https://a.example:8443/x", "https://a.example/x"),
    "port: the other scheme's": ("http://a.example:443/x", "http://a.example/x"),
    "query: its case": ("https://a.example/?v=AbC", "https://a.example/?v=abc"),
    "query: its order": ("https://a.example/?a=1&b=2", "https://a.example/?b=2&a=1"),
    "query: an empty value": ("https://a.example/?a=", "https://a.example/?a"),
    "query: a blank is not a plus everywhere": ("https://a.example/?q=a+b", "https://a.example/?q=a%20b"),
    "query: a name that only looks like a campaign's": ("https://a.example/?utm=1", "https://a.example/"),
    "query: where a site says whence, and which": ("https://a.example/?ref=1", "https://a.example/?ref=2"),
    "fragment: a route": ("https://a.example/#!/x", "https://a.example/#!/y"),
    "fragment: a route without a mark": ("https://a.example/#/x", "https://a.example/#/y"),
    "tweets: two ids": ("https://twitter.com/ann/status/12", "https://twitter.com/ann/status/123"),
    "tweet: another site's": ("https://nottwitter.com/ann/status/12", "https://twitter.com/ann/status/12"),
    "tweet: a host that ends in x.com": ("https://netflix.com/ann/status/12", "https://x.com/ann/status/12"),
    "tweet: credentials that look like its host": ("https://twitter.com@a.example/ann/status/12", "https://x.com/ann/status/12"),
    "tweet: in a parameter": ("https://a.example/?u=https://twitter.com/ann/status/12", "https://twitter.com/ann/status/12"),
    "archive: a copy is not its original": ("https://web.archive.org/web/20160102030405/http://a.example/", "https://a.example/"),
    "archive: two moments": (
        "https://web.archive.org/web/20160102030405/http://a.example/",
        "https://web.archive.org/web/20160102030406/http://a.example/",
    ),
    "archive: two archives": (
        "https://web.archive.org/web/20160102030405/http://a.example/",
        "https://archive.today/20160102030405/http://a.example/",
    ),
    "wrapper: what it leads to is for the web to say": (
        "https://l.facebook.com/l.php?u=https://a.example/",
        "https://a.example/",
    ),
}

KEYS = {
    "https://www.rt.com/news/364191-assange-ecuador-internet-access/": "https://www.rt.com/news/364191-assange-ecuador-internet-access/",
    "http://www.rt.com/news/?utm_source=rss#top": "https://www.rt.com/news/",
    "https://twitter.com/RT_com/status/788330364183543808": "https://twitter.com/i/status/788330364183543808",
    "pic.twitter.com/UVu3aa4tJ1": "https://pic.twitter.com/UVu3aa4tJ1",
    "http://t.co/54iN2oPcLX": "https://t.co/54iN2oPcLX",
    "http://a.example:8080/x": "http://a.example:8080/x",
    "http://[::1]:80/": "https://[::1]/",
    "https://twitter.com/ann": "https://twitter.com/ann",
    "https://web.archive.org/web/20160102030405id_/http://www.a.example:80/x?b=1#!/r": (
        "https://web.archive.org/web/20160102030405/https://www.a.example/x?b=1#!/r"
    ),
    "https://wayback.archive-it.org/12/20160102030405im_/http://a.example/": (
        "https://wayback.archive-it.org/12/20160102030405/https://a.example/"
    ),
    "https://web.archive.org/web/20160102030405/http%3A%2F%2F%5B::1%5D/": "https://web.archive.org/web/20160102030405/https://%5B::1%5D/",
    "https://web.archive.org/web/2016*/http://a.example/": "https://web.archive.org/web/2016*/http://a.example/",
    "https://web.archive.org/web/http://a.example/": "https://web.archive.org/web/https://a.example/",
    "https://archive.is/o/AbCdE/http://a.example/": "https://archive.today/o/AbCdE/https://a.example/",
    "urn:tweet:ann:2016-10-18:0123456789abcdef": "urn:tweet:ann:2016-10-18:0123456789abcdef",
    "mailto:a@b.example": "mailto:a@b.example",
    "file:///article.html": "file:///article.html",
    "no URL": "no URL",
    "": "",
}


@pytest.mark.parametrize("why", SAME)
def test_one_piece_has_one_key(why):
    one, other = SAME[why]
    assert keys.key(one) == keys.key(other)
    assert keys.key(keys.key(one)) == keys.key(one)


@pytest.mark.parametrize("why", DIFFERENT)
def test_what_may_be_two_pieces_has_two_keys(why):
    one, other = DIFFERENT[why]
    assert keys.key(one) != keys.key(other)
    assert keys.key(keys.key(one)) == keys.key(one)


@pytest.mark.parametrize(("url", "key"), KEYS.items())
def test_a_key_is_an_address_that_reads_like_one(url, key):
    assert keys.key(url) == key
    assert keys.key(key) == key


LISTED = sorted(tracking.TRACKING_PARAMETERS) + [
    prefix + ending for prefix in tracking.TRACKING_PREFIXES for ending in ("source", "x")
]
PAGES = [
    "id",
    "p",
    "page",
    "q",
    "v",
    "s",
    "t",
    "a",
    "b",
    "ref",
    "source",
    "from",
    "via",
    "src",
    "cid",
    "mode",
    "lang",
    "article",
    "story",
    "newsid",
    "utm",
    "gcl",
    "_g",
    "xto",
    "pk_id",
    "at_home",
    "h",
    "cmp",
]


@pytest.mark.parametrize("name", LISTED)
def test_each_listed_parameter_is_left_out_however_it_is_written(name):
    key = keys.key("https://a.example/x?a=1&b=2")
    escaped = "".join(f"%{ord(letter):02x}" for letter in name)
    for written in (name, name.upper(), name.title(), escaped, f"amp;{name}", name.replace("_", "%5F")):
        for pair in (f"{written}=v", f"{written}=", written, f"{written}=https://b.example/?c=3"):
            assert keys.key(f"https://a.example/x?a=1&{pair}&b=2") == key, written


@pytest.mark.parametrize("name", PAGES)
def test_no_other_parameter_is_left_out(name):
    assert name not in tracking.TRACKING_PARAMETERS
    assert keys.key(f"https://a.example/x?{name}=1") == f"https://a.example/x?{name}=1"


def test_every_listed_parameter_is_listed_once_and_in_lower_case():
    names = [name for names in tracking.TRACKING.values() for name in names.split()]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and not name.startswith("amp;") for name in names)
    assert not [name for name in tracking.TRACKING_PARAMETERS if name.startswith(tracking.TRACKING_PREFIXES)]


def flattened(text):
    """Return a tweet as a flattened text has it: without its id."""
    return Tweet(None, None, "ann", "Ann", text, "March 1, 2026", date(2026, 3, 1), None, (), (), "tail")


def test_two_prints_of_a_flattened_tweet_have_one_name():
    printed = ("Fire at the quay https://t.co/9mXcPd2LsV", "Fire  at the quayhttps://t.co/9mXcPd2LsVpic.twitter.com/Qe7TbN3uWa")
    assert len({keys.tweet_url(flattened(text)) for text in printed}) == 1


def test_two_flattened_tweets_of_a_day_that_are_nothing_but_their_links_have_two_names():
    printed = ("https://t.co/9mXcPd2LsV", "https://t.co/Hb4rWq7TzK", "https://t.co/Hb4rWq7TzK pic.twitter.com/Qe7TbN3uWa")
    assert len({keys.tweet_url(flattened(text)) for text in printed}) == 3
    glued, apart = (keys.tweet_url(flattened(f"https://t.co/Hb4rWq7TzK{gap}pic.twitter.com/Qe7TbN3uWa")) for gap in ("", " "))
    assert glued == apart
