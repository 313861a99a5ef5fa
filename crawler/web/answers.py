"""One HTTP/1.1 answer, read from the bytes of a connection as they come. No sockets here.

A plain answer, whole head in the first read and its length given, takes two regular expressions. Whatever is not
plain goes to h11, from its first byte: chunks, folded fields, two lengths, 1xx, what ends with the connection, and
all that is wrong. So the plain way need only agree with h11 where it speaks at all, and the tests hold them together.
(llhttp would be quicker than h11, but refuses equal lengths given twice, folded fields and bare line feeds, which
servers send.) Where h11 refuses a redirect's head, what can be read of it is the answer: no 3xx is lost for a field beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import h11
import httpx

MOST_HEAD_BYTES = 100 * 1024  # of a head, a chunk's line, a trailer; servers send some hundred
MOST_INFORMATIONAL = 100  # answers of status 1xx before the one that was asked for

# RFC 9112 §4 and §5. No version but 1.1, no status without a body, no folds, no odd characters.
_PLAIN = re.compile(
    rb"HTTP/1\.1 (?!204|304)([2-9][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+)\r\n"
)
_PROTOCOL = b"HTTP/"
_FIELD = re.compile(rb"([^:\r\n]+):([^\r\n]*)")
_LENGTH = re.compile(rb"[0-9]{1,18}")
# A redirect in a head that is wrong elsewhere, and what of such a head can be read.
_REDIRECT = re.compile(rb"HTTP/[0-9.]+ +0*(30[012378])(?![0-9]) ?([\t\x20-\x7e\x80-\xff]*)\r?\n([^\0]*?\n)\r?\n")
_SOUND_FIELD = re.compile(rb"^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[\t ]*:([\t\x20-\x7e\x80-\xff]*)\r?$", re.MULTILINE)
_FRAMING = (b"content-length", b"transfer-encoding")

_REQUEST = h11.Request(method="GET", target="/", headers=[("Host", "h11.must.know.one")])


@dataclass(frozen=True, slots=True)
class Head:
    """How an answer begins, in the bytes that were sent."""

    status: int
    reason: bytes
    headers: list[tuple[bytes, bytes]]


class Answer:
    """The answer to one GET."""

    __slots__ = ("_h11", "_informational", "_keep", "_left", "_length", "_unread", "can_go_on", "head", "is_begun", "is_done")

    def __init__(self) -> None:
        self.head: Head | None = None
        self.is_begun = False  # something came
        self.is_done = False
        self.can_go_on = False  # it is done, and another question may be asked on its connection
        self._informational = 0
        self._keep = False
        self._length = self._left = 0
        self._h11: h11.Connection | None = None
        self._unread = bytearray()  # of a head that h11 has not read yet

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in, none at the end of the stream; return what of the body is in them.

        Raises httpx.RemoteProtocolError where that is no answer, or where it breaks off.
        """
        if self.is_done:  # what is left over answers no question of ours
            self.can_go_on = False
            return []
        is_over = not data
        if not self.is_begun:
            if is_over:
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
            self.is_begun = True
            data = self._begin(data)
        if self._h11:
            return self._read(self._h11, data)
        piece = data[: self._left]
        self._left -= len(piece)
        if self._left == 0:
            self.is_done = True
            self.can_go_on = self._keep and len(piece) == len(data)
        elif is_over:
            got = f"received {self._length - self._left} bytes, expected {self._length}"
            raise httpx.RemoteProtocolError(f"peer closed connection without sending complete message body ({got})")
        return [piece] if piece else []

    def _begin(self, data: bytes) -> bytes:
        """Read the head, if it is plain, and return what follows it; else let h11 have it all."""
        match = _PLAIN.match(data)
        if match:
            headers = [(name, value.strip(b" \t")) for name, value in _FIELD.findall(match[3])]
            length, keep = None, b"keep-alive"
            for name, value in headers:
                match name.lower():
                    case b"content-length":
                        length = value if length is None else b"twice"
                    case b"connection":
                        keep = value.lower()
                    case b"transfer-encoding":
                        length = b"not given"
            if length and _LENGTH.fullmatch(length) and keep in (b"keep-alive", b"close"):
                self.head = Head(int(match[1]), match[2] or b"", headers)
                self._length = self._left = int(length)
                self._keep = keep == b"keep-alive"
                return data[match.end() :]
        if not data.startswith(_PROTOCOL[: len(data)]):  # SSH, a page without a head: no use in waiting for more
            raise httpx.RemoteProtocolError(f"not HTTP: it begins with {data[:20]!r}")
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD_BYTES)
        self._h11.send(_REQUEST)
        self._h11.send(h11.EndOfMessage())
        return data

    def _read(self, reader: h11.Connection, data: bytes) -> list[bytes]:
        pieces: list[bytes] = []
        if self.head is None:
            self._unread += data
        try:
            reader.receive_data(data)
            while not self.is_done:
                match reader.next_event():
                    case h11.Response(status_code=status, reason=reason, headers=headers):
                        self.head = Head(status, bytes(reason), list(headers.raw_items()))
                    case h11.Data(data=piece):
                        pieces.append(bytes(piece))
                    case h11.EndOfMessage():
                        self.is_done = True
                        self.can_go_on = reader.their_state is h11.DONE and not reader.trailing_data[0]
                    case h11.InformationalResponse():
                        self._informational += 1
                        if self._informational > MOST_INFORMATIONAL:
                            raise httpx.RemoteProtocolError(f"more than {MOST_INFORMATIONAL} informational responses")
                    case _:
                        break
        except h11.RemoteProtocolError as error:
            if self.head is None and (head := _redirect(bytes(self._unread))):
                self.head, self.is_done = head, True
                return []
            raise httpx.RemoteProtocolError(str(error)) from error
        return pieces


def _redirect(raw: bytes) -> Head | None:
    """Return what can be read of a head that says where to go on, without its body, as browsers do; None where it is none.

    Where a field is no field, or how the body is framed makes no sense, the place that is named stands all the same.
    """
    match = _REDIRECT.match(raw)
    if match is None:
        return None
    fields = [(name, value.strip(b" \t")) for name, value in _SOUND_FIELD.findall(match[3])]
    lengths = {part.strip() for name, value in fields if name.lower() == b"content-length" for part in value.split(b",")}
    if len(lengths) > 1:  # as of two answers in one (RFC 9112 §11.1)
        return None
    headers = [(name, value) for name, value in fields if name.lower() not in _FRAMING]
    is_told = any(name.lower() == b"location" and value for name, value in headers)
    return Head(int(match[1]), match[2], headers) if is_told else None
