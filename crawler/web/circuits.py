"""Whom there is no use in asking just now: a host that can't be connected to, one that wants to be left alone, any of them.

A transport round another one, inside the recorder: what it refuses is recorded as the failure it raises, so a replay refuses
the same however long it takes.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import httpx

from crawler.clock import Clock
from crawler.core.model import Outcome
from crawler.web import faults
from crawler.web.faults import CircuitOpen, LeftAlone, Offline, UnknownHost
from crawler.web.politeness import BUSY, MAX_HOSTS, Manners, retry_after

PROBE_SECONDS = 5.0  # between two requests that are let through while our own network is down
NEVER = float("-inf")


@dataclass(slots=True)
class _Circuit:
    """How a host has fared, or one port of it; times are on the clock's monotonic scale."""

    failures: int = 0  # to connect, in a row
    shut_until: float = NEVER  # by us, for it can't be connected to
    alone_until: float = NEVER  # as it asked


class Circuits(httpx.AsyncBaseTransport):
    """Passes requests on to another transport, but for those that can't be expected to be answered.

    After manners.circuit_failures connections in a row that failed, a host is not asked for manners.circuit_seconds; then one
    request is let through to see. Where manners.offline_hosts hosts in a row couldn't be connected to, it is our own network
    that is down, which says nothing about any of them.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, *, clock: Clock, manners: Manners) -> None:
        self._inner = inner
        self._clock = clock
        self._manners = manners
        self._hosts: OrderedDict[str, _Circuit] = OrderedDict()
        self._lost: set[str] = set()  # hosts that couldn't be connected to since one last could
        self._probe_at = NEVER

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the other transport's answer, or raise why it isn't asked."""
        host = request.url.raw_host.decode("ascii")  # httpx reads "xn--" for its `host`, and raises where that means nothing
        # A port that is shut says nothing of the others; what a host asks for, it asks for itself.
        place, circuit = request.url.netloc.decode("ascii"), self._circuit(host)
        port = circuit if place == host else self._circuit(place)
        is_probe = self._must_be_worth_asking(place, port, circuit.alone_until)
        try:
            response = await self._inner.handle_async_request(request)
        except faults.KINDS as error:
            self._failed(host, port, faults.named(error))
            if is_probe and self._is_offline:
                raise self._offline() from error
            raise
        self._connected(port)
        wait = retry_after(response.headers.get("retry-after"), self._clock.now()) if response.status_code in BUSY else None
        if wait and wait > self._manners.max_retry_after:
            circuit.alone_until = self._clock.monotonic() + wait
        return response

    async def aclose(self) -> None:
        """Close the other transport."""
        await self._inner.aclose()

    @property
    def _is_offline(self) -> bool:
        return 0 < self._manners.offline_hosts <= len(self._lost)

    def _must_be_worth_asking(self, place: str, port: _Circuit, alone_until: float) -> bool:
        """Raise where it isn't; return whether the request is one to see whether our network is back."""
        now = self._clock.monotonic()
        if self._is_offline:
            if now < self._probe_at:
                raise self._offline()
            self._probe_at = now + PROBE_SECONDS
            return True
        if now < alone_until:
            raise LeftAlone(f"{place} asked to be left alone for another {alone_until - now:.0f} s")
        if now < port.shut_until:
            raise CircuitOpen(f"{place} could not be connected to {port.failures} times in a row: circuit open")
        return False

    def _failed(self, host: str, port: _Circuit, error: BaseException) -> None:
        fault = faults.read(error)
        if fault.outcome is Outcome.REFUSED or fault.is_ours:  # by our guard, for want of files: it says nothing of anybody
            return
        if not fault.at_connect or fault.outcome is Outcome.TLS_ERROR:  # something answered
            self._connected(port)
            return
        port.failures += 1
        if 0 < self._manners.circuit_failures <= port.failures:
            port.shut_until = self._clock.monotonic() + self._manners.circuit_seconds
        if not isinstance(error, UnknownHost):  # the name service is at hand, and sure of it
            was_offline = self._is_offline
            self._lost.add(host)
            if self._is_offline and not was_offline:
                self._probe_at = self._clock.monotonic() + PROBE_SECONDS

    def _connected(self, port: _Circuit) -> None:
        port.failures, port.shut_until = 0, NEVER
        if self._is_offline:  # those that failed had no chance
            for circuit in self._hosts.values():
                circuit.failures, circuit.shut_until = 0, NEVER
        self._lost.clear()

    def _offline(self) -> Offline:
        return Offline(f"our own network seems to be down: none of the last {len(self._lost)} hosts could be connected to")

    def _circuit(self, host: str) -> _Circuit:
        circuit = self._hosts.setdefault(host, _Circuit())
        self._hosts.move_to_end(host)
        if len(self._hosts) > MAX_HOSTS:
            oldest, forgotten = self._hosts.popitem(last=False)
            if self._clock.monotonic() < max(forgotten.shut_until, forgotten.alone_until):
                self._hosts[oldest] = forgotten  # its turn to go comes again, when so many others were met
        return circuit
