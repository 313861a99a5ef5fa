"""A process that may open no more files waits, or says so: no link is dead for it."""

from __future__ import annotations

import asyncio
import errno
import json
import sys

import pytest

from tests.few_files import CHAINS
from tests.standin import Standin, page

pytestmark = pytest.mark.anyio


async def crawled_with(spare, folder):
    table = {f"http://h{number}.example/": page("a piece") for number in range(CHAINS)}
    async with Standin(table) as web:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.few_files",
            str(spare),
            str(web.ports[False]),
            str(folder),
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, _ = await child.communicate()
    assert child.returncode == 0
    came = json.loads(out)
    assert came.pop("faults") == []
    return came


async def test_with_a_few_files_everything_waits_for_one_and_arrives(tmp_path):
    came = await crawled_with(4, tmp_path)
    assert set(came["outcomes"]) <= {"arrived", "interrupted"}, "some may have come back after they waited in vain"
    assert (came["outcomes"]["arrived"], came["ended"], came["states"]) == (CHAINS, None, {"arrived": CHAINS})


async def test_without_any_the_crawl_ends_and_says_what_to_do_and_no_host_is_blamed(tmp_path):
    came = await crawled_with(0, tmp_path)
    assert set(came["outcomes"]) == {"interrupted"}
    assert "too many files open" in came["ended"]
    assert "ulimit -n" in came["ended"]
    assert came["states"] == {}, "nothing is known of any piece"
    assert came["looked up"] == f"OSError {errno.EMFILE}", "not that there is no such name"
