"""One request for many who ask."""

from __future__ import annotations

import asyncio

import pytest

from crawler.core.model import Exchange, Failure, Outcome
from crawler.fetching import SharedFetch
from tests.runs import A, Clock

pytestmark = pytest.mark.anyio


async def test_a_chain_that_shares_a_request_does_not_share_its_time():
    given = []

    async def fetch(url, seconds, cookie):
        given.append(seconds)
        await asyncio.sleep(0)
        if seconds < 1:
            return Failure(url, Outcome.TIMEOUT, "its chain took longer", (), Clock().now(), 0)
        return Exchange(url, 200, (), b"", False, (), Clock().now(), 0)

    shared = SharedFetch(fetch, Clock())
    with shared.for_one_visit() as late, shared.for_one_visit() as early:
        answers = await asyncio.gather(late(A, 0.5, ""), early(A, 90.0, ""))
    assert [type(answer) for answer in answers] == [Failure, Exchange]
    assert given == [0.5, 90.0]
