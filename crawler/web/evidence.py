"""Evidence: every exchange of a run kept as WARC 1.1, each record a gzip member written at once.

What a cassette leaves out is left out here too: of cookies a mark is kept, of other secrets nothing (web.redaction).
"""

from __future__ import annotations

import hashlib
import os
from base64 import b32encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING

import httpx

from crawler.clock import Clock
from crawler.core.model import Document, Url, WarcRecord
from crawler.core.redirects import NOT_MODIFIED
from crawler.errors import EvidenceError
from crawler.web import warcs
from crawler.web.bodies import PAGE_WANTED
from crawler.web.recording import CUT_HEADER, WARC_RECORD, Recording, RecordingTransport, text_of
from crawler.web.redaction import COOKIE_HEADER, redacted, without_secrets
from crawler.web.warc_records import Records

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

PRODUCT = "link-provenance-crawler"
CONDITIONS = ("if-none-match", "if-modified-since")

Known = Callable[[str, str | None], WarcRecord | None]
"""The record that holds the payload with this digest, kept for this URL before; without one, what was captured there last."""


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """Whether a run keeps what came over the wire, and where. Field names are those of config.toml's [evidence]."""

    enabled: bool = False
    folder: str = "evidence"  # from config.toml's own folder
    rotate_bytes: int = 1_000_000_000  # of one file; the next is begun when it is full


class Evidence:
    """The WARC files of one run, made as its first exchange comes."""

    def __init__(self, folder: Path, clock: Clock, rotate_bytes: int) -> None:
        self._folder = folder
        self._clock = clock
        self._rotate_bytes = rotate_bytes
        self._run_id: int | None = None  # nothing is kept before a run begins
        self._known: Known = lambda _url, _digest: None
        self._serial = 0
        self._file: IO[bytes] | None = None
        self._path = folder
        _must_have_warcio()

    def begin(self, run_id: int, known: Known) -> None:
        """Keep what comes now as a run's evidence. What a killed run left open is ended where it is whole."""
        self._run_id, self._known = run_id, known
        for path in warcs.files(self._folder):
            if path.name.endswith(warcs.OPEN):
                _mend(path)

    def keep_exchange(
        self, request: httpx.Request, response: httpx.Response | None, recording: Recording, at: datetime
    ) -> WarcRecord | None:
        """Write down a request, and the answer to it or why there was none."""
        if self._run_id is None:
            return None
        url = redacted(recording.url)
        writer = Records(at)
        record, digest = self._answer(writer, url, request, response, recording)
        if recording.cookie:
            record.rec_headers.add_header(COOKIE_HEADER, recording.cookie)
        kept = self._write(writer, record, url, digest)
        asked = without_secrets(((key.decode("latin-1"), text_of(key, value)) for key, value in request.headers.raw), at)
        self._append(writer.written(writer.request(url, _request_head(request, asked), kept.record_id)))
        return kept

    def keep_document(self, url: Url, document: Document) -> Document:
        """Write down a document at hand; return it as one that knows where it is kept."""
        if self._run_id is None:
            return document
        at = self._clock.now()
        url = Url(document.url) if document.url else url
        digest = _digest(document.content)
        writer = Records(at)
        if earlier := self._known(url, digest):
            return replace(document, warc_record=earlier)
        record = writer.resource(url, document.content, digest)
        return replace(document, warc_record=self._write(writer, record, url, digest))

    def close(self) -> None:
        """End the file: it gets its name."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        self._path.rename(self._path.with_name(self._path.name.removesuffix(warcs.OPEN)))

    def _answer(
        self, writer: Records, url: str, request: httpx.Request, response: httpx.Response | None, recording: Recording
    ) -> tuple[ArcWarcRecord, str | None]:
        """Return the record of what came, and its payload's digest; a payload that is kept already is referred to."""
        if response is None:
            name, message = (value for _, value in recording.headers)
            return writer.failure(url, name, message), None
        head, body = _head(recording, response.headers.raw, writer.at), recording.body
        digest = None
        if response.status_code == NOT_MODIFIED and any(name in request.headers for name in CONDITIONS):
            record = writer.not_modified(url, head, self._known(recording.url, None))
        else:
            digest = _digest(body)
            earlier = self._known(url, digest) if body else None
            record = writer.revisit(url, head, digest, earlier) if earlier else writer.response(url, head, body, digest)
        if any(key == CUT_HEADER for key, _ in recording.headers):
            reason = "length" if request.extensions.get(PAGE_WANTED, True) else "unspecified"
            record.rec_headers.add_header("WARC-Truncated", reason)
        return record, digest

    def _write(self, writer: Records, record: ArcWarcRecord, url: str, digest: str | None) -> WarcRecord:
        offset = self._append(writer.written(record))
        return WarcRecord(
            record_id=record.rec_headers.get_header("WARC-Record-ID"),
            file=self._path.name.removesuffix(warcs.OPEN),
            offset=offset,
            type=record.rec_type,
            url=url,
            payload_digest=digest,
            recorded_at=writer.at,
            refers_to=record.rec_headers.get_header("WARC-Refers-To"),
        )

    def _append(self, written: bytes) -> int:
        """Write a record in one go; return where it begins."""
        try:
            if self._file is None or self._file.tell() >= self._rotate_bytes:
                self._open_next()
            assert self._file is not None  # noqa: S101 - just opened
            offset = self._file.tell()
            self._file.write(written)
            self._file.flush()
        except OSError as error:
            raise EvidenceError(
                f"evidence can't be written to {self._path}: {error.strerror}; make room, or turn [evidence] off"
            ) from error
        return offset

    def _open_next(self) -> None:
        self.close()
        now = self._clock.now()
        self._serial += 1
        name = f"{now:%Y%m%dT%H%M%SZ}-run{self._run_id:06d}-{self._serial:05d}.warc.gz"
        self._path = self._folder / (name + warcs.OPEN)
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = open(descriptor, "wb")  # noqa: PTH123, SIM115 - opened by descriptor, for the mode; closed by close()
        about = {
            "software": f"{PRODUCT}/{version(PRODUCT)}",
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "isPartOf": f"run {self._run_id}",
        }
        writer = Records(now)
        self._file.write(writer.written(writer.about(name, about)))


class EvidenceTransport(RecordingTransport):
    """Passes each request on to another transport, and keeps what came as evidence."""

    def __init__(self, inner: httpx.AsyncBaseTransport, evidence: Evidence, clock: Clock) -> None:
        super().__init__(inner)
        self._evidence = evidence
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the other transport's answer; where it is kept stands in the request's extensions when its body is done with."""
        request.extensions["asked_at"] = self._clock.now()
        return await super().handle_async_request(request)

    def keep(self, request: httpx.Request, response: httpx.Response | None, recording: Recording) -> None:
        """Write the exchange down, and where with its request."""
        at = request.extensions["asked_at"]
        if kept := self._evidence.keep_exchange(request, response, recording, at):
            request.extensions[WARC_RECORD] = kept


def _must_have_warcio() -> None:
    try:
        import warcio  # noqa: F401 - is it there?
    except ImportError:
        raise EvidenceError('[evidence] needs warcio: pip install "link-provenance-crawler[warc]"') from None


def _digest(content: bytes) -> str:
    return "sha256:" + b32encode(hashlib.sha256(content).digest()).decode("ascii")


def _head(recording: Recording, raw: Sequence[tuple[bytes, bytes]], at: datetime) -> bytes:
    """Return the head of an answer as it came, but for secrets and for a transfer coding, which is undone."""
    lines = [f"HTTP/1.1 {recording.status} {recording.reason}".rstrip().encode("latin-1", "replace")]
    for name, value in raw:
        for key, kept in without_secrets([(name.decode("latin-1"), value.decode("latin-1"))], at):
            shown = f"X-Archive-Orig-{key}" if key.lower() == "transfer-encoding" else key
            lines.append(f"{shown}: {kept}".encode("latin-1"))
    return b"\r\n".join([*lines, b"", b""])


def _request_head(request: httpx.Request, headers: Iterable[tuple[str, str]]) -> bytes:
    target = request.extensions.get("target", request.url.raw_path)
    lines = [b"GET %b HTTP/1.1" % redacted(target.decode("ascii")).encode("ascii")]
    return b"\r\n".join([*lines, *(f"{key}: {value}".encode() for key, value in headers), b"", b""])


def _mend(path: Path) -> None:
    """Give a file that a killed run left open its name, without the record that is torn."""
    with path.open("r+b") as file:
        file.truncate(warcs.whole_length(file))
    path.rename(path.with_name(path.name.removesuffix(warcs.OPEN)))
