"""crawler extract: the extract record of each input, one JSON object a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.output import in_utf8, say
from crawler.cli.wiring import Parts, cassette_options, config_option, configured, wired
from crawler.errors import CrawlerError, SourceError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.core.model import Document, Source
    from crawler.core.settings import Limits
    from crawler.sources.files import Shelf


@click.command()
@click.argument("inputs", metavar="[PATH|URL|-]...", nargs=-1, required=True)
@config_option()
@cassette_options
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that read; default: one for each core.")
def extract(inputs: tuple[str, ...], config_file: Path | None, record: Path | None, replay: Path | None, jobs: int | None) -> int:
    """Read articles and print what they say and cite, one JSON object a line. Touches no database.

    \b
    Example:
      crawler extract article.html notes.txt | jq -r '.citations[] | [.kind, .url] | @tsv'
    """  # noqa: D301
    import asyncio  # noqa: PLC0415

    config = configured(config_file, record, replay)
    return asyncio.run(_extract(inputs, replace(config, readers=jobs or os.cpu_count() or 1)))


async def _extract(inputs: tuple[str, ...], config: Config) -> int:
    from crawler.cli.ordered import in_order  # noqa: PLC0415

    printed = failed = 0
    async with wired(config) as parts:

        async def one(named: tuple[str, Source | CrawlerError]) -> bytes:
            name, source = named
            if isinstance(source, CrawlerError):
                raise source
            return await _record(name, source, parts, config.limits)

        async for record in in_order(_each(inputs, parts.shelf), one, config.readers):
            if isinstance(record, CrawlerError):
                say(f"crawler: {record}")
                failed += 1
                continue
            sys.stdout.buffer.write(record)
            sys.stdout.buffer.flush()
            printed += 1
    for damage in parts.shelf.damage:
        say(f"crawler: {damage}")
        failed += 1
    if failed:
        return 1 if printed else 2
    return 0


def _each(inputs: tuple[str, ...], shelf: Shelf) -> Iterator[tuple[str, Source | CrawlerError]]:
    """Yield what each input stands for, or why it stands for nothing."""
    from crawler.core.model import Collection  # noqa: PLC0415

    for name in inputs:
        try:
            for source in shelf.take(name):
                if isinstance(source, Collection):
                    yield from ((name, page) for page in source.sources())
                else:
                    yield name, source
        except CrawlerError as error:
            yield name, error


async def _record(name: str, source: Source, parts: Parts, limits: Limits) -> bytes:
    from crawler.core.model import Unread  # noqa: PLC0415
    from crawler.publish import inert  # noqa: PLC0415

    page = await parts.readers.read(await _document(source, parts, limits))
    if isinstance(page, Unread):
        raise SourceError(f"{name}: {page.reason}")
    record: dict[str, Any] = {"source": in_utf8(_source_name(name, source)), "article": page.article, "tweets": page.tweets}
    return inert.json({**record, "citations": page.citations, "cut": page.cut}).encode() + b"\n"


def _source_name(name: str, source: Source) -> str:
    from crawler.sources.files import file_of  # noqa: PLC0415

    path = file_of(source.url)
    return str(Path(name) / path.name) if path and Path(name).is_dir() else name


async def _document(source: Source, parts: Parts, limits: Limits) -> Document:
    from crawler.core.model import READABLE, Document, Exchange  # noqa: PLC0415
    from crawler.core.urls import is_web  # noqa: PLC0415

    if not is_web(source.url):
        return parts.shelf.open(source.url)

    from crawler.following import follow  # noqa: PLC0415 - files need none of it

    resolution, answer = await follow(source.url, parts.client.fetch, limits, parts.clock)
    if resolution.outcome not in READABLE or not isinstance(answer, Exchange):
        detail = f" ({resolution.detail})" if resolution.detail else ""
        raise SourceError(f"{source.url}: {resolution.outcome}{detail} at {resolution.furthest_url}")
    return Document(answer.content, answer.header("content-type"), answer.url, answer.truncated)
