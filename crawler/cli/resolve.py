"""crawler resolve: follow links and show where they lead."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.output import say, table
from crawler.cli.wiring import cassette_options, config_option, configured, wired
from crawler.errors import CrawlerError, SourceError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.core.model import Resolution, Url


@click.command()
@click.argument("links", metavar="[URL|-]...", nargs=-1, required=True)
@config_option()
@cassette_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object a link, hops and attempts included.")
def resolve(links: tuple[str, ...], config_file: Path | None, record: Path | None, replay: Path | None, *, as_json: bool) -> int:
    """Follow links hop by hop and show where they lead; - reads one a line. Touches no database.

    \b
    Example:
      crawler resolve https://t.co/54iN2oPcLX --json
    """  # noqa: D301
    import asyncio  # noqa: PLC0415

    return asyncio.run(_resolve(links, configured(config_file, record, replay), as_json=as_json))


async def _resolve(links: tuple[str, ...], config: Config, *, as_json: bool) -> int:
    from crawler.cli.ordered import in_order  # noqa: PLC0415
    from crawler.following import follow  # noqa: PLC0415

    resolved = failed = 0
    rows: list[tuple[object, ...]] = []

    async with wired(config) as parts:

        async def one(link: str) -> Resolution:
            resolution, _ = await follow(_parse(link), parts.client.fetch, config.limits, parts.clock)
            return resolution

        async for result in in_order(_each(links), one, config.workers):
            if isinstance(result, CrawlerError):
                say(f"crawler: {result}")
                failed += 1
                continue
            resolved += 1
            if as_json:
                _print_json(result)
            else:
                rows.append(_row(result))
    if rows:
        table(("url", "outcome", "hops", "status", "furthest url"), rows)
    if failed:
        return 1 if resolved else 2
    return 0


def _each(links: tuple[str, ...]) -> Iterator[str]:
    """Yield the links named, those on standard input a line at a time."""
    for link in links:
        if link == "-":
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield link


def _parse(link: str) -> Url:
    from crawler.core import urls  # noqa: PLC0415

    url = urls.parse(link)
    if url is None or not urls.is_web(url):
        raise SourceError(
            f"{link}: not a URL that can be followed; it should begin with https:// or http:// and bear no password"
        )
    return url


def _print_json(resolution: Resolution) -> None:
    from crawler.publish import inert  # noqa: PLC0415

    record: dict[str, object] = {"url": resolution.url, "outcome": resolution.outcome, "detail": resolution.detail}
    record |= {
        "landing": resolution.landing,
        "final_url": resolution.final_url,
        "furthest_url": resolution.furthest_url,
        "hop_count": len(resolution.hops),
    }
    record |= {"started_at": resolution.started_at, "elapsed_ms": resolution.elapsed_ms, "hops": resolution.hops}
    sys.stdout.buffer.write(inert.json(record).encode() + b"\n")
    sys.stdout.buffer.flush()


def _row(resolution: Resolution) -> tuple[object, ...]:
    status = resolution.hops[-1].status if resolution.hops else None
    said = resolution.detail or resolution.landing
    outcome = f"{resolution.outcome}: {said}" if said else resolution.outcome
    return resolution.url, outcome, len(resolution.hops), status, resolution.furthest_url
