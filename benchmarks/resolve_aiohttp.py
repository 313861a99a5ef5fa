"""The yardstick of resolution.py: a plain aiohttp loop that follows the same chains, and records, checks and reads nothing.

A script of its own, so that processor time and memory are its own. Prints its cost as one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
from dataclasses import asdict

import aiohttp
from cost import cost_of
from server import Web, add_options, links


async def resolve(count: int, web: Web, workers: int) -> int:
    """Follow links to their ends; return how many requests that took."""
    waiting = links(count, web)
    requests = 0

    async def work(session: aiohttp.ClientSession) -> None:
        nonlocal requests
        for link in waiting:
            url: str | None = link
            while url:
                async with session.get(url, allow_redirects=False) as response:
                    await response.read()
                    url = response.headers.get("Location")
                    requests += 1
            if response.status != 200:
                raise SystemExit(f"{link} did not arrive")

    trusting = ssl.create_default_context(cafile=web.ca) if web.ca else True
    connector = aiohttp.TCPConnector(limit=workers, ssl=trusting)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work(session))
    return requests


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    options = parser.parse_args()
    print(json.dumps(asdict(cost_of(lambda: asyncio.run(resolve(options.links, Web.of(options), options.workers))))))


if __name__ == "__main__":
    main()
