"""The yardstick of resolution.py: a plain aiohttp loop that follows the same chains, and records, checks and reads nothing.

A script of its own, so that processor time and memory are its own. Prints its cost as one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict

import aiohttp
from cost import cost_of
from server import links


async def resolve(count: int, port: int, workers: int) -> int:
    """Follow links to their ends; return how many requests that took."""
    waiting = links(count, port)
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

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=workers)) as session, asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work(session))
    return requests


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, required=True)
    parser.add_argument("--port", type=int, required=True, help="of a running server.py")
    parser.add_argument("--workers", type=int, required=True)
    options = parser.parse_args()
    print(json.dumps(asdict(cost_of(lambda: asyncio.run(resolve(options.links, options.port, options.workers))))))


if __name__ == "__main__":
    main()
