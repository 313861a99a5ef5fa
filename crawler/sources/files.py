"""Files, folders and standard input: documents at hand, which a run starts from without a request."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote_to_bytes, urlsplit

from crawler.core import gzipped, sniffing, urls
from crawler.core.model import Collection, Document, Source, Url
from crawler.errors import SourceError
from crawler.sources import warcs

STDIN = "-"
A_SOURCE_IS = "a source is a file, a folder, a URL, or - for standard input"
SUFFIXES = (".htm", ".html", ".md", ".text", ".txt", ".xhtml", *warcs.SUFFIXES)


def file_of(url: str) -> Path | None:
    """Return the path that a file: URL names, or None for any other."""
    # A file's name is bytes, and need not be UTF-8.
    return Path(os.fsdecode(unquote_to_bytes(urlsplit(url).path))) if url.startswith("file:") else None


def _is_warc(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return warcs.is_warc(file.read(4096))
    except OSError:
        return False  # which is said when it is read


class Shelf:
    """The documents at hand of one run or command."""

    def __init__(self, stdin: BinaryIO, max_bytes: int) -> None:
        self._stdin = stdin
        self._max_bytes = max_bytes
        self._piped: dict[Url, Document] = {}
        self.damage: list[str] = []  # what of the files taken could not be read, each in words

    def take(self, name: str) -> Iterator[Source | Collection]:
        """Yield the sources that a name stands for: a URL, a file, every text, HTML and WARC file of a folder, or standard input.

        Raises SourceError where it stands for none. A file of a folder that can't be read is told in `damage`; the others go on.
        """
        if not name:
            raise SourceError(f"an empty name; {A_SOURCE_IS}")
        if name == STDIN:
            yield self._take_piped(self._read_from(self._stdin, STDIN))
        elif "://" in name:
            url = urls.parse(name)
            if url is None or not urls.is_web(url):
                raise SourceError(
                    f"{name}: not a URL that can be fetched; it should begin with https:// or http:// and bear no password"
                )
            yield Source(urls.without_fragment(url))
        else:
            yield from self._take_path(Path(name))

    def open(self, url: Url) -> Document:
        """Return the document that a source's URL names. Raises SourceError where it can't be read (any more)."""
        if url in self._piped:
            return self._piped[url]
        if (path := file_of(url)) is None:
            raise SourceError(f"{url} came from standard input or a pipe, and its run was killed; pipe it in once more")
        return warcs.open_record(path, url, self._max_bytes) if warcs.is_record(url) else self._read(path)

    def _take_piped(self, document: Document) -> Source:
        digest = hashlib.sha256(document.content).hexdigest()
        url = Url(f"urn:sha256:{digest}")
        self._piped[url] = document
        return Source(url, digest)

    def _take_path(self, path: Path) -> Iterator[Source | Collection]:
        try:
            is_folder, is_pipe = path.is_dir(), path.exists() and not (path.is_dir() or path.is_file())
        except OSError as error:  # longer than a name can be, in a folder that may not be entered
            raise SourceError(f"{path}: {error.strerror}; {A_SOURCE_IS}") from error
        if is_folder:
            yield from self._take_folder(path)
        elif is_pipe:
            yield self._take_piped(self._read(path))  # a pipe, which can be read but once
        elif _is_warc(path):
            yield warcs.collection(path, self.damage.append)
        else:
            yield Source(Url(path.resolve().as_uri()), hashlib.sha256(self._read(path).content).hexdigest())

    def _take_folder(self, path: Path) -> Iterator[Source | Collection]:
        try:
            inside = sorted(file for file in path.iterdir() if file.name.lower().endswith(SUFFIXES))
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror}") from error
        if not inside:
            raise SourceError(f"{path}: a folder without a text, HTML or WARC file ({', '.join(SUFFIXES)})")
        unread = []
        for file in inside:
            try:
                yield from self._take_path(file)
            except SourceError as error:
                unread.append(str(error))
        if len(unread) == len(inside):
            raise SourceError(f"{path}: none of its files can be read; {unread[0]}")
        self.damage += unread

    def _read(self, path: Path) -> Document:
        try:
            with path.open("rb") as file:
                return self._read_from(file, str(path))
        except FileNotFoundError:
            raise SourceError(f"{path}: there is no such file; {A_SOURCE_IS}") from None
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror}") from error

    def _read_from(self, file: BinaryIO, name: str) -> Document:
        """Return the document in a file, up to so many bytes. Raises SourceError where that is no text."""
        content = file.read(self._max_bytes)
        if not content.strip():
            raise SourceError(f"{name}: empty")
        # What is in a gzip file is told when it is read: it may be a sitemap.
        if not content.startswith(gzipped.MAGIC) and (reason := sniffing.refusal(content)):
            raise SourceError(f"{name}: a binary file ({reason}); an article is read from its text or its HTML")
        return Document(content, None, None, truncated=bool(file.read(1)))
