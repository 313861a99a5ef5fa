"""WARC files (ISO 28500): the pages in them, each with the time it was captured. Nothing in them is asked of the web again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from crawler.core import gzipped, sniffing, urls
from crawler.core.model import Collection, Document, ReadAs, Source, Url
from crawler.errors import SourceError
from crawler.web import bodies

if TYPE_CHECKING:
    from warcio.archiveiterator import ArchiveIterator

MAGIC = b"WARC/"
SUFFIXES = (".warc", ".warc.gz")
MOST_HEAD = 262_144  # bytes of the head of one record, and of the HTTP answer in it; a line of 100 MB is known to take minutes
PAGE_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain"})
ROBOTS = "/robots.txt"  # plain text that every crawl keeps, and no piece (RFC 9309 §2.3)

_OFFSET = "offset="
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? {0,3}(\d{3})")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


def is_warc(head: bytes) -> bool:
    """Whether a file that begins like this is a WARC file, packed or not."""
    return gzipped.head(head, len(MAGIC)) == MAGIC


def collection(path: Path, tell: Callable[[str], None]) -> Collection:
    """Return the pages of a WARC file as a source; what of it can't be read is told in words.

    Raises SourceError where it is not there, or where the library that reads it is not.
    """
    try:
        import warcio  # noqa: F401 - is it there?
    except ImportError:
        raise SourceError(
            f"{path}: to read WARC files takes the extra `warc`: pip install 'link-provenance-crawler[warc]'"
        ) from None
    try:
        facts = path.stat()
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    # Not of its content, which may be many gigabytes: a file of another size or time is another.
    digest = hashlib.sha256(f"{facts.st_size} {facts.st_mtime_ns}".encode()).hexdigest()
    return Collection(Url(path.resolve().as_uri()), digest, lambda: _pages(path, tell))


def open_record(path: Path, url: Url, max_bytes: int) -> Document:
    """Return the document of the record that url names by its offset."""
    offset = int(url.partition("#")[2].removeprefix(_OFFSET))
    try:
        with path.open("rb") as file:
            file.seek(offset)
            record = next(iter(_archive(file)))
            found = _page(record)
            if found is None:
                raise SourceError(f"{url}: the file has changed since the run that found a page there")
            body = found.start + record.raw_stream.read(2 * max_bytes)
    except _faults() as error:
        raise SourceError(f"{url}: {error or type(error).__name__}") from error
    if found.is_chunked:
        body = bodies.unchunked(body)
    content, truncated = bodies.decoded(body, found.encodings, max_bytes)
    return Document(content, found.media_type, found.url, truncated, captured_at=found.captured_at)


def is_record(url: Url) -> bool:
    """Whether url is one of a record in a WARC file."""
    return f"#{_OFFSET}" in url


@dataclass(frozen=True, slots=True)
class _Page:
    """A record that holds a page."""

    url: Url
    captured_at: datetime | None
    media_type: str | None
    encodings: tuple[str, ...]
    is_chunked: bool
    start: bytes  # of its body, as far as it was read with the head


def _pages(path: Path, tell: Callable[[str], None]) -> Iterator[Source]:
    """Yield the pages in a WARC file, in its order; where it is damaged tell so, and end."""
    address = path.resolve().as_uri()
    offset = 0
    try:
        with path.open("rb") as file:
            archive = _archive(file)
            for record in archive:
                found = _page(record)
                offset = archive.get_record_offset()
                if found:
                    yield Source(Url(f"{address}#{_OFFSET}{offset}"), read_as=ReadAs.PAGE)
    except _faults() as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        tell(f"{path}: damaged behind the record at byte {offset:,}, and not read from there on: {reason[:200]}")


def _page(record: Any) -> _Page | None:
    """Return what a record says of the page in it; None where it holds none. What it begins with is read."""
    headers = record.rec_headers
    url = urls.parse((headers.get_header("WARC-Target-URI") or "").strip("<> \t"))
    if record.rec_type not in ("response", "resource") or url is None or not urls.is_web(urls.without_userinfo(url)):
        return None
    url = urls.without_userinfo(url)
    if (parts := urls.split(url)) and parts.pathname == ROBOTS:
        return None
    captured_at = _time(headers.get_header("WARC-Date"))
    start = record.raw_stream.read(MOST_HEAD)
    if record.rec_type == "resource":
        media_type = headers.get_header("Content-Type")
        return _Page(url, captured_at, media_type, (), False, start) if _is_page(media_type) else None
    head_end = _HEAD_END.search(start)
    status = _STATUS.match(start)
    if not head_end or not status or not 200 <= int(status[1]) < 300:
        return None
    fields = _fields(start[: head_end.start()])
    encodings = bodies.layers(fields.get("content-encoding", ()))
    media_type = fields.get("content-type", [None])[0]
    if encodings is None or not _is_page(media_type):
        return None
    is_chunked = any("chunked" in value.lower() for value in fields.get("transfer-encoding", ()) if value)
    return _Page(url, captured_at, media_type, encodings, is_chunked, start[head_end.end() :])


def _is_page(media_type: str | None) -> bool:
    return sniffing.essence_of(media_type) in PAGE_TYPES


def _fields(head: bytes) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for line in head.splitlines()[1:]:
        name, _, value = line.decode("latin-1").partition(":")
        fields.setdefault(name.strip().lower(), []).append(value.strip())
    return fields


def _time(written: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat((written or "").strip())
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _faults() -> tuple[type[Exception], ...]:
    from warcio.exceptions import ArchiveLoadFailed

    return (ArchiveLoadFailed, OSError, EOFError, ValueError, StopIteration)


def _archive(file: BinaryIO) -> ArchiveIterator:
    from warcio.archiveiterator import WARCIterator
    from warcio.bufferedreaders import DecompressingBufferedReader
    from warcio.exceptions import ArchiveLoadFailed

    class Bounded(DecompressingBufferedReader):  # type: ignore[misc] # it has no types
        """Reads lines of a head, as long as that is one that anybody would write."""

        head = 0

        def readline(self, length: int | None = None) -> bytes:
            line: bytes = super().readline(min(length or MOST_HEAD, MOST_HEAD))
            self.head += len(line)
            if self.head > MOST_HEAD:
                raise ArchiveLoadFailed(f"the head of a record is longer than {MOST_HEAD:,} bytes")
            return line

        def read(self, length: int | None = None) -> bytes:
            self.head = 0
            data: bytes = super().read(length)
            return data

    archive = WARCIterator(file, no_record_parse=True)
    archive.reader = Bounded(archive.fh)
    return archive
