"""crawler extract: the extract record of each input, one JSON object a line."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.output import say
from crawler.cli.wiring import Parts, cassette_options, config_option, configured, wired
from crawler.errors import CrawlerError, SourceError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.core.model import Document, Limits, Source


@click.command()
@click.argument("inputs", metavar="[PATH|URL|-]...", nargs=-1, required=True)
@config_option()
@cassette_options
def extract(inputs: tuple[str, ...], config_file: Path | None, record: Path | None, replay: Path | None) -> int:
    """Read articles and print what they say and cite, one JSON object a line. Touches no database.

    \b
    Example:
      crawler extract article.html notes.txt | jq -r '.citations[] | [.kind, .url] | @tsv'
    """  # noqa: D301
    return asyncio.run(_extract(inputs, configured(config_file, record, replay)))


async def _extract(inputs: tuple[str, ...], config: Config) -> int:
    printed = failed = 0
    async with wired(config) as parts:
        for name in inputs:
            try:
                for source in parts.shelf.take(name):
                    await _print_record(name, source, parts, config.limits)
                    printed += 1
            except CrawlerError as error:
                say(f"crawler: {error}")
                failed += 1
    if failed:
        return 1 if printed else 2
    return 0


async def _print_record(name: str, source: Source, parts: Parts, limits: Limits) -> None:
    import msgspec  # noqa: PLC0415

    from crawler.core.model import Unread  # noqa: PLC0415

    page = await parts.readers.read(await _document(source, parts, limits))
    if isinstance(page, Unread):
        raise SourceError(f"{name}: {page.reason}")
    record: dict[str, Any] = {"source": _source_name(name, source), "article": page.article, "tweets": page.tweets}
    sys.stdout.buffer.write(msgspec.json.encode({**record, "citations": page.citations}) + b"\n")
    sys.stdout.buffer.flush()


def _source_name(name: str, source: Source) -> str:
    from crawler.sources.files import file_of  # noqa: PLC0415

    path = file_of(source.url)
    return str(Path(name) / path.name) if path and Path(name).is_dir() else name


async def _document(source: Source, parts: Parts, limits: Limits) -> Document:
    from crawler.core.model import Document, Exchange, Outcome  # noqa: PLC0415
    from crawler.core.urls import is_web  # noqa: PLC0415
    from crawler.crawl import follow  # noqa: PLC0415

    if not is_web(source.url):
        return parts.shelf.open(source.url)
    resolution, answer = await follow(source.url, parts.client.fetch, limits, parts.clock)
    if resolution.outcome is not Outcome.ARRIVED or not isinstance(answer, Exchange):
        detail = f" ({resolution.detail})" if resolution.detail else ""
        raise SourceError(f"{source.url}: {resolution.outcome}{detail} at {resolution.furthest_url}")
    return Document(answer.content, answer.header("content-type"), answer.url)
