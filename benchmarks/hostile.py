"""What hostile documents cost `crawler extract`: processor time and memory of the whole call, start-up included, for each.

The documents are made here (nested elements, attributes, long lines, bytes of no encoding, attacks that are repeated), and with
--corpus those of a folder are read besides. Each must end well or in a word, within 5 seconds of processor time and 1 GB; what
doesn't is printed, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cost import MAXRSS_BYTES
from linearity import UNITS
from report import print_machine, print_table

MOST_SECONDS, MOST_MB = 5.0, 1000.0
TOGETHER = 32  # files of a folder read in one call; one by one where that takes longer than one file may
DEEP, MANY = 100_000, 20_000
TWEET = (
    '<blockquote class="twitter-tweet"><p>Words https://t.co/Hb4rWq7TzK</p>&mdash; Harbour Post (@harbourpost) '
    '<a href="https://twitter.com/harbourpost/status/1109876543210987654">March 16, 2026</a></blockquote>'
)
NESTED = (
    "div", "p><span", "ul><li", "ol><li", "dl><dt", "blockquote", "template", "b", "i", "a href=x", "svg", "math", "table",
    "table><tr><td", "font", "section", "button", "form><div", "select><option", "noscript", "nobr", "h1", "ruby><rt", "details",
    "iframe",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call took."""

    name: str
    size: int  # bytes of its documents
    code: int
    records: int
    cpu_seconds: float
    seconds: float
    peak_mb: float  # of the largest of its processes

    @property
    def is_too_much(self) -> bool:
        """Whether it crashed, or took what no document may."""
        return self.code not in (0, 1, 2) or self.cpu_seconds > MOST_SECONDS or self.peak_mb > MOST_MB


def bombs(megabytes: int) -> Iterator[tuple[str, bytes]]:
    """Yield the names and the contents of all that is made here, the attacks of linearity.py repeated to so many megabytes."""
    for tag in NESTED:
        yield f"nested {tag}.html", (TWEET + f"<{tag}>" * DEEP).encode()
    attributes = "".join(f"a{number}=1 " for number in range(MANY))
    yield "attributes.html", f"{TWEET}<p {attributes}>x".encode()
    yield "attributes of many.html", f"{TWEET}{f'<p {attributes}>x' * 20}".encode()
    yield "one attribute.html", f"{TWEET}<p title='{'x' * 20_000_000}'>x".encode()
    yield "tag names.html", "".join(f"<x{number}>" for number in range(DEEP)).encode()
    yield "50 MB of words.txt", b"Some words of a story. " * 2_173_913
    yield "50 MB of words.html", TWEET.encode() + b"<p>Some words of a story. " * 1_923_076
    yield "50 MB of lines.txt", b"Some words of a story.\n" * 2_173_913
    yield "a line of 10 MB.txt", b"x" * 10_000_000
    yield "a line of 10 MB.html", TWEET.encode() + b"<p>" + b"x" * 10_000_000
    yield "NULs.html", TWEET.encode() + b"<p>Words \0 and \0</p>" * 400_000
    yield "NULs.txt", b"\0" * 10_000_000
    chance = random.Random(0)
    yield "bytes.html", b"<p>" + chance.randbytes(5_000_000)
    yield "bytes.txt", b"Words " + chance.randbytes(5_000_000)
    yield "half characters.html", TWEET.encode() + b"<p>\xe2\x80" * 2_000_000
    yield "half characters.txt", b"words \xf0\x9f\x98 " * 1_000_000
    yield "surrogates.html", TWEET.encode() + b"&#xD83D;\xed\xa0\xbd" * 500_000
    yield "tweets.html", TWEET.encode() * 20_000
    yield "tweets in tweets.html", (b'<blockquote class="twitter-tweet">' * 200_000) + TWEET.encode()
    yield "READ MOREs.html", b"<article>" + b"<p>READ MORE: <a href=/x>A title of words</a></p>" * 100_000
    yield "lost READ MOREs.html", b"<article>" + b"<p>READ MORE: A title of words</p>" * 100_000
    yield "unclosed formatting.html", ("<p>" + "".join(f"<font size={n}>" for n in range(500)) + "<p>x" * 20_000).encode()
    yield "scripts of escaped quotes.html", b'<body><script>"<p ' + b'\\"' * 2_000_000
    for unit in UNITS:
        whole = unit.encode() * (megabytes * 1_000_000 // len(unit.encode()))
        yield f"{unit!r}.txt", b"A headline of words\n" + whole
        yield f"{unit!r}.html", TWEET.encode() + b"<p>" + whole


def cost(name: str, files: list[Path]) -> Cost:
    """Return what `crawler extract` takes to read files."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "crawler", "extract", "--jobs", "1", *map(str, files)]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        records = sum("citations" in json.loads(line) for line in said)
    seconds, cpu_seconds = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
    size = sum(file.stat().st_size for file in files)
    return Cost(name, size, child.returncode, records, cpu_seconds, seconds, usage.ru_maxrss * MAXRSS_BYTES / 1e6)


def of_folder(folder: Path) -> Iterator[Cost]:
    """Yield the costs of the files of a folder, those of small ones together."""
    files = iter(sorted(file for file in folder.rglob("*") if file.is_file()))
    while batch := list(islice(files, TOGETHER)):
        together = cost(f"{len(batch)} files from {batch[0].relative_to(folder)}", batch)
        if together.is_too_much:
            yield from (cost(str(file.relative_to(folder)), [file]) for file in batch)
        else:
            yield together


def of_bombs(only: str, megabytes: int) -> Iterator[Cost]:
    """Yield the costs of what is made here."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in bombs(megabytes):
            if only in name:
                file = Path(folder, f"bomb{Path(name).suffix}")
                file.write_bytes(content)
                yield cost(name, [file])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, metavar="FOLDER", help="read its files besides")
    parser.add_argument("--only", default="", metavar="WORD", help="of what is made here, what has it in its name")
    parser.add_argument("--megabytes", type=int, default=2, help="of each attack that is repeated")
    parser.add_argument("--slowest", type=int, default=12, help="shown though they are within bounds")
    options = parser.parse_args()
    print_machine()
    costs = [*(of_folder(options.corpus) if options.corpus else ()), *of_bombs(options.only, options.megabytes)]
    too_much = sum(each.is_too_much for each in costs)
    print(f"{len(costs)} calls, {too_much} of them too much (more than {MOST_SECONDS} s, {MOST_MB:,.0f} MB, or a crash)")
    costs.sort(key=lambda each: (each.is_too_much, each.cpu_seconds), reverse=True)
    print_table(
        ("document", "MB", "exit code", "records", "CPU seconds", "seconds", "peak MB"),
        (
            (each.name, each.size / 1e6, each.code, each.records, each.cpu_seconds, each.seconds, each.peak_mb)
            for each in costs[: too_much + options.slowest]
        ),
    )
    return 1 if too_much else 0


if __name__ == "__main__":
    raise SystemExit(main())
