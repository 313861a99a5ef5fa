"""Documents that are gzip files themselves (sitemap.xml.gz), undone piece by piece and up to a cap."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

MAGIC = b"\x1f\x8b"
_PIECE = 65_536  # bytes made in one step
_MEMBERS = 1000  # a bomb may be made of empty ones
MOST_BYTES = 52_428_800  # of a sitemap, unpacked (sitemaps.org); of other lists too
WBITS = 31  # how zlib is told that it is gzip


def pieces(content: bytes, cap: int) -> Iterator[bytes]:
    """Yield what is in content, decoded where it is gzip: at most cap bytes of that, and of damaged data what comes before."""
    if not content.startswith(MAGIC):
        yield from (content[start : start + _PIECE] for start in range(0, len(content), _PIECE))
        return
    data = content
    for _ in range(_MEMBERS):
        decoder = zlib.decompressobj(WBITS)
        while not decoder.eof:
            try:
                piece = decoder.decompress(data, min(_PIECE, cap))
            except zlib.error:
                return
            data = decoder.unconsumed_tail
            yield piece
            cap -= len(piece)
            if cap <= 0 or not (data or piece or decoder.eof):
                return
        data = decoder.unused_data
        if not data.startswith(MAGIC):
            return


def head(content: bytes, length: int) -> bytes:
    """Return the first bytes of what is in content."""
    return b"".join(pieces(content, length))[:length] if content.startswith(MAGIC) else content[:length]
