"""What the web does wrong, in one table: every exception of a transport and the Outcome it stands for.

The rows are tried in order. An exception in no row is a bug of ours, and passes.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx

from crawler.core.model import Outcome, WarcRecord


class TlsError(httpx.ConnectError):
    """The TLS handshake failed: certificate, host name, protocol."""


class UnknownHost(httpx.ConnectError):
    """The name has no address, and the name service is sure of it."""


class Refused(httpx.ConnectError):
    """Our own guard would not connect there."""


class CircuitOpen(httpx.ConnectError):
    """The host was not asked: it could not be connected to so often that there is no use in it."""


class LeftAlone(httpx.ConnectError):
    """The host was not asked: it has told us not to, for longer than we wait."""


class Offline(httpx.ConnectError):
    """Nobody was asked: our own network is down."""


class OutOfFiles(httpx.ConnectError):
    """The host was not asked: this process may open no more files."""


class OutOfTime(httpx.ReadTimeout):
    """The chain's time ran out before the answer was whole; no other attempt is made."""


UNASKED = (CircuitOpen, LeftAlone, Offline, OutOfFiles)


class Row(NamedTuple):
    """One kind of exception: its outcome, and whether another attempt may end better."""

    kind: type[BaseException]
    outcome: Outcome
    is_passing: bool


TABLE = (
    Row(Refused, Outcome.REFUSED, False),
    Row(CircuitOpen, Outcome.UNREACHABLE, False),
    Row(LeftAlone, Outcome.TRY_LATER, False),
    Row(Offline, Outcome.INTERRUPTED, False),
    Row(OutOfFiles, Outcome.INTERRUPTED, False),
    Row(TlsError, Outcome.TLS_ERROR, False),
    Row(ssl.SSLError, Outcome.TLS_ERROR, False),
    Row(UnknownHost, Outcome.UNREACHABLE, False),
    Row(OutOfTime, Outcome.TIMEOUT, False),
    Row(httpx.TimeoutException, Outcome.TIMEOUT, True),
    Row(TimeoutError, Outcome.TIMEOUT, True),
    Row(httpx.NetworkError, Outcome.UNREACHABLE, True),
    Row(httpx.ProxyError, Outcome.UNREACHABLE, True),
    Row(httpx.ProtocolError, Outcome.HTTP_ERROR, False),
    Row(httpx.DecodingError, Outcome.HTTP_ERROR, False),
    Row(httpx.UnsupportedProtocol, Outcome.REFUSED, False),
    Row(httpx.RequestError, Outcome.UNREACHABLE, True),
    Row(httpx.InvalidURL, Outcome.BAD_LOCATION, False),  # longer than httpx takes, a host it can't encode
    Row(UnicodeError, Outcome.BAD_LOCATION, False),  # idna.IDNAError is one
    Row(OSError, Outcome.UNREACHABLE, True),
    Row(ExceptionGroup, Outcome.UNREACHABLE, True),  # several addresses tried, each with its own failure
)

# A connection that breaks off is the network's fault, but h11 reports it as the protocol's.
BREAKS = ("Server disconnected", "peer closed connection", "peer unexpectedly closed connection")

KINDS = tuple(row.kind for row in TABLE)


@dataclass(frozen=True, slots=True)
class Fault:
    """An attempt that brought no answer."""

    outcome: Outcome
    detail: str
    is_passing: bool  # another attempt may end better
    at_connect: bool  # nothing was asked: the host could not be reached at all
    is_ours: bool = False  # we did not try
    warc_record: WarcRecord | None = field(default=None, compare=False)  # where it is kept


# How a time that ran out is called, live and in a recording.
LATE = "no whole answer within limits.hop_seconds"
OUT_OF_TIME = Fault(Outcome.TIMEOUT, "its chain took longer than limits.chain_seconds", is_passing=False, at_connect=False)


def read(error: BaseException) -> Fault:
    """Return what error, one of KINDS, says about the web."""
    error = named(error)
    at_connect = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    detail = " ".join(str(error).split())[:500] or type(error).__name__
    if isinstance(error, httpx.RemoteProtocolError) and str(error).startswith(BREAKS):
        return Fault(Outcome.UNREACHABLE, detail, is_passing=True, at_connect=False)
    row = next(row for row in TABLE if isinstance(error, row.kind))
    return Fault(row.outcome, detail, row.is_passing, at_connect, isinstance(error, UNASKED))


# What an exception that is none of httpx's is recorded as.
BY_OUTCOME: dict[Outcome, type[httpx.TransportError]] = {
    Outcome.TLS_ERROR: TlsError,
    Outcome.TIMEOUT: httpx.ReadTimeout,
    Outcome.UNREACHABLE: httpx.ConnectError,
    Outcome.HTTP_ERROR: httpx.RemoteProtocolError,
    Outcome.REFUSED: Refused,
}


def named(error: BaseException) -> BaseException:
    """Return error under the name that its cause gives it, for httpx calls a bad certificate and a dead name ConnectError."""
    if type(error) in (httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError):
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLError):
                return TlsError(str(error) or str(cause))
            if isinstance(cause, socket.gaierror) and cause.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)):
                return UnknownHost(str(error) or str(cause))
        if str(error).startswith("[SSL"):  # the cause is lost in a recording by other hands
            return TlsError(str(error))
    return error


def recordable(error: BaseException) -> Exception:
    """Return error, one of KINDS, as one that `raised` can make again from its class name and text."""
    error = named(error)
    if type(error).__name__ in _BY_NAME:
        return error  # type: ignore[return-value] # a class that is named there is an Exception
    fault = read(error)
    return BY_OUTCOME.get(fault.outcome, httpx.TransportError)(fault.detail)


def raised(name: str, text: str) -> Exception | None:
    """Return the exception of that class and text, or None where no transport raises such a one."""
    kind = _BY_NAME.get(name.removeprefix("httpx."))
    return kind(text) if kind else None


def _kinds(kind: type[httpx.TransportError]) -> Iterator[type[httpx.TransportError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _kinds(each)


_BY_NAME: dict[str, type[Exception]] = {kind.__name__: kind for kind in (*_kinds(httpx.TransportError), httpx.InvalidURL)}


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__ or error.__context__
    while cause:
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            yield from cause.exceptions
        cause = cause.__cause__ or cause.__context__
