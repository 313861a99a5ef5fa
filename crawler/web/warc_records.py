"""The records of WARC files (ISO 28500, version 1.1), made by warcio: heads as they came, digests that can't be forged."""

from __future__ import annotations

import io
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from crawler.core.model import WarcRecord
from crawler.web import warcs

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord
    from warcio.warcwriter import WARCWriter


class Records:
    """Makes the records of one moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._date = _date(at)
        self._buffer = io.BytesIO()
        self._writer = _writer(self._buffer)

    def written(self, record: ArcWarcRecord) -> bytes:
        """Return a record as it goes into a file."""
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.write_record(record)
        return self._buffer.getvalue()

    def about(self, file: str, fields: dict[str, str]) -> ArcWarcRecord:
        """Return what a file says of itself (warcinfo)."""
        record = self._writer.create_warcinfo_record(file, fields)
        record.rec_headers.replace_header("WARC-Date", self._date)
        return record

    def response(self, url: str, head: bytes, body: bytes, digest: str) -> ArcWarcRecord:
        """Return an answer, with its head as it came."""
        return self._record(url, "response", body, _RawHead(head), {"WARC-Payload-Digest": digest})

    def revisit(self, url: str, head: bytes, digest: str, earlier: WarcRecord) -> ArcWarcRecord:
        """Return an answer whose payload an earlier record holds."""
        fields = {"WARC-Date": self._date, "WARC-Refers-To": earlier.record_id}
        return self._writer.create_revisit_record(
            url, digest, earlier.url, _date(earlier.recorded_at), http_headers=_RawHead(head).headers, warc_headers_dict=fields
        )

    def not_modified(self, url: str, head: bytes, earlier: WarcRecord | None) -> ArcWarcRecord:
        """Return the answer that nothing has changed since an earlier record."""
        fields = {"WARC-Profile": warcs.NOT_MODIFIED}
        if earlier:
            fields["WARC-Refers-To"] = earlier.record_id
            fields["WARC-Refers-To-Target-URI"] = earlier.url
            fields["WARC-Refers-To-Date"] = _date(earlier.recorded_at)
        return self._record(url, "revisit", b"", _RawHead(head), fields)

    def resource(self, url: str, content: bytes, digest: str) -> ArcWarcRecord:
        """Return a document at hand."""
        return self._record(
            url, "resource", content, None, {"WARC-Payload-Digest": digest, "Content-Type": "application/octet-stream"}
        )

    def request(self, url: str, head: bytes, answer_id: str) -> ArcWarcRecord:
        """Return a request, with the id of the record that answers it."""
        return self._record(url, "request", b"", _RawHead(head), {"WARC-Concurrent-To": answer_id})

    def failure(self, url: str, error: str, message: str) -> ArcWarcRecord:
        """Return why there is no answer."""
        said = f"error: {error}\r\nmessage: {' '.join(message.split())}\r\n".encode()
        return self._record(url, "metadata", said, None, {"Content-Type": "application/warc-fields"})

    def _record(self, url: str, kind: str, content: bytes, head: _RawHead | None, fields: dict[str, str]) -> ArcWarcRecord:
        return self._writer.create_warc_record(
            url,
            kind,
            payload=io.BytesIO(content),
            length=len(content),
            http_headers=head.headers if head else None,
            warc_headers_dict={"WARC-Date": self._date, **fields},
        )


def _date(at: datetime) -> str:
    """Return a moment as WARC-Date has it (WARC 1.1 §5.4)."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


class _RawHead:
    """The head of an HTTP message, written as it came: warcio would escape what is not ASCII."""

    def __init__(self, head: bytes) -> None:
        from warcio.statusandheaders import StatusAndHeaders

        class Raw(StatusAndHeaders):  # type: ignore[misc] # warcio bears no types
            def __bool__(self) -> bool:
                return True

            def compute_headers_buffer(self, header_filter: object = None) -> None:  # noqa: ARG002 - as warcio calls it
                self.headers_buff = head

        self.headers = Raw("", [], "")


def _writer(buffer: IO[bytes]) -> WARCWriter:
    from warcio.utils import Digester
    from warcio.warcwriter import WARCWriter

    class Writer(WARCWriter):  # type: ignore[misc] # warcio bears no types
        @staticmethod
        def _create_digester() -> Any:
            return Digester("sha256")  # SHA-1, warcio's own, can be forged

    return Writer(buffer, gzip=True, warc_version="1.1")
