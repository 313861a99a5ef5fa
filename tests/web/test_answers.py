"""Answers read from bytes: the quick way for plain ones says what h11 says."""

import h11
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.web.answers import Answer

NAMES = st.sampled_from(
    [
        b"Location",
        b"X-A",
        b"content-length",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Connection",
        b"CONNECTION",
        b"Date",
        b"",
        b"a b",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [b"0", b"2", b"3", b" 2\t", b"2, 2", b"+2", b"chunked", b"close", b"keep-alive", b"Keep-Alive", b"upgrade", b"a: b"]
    ),
    st.binary(max_size=6),
)
LINE_ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n "])
STATUS_LINES = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.1 301 Moved", b"HTTP/1.1 200", b"HTTP/1.1 999 \xe9", b"HTTP/1.1 204 X", b"HTTP/1.1 304 X",
     b"HTTP/1.0 200 OK", b"HTTP/1.1 100 Go on", b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1  200 OK", b"HTTP/1.1 200 a\x00b"]
)  # fmt: skip


@st.composite
def heads(draw):
    fields = st.tuples(NAMES, st.sampled_from([b": ", b":", b" :"]), VALUES, LINE_ENDS).map(b"".join)
    return b"%b\r\n%b\r\n" % (draw(STATUS_LINES), b"".join(draw(st.lists(fields, max_size=4))))


def read(answer, data):
    body = b""
    try:
        for piece in data:
            body += b"".join(answer.feed(piece))
    except httpx.RemoteProtocolError as error:
        return None, str(error)
    head = answer.head
    return (head and (head.status, head.reason, head.headers)), body, answer.is_done, answer.can_go_on


def as_h11(data):
    """Read as by h11 alone: a head that comes in two pieces is never plain."""
    answer = Answer()
    answer._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=100 * 1024)
    answer._h11.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    answer._h11.send(h11.EndOfMessage())
    answer.is_begun = True
    return read(answer, data)


@given(heads(), st.binary(max_size=5), st.booleans())
@example(b"HTTP/1.1 301 Moved\r\nLocation: /caf\xc3\xa9\r\nX: 1\r\nX: 2\r\nContent-Length: 0\r\n\r\n", b"", False)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"okHT", True)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"", False)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", b"ok", True)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", b"", True)
def test_plain_answers_are_read_as_h11_reads_them(head, body, ends):
    data = [head + body, b""] if ends else [head + body]
    assert read(Answer(), data) == as_h11(data)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_protocol_error(data):
    read(Answer(), [data, b""] if data else [b""])


@pytest.mark.parametrize("data", [b"ICY 200 OK\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"<!doctype html>", b"\x16\x03\x03", b"H2"])
def test_what_does_not_begin_as_http_is_not_waited_for(data):
    assert read(Answer(), [data]) == (None, f"not HTTP: it begins with {data[:20]!r}")


def test_an_answer_may_come_byte_by_byte():
    data = b"HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody"
    whole, pieces = read(Answer(), [data]), read(Answer(), [data[i : i + 1] for i in range(len(data))])
    assert whole == pieces == ((200, b"OK", [(b"X-A", b"b"), (b"Content-Length", b"4")]), b"body", True, True)


def test_a_plain_answer_needs_no_h11():
    answer = Answer()
    answer.feed(b"HTTP/1.1 301 Moved Permanently\r\nServer: x\r\nLocation: http://a.example/\r\nContent-Length: 0\r\n\r\n")
    assert answer._h11 is None
    assert answer.is_done


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
    ],
    ids=[
        "length twice",
        "length listed",
        "bare line feeds",
        "folded",
        "length and chunks",
        "informational first",
        "until the end",
    ],
)
def test_what_servers_send_against_the_letter_is_read(data):
    head, body, is_done, _ = read(Answer(), [data, b""])
    assert (head[0], body, is_done) == (200, b"ok", True)


PLACE = (b"Location", b"/y")


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        (b"garbage\r\nLocation: /y\r\n", [PLACE]),
        (b": x\r\nLocation: /y\r\n", [PLACE]),
        (b"X Foo: x\r\nLocation: /y\r\nX-A: b\r\n", [PLACE, (b"X-A", b"b")]),
        (b"X-A: a\x0bb\r\nLocation: /y\r\n", [PLACE]),
        (b"X-A: a\rb\r\nLocation: /y\r\n", [PLACE]),
        (b" folded: first\r\nLocation: /y\r\n", [PLACE]),
        (b"Location : /y\r\n", [PLACE]),
        (b"Location: /y\r\nContent-Length: x\r\n", [PLACE]),
        (b"Location: /y\nContent-Length: -5\n", [PLACE]),
        (b"Transfer-Encoding: gzip\r\nLocation: /y\r\n", [PLACE]),
    ],
)
def test_a_redirect_is_read_in_a_head_that_is_wrong_elsewhere_and_ends_its_connection(head, fields):
    data = b"HTTP/1.1 302 Found\r\n" + head + b"\r\n" + b"a body of whatever length"
    assert read(Answer(), [data]) == ((302, b"Found", fields), b"", True, False)
    assert read(Answer(), [data[at : at + 1] for at in range(len(data))])[0] == (302, b"Found", fields)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\ngarbage\r\nLocation: /y\r\n\r\n",
        b"HTTP/1.1 302 X\r\ngarbage\r\n\r\n",
        b"HTTP/1.1 302 X\r\nLocation: /y\x00z\r\n\r\n",
        b"HTTP/1.1 302 X\r\nLocation: /y\r\nX-A: a\x00b\r\n\r\n",
        b"HTTP/1.1 302 X\r\nLocation: /y\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 X\r\nLocation: /y\r\nContent-Length: 5, 6\r\n\r\n",
        b"HTTP/1.1 302 X\r\ngarbage\r\nLocation:\r\n\r\n",
        b"HTTP/1.1 304 X\r\ngarbage\r\nLocation: /y\r\n\r\n",
        b"HTTP/1.1 3020 X\r\nLocation: /y\r\n\r\n",
    ],
)
def test_of_a_head_that_is_wrong_nothing_else_is_read(data):
    assert read(Answer(), [data])[0] is None


@pytest.mark.parametrize("head", [b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_no_other_question_is_asked_where_more_came_than_was_asked_for(head):
    body = b"2\r\nok\r\n0\r\n\r\n" if b"chunked" in head else b"ok"
    for more, can_go_on in ((b"", True), (b"x", False), (b"HTTP/1.1 200 OK\r\n\r\npoison", False)):
        answer = Answer()
        assert b"".join(answer.feed(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body + more)) == b"ok"
        assert (answer.is_done, answer.can_go_on) == (True, can_go_on)
