"""Chains, one a row: what is asked for, what the web answers, and what must come of it.

Each row has two sites for itself, here.test and there.test, and where it stands for a real one its paths. The chain
starts at the first URL of its web. A hop is written as in "location 301 http://a.here.test/": what pointed on to it
(nothing for the first), its status ("-" for none), its URL. What stands in no row's web is 404.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import httpx

from crawler.core.model import Landing, Outcome
from crawler.core.settings import Limits
from crawler.web.faults import UnknownHost
from tests.core.test_refresh import REFRESHES, STAYING
from tests.standin import (
    BABBLING,
    CLOSING,
    HUSHED,
    PUBLIC,
    REFUSING,
    RESETTING,
    SILENT,
    Answer,
    Drip,
    Flood,
    Gate,
    Names,
    Raw,
    Script,
    Table,
    page,
    to,
)

BODY_BYTES = 100_000
PATIENT = Limits(max_attempts=3, max_visits=1, body_bytes=BODY_BYTES)
HASTY = replace(PATIENT, max_attempts=1, hop_seconds=1.5)
CONNECT_SECONDS = 0.7

CITED_ON = "2016-10-20T12:00:00Z"  # all the links
ARCHIVE = "http://archive.test"


@dataclass(frozen=True)
class Row:
    """One chain."""

    web: Table
    hops: Sequence[str]
    outcome: Outcome = Outcome.ARRIVED
    says: str = ""  # in the detail
    landing: Landing | None = None
    attempts: Sequence[
        str
    ] = ()  # of the last hop, in their order: status, reason of the wait, seconds waited; none: not looked at
    copy: str | None = None  # the archive's, of the piece that is lost
    key: str | None = None  # of the piece it led to
    sent: Mapping[str, str] = field(default_factory=dict)  # last, in these fields; "" for none
    names: Names = field(default_factory=dict)
    limits: Limits = PATIENT

    @property
    def start(self) -> str:
        return next(iter(self.web))

    @property
    def expected(self) -> list[tuple[str | None, int | None, str]]:
        """The hops: via, status, URL."""
        split = [hop.split(" ") for hop in self.hops]
        return [(via[0] if via else None, None if status == "-" else int(status), url) for *via, status, url in split]


# Where the pieces of rows stand, and how they answer.

A, B, C = "http://a.here.test/x", "http://b.there.test/y", "http://c.there.test/z"
PIECE = page("the piece")
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HTML + b"Transfer-Encoding: chunked\r\n\r\n"
ROBOTS = "http://b.there.test/robots.txt"


def html(content: str | bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(200, named, content if isinstance(content, bytes) else content.encode())


def rules(content: bytes) -> Answer:
    return Answer(200, {"Content-Type": "text/plain"}, content)


def moved(*locations: bytes, status: int = 301) -> Raw:
    lines = b"".join(b"Location: %b\r\n" % location for location in locations)
    return Raw(b"HTTP/1.1 %d Moved\r\n%bContent-Length: 0\r\n\r\n" % (status, lines), "keep")


def packed(coding: str, body: bytes) -> Answer:
    return Answer(headers={"Content-Encoding": coding}, body=body)


def gzipped(content: bytes) -> bytes:
    return zlib.compress(content, wbits=31)


def ends(answer: Script, status: int | str, outcome: Outcome, says: str = "", **more: Any) -> Row:
    """Return a chain of two hops that ends with answer."""
    return Row({A: to(B), B: answer}, [f"301 {A}", f"location {status} {B}"], outcome, says, **more)


def stays(answer: Script, status: int = 200, outcome: Outcome = Outcome.ARRIVED, **more: Any) -> Row:
    """Return a chain of one hop."""
    return Row({A: answer}, [f"{status} {A}"], outcome, **more)


def leads(answer: Script, via: str, status: int = 200, target: str = B, **more: Any) -> Row:
    """Return a chain that answer leads to its piece at target."""
    return Row({A: answer, target: PIECE}, [f"{status} {A}", f"{via} 200 {target}"], **more)


# Statuses

STATUSES = {
    **{f"{status} leads on": leads(to(B, status), "location", status) for status in (300, 301, 302, 303, 307, 308)},
    **{f"{status} with a Location stays": stays(to(B, status), status) for status in (200, 201, 204)},
    **{
        f"{status} with a Location is an error": stays(to(B, status), status, Outcome.HTTP_ERROR, attempts=[f"{status} pace 1"])
        for status in (304, 305, 306, 310, 399, 400, 401, 403, 405, 451, 501, 999)
    },
    **{f"{status} is gone": stays(to(B, status), status, Outcome.GONE) for status in (404, 410)},
    **{
        f"{status} without a Location leads nowhere": stays(Answer(status), status, Outcome.BAD_LOCATION, says="without a Location")
        for status in (300, 301, 302, 303, 307, 308)
    },
    "a status of 101 is an error": stays(Raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), "-", Outcome.HTTP_ERROR),
    "a redirect without a Location is a page all the same": leads(
        Answer(302, body=b'<meta http-equiv=refresh content="0;url=http://b.there.test/y">'), "meta_refresh", 302
    ),
}  # fmt: skip

# Pages that point on

T_CO = (
    '<head><noscript><META http-equiv="refresh" content="0;URL=http://b.there.test/y"></noscript><title>http://b.there.test/y</title>'
    '</head><script>window.opener = null; location.replace("http:\\/\\/b.there.test\\/y")</script>'
)
POINTERS = {
    "a Refresh header": leads(html("<p>moving", Refresh="0;url=http://b.there.test/y"), "refresh_header"),
    "a Refresh header, quoted, after five seconds": leads(html("x", Refresh="5; URL='http://b.there.test/y'"), "refresh_header"),
    "a Refresh header without url=": leads(html("x", Refresh="0;http://b.there.test/y"), "refresh_header"),
    "a relative Refresh header": leads(html("x", Refresh="0;url=y"), "refresh_header", target="http://a.here.test/y"),
    "a Refresh header of a text": leads(
        html("x", Content_Type="text/plain", Refresh="0;url=http://b.there.test/y"), "refresh_header"
    ),
    "a Refresh header that only reloads": stays(html("<p>news", Refresh="30")),
    "a Refresh header of five minutes": stays(html("<p>news", Refresh="300;url=http://b.there.test/y")),
    "a Refresh header to itself": stays(html("<p>news", Refresh="0;url=/x")),
    "a Refresh header to a script": stays(html("<p>news", Refresh="0;url=javascript:alert(1)")),
    "a Refresh header of an error": stays(Answer(404, {"Refresh": "0;url=http://b.there.test/y"}), 404, Outcome.GONE),
    "a Refresh header goes before a meta element": leads(
        html('<meta http-equiv=refresh content="0;url=http://c.there.test/z">', Refresh="0;url=http://b.there.test/y"),
        "refresh_header",
    ),
    "t.co's page for browsers": Row(
        {"https://t.co/4DK3Jc2BTt": html(T_CO), B: PIECE}, ["200 https://t.co/4DK3Jc2BTt", f"meta_refresh 200 {B}"]
    ),
    "t.co's page of 2013": Row(
        {"https://t.co/Lizw8srs": html(T_CO.replace("<head>", "").replace("window.opener = null; ", "")), B: PIECE},
        ["200 https://t.co/Lizw8srs", f"meta_refresh 200 {B}"],
    ),
    "t.co's page without its meta element": Row(
        {"https://t.co/R1nmCOjsDW": html(T_CO.partition("</head>")[2]), B: PIECE},
        ["200 https://t.co/R1nmCOjsDW", f"script 200 {B}"],
    ),
    "t.co for others": Row({"https://t.co/PlBCqLVndT": to(B), B: PIECE}, ["301 https://t.co/PlBCqLVndT", f"location 200 {B}"]),
    "every kind of pointer in one chain": Row(
        {
            A: to(B, 308),
            B: html("<meta http-equiv=refresh content='0;url=/2'>"),
            "http://b.there.test/2": html("x", Refresh="0;url=/3"),
            "http://b.there.test/3": html("<script>location.href = 'http:\\/\\/c.there.test\\/z'</script>"),
            C: PIECE,
        },
        [
            f"308 {A}", f"location 200 {B}", "meta_refresh 200 http://b.there.test/2", "refresh_header 200 http://b.there.test/3",
            f"script 200 {C}",
        ],
    ),
    "a meta element of an error page": stays(
        Answer(404, body=b'<meta http-equiv=refresh content="0;url=http://b.there.test/y">'), 404, Outcome.GONE
    ),
    "a meta element in a text": stays(
        html('<meta http-equiv=refresh content="0;url=http://b.there.test/y">', Content_Type="text/plain")
    ),
    "a meta element in a page of no type": leads(
        Raw(b'HTTP/1.1 200 OK\r\n\r\n<meta http-equiv=refresh content="0;url=http://b.there.test/y">'), "meta_refresh"
    ),
    "a meta element in a packed page": leads(
        packed("gzip", gzipped(b'<meta http-equiv=refresh content="0;url=/y">')), "meta_refresh", target="http://a.here.test/y"
    ),
    "a meta element in UTF-16": leads(
        html('<meta http-equiv=refresh content="0;url=/y">'.encode("utf-16")), "meta_refresh", target="http://a.here.test/y"
    ),
    "a meta element in the charset of the header": leads(
        html('<meta http-equiv=refresh content="0;url=/%D1%8F?я=я">'.encode("koi8-r"), Content_Type="text/html; charset=koi8-r"),
        "meta_refresh", target="http://a.here.test/%D1%8F?%D1=%D1",
    ),
    "a meta element past 64 KB": leads(
        html(b"<p>" + b"x" * 70_000 + b'<meta http-equiv=refresh content="0;url=http://b.there.test/y">'), "meta_refresh"
    ),
}  # fmt: skip


def at_a(written: bytes | str) -> Any:
    """Return a text of test_refresh's, whose hosts stand for ours."""
    if isinstance(written, bytes):
        return at_a(written.decode("latin-1")).encode("latin-1")
    return written.replace("https:", "http:").replace("a.example", "a.here.test").replace("b.example", "b.there.test")


PAGE = "http://a.here.test/dir/page"
METAS = {
    **{
        f"meta refresh {number}: {content[:70]!r}": Row(
            {PAGE: html(at_a(content), Content_Type="text/html"), at_a(url).partition("#")[0]: PIECE},
            [f"200 {PAGE}", f"meta_refresh 200 {at_a(url)}"],
        )
        for number, (content, url) in enumerate(REFRESHES.items(), 1)
    },
    **{
        f"no meta refresh {number}: {content[:70]!r}": Row({PAGE: html(at_a(content))}, [f"200 {PAGE}"])
        for number, content in enumerate(STAYING, 1)
    },
}

SCRIPTS = {
    **{
        f"a script: {script}": leads(html(f"<script>{script}</script>"), "script")
        for script in (
            "location = 'http://b.there.test/y'",
            'window.location="http://b.there.test/y";',
            "location.href = 'http://b.there.test/y'",
            "document.location.href='http://b.there.test/y';",
            "location.assign('http://b.there.test/y')",
            "window.location.replace('http:\\/\\/b.there.test\\/y')",
            "top.location = 'http:\\x2f\\u002fb.there.test/y' // go",
            "<!--\nlocation.href='http://b.there.test/y'\n//-->",
            "//<![CDATA[\nlocation.href='http://b.there.test/y';\n//]]>",
        )
    },
    **{
        f"a script that can't run: {content}": stays(html(content))
        for content in (
            "<script>if (top != self) location = 'http://b.there.test/y'</script>",
            "<script>function go() { location = 'http://b.there.test/y' }</script>",
            "<script>setTimeout(function () { location = 'http://b.there.test/y' }, 60000)</script>",
            "<script>location = 'http://b.there.test/' + id</script>",
            "<script>// location = 'http://b.there.test/y'</script>",
            "<script src=x.js>location = 'http://b.there.test/y'</script>",
            "<script type=application/json>location = 'http://b.there.test/y'</script>",
            "<!-- <script>location = 'http://b.there.test/y'</script> -->",
            "<template><script>location = 'http://b.there.test/y'</script></template>",
            "<a onclick=\"location = 'http://b.there.test/y'\">x</a>",
            "<p>location = 'http://b.there.test/y'</p>",
            "<script>location = '#top'</script>",
            "<script>location = 'javascript:alert(1)'</script>",
            "<noscript><script>location = 'http://b.there.test/y'</script></noscript>",
            "<script type=text/blocked-javascript>location = 'http://b.there.test/y'</script>",
            "<script nomodule>location = 'http://b.there.test/y'</script>",
        )
    },
}

# Locations: what stands in the header, and where a browser goes from http://a.here.test/dir/page?x=1

FROM = "http://a.here.test/dir/page?x=1"
LOCATIONS = {
    b"/abs": "http://a.here.test/abs",
    b"rel": "http://a.here.test/dir/rel",
    b"../../../upper": "http://a.here.test/upper",
    b"?q=1": "http://a.here.test/dir/page?q=1",
    b"//b.there.test/x": "http://b.there.test/x",
    b"///b.there.test/x": "http://b.there.test/x",
    b"////b.there.test": "http://b.there.test/",
    b"http:rel": "http://a.here.test/dir/rel",
    b"http:/abs": "http://a.here.test/abs",
    b"http:///b.there.test/x": "http://b.there.test/x",
    b"HTTP://B.THERE.TEST/X": "http://b.there.test/X",
    b"  http://b.there.test/ ": "http://b.there.test/",
    b"http://b.there.test/a b  c": "http://b.there.test/a%20b%20%20c",
    b"http://b.there.test/\ttab": "http://b.there.test/tab",
    b"http://b.there.test/%zz%": "http://b.there.test/%zz%",
    b"http://b.there.test/?u=http%3A%2F%2Fc%20d": "http://b.there.test/?u=http%3A%2F%2Fc%20d",
    b"http://b.there.test/\xc3\xa9": "http://b.there.test/%C3%A9",
    b"http://b.there.test/\xe9": "http://b.there.test/%E9",
    b"http://b.there.test/\xc3\xa9/\xe9": "http://b.there.test/%C3%A9/%E9",
    b"http://b.there.test/?q=\xe2\x80\xa6": "http://b.there.test/?q=%E2%80%A6",
    b"http://m\xc3\xbcller.there.test/": "http://xn--mller-kva.there.test/",
    b"http://m\xfcller.there.test/": "http://xn--mller-kva.there.test/",
    "http://ｂ.there.test/".encode(): "http://b.there.test/",
    "http://b。there.test/".encode(): "http://b.there.test/",
    b"http://xn--zzzzzzzzzzz-.there.test/": "http://xn--zzzzzzzzzzz-.there.test/",
    b"http://b%2Ethere.test/": "http://b.there.test/",
    b"http://b.there.test./x": "http://b.there.test./x",
    b"http://b_c.there.test/": "http://b_c.there.test/",
    b"http://-b.there.test/": "http://-b.there.test/",
    b"http://b.there.test\\@c.there.test/": "http://b.there.test/@c.there.test/",
    b"http:\\\\b.there.test\\x": "http://b.there.test/x",
    b"/\\b.there.test/x": "http://b.there.test/x",
    b"http://b.there.test:/x": "http://b.there.test/x",
    b"http://b.there.test:80/x": "http://b.there.test/x",
    b"http://b.there.test:8080/x": "http://b.there.test:8080/x",
    b"http://user:pw@b.there.test/": "http://b.there.test/",
    b"//user@b.there.test": "http://b.there.test/",
    b"http://b.there.test:80@c.there.test/": "http://c.there.test/",
    b"http://b.there.test#@c.there.test/": "http://b.there.test/#@c.there.test/",
    b"http://b.there.test?@c.there.test/": "http://b.there.test/?@c.there.test/",
    b"http://b.there.test/x http://c.there.test/y": "http://b.there.test/x%20http://c.there.test/y",
    b"<a href=x>": "http://a.here.test/dir/%3Ca%20href=x%3E",
    b"'http://b.there.test/'": "http://a.here.test/dir/'http://b.there.test/'",
    b"http://b.there.test/;v=1": "http://b.there.test/;v=1",
    b"http://b.there.test/" + b"a" * 8000: "http://b.there.test/" + "a" * 8000,
    b"http://b.there.test/x#part": "http://b.there.test/x#part",
}
NO_LOCATIONS = {
    b"": "an empty Location",
    b"   ": "an empty Location",
    b"http://": "no URL",
    b"http://b.there.test:99999/": "no URL",
    b"http://b.there.test:-1/": "no URL",
    b"http://b.there.test:abc/": "no URL",
    b"http://b.there.test:80:80/": "no URL",
    b"http://b.there.test /x": "no URL",
    b"http://[::1": "no URL",
    b"http://::1/": "no URL",
    b"http://b.there.test%00.c.there.test/": "no URL",
    b"http://b.there.test%0d%0aX:1/": "no URL",
    b"mailto:a@b.there.test": "isn't http",
    b"file:///etc/passwd": "isn't http",
    b"data:text/html,hi": "isn't http",
    b"javascript:alert(1)": "isn't http",
    b"ftp://b.there.test/": "isn't http",
    b"gopher://127.0.0.1:25/_x": "isn't http",
    b"about:blank": "isn't http",
    b"intent://x#Intent;end": "isn't http",
}
# Asked for by nobody: what our own guard says of the host and the port.
REFUSALS = {
    b"http://127.0.0.1/admin": ("http://127.0.0.1/admin", "not a public address"),
    b"http://2130706433/": ("http://127.0.0.1/", "not a public address"),
    b"http://0x7f.1/": ("http://127.0.0.1/", "not a public address"),
    b"http://017700000001/": ("http://127.0.0.1/", "not a public address"),
    b"http://%31%32%37.0.0.1/": ("http://127.0.0.1/", "not a public address"),
    b"http://0/": ("http://0.0.0.0/", "not a public address"),
    b"http://169.254.169.254/latest/meta-data/": ("http://169.254.169.254/latest/meta-data/", "not a public address"),
    b"http://[::1]/": ("http://[::1]/", "not a public address"),
    b"http://[::ffff:7f00:1]/": ("http://[::ffff:7f00:1]/", "not a public address"),
    b"http://[64:ff9b::a9fe:a9fe]/": ("http://[64:ff9b::a9fe:a9fe]/", "not a public address"),
    b"http://[2002:7f00:1::]/": ("http://[2002:7f00:1::]/", "not a public address"),
    b"http://224.0.0.1/": ("http://224.0.0.1/", "not a public address"),
    b"http://localhost/": ("http://localhost/", "a name of the local network"),
    b"http://metadata.google.internal/": ("http://metadata.google.internal/", "a name of the local network"),
    b"http://xn--/": ("http://xn--/", "a name of the local network"),
    b"http://b..there.test/": ("http://b..there.test/", "no host name"),
    b"http://*.there.test/": ("http://*.there.test/", "no host name"),
    b"http://b.there.test:22/": ("http://b.there.test:22/", "port 22"),
    b"http://b.there.test:0/": ("http://b.there.test:0/", "port 0"),
}
LONG = "http://b.there.test/" + "a" * 70_000


def named(location: bytes) -> str:
    return f"Location: {location.decode('latin-1')[:60]!r}"


ODD_LOCATIONS = {
    **{
        named(location): Row(
            {FROM: moved(location), url.partition("#")[0]: PIECE},
            [f"301 {FROM}", f"location 200 {url}"],
            sent={"Authorization": "", "Cookie": ""},
        )
        for location, url in LOCATIONS.items()
    },
    **{
        named(location): Row({FROM: moved(location)}, [f"301 {FROM}"], Outcome.BAD_LOCATION, says)
        for location, says in NO_LOCATIONS.items()
    },
    **{
        named(location): Row({FROM: moved(location)}, [f"301 {FROM}", f"location - {url}"], Outcome.REFUSED, says)
        for location, (url, says) in REFUSALS.items()
    },
    "a Location of 70 KB": Row(
        {FROM: moved(LONG.encode())}, [f"301 {FROM}", f"location - {LONG}"], Outcome.BAD_LOCATION, "URL too long"
    ),
    "two equal Locations": Row({FROM: moved(b"/y", b"/y"), "http://a.here.test/y": PIECE}, [f"301 {FROM}", "location 200 http://a.here.test/y"]),
    "two Locations that differ": Row({FROM: moved(B.encode(), C.encode())}, [f"301 {FROM}"], Outcome.BAD_LOCATION, "two Locations"),
    "a folded Location": Row({FROM: moved(b"\r\n /y"), "http://a.here.test/y": PIECE}, [f"301 {FROM}", "location 200 http://a.here.test/y"]),
    "a fragment goes along": Row(
        {A: to("http://b.there.test/y#part"), B: to(C), C: PIECE},
        [f"301 {A}", f"location 301 {B}#part", f"location 200 {C}#part"],
    ),
    "a fragment of its own stands": Row(
        {A: to("http://b.there.test/y#part"), B: to("http://c.there.test/z#other"), C: PIECE},
        [f"301 {A}", f"location 301 {B}#part", f"location 200 {C}#other"],
    ),
    "a fragment does not go along with a meta element": Row(
        {A: to("http://b.there.test/y#part"), B: html(f"<meta http-equiv=refresh content='0;url={C}'>"), C: PIECE},
        [f"301 {A}", f"location 200 {B}#part", f"meta_refresh 200 {C}"],
    ),
}  # fmt: skip

# Circles, and chains too long


def line(redirects: int, last: Answer) -> Row:
    urls = [A, *(f"http://h{number}.there.test/" for number in range(redirects))]
    web = {here: to(there) for here, there in pairwise(urls)} | {urls[-1]: last}
    return Row(web, [f"301 {A}", *(f"location 301 {url}" for url in urls[1:-1]), f"location 200 {urls[-1]}"])


CIRCLES = {
    "to itself": stays(to("/x"), 301, Outcome.LOOP),
    "to a fragment of itself": stays(to("#top"), 301, Outcome.LOOP),
    "there and back": Row({A: to(B), B: to(A)}, [f"301 {A}", f"location 301 {B}"], Outcome.LOOP, A),
    "round three": Row({A: to(B), B: to(C), C: to(A)}, [f"301 {A}", f"location 301 {B}", f"location 301 {C}"], Outcome.LOOP),
    "a tail and a circle": Row({A: to(B), B: to(C), C: to(B)}, [f"301 {A}", f"location 301 {B}", f"location 301 {C}"], Outcome.LOOP),
    "http and https": Row(
        {A: to("https://a.here.test/x"), "https://a.here.test/x": to(A)}, [f"301 {A}", "location 301 https://a.here.test/x"],
        Outcome.LOOP,
    ),
    "www and not": Row(
        {A: to("http://www.a.here.test/x"), "http://www.a.here.test/x": to(A)},
        [f"301 {A}", "location 301 http://www.a.here.test/x"], Outcome.LOOP,
    ),
    "a slash and none": Row({A: to("/x/"), f"{A}/": to("/x")}, [f"301 {A}", f"location 301 {A}/"], Outcome.LOOP),
    "another case is another URL": Row(
        {A: to("/X"), "http://a.here.test/X": PIECE}, [f"301 {A}", "location 200 http://a.here.test/X"]
    ),
    "a page that refreshes itself, with a header, is no circle": stays(html("<p>news", Refresh="5;url=http://a.here.test/x")),
    "a query that grows": Row(
        {A: to("?"), **{f"{A}?{'a' * n}": to("?" + "a" * (n + 1)) for n in range(25)}},
        [f"301 {A}", *(f"location 301 {A}?{'a' * n}" for n in range(19))], Outcome.TOO_MANY_HOPS,
    ),
    "19 redirects": line(19, PIECE),
    "20 redirects": replace(
        line(20, PIECE), hops=line(20, PIECE).hops[:-1], outcome=Outcome.TOO_MANY_HOPS, says="http://h19.there.test/"
    ),
}  # fmt: skip

# Cookies

SET = {"Set-Cookie": "wall=1; Path=/; HttpOnly"}
COOKIES = {
    "a page that asks for its cookie back": Row(
        {A: Gate("wall=1", PIECE, Answer(302, {"Location": "/x", **SET}))}, [f"302 {A}", f"location 200 {A}"],
        sent={"Cookie": "wall=1"},
    ),
    "a cookie set by a host of the same site": Row(
        {
            A: Gate("wall=1", PIECE, to("http://login.here.test/check", 302)),
            "http://login.here.test/check": Answer(302, {"Location": A, "Set-Cookie": "wall=1; Domain=here.test"}),
        },
        [f"302 {A}", "location 302 http://login.here.test/check", f"location 200 {A}"],
    ),
    "a page that keeps giving the same cookie": Row(
        {A: Answer(302, {"Location": "/x", **SET})}, [f"302 {A}", f"location 302 {A}"], Outcome.LOOP
    ),
    "a page that gives ever new cookies": Row(
        {A: [Answer(302, {"Location": "/x", "Set-Cookie": f"n={number}"}) for number in range(25)]},
        [f"302 {A}", *[f"location 302 {A}"] * 19], Outcome.TOO_MANY_HOPS,
    ),
    "a cookie goes to no other site": Row(
        {A: Answer(302, {"Location": B, **SET}), B: PIECE}, [f"302 {A}", f"location 200 {B}"], sent={"Cookie": ""}
    ),
    "a cookie for another site is none": Row(
        {A: Answer(302, {"Location": B, "Set-Cookie": "wall=1; Domain=there.test"}), B: PIECE},
        [f"302 {A}", f"location 200 {B}"], sent={"Cookie": ""},
    ),
    "a cookie for a whole suffix is none": Row(
        {A: Answer(302, {"Location": B, "Set-Cookie": "wall=1; Domain=test"}), B: PIECE},
        [f"302 {A}", f"location 200 {B}"], sent={"Cookie": ""},
    ),
    "a secure cookie goes over TLS only": Row(
        {
            "https://a.here.test/x": Answer(302, {"Location": "http://a.here.test/y", "Set-Cookie": "id=1; Secure; Path=/"}),
            "http://a.here.test/y": PIECE,
        },
        ["302 https://a.here.test/x", "location 200 http://a.here.test/y"], sent={"Cookie": ""},
    ),
    "no cookie lives longer than its chain": Row(
        {A: [Answer(302, {"Location": "/y", **SET}), PIECE], "http://a.here.test/y": Gate("wall=1", to("/z"), PIECE),
         "http://a.here.test/z": PIECE},
        [f"302 {A}", "location 301 http://a.here.test/y", "location 200 http://a.here.test/z"],
    ),
}  # fmt: skip

# What came out

STORY = "http://www.here.test/2016/10/20/a-story-of-many-words.html"


def sent_to(url: str, landing: Landing | None, answer: Answer = PIECE) -> Row:
    return Row({STORY: to(url, 302), url: answer}, [f"302 {STORY}", f"location 200 {url}"], landing=landing)


LANDINGS = {
    "a page that says it is not there, in a charset that is none": ends(
        html("<title>Página no encontrada</title>".encode("latin-1"), Content_Type="text/html; charset=zlib"),
        200, Outcome.ARRIVED, landing=Landing.SOFT_404,
    ),
    "a page that says it is not there, in UTF-16": ends(
        html("<title>Page not found</title>".encode("utf-16")), 200, Outcome.ARRIVED, landing=Landing.SOFT_404
    ),
    "a story with words in a comment": ends(html("<!-- <title>Page not found</title> --><title>A story</title>"), 200, Outcome.ARRIVED),
    "a page that says it is not there": ends(page("Page not found"), 200, Outcome.ARRIVED, landing=Landing.SOFT_404),
    "another, in Russian": ends(page("Страница не найдена"), 200, Outcome.ARRIVED, landing=Landing.SOFT_404),
    "a story about pages that are not there": ends(page("Why nothing is found: a story of the web"), 200, Outcome.ARRIVED),
    "sent to a page for what is missing": sent_to("http://www.here.test/404.html", Landing.SOFT_404),
    "sent home": sent_to("http://www.here.test/", Landing.HOME),
    "sent to the front of the section": Row(
        {"http://www.here.test/politics/a-story-of-words-123456": to("/politics"), "http://www.here.test/politics": PIECE},
        ["301 http://www.here.test/politics/a-story-of-words-123456", "location 200 http://www.here.test/politics"],
        landing=Landing.HOME,
    ),
    "sent to a login": sent_to("http://www.here.test/login?next=/2016/10/20/a-story-of-many-words.html", Landing.LOGIN),
    "sent to a login elsewhere": sent_to("http://accounts.there.test/signin?continue=http%3A%2F%2Fwww.here.test%2F2016", Landing.LOGIN),
    "sent to a consent wall": sent_to("http://consent.there.test/collectConsent?brand=x", Landing.CONSENT),
    "sent to a paywall": sent_to("http://www.here.test/subscribe?from=story", Landing.PAYWALL),
    "a home page that was asked for": Row(
        {"http://here.test/": to("http://www.here.test/"), "http://www.here.test/": PIECE},
        ["301 http://here.test/", "location 200 http://www.here.test/"],
    ),
    "a short link to a home page": Row(
        {"http://s.there.test/x1": to("http://www.here.test/"), "http://www.here.test/": PIECE},
        ["301 http://s.there.test/x1", "location 200 http://www.here.test/"],
    ),
    "a login that was asked for": Row(
        {"http://www.here.test/login": to("/login/"), "http://www.here.test/login/": PIECE},
        ["301 http://www.here.test/login", "location 200 http://www.here.test/login/"],
    ),
    "a story about an error": sent_to("http://www.here.test/opinion/error", None),
    "a story that moved": sent_to("http://www.here.test/news/a-story-of-many-words", None),
}  # fmt: skip

# Redirectors that give their target away

FACEBOOK = "http://l.facebook.com/l.php?u=http%3A%2F%2Fb.there.test%2Fy&h=AT0"
GOOGLE = "http://www.google.com/url?q=http%3A%2F%2Fb.there.test%2Fy&sa=D"
CONSENT = "http://consent.youtube.com/m?continue=http%3A%2F%2Fb.there.test%2Fy&gl=ES"
INFERRED = {
    "a redirector with a page of its own": Row({FACEBOOK: page("Leaving Facebook"), B: PIECE}, [f"200 {FACEBOOK}", f"inferred 200 {B}"]),
    "a redirector that is dead": Row({FACEBOOK: Answer(404), B: PIECE}, [f"404 {FACEBOOK}", f"inferred 200 {B}"]),
    "a redirector that redirects": Row({GOOGLE: to(C, 302), C: PIECE}, [f"302 {GOOGLE}", f"location 200 {C}"]),
    "a redirector's page that refreshes": Row({GOOGLE: html(T_CO), B: PIECE}, [f"200 {GOOGLE}", f"meta_refresh 200 {B}"]),
    "a consent wall that names the piece": Row(
        {A: to(CONSENT, 302), CONSENT: page("Before you continue"), B: PIECE},
        [f"302 {A}", f"location 200 {CONSENT}", f"inferred 200 {B}"],
    ),
    "a redirector to a dead piece": Row({FACEBOOK: page("Leaving"), B: Answer(410)}, [f"200 {FACEBOOK}", f"inferred 410 {B}"], Outcome.GONE),
    "a copy in an archive has its own key": Row(
        {"http://web.archive.org/web/20161020120000/http://a.here.test/x": PIECE},
        ["200 http://web.archive.org/web/20161020120000/http://a.here.test/x"],
        key="https://web.archive.org/web/20161020120000/https://a.here.test/x",
    ),
    "a redirect into an archive": Row(
        {A: to(f"http://web.archive.org/web/20161020120000/{B}"), f"http://web.archive.org/web/20161020120000/{B}": PIECE},
        [f"301 {A}", f"location 200 http://web.archive.org/web/20161020120000/{B}"],
    ),
}  # fmt: skip

# Archived copies of what is lost


def gate(url: str) -> str:
    return f"{ARCHIVE}/web/20161020120000/{url}"


def index(url: str) -> str:
    return (
        f"{ARCHIVE}/cdx/search/cdx?url={quote(url, safe='')}&closest=20161020120000&sort=closest&limit=1"
        "&filter=statuscode:200&fl=timestamp,original&output=json"
    )


def copy_of(url: str) -> str:
    return f"{ARCHIVE}/web/20161019080000/{url}"


MEMENTOS = {
    "a copy of what is gone": Row(
        {A: to(B), B: Answer(404), gate(B): to(copy_of(B), 302)}, [f"301 {A}", f"location 404 {B}"], Outcome.GONE, copy=copy_of(B)
    ),
    "a copy by the archive's index": Row(
        {
            A: Answer(410),
            gate(A): Answer(502),
            index(A): Answer(200, {"Content-Type": "application/json"}, b'[["timestamp","original"],["20161019080000","http://a.here.test/x"]]'),
        },
        [f"410 {A}"], Outcome.GONE, copy=copy_of(A),
    ),
    "a copy of a story in whose place the home page came": Row(
        {STORY: to("/", 302), "http://www.here.test/": PIECE, gate(STORY): to(copy_of(STORY), 302)},
        [f"302 {STORY}", "location 200 http://www.here.test/"], landing=Landing.HOME, copy=copy_of(STORY),
    ),
    "a copy of a page that says it is not there": Row(
        {A: page("Page not found"), gate(A): Answer(200, {"Memento-Datetime": "Wed, 19 Oct 2016 08:00:00 GMT"})},
        [f"200 {A}"], landing=Landing.SOFT_404, copy=gate(A),
    ),
    "no copy of what arrived": Row({A: PIECE, gate(A): to(copy_of(A), 302)}, [f"200 {A}"]),
    "no copy of what is only ill": Row(
        {A: Answer(503), gate(A): to(copy_of(A), 302)}, [f"503 {A}"], Outcome.TRY_LATER
    ),
    "no copy anywhere": Row({A: Answer(404)}, [f"404 {A}"], Outcome.GONE),
}  # fmt: skip

# Retries


def later(status: int, seconds: str) -> Answer:
    return Answer(status, {"Retry-After": seconds})


RETRIES = {
    **{
        f"{status}, then better": stays([Answer(status), PIECE], attempts=[f"{status} pace 1", "200 backoff"])
        for status in (408, 425, 429, 500, 502, 503, 504)
    },
    "503 to the end": stays(Answer(503), 503, Outcome.TRY_LATER, attempts=["503 pace 1", "503 backoff", "503 backoff"]),
    "429 to the end": stays(Answer(429), 429, Outcome.TRY_LATER, attempts=["429 pace 1", "429 backoff", "429 backoff"]),
    "500 to the end": stays(Answer(500), 500, Outcome.HTTP_ERROR, attempts=["500 pace 1", "500 backoff", "500 backoff"]),
    "Retry-After in seconds": stays([later(429, "7"), PIECE], attempts=["429 pace 1", "200 retry_after 7"]),
    "Retry-After with a fraction": stays([later(503, "2.5"), PIECE], attempts=["503 pace 1", "200 retry_after 2.5"]),
    "Retry-After shorter than our pace": stays([later(503, "0.2"), PIECE], attempts=["503 pace 1", "200 retry_after 1"]),
    "Retry-After in the past": stays([later(503, "Sun, 06 Nov 1994 08:49:37 GMT"), PIECE], attempts=["503 pace 1", "200 backoff"]),
    "Retry-After in old forms of dates": stays([later(503, "Sunday, 06-Nov-94 08:49:37 GMT"), PIECE], attempts=["503 pace 1", "200 backoff"]),
    **{
        f"Retry-After of {value!r}": stays([later(503, value), PIECE], attempts=["503 pace 1", "200 backoff"])
        for value in ("0", "-1", "1e9", "nan", "inf", "", "5, 10", "0x10", "31 Dec 99999 00:00:00 GMT", "soon")
    },
    **{
        f"Retry-After of {value[:40]!r}": stays([later(503, value), PIECE], 503, Outcome.TRY_LATER, attempts=["503 pace 1"])
        for value in ("61", "86400", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 2099 23:59:59 +0000")
    },
    "Retry-After on a redirect says nothing": Row(
        {A: Answer(301, {"Location": "/y", "Retry-After": "30"}), "http://a.here.test/y": PIECE},
        [f"301 {A}", "location 200 http://a.here.test/y"], attempts=["200 pace 1"],
    ),
    "Retry-After holds for the whole host": Row(
        {A: [later(429, "20"), to("/y")], "http://a.here.test/y": [later(503, "30"), to("/z")], "http://a.here.test/z": PIECE},
        [f"301 {A}", "location 301 http://a.here.test/y", "location 200 http://a.here.test/z"], attempts=["200 pace 1"],
    ),
    "Retry-After holds after the last attempt": Row(
        {A: html("<meta http-equiv=refresh content='0;url=/y'>"), "http://a.here.test/y": later(503, "30")},
        [f"200 {A}", "meta_refresh 503 http://a.here.test/y"], Outcome.TRY_LATER,
        attempts=["503 pace 1", "503 retry_after 30", "503 retry_after 30"],
    ),
    "a cut, a reset, then the piece": Row(
        {A: [Raw(HTML + b"Content-Length: 9\r\n\r\nab"), Raw(b"", "reset"), PIECE]}, [f"200 {A}"],
        attempts=["- pace 1", "- backoff", "200 backoff"],
    ),
    "a robots.txt that is asked between keeps the pace": Row(
        {A: to(B), B: PIECE}, [f"301 {A}", f"location 200 {B}"], attempts=["200 pace 1"]
    ),
}  # fmt: skip

# robots.txt, at a redirect's target


def asked(robots: Script | Sequence[Script], outcome: Outcome | None, says: str = "", **more: Any) -> Row:
    """Return a chain to a page whose host has that robots.txt: outcome None means that it may be asked for."""
    status = "200" if outcome is None else "-"
    row = Row({A: to(B), B: PIECE, ROBOTS: robots}, [f"301 {A}", f"location {status} {B}"], outcome or Outcome.ARRIVED, says)
    return replace(row, **more)


def delayed(asked_for: int, seconds: int) -> Row:
    """Return a chain of two hops at one host, whose robots.txt has a crawl delay."""
    robots = rules(b"User-agent: *\nCrawl-delay: %d\n" % asked_for)
    return Row(
        {B: to("/z"), "http://b.there.test/z": PIECE, ROBOTS: robots},
        [f"301 {B}", "location 200 http://b.there.test/z"],
        attempts=[f"200 pace {seconds}"],
    )


SHUT = b"User-agent: *\nDisallow: /y\n"
RULES = {
    "robots: disallowed": asked(rules(SHUT), Outcome.DISALLOWED, ROBOTS),
    "robots: allowed": asked(rules(b"User-agent: *\nDisallow: /other\n"), None),
    "robots: allowed by the longer rule": asked(rules(b"User-agent: *\nDisallow: /\nAllow: /y\n"), None),
    "robots: a byte order mark": asked(rules(b"\xef\xbb\xbf" + SHUT), Outcome.DISALLOWED),
    "robots: CR line ends": asked(rules(SHUT.replace(b"\n", b"\r")), Outcome.DISALLOWED),
    "robots: no UTF-8": asked(rules(b"# caf\xe9\n" + SHUT), Outcome.DISALLOWED),
    "robots: UTF-16": asked(rules(SHUT.decode().encode("utf-16")), None),
    "robots: a login page": asked(html(b"<!doctype html><pre>\n" + SHUT), None),
    "robots: wildcards": asked(rules(b"User-agent: *\nDisallow: /*y$\n"), Outcome.DISALLOWED),
    "robots: for another": asked(rules(b"User-agent: other\nDisallow: /\n"), None),
    **{f"robots: {status}": asked(Answer(status), None) for status in (204, 401, 403, 404, 410, 451)},
    **{
        f"robots: {status}": asked(Answer(status), Outcome.TRY_LATER, f"status {status}", attempts=[f"{status}", f"{status} backoff", f"{status} backoff"])
        for status in (429, 500, 503)
    },
    "robots: 503, then better": asked([Answer(503), rules(SHUT)], Outcome.DISALLOWED),
    "robots: 503 for an hour": asked(later(503, "3600"), Outcome.TRY_LATER, attempts=["503"]),
    "robots: not HTTP": asked(Raw(b"ICY\r\n\r\n"), Outcome.TRY_LATER, "not to be had"),
    "robots: reset": asked(Raw(b"", "reset"), Outcome.TRY_LATER, "not to be had"),
    "robots: silent": asked(Raw(b"", "hang"), Outcome.TRY_LATER, "not to be had", limits=HASTY),
    "robots: elsewhere": asked(to("http://c.there.test/rules"), Outcome.DISALLOWED, web={A: to(B), B: PIECE, ROBOTS: to("http://c.there.test/rules"), "http://c.there.test/rules": rules(SHUT)}),
    "robots: on a port of ours": asked(to("http://127.0.0.1/robots.txt"), Outcome.TRY_LATER, "not a public address"),
    "robots: round and round": asked(to("/robots.txt"), None),
    "robots: packed": asked(Answer(200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, gzipped(SHUT)), Outcome.DISALLOWED),
    "robots: a bomb": asked(Answer(200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, gzipped(SHUT + b"\n" * 20_000_000)), Outcome.DISALLOWED),
    "robots: endless": asked(Flood(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + SHUT, b"# more\n" * 10_000), Outcome.DISALLOWED),
    "robots: a crawl delay": delayed(4, 4),
    "robots: a crawl delay of years": delayed(99999999, 30),
    "robots: no sense": asked(rules(b"User-agent: *\nCrawl-delay: nan\nDisallow\n:\n\0\xff\n"), None, attempts=["200 pace 1"]),
}  # fmt: skip

# Bodies

WORDS = b"<!doctype html><title>the piece</title><p>words of a piece"
BOMB = b"\0" * 20_000_000
BODIES = {
    "gzip": ends(packed("gzip", gzipped(WORDS)), 200, Outcome.ARRIVED),
    "x-gzip": ends(packed("x-gzip", gzipped(WORDS)), 200, Outcome.ARRIVED),
    "two members": ends(packed("gzip", gzipped(WORDS[:20]) + gzipped(WORDS[20:])), 200, Outcome.ARRIVED),
    "gzip and rubbish": ends(packed("gzip", gzipped(WORDS) + b"GARBAGE"), 200, Outcome.ARRIVED),
    "deflate": ends(packed("deflate", zlib.compress(WORDS)), 200, Outcome.ARRIVED),
    "deflate without its frame": ends(packed("deflate", zlib.compress(WORDS, wbits=-15)), 200, Outcome.ARRIVED),
    "gzip in deflate": ends(packed("gzip, deflate", zlib.compress(gzipped(WORDS))), 200, Outcome.ARRIVED),
    "said to be gzip, and plain": ends(packed("gzip", WORDS), 200, Outcome.ARRIVED),
    "gzip, not said": ends(Answer(body=gzipped(WORDS)), 200, Outcome.ARRIVED),
    "five layers": ends(packed("gzip, gzip, gzip, gzip, gzip", b"x"), 200, Outcome.ARRIVED),
    "a coding nobody asked for": ends(packed("br", b"\x0b\x02\x80ok\x03"), 200, Outcome.ARRIVED),
    "a coding nobody knows": ends(packed("rot13", b"jbeqf"), 200, Outcome.ARRIVED),
    "gzip that breaks off": ends(packed("gzip", gzipped(WORDS * 99)[:-12]), "-", Outcome.HTTP_ERROR),
    "said to be deflate, and plain": ends(packed("deflate", WORDS), "-", Outcome.HTTP_ERROR),
    "a gzip bomb": ends(packed("gzip", gzipped(BOMB)), 200, Outcome.TOO_LARGE),
    "a deflate bomb": ends(packed("deflate", zlib.compress(BOMB)), 200, Outcome.TOO_LARGE),
    "a bomb in gzip in gzip": ends(packed("gzip, gzip", gzipped(gzipped(BOMB))), 200, Outcome.TOO_LARGE),
    "a page of just the cap": ends(html(WORDS + b"x" * (BODY_BYTES - len(WORDS))), 200, Outcome.ARRIVED),
    "a byte more than the cap": ends(html(WORDS + b"x" * (BODY_BYTES + 1 - len(WORDS))), 200, Outcome.TOO_LARGE),
    "an endless page": ends(Flood(HTML + b"\r\n" + WORDS, b"x" * 65_536), 200, Outcome.TOO_LARGE),
    "gzip and endless rubbish": ends(
        Flood(HTML + b"Content-Encoding: gzip\r\n\r\n" + gzipped(WORDS), b"\0" * 65_536), 200, Outcome.TOO_LARGE
    ),
    "endless chunks": ends(Flood(CHUNKED, b"10000\r\n" + b"x" * 65_536 + b"\r\n"), 200, Outcome.TOO_LARGE),
    "an endless redirect": leads(Flood(f"HTTP/1.1 302 Found\r\nLocation: {B}\r\n\r\n".encode(), b"x" * 65_536), "location", 302),
    "an endless error": ends(Flood(b"HTTP/1.1 404 Not Found\r\n\r\n", b"x" * 65_536), 404, Outcome.GONE),
    "a document that is no text": ends(Answer(headers={"Content-Type": "application/pdf"}, body=b"%PDF-" + b"x" * 50_000), 200, Outcome.ARRIVED),
    "no content": ends(Answer(204), 204, Outcome.ARRIVED),
    "an empty page": ends(Answer(), 200, Outcome.ARRIVED),
    "a page without a length": ends(Raw(HTML + b"\r\n" + WORDS), 200, Outcome.ARRIVED),
    "chunks": ends(Raw(CHUNKED + b"%x\r\n" % len(WORDS) + WORDS + b"\r\n0\r\n\r\n", "keep"), 200, Outcome.ARRIVED),
    "an answer of HTTP/1.0": ends(Raw(b"HTTP/1.0 200 OK\r\n\r\n" + WORDS), 200, Outcome.ARRIVED),
    "an answer after 103": ends(Raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + PIECE.encoded(), "keep"), 200, Outcome.ARRIVED),
    "more than was asked for": ends(Raw(PIECE.encoded() + page("poison").encoded(), "keep"), 200, Outcome.ARRIVED),
}  # fmt: skip

# What breaks

FAULTS = {
    "closed at once": ends(Raw(b""), "-", Outcome.UNREACHABLE, attempts=["- pace 1", "- backoff", "- backoff"]),
    "reset at once": ends(Raw(b"", "reset"), "-", Outcome.UNREACHABLE),
    "closed in the status line": ends(Raw(b"HTTP/1.1 2"), "-", Outcome.UNREACHABLE),
    "closed in the head": ends(Raw(HTML), "-", Outcome.UNREACHABLE),
    "closed in the body": ends(Raw(HTML + b"Content-Length: 10\r\n\r\nab"), "-", Outcome.UNREACHABLE),
    "reset in the body": ends(Raw(HTML + b"Content-Length: 10\r\n\r\nab", "reset"), "-", Outcome.UNREACHABLE),
    "closed in a chunk": ends(Raw(CHUNKED + b"5\r\nab"), "-", Outcome.UNREACHABLE),
    "closed between chunks": ends(Raw(CHUNKED + b"2\r\nab\r\n"), "-", Outcome.UNREACHABLE),
    "a chunk's size that is none": ends(Raw(CHUNKED + b"zz\r\nab\r\n0\r\n\r\n"), "-", Outcome.HTTP_ERROR),
    "a chunk that is longer than it says": ends(Raw(CHUNKED + b"1\r\nabc\r\n0\r\n\r\n"), "-", Outcome.HTTP_ERROR),
    "not HTTP": ends(Raw(b"ICY 200 OK\r\n\r\n"), "-", Outcome.HTTP_ERROR, attempts=["- pace 1"]),
    "SSH": ends(Raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "-", Outcome.HTTP_ERROR),
    "no status line": ends(Raw(b"<!doctype html><p>words"), "-", Outcome.HTTP_ERROR),
    "a field without a colon": ends(Raw(b"HTTP/1.1 200 OK\r\ngarbage\r\n\r\nok"), "-", Outcome.HTTP_ERROR),
    "two lengths": ends(Raw(HTML + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"), "-", Outcome.HTTP_ERROR),
    "a head without end": ends(Flood(HTML, b"X-More: " + b"x" * 1000 + b"\r\n"), "-", Outcome.HTTP_ERROR),
    "100 Continue without end": ends(Flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "-", Outcome.HTTP_ERROR),
    "a trailer without end": ends(Flood(CHUNKED + b"0\r\n", b"X-More: " + b"x" * 1000 + b"\r\n"), "-", Outcome.HTTP_ERROR),
    "a redirect whose body breaks off": leads(Raw(f"HTTP/1.1 301 Moved\r\nLocation: {B}\r\nContent-Length: 99\r\n\r\nab".encode(), "reset"), "location", 301),
    "a redirect beside a line that is no field": leads(Raw(f"HTTP/1.1 302 X\r\ngarbage\r\nLocation: {B}\r\n\r\n".encode()), "location", 302),
    "a redirect beside a name that is none": leads(Raw(f"HTTP/1.1 302 X\r\nX Foo: a\r\nLocation: {B}\r\n\r\n".encode()), "location", 302),
    "a redirect whose length is no number": leads(Raw(f"HTTP/1.1 302 X\r\nLocation: {B}\r\nContent-Length: -1\r\n\r\n".encode()), "location", 302),
    "a redirect in an unknown transfer coding": leads(Raw(f"HTTP/1.1 301 X\r\nTransfer-Encoding: identity\r\nLocation: {B}\r\n\r\n".encode()), "location", 301),
    "a redirect that names a later HTTP": leads(Raw(f"HTTP/2 302\r\nLocation: {B}\r\n\r\n".encode()), "location", 302),
    "a redirect whose Location is no field": ends(Raw(f"HTTP/1.1 302 X\r\nLocation: {B}\0\r\n\r\n".encode()), "-", Outcome.HTTP_ERROR),
    "a redirect that names no place beside a line that is no field": ends(Raw(b"HTTP/1.1 302 X\r\ngarbage\r\n\r\n"), "-", Outcome.HTTP_ERROR),
    "an error whose body breaks off": ends(Raw(b"HTTP/1.1 404 X\r\nContent-Length: 99\r\n\r\nab"), 404, Outcome.GONE),
    "a kept connection that is closed": Row(
        {A: Raw(to("/y").encoded()), "http://a.here.test/y": PIECE}, [f"301 {A}", "location 200 http://a.here.test/y"], attempts=["200 pace 1"]
    ),
    "nobody listens": ends(PIECE, "-", Outcome.UNREACHABLE, "refused", names={"b.there.test": [[REFUSING]]}),
    "nobody listens at the first address": ends(PIECE, 200, Outcome.ARRIVED, names={"b.there.test": [[REFUSING, PUBLIC]]}),
    "no such host": ends(PIECE, "-", Outcome.UNREACHABLE, "not known", attempts=["-"], names={"b.there.test": [UnknownHost("b.there.test: Name or service not known")]}),
    "a name service that fails": ends(PIECE, "-", Outcome.UNREACHABLE, "Temporary", attempts=["-", "- backoff", "- backoff"], names={"b.there.test": [httpx.ConnectError("Temporary failure in name resolution")]}),
    "a name service that fails once": ends(PIECE, 200, Outcome.ARRIVED, names={"b.there.test": [httpx.ConnectError("Temporary failure in name resolution"), [PUBLIC]]}),
    "a name without addresses": ends(PIECE, "-", Outcome.UNREACHABLE, "no address", names={"b.there.test": [[]]}),
    "a name with an inner address": ends(PIECE, "-", Outcome.REFUSED, "10.0.0.1", names={"b.there.test": [["10.0.0.1"]]}),
    "a name with an inner address among others": ends(PIECE, "-", Outcome.REFUSED, "127.0.0.1", names={"b.there.test": [[PUBLIC, "127.0.0.1"]]}),
    "a name that turns inward": ends(Raw(b""), "-", Outcome.REFUSED, "169.254.169.254", names={"b.there.test": [[PUBLIC], [PUBLIC], ["169.254.169.254"]]}, attempts=["- pace 1", "- backoff"]),
}  # fmt: skip

S = "https://a.here.test/x"
TLS = {
    "over TLS": Row({S: to("/y"), "https://a.here.test/y": PIECE}, [f"301 {S}", "location 200 https://a.here.test/y"]),
    "up to TLS and down again": Row({A: to(S), S: to(B), B: PIECE}, [f"301 {A}", f"location 301 {S}", f"location 200 {B}"]),
    "TLS on 8443": Row({A: to("https://a.here.test:8443/x"), "https://a.here.test:8443/x": PIECE}, [f"301 {A}", "location 200 https://a.here.test:8443/x"]),
    "another host's certificate": Row(
        {A: to("https://stranger.here.test/")}, [f"301 {A}", "location - https://stranger.here.test/"], Outcome.TLS_ERROR,
        "certificate", attempts=["-"],
    ),
    "no TLS where it should be": Row(
        {A: to(S), S: PIECE}, [f"301 {A}", f"location - {S}"], Outcome.TLS_ERROR, attempts=["- pace 1"], names={"a.here.test": [[PUBLIC], [BABBLING]]}
    ),
    "a handshake that is reset": Row(
        {A: to(S), S: PIECE}, [f"301 {A}", f"location - {S}"], Outcome.UNREACHABLE, names={"a.here.test": [[PUBLIC], [RESETTING]]}
    ),
    "a handshake that is closed": Row(
        {A: to(S), S: PIECE}, [f"301 {A}", f"location - {S}"], Outcome.UNREACHABLE, names={"a.here.test": [[PUBLIC], [CLOSING]]}
    ),
    "a handshake that is not answered": Row(
        {A: to(S), S: PIECE}, [f"301 {A}", f"location - {S}"], Outcome.TIMEOUT, "connect_seconds", names={"a.here.test": [[PUBLIC], [HUSHED]]}, limits=HASTY
    ),
}  # fmt: skip

# What takes too long

SLOW = {
    "nobody takes the connection": ends(PIECE, "-", Outcome.TIMEOUT, "connect_seconds", names={"b.there.test": [[SILENT]]}),
    "the second address takes it": ends(PIECE, 200, Outcome.ARRIVED, names={"b.there.test": [[SILENT, PUBLIC]]}),
    "no answer": ends(Raw(b"", "hang"), "-", Outcome.TIMEOUT),
    "half a status line": ends(Raw(b"HTTP/1.", "hang"), "-", Outcome.TIMEOUT),
    "half a head": ends(Raw(HTML, "hang"), "-", Outcome.TIMEOUT),
    "half a body": ends(Raw(HTML + b"Content-Length: 10\r\n\r\nab", "hang"), "-", Outcome.TIMEOUT),
    "half a chunk": ends(Raw(CHUNKED + b"5\r\nab", "hang"), "-", Outcome.TIMEOUT),
    "a head by drops": ends(Drip(HTML + b"X-Slow: "), "-", Outcome.TIMEOUT),
    "a body by drops": ends(Drip(HTML + b"Content-Length: 1000000\r\n\r\n"), "-", Outcome.TIMEOUT),
    "a page at once, and then drops": ends(Drip(HTML + b"\r\n" + WORDS), "-", Outcome.TIMEOUT),
    "100 Continue by drops": ends(Drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "-", Outcome.TIMEOUT),
    "a redirect whose body comes by drops": leads(Drip(f"HTTP/1.1 301 Moved\r\nLocation: {B}\r\nContent-Length: 99\r\n\r\n".encode()), "location", 301),
    "no answer, then one": replace(
        stays([Raw(b"", "hang"), PIECE], attempts=["- pace 1", "200 backoff"]), limits=replace(HASTY, max_attempts=2)
    ),
    "a chain without time for another attempt": replace(
        stays(Raw(b"", "hang"), "-", Outcome.TIMEOUT), limits=replace(HASTY, hop_seconds=30, chain_seconds=1.2)
    ),
}  # fmt: skip

NUMBER = re.compile("here(?=\\.test)", re.IGNORECASE)


def _own(thing: Any, number: int) -> Any:
    """Return a row, or a part of one, with its sites' names for it alone."""
    if isinstance(thing, str):
        return NUMBER.sub(lambda found: f"{found[0]}{number}", thing)
    if isinstance(thing, bytes):
        return _own(thing.decode("latin-1"), number).encode("latin-1")
    if isinstance(thing, Exception):
        return type(thing)(_own(str(thing), number))
    if isinstance(thing, Mapping):
        return {_own(key, number): _own(value, number) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_own(each, number) for each in thing]
    if is_dataclass(thing) and not isinstance(thing, type | Limits):
        return type(thing)(**{each.name: _own(getattr(thing, each.name), number) for each in fields(thing)})
    return thing


SLOW = {name: row if row.limits is not PATIENT else replace(row, limits=HASTY) for name, row in SLOW.items()}
TABLES = (
    STATUSES, POINTERS, METAS, SCRIPTS, ODD_LOCATIONS, CIRCLES, COOKIES, LANDINGS, INFERRED, MEMENTOS, RETRIES, RULES, BODIES,
    FAULTS, TLS, SLOW,
)  # fmt: skip
NAMED = [named for table in TABLES for named in table.items()]
ROWS: dict[str, Row] = {name: _own(row, number) for number, (name, row) in enumerate(NAMED, 1)}
