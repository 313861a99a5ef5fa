"""WARC files (ISO 28500, version 1.1): reading records where they lie, damaged ones included.

Each record is a gzip member of its own, so one that is damaged leaves the others to be read.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from crawler.core import gzipped
from crawler.errors import EvidenceError
from crawler.web import tapes
from crawler.web.recording import CUT_HEADER, ERROR_HEADER, Recording, text_of
from crawler.web.redaction import COOKIE_HEADER

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

OPEN = ".open"  # what the name of a file ends with while it is written
PIECE = 1 << 16
UNPACKED_IN_MEMORY = 1 << 24
BLOCK = 1 << 20  # more than any field: one that goes over two of its blocks warcio cuts short
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"  # WARC 1.1 §6.7.3

_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
_LOCATION = re.compile(rb"(?mi)^location:[ \t]*+([^\r\n]*)")
_ERROR_FIELD = re.compile(rb"(?m)^(\w+): ?(.*?)\r?$")


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it stands in its file, and what it says came over the wire."""

    file: str
    offset: int
    record_id: str
    type: str  # "response", "revisit", "resource", "metadata", …
    url: str
    refers_to: str | None  # the id of the record that holds a revisit's payload
    recording: Recording
    is_not_modified: bool = False  # a revisit by the server's word (304), to who had asked whether it had changed
    damage: str | None = None  # what of it is not as it was written; None: all is


@dataclass(frozen=True, slots=True)
class Damaged:
    """A place in a file where a record should be, and none can be read."""

    file: str
    offset: int
    reason: str


def files(folder: Path) -> list[Path]:
    """Return the WARC files of a folder in the order of their names, one that is still written to included."""
    return sorted(path for path in folder.glob("*.warc*") if path.name.removesuffix(OPEN).endswith((".warc", ".warc.gz")))


def read(path: Path) -> Iterator[Kept | Damaged]:
    """Yield the records of a file one by one. Where one can't be read, the next is looked for behind it."""
    size = path.stat().st_size
    offset = 0
    while offset < size:
        found = read_at(path, offset)
        yield from found.records
        if found.ends <= offset or any(isinstance(record, Damaged) for record in found.records):
            following = _next_member(path, offset + 1)
            if following is None:
                return
            offset = following
        else:
            offset = found.ends


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at one place of a file."""

    records: tuple[Kept | Damaged, ...]  # one, or none at the end of the file
    ends: int  # where the next one begins


class Hosts:
    """The exchanges of WARC files, by the host that was asked."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._places: dict[str, list[tuple[Path, int, str | None]]] = {}  # by the name of a host's cassette
        self._holders: dict[str, tuple[Path, int]] = {}
        for path in paths:
            for record in read(path):
                if isinstance(record, Damaged) or record.type not in ("response", "revisit", "metadata") or not _is_web(record):
                    continue
                self._holders[record.record_id] = (path, record.offset)
                named = tapes.file_name(record.url)
                self._places.setdefault(named, []).append((path, record.offset, record.refers_to))

    def recordings(self, name: str) -> Iterator[Recording]:
        """Yield what came from the host whose cassette has this name, in the order of recording."""
        for path, offset, refers_to in self._places.get(name, ()):
            recording = _recording(path, offset)
            holder = self._holders.get(refers_to or "")
            yield replace(recording, body=_recording(*holder).body) if holder else recording


def _recording(path: Path, offset: int) -> Recording:
    (record,) = read_at(path, offset).records
    if isinstance(record, Damaged):
        raise EvidenceError(f"{path} has changed while it was read: {record.reason}")
    return record.recording


def _is_web(record: Kept) -> bool:
    """Whether a record is of an exchange that can be replayed: metadata by others says nothing of failures."""
    is_failure = any(value for key, value in record.recording.headers if key == ERROR_HEADER)
    return record.url.startswith(("http:", "https:")) and (record.type != "metadata" or is_failure)


def read_at(path: Path, offset: int) -> Found:
    """Return the record that begins at an offset of a file."""
    try:
        from warcio.archiveiterator import WARCIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError:
        raise EvidenceError('WARC files need warcio: pip install "link-provenance-crawler[warc]"') from None
    name = path.name.removesuffix(OPEN)
    with path.open("rb") as file:
        file.seek(offset)
        try:
            is_packed = file.read(2) == gzipped.MAGIC
            file.seek(offset)
            # warcio takes a member that is damaged for one that ends early, or for text: its checksum is looked at here.
            with _unpacked(file) if is_packed else nullcontext(file) as opened:
                length = file.tell() - offset
                records = WARCIterator(opened, check_digests=True, block_size=BLOCK)
                kept = _kept(next(records), name, offset)
                ends = offset + (length if is_packed else records.get_record_length())
                opened.seek(0 if is_packed else offset)
                return Found((_with_locations_as_sent(kept, opened),), ends)
        except StopIteration:
            return Found((), offset)
        except (ArchiveLoadFailed, EOFError, zlib.error, ValueError, OSError) as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            return Found((Damaged(name, offset, f"can't be read ({reason})"),), offset)


def _with_locations_as_sent(kept: Kept, opened: IO[bytes]) -> Kept:
    """Return a record with its Locations by the bytes in which they stand: warcio takes "é" in Latin-1 for "é" in UTF-8."""
    headers = kept.recording.headers
    if all(value.isascii() for name, value in headers if name.lower() == "location"):
        return kept
    head = opened.read(BLOCK).partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")[0]
    sent = (text_of(b"location", value.rstrip()) for value in _LOCATION.findall(head))
    located = [(name, next(sent, value) if name.lower() == "location" else value) for name, value in headers]
    return replace(kept, recording=replace(kept.recording, headers=tuple(located)))


@contextmanager
def _unpacked(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give what the gzip member holds that begins where file stands, and leave file at its end.

    Raises zlib.error where the member is damaged, EOFError where it is torn.
    """
    with SpooledTemporaryFile(max_size=UNPACKED_IN_MEMORY) as unpacked:
        decompressor = zlib.decompressobj(gzipped.WBITS)
        while not decompressor.eof:
            if not (piece := file.read(PIECE)):
                raise EOFError("it breaks off")
            unpacked.write(decompressor.decompress(piece))
        file.seek(-len(decompressor.unused_data), os.SEEK_CUR)
        unpacked.seek(0)
        yield unpacked


def _kept(record: ArcWarcRecord, file: str, offset: int) -> Kept:
    fields, checker = record.rec_headers, record.digest_checker
    recording = _read_recording(record)
    return Kept(
        file,
        offset,
        record_id=fields.get_header("WARC-Record-ID") or "",
        type=record.rec_type,
        url=recording.url,
        refers_to=fields.get_header("WARC-Refers-To"),
        recording=recording,
        is_not_modified=fields.get_header("WARC-Profile") == NOT_MODIFIED,
        damage="; ".join(checker.problems) if checker.passed is False else None,
    )


def _read_recording(record: ArcWarcRecord) -> Recording:
    """Return what a record says came over the wire; its payload is read with that, and its digests are looked at."""
    fields, head, body = record.rec_headers, record.http_headers, record.raw_stream.read()
    headers: list[tuple[str, str]] = []
    status, reason = 0, ""
    if head is not None:
        code, _, reason = head.statusline.partition(" ")
        status = int(code) if code.isdecimal() else 0
        headers = list(head.headers)
        if fields.get_header("WARC-Truncated"):
            headers.append((CUT_HEADER, "true"))
    elif record.rec_type == "metadata":
        said = {key.decode().lower(): value.decode("utf-8", "replace") for key, value in _ERROR_FIELD.findall(body)}
        headers, body = [(ERROR_HEADER, said.get("error", "")), (ERROR_HEADER, said.get("message", ""))], b""
    url, cookie = fields.get_header("WARC-Target-URI") or "", fields.get_header(COOKIE_HEADER) or ""
    return Recording("GET", url, status, reason, tuple(headers), body, cookie)


def _next_member(path: Path, start: int) -> int | None:
    """Return where the next gzip member, or the next uncompressed record, seems to begin."""
    with path.open("rb") as file:
        file.seek(start)
        at, tail = start, b""
        while piece := file.read(PIECE):
            window = tail + piece
            found = [match.start() for match in (_MEMBER.search(window), re.search(rb"WARC/1\.[01]\r\n", window)) if match]
            if found:
                return at - len(tail) + min(found)
            at, tail = at + len(piece), window[-16:]
    return None


def whole_length(file: IO[bytes]) -> int:
    """Return how far a file consists of whole gzip members: what a killed writer left beyond is torn."""
    end = 0
    decompressor = zlib.decompressobj(gzipped.WBITS)
    position = 0
    while piece := file.read(PIECE):
        position += len(piece)
        while piece:
            try:
                decompressor.decompress(piece)
            except zlib.error:
                return end
            if not decompressor.eof:
                break
            piece = decompressor.unused_data
            end = position - len(piece)
            decompressor = zlib.decompressobj(gzipped.WBITS)
    return end
