"""Recorded exchanges: vcrpy's YAML (version 1), one file a host, in a folder.

Recording and replaying are transports: the client can't tell them from the web. A failure is recorded as a failure
(status code 0, header X-Crawler-Error) and comes back as the same one; a request that was not recorded is our own
fault, and no dead link. vcrpy itself can't serve here: it records no failures, reads bodies past every cap, and
writes its file only at the end.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from crawler.core import urls
from crawler.errors import CassetteError, CassetteMiss
from crawler.web import faults, tapes, warcs
from crawler.web.bodies import PAGE_WANTED
from crawler.web.recording import CUT_HEADER, ERROR_HEADER, Recording, RecordingTransport, cookie_of, url_of
from crawler.web.redaction import COOKIE_HEADER, redacted

_Request = tuple[str, str, str]  # method, URL, the mark of its cookies


class RecordTransport(RecordingTransport):
    """Passes each request on to another transport, and writes down what came: into a folder, one file a host."""

    def __init__(self, inner: httpx.AsyncBaseTransport, folder: Path) -> None:
        super().__init__(inner)
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CassetteError(f"can't record into {folder}: {error.strerror}") from error
        self._opened: set[Path] = set()

    def keep(self, _request: httpx.Request, _response: httpx.Response | None, recording: Recording) -> None:
        """Append the exchange to its host's file."""
        path = self._folder / tapes.file_name(recording.url)
        try:
            if path not in self._opened:
                tapes.mend(path)
                self._opened.add(path)
            # One write, whole exchanges only: a recording that is killed keeps what it had. For its owner's eyes.
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with open(descriptor, "ab") as tape:  # noqa: PTH123 - opened by descriptor, for the mode
                head = b"" if tape.tell() else tapes.HEAD
                tape.write(head + tapes.dump(recording, datetime.now(UTC)))
        except OSError as error:
            raise CassetteError(f"can't record into {path}: {error.strerror}; make room, or record elsewhere") from error


class ReplayTransport(httpx.AsyncBaseTransport):
    """Answers from a folder of recordings, and from nowhere else.

    The nth request of a URL gets its nth answer, and the last one repeats; one with cookies those that were given to
    them. A host that was recorded without a robots.txt has none. The folder holds cassettes, or a run's evidence (WARC).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hosts: dict[str, dict[_Request, _Answers]] = {}
        self._load: Callable[[str], Iterable[Recording]] = lambda name: tapes.load(folder / name)
        if evidence := warcs.files(folder):
            self._load = warcs.Hosts(evidence).recordings
        elif not any(_tapes(folder)):
            raise CassetteError(_nothing_in(folder))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the recorded answer, or raise the recorded failure."""
        url = redacted(url_of(request))
        known = self._answers(tapes.file_name(url))
        # A cassette by other hands doesn't say who asked with cookies.
        answers = known.get((request.method, url, cookie_of(request))) or known.get((request.method, url, ""))
        if answers is None:
            if url.endswith("/robots.txt") and url.count("/") == 3:
                return httpx.Response(404, stream=_Body(request, b""))
            raise CassetteMiss(f"{url} was not recorded in {self._folder}: add it with --record {self._folder}")
        return answered(request, answers.next(), str(self._folder))

    def _answers(self, name: str) -> dict[_Request, _Answers]:
        if name not in self._hosts:
            by_request: dict[_Request, _Answers] = {}
            for recording in self._load(name):
                url = redacted(urls.parse(recording.url) or recording.url)
                asked = (recording.method, urls.without_fragment(url), recording.cookie)
                by_request.setdefault(asked, _Answers([])).all.append(recording)
            self._hosts[name] = by_request
        return self._hosts[name]


def answered(request: httpx.Request, recording: Recording, place: str) -> httpx.Response:
    """Return what was recorded at place as the answer to a request, or raise the failure that it was."""
    if recording.status == 0:
        raise _failure(recording, place)
    is_cut = any(name.lower() == CUT_HEADER.lower() for name, _ in recording.headers)
    headers = [
        (b"set-cookie" if name.lower() == COOKIE_HEADER.lower() else name.encode("latin-1", "replace"), value.encode())
        for name, value in recording.headers
        if name.lower() != CUT_HEADER.lower()
    ]
    extensions = {"reason_phrase": recording.reason.encode("latin-1", "replace")}
    return httpx.Response(
        recording.status, headers=headers, stream=_Body(request, recording.body, is_cut=is_cut), extensions=extensions
    )


@dataclass(slots=True)
class _Answers:
    """What one request got, in the order of recording."""

    all: list[Recording]
    given: int = 0

    def next(self) -> Recording:
        recording = self.all[min(self.given, len(self.all) - 1)]
        self.given += 1
        return recording


class _Body(httpx.AsyncByteStream):
    def __init__(self, request: httpx.Request, content: bytes, *, is_cut: bool = False) -> None:
        self._request = request
        self._content = content
        self._is_cut = is_cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._content:
            yield self._content
        if self._is_cut and self._request.extensions.get(PAGE_WANTED, True):
            raise CassetteMiss(f"{url_of(self._request)} was not recorded to its end: record it again with these limits")


def _failure(recording: Recording, place: str) -> Exception:
    name, message = ([value for key, value in recording.headers if key.lower() == ERROR_HEADER.lower()] + ["", ""])[:2]
    error = faults.raised(name, message)
    if error is None:
        known = "mend it by hand, or record it again"
        return CassetteError(f"{place}: {recording.url} is recorded as a failure of an unknown kind ({name!r}); {known}")
    return error


def _tapes(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in folder.iterdir() if path.suffix == ".yaml" and path.is_file())
    except OSError:
        return


def _nothing_in(folder: Path) -> str:
    if not folder.is_dir():
        return f"there is no folder {folder} to replay: name one that holds cassettes, or record one with --record {folder}"
    stories = [path.name for path in sorted(folder.iterdir()) if path.is_dir() and any(_tapes(path))]
    if stories:
        return f"{folder} holds stories, not cassettes: replay one of them ({', '.join(str(folder / name) for name in stories)})"
    return f"{folder} holds no cassettes (one YAML file a host): record some with --record {folder}"
