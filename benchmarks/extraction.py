"""Pages a second: the whole reading of a page, its record in JSON included, against the bare parse of the same bytes.

One process, one core, processor time; the two take turns on every page. Then every page is read with its body once, twice,
four and eight times over: where a doubling costs much more than double, some step is not linear.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import msgspec
from pages import Sample, generated, of_folder
from report import print_machine, print_table
from selectolax.lexbor import LexborHTMLParser

from crawler.core import documents
from crawler.core.model import Document, Page

DOUBLINGS = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one page, medians of all rounds."""

    name: str
    size: int  # bytes
    parse: float
    read: float

    @property
    def ratio(self) -> float:
        """How many parses one reading takes."""
        return self.read / self.parse


def parse(content: bytes) -> None:
    LexborHTMLParser(content)


def read(content: bytes) -> None:
    page = documents.read(Document(content, "text/html", "https://www.harbourpost.example/2026/03/fire"))
    if not isinstance(page, Page):
        raise SystemExit(f"a page was refused, which is quickly done and says nothing about reading: {page.reason}")
    msgspec.json.encode({"article": page.article, "tweets": page.tweets, "citations": page.citations})


def seconds(work: Callable[[bytes], None], content: bytes) -> float:
    started = time.process_time()
    work(content)
    return time.process_time() - started


def timing(sample: Sample, rounds: int) -> Timing:
    content = sample.times(1)
    pairs = [(seconds(parse, content), seconds(read, content)) for _ in range(rounds)]
    return Timing(sample.name, len(content), median(pair[0] for pair in pairs), median(pair[1] for pair in pairs))


def growth(sample: Sample) -> list[float]:
    """Return what each doubling of a page's body multiplied the time of reading by; the best of three of each length.

    The first step may be far more than two: one article is found and read alone, two stand in a body that is read whole.
    """
    spent: list[float] = []
    for times in DOUBLINGS:
        content = sample.times(times)
        spent.append(min(seconds(read, content) for _ in range(3)))
    return [after / before for before, after in pairwise(spent)]


def print_speed(sets: list[tuple[str, list[Timing]]], slowest: int) -> None:
    rows = []
    for name, timings in sets:
        parsing, reading = sum(page.parse for page in timings), sum(page.read for page in timings)
        megabytes = sum(page.size for page in timings) / 1e6
        rows.append((name, len(timings), megabytes, len(timings) / parsing, len(timings) / reading, reading / parsing))
    print_table(("pages", "number", "MB", "parse, pages/s", "read, pages/s", "times the parse"), rows)
    pages = sorted((page for _, timings in sets for page in timings), key=lambda page: page.ratio, reverse=True)
    print_table(
        ("slowest for their size", "kB", "read, ms", "times the parse"),
        ((page.name, page.size // 1000, 1000 * page.read, page.ratio) for page in pages[:slowest]),
    )


def print_growth(samples: Iterable[Sample], slowest: int) -> None:
    grown = sorted(((sample.name, growth(sample)) for sample in samples), key=lambda page: max(page[1][1:]), reverse=True)
    print_table(
        ("time a doubling of the body takes", "1 to 2", "2 to 4", "4 to 8"),
        ((name, *(f"× {step:.2f}" for step in steps)) for name, steps in grown[:slowest]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, metavar="FOLDER", help="HTML files to read besides the generated pages")
    parser.add_argument("--count", type=int, default=8, help="generated pages of each sort")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slowest", type=int, default=8, help="pages shown by name")
    options = parser.parse_args()
    print_machine()
    sets = {"generated": list(generated(options.count))}
    if options.pages:
        sets[options.pages.name] = list(of_folder(options.pages))
    timed = [(name, [timing(sample, options.rounds) for sample in samples]) for name, samples in sets.items()]
    print_speed(timed, options.slowest)
    sets["generated"] = sets["generated"][:3]  # one of each sort shows its growth
    print_growth((sample for samples in sets.values() for sample in samples), options.slowest)


if __name__ == "__main__":
    main()
