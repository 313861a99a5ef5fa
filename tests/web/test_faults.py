"""Each thing that can go wrong on the web has its outcome."""

import socket
import ssl

import httpx
import idna
import pytest

from crawler.core.model import Outcome
from crawler.web import faults


def subclasses(kind):
    return {kind}.union(*map(subclasses, kind.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(subclasses(httpx.RequestError), key=lambda kind: kind.__name__))
def test_every_error_of_a_request_has_an_outcome(kind):
    if kind is httpx.TooManyRedirects:
        return  # the client's, never a transport's
    assert isinstance(faults.read(kind("words")), faults.Fault)
    assert issubclass(kind, faults.KINDS)


@pytest.mark.parametrize(
    ("error", "outcome", "is_passing"),
    [
        (httpx.ConnectError("refused"), Outcome.UNREACHABLE, True),
        (httpx.ConnectTimeout(""), Outcome.TIMEOUT, True),
        (httpx.ReadError(""), Outcome.UNREACHABLE, True),
        (httpx.RemoteProtocolError("illegal status line"), Outcome.HTTP_ERROR, False),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), Outcome.UNREACHABLE, True),
        (httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong"), Outcome.TLS_ERROR, False),
        (httpx.UnsupportedProtocol("gopher"), Outcome.REFUSED, False),
        (httpx.InvalidURL("too long"), Outcome.BAD_LOCATION, False),
        (idna.IDNAError("bad label"), Outcome.BAD_LOCATION, False),
        (faults.Refused("loopback"), Outcome.REFUSED, False),
        (faults.TlsError("expired"), Outcome.TLS_ERROR, False),
        (faults.UnknownHost("nobody"), Outcome.UNREACHABLE, False),
        (ssl.SSLCertVerificationError("expired"), Outcome.TLS_ERROR, False),
        (TimeoutError(), Outcome.TIMEOUT, True),
        (ConnectionResetError("reset"), Outcome.UNREACHABLE, True),
        (ExceptionGroup("all addresses", [OSError("a"), OSError("b")]), Outcome.UNREACHABLE, True),
    ],
)
def test_the_table_reads_it_so(error, outcome, is_passing):
    fault = faults.read(error)
    assert (fault.outcome, fault.is_passing) == (outcome, is_passing)
    assert fault.detail
    assert "\n" not in fault.detail


@pytest.mark.parametrize(
    ("cause", "kind"),
    [(ssl.SSLError("expired"), faults.TlsError), (socket.gaierror(socket.EAI_NONAME, "unknown"), faults.UnknownHost)],
)
def test_a_failed_connection_is_named_after_its_cause(cause, kind):
    try:
        try:
            raise cause
        except OSError as error:
            raise ConnectionError(str(error)) from error
    except ConnectionError as error:
        outer = httpx.ConnectError("failed")
        outer.__cause__ = error
    assert type(faults.named(outer)) is kind


def test_a_name_service_that_fails_in_passing_is_asked_again():
    error = httpx.ConnectError("failed")
    error.__cause__ = socket.gaierror(socket.EAI_AGAIN, "temporary")
    assert faults.read(error).is_passing


@pytest.mark.parametrize("row", faults.TABLE, ids=lambda row: row.kind.__name__)
def test_every_failure_can_be_recorded_and_raised_again(row):
    if issubclass(row.kind, UnicodeError):
        error = idna.IDNAError("x")
    else:
        error = row.kind("x", [OSError()]) if row.kind is ExceptionGroup else row.kind("x")
    recorded = faults.recordable(error)
    again = faults.raised(type(recorded).__name__, str(recorded))
    assert again
    if row.outcome is not Outcome.BAD_LOCATION:  # never gets as far as a transport
        assert faults.read(again).outcome is faults.read(error).outcome


def test_a_bug_is_no_fault_of_the_web():
    for bug in (TypeError, KeyError, AssertionError, MemoryError):
        assert not issubclass(bug, faults.KINDS)
