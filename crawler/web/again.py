"""What was kept of the web, read again as it was read when it came: a client over a transport whose answer is at hand."""

from __future__ import annotations

from dataclasses import replace

import httpx

from crawler.clock import ReplayClock
from crawler.core.model import Exchange, Failure, Seen, Url
from crawler.core.settings import Limits
from crawler.web.cassettes import answered
from crawler.web.client import Client
from crawler.web.politeness import Manners
from crawler.web.recording import Recording, url_of
from crawler.web.redaction import redacted

NOTHING_KEPT = "there is no evidence of it"


class Again:
    """A client that is answered with what is kept, and reads it as it was read when it came.

    user_agent is what was asked with, for a robots.txt may name it.
    """

    def __init__(self, limits: Limits, user_agent: str) -> None:
        self._answer = _AtHand()
        # What was waited for is not waited for again, and robots.txt was asked before.
        self._limits = replace(limits, max_attempts=1)
        self._manners = Manners(user_agent, obey_robots=False, seconds_between=0.0)
        self._client = Client(self._answer, clock=ReplayClock(), limits=self._limits, manners=self._manners)

    async def fetch(self, url: Url, recording: Recording, seen: Seen | None) -> Exchange | Failure:
        """Return what a recording of url comes to; seen: it was asked whether that had changed."""
        self._answer.recording = recording
        return await self._client.fetch(url, seen=seen)

    async def refused(self, url: Url, robots: Recording) -> Exchange | Failure:
        """Return what a request for url comes to where this is what came of its host's robots.txt, or of where that led."""
        self._answer.recording = robots
        manners = replace(self._manners, obey_robots=True)
        # A client of its own, for each keeps the rules it has read.
        return await Client(self._answer, clock=ReplayClock(), limits=self._limits, manners=manners).fetch(url)

    async def unasked(self, url: Url) -> Failure | None:
        """Return why a request for url can't be made; None where it can, and only an answer tells what it comes to."""
        self._answer.recording = None
        came = await self._client.fetch(url)
        return came if isinstance(came, Failure) and came.detail != NOTHING_KEPT else None

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()


class _AtHand(httpx.AsyncBaseTransport):
    """A transport whose next answer is at hand."""

    def __init__(self) -> None:
        self.recording: Recording | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.recording is None:
            raise httpx.ConnectError(NOTHING_KEPT)
        asked = url_of(request)
        if asked.endswith("/robots.txt") and redacted(asked) != self.recording.url:  # it was redirected
            return httpx.Response(307, headers={"location": self.recording.url}, stream=httpx.ByteStream(b""))
        return answered(request, self.recording, "the evidence")
