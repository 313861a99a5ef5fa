"""How time grows with length: every pattern and every reader of crawler/core against texts made to be searched in vain.

Each of a table of attack units is repeated to ten thousand characters, then to a hundred thousand. What takes more than 15
times as long on ten times the length is printed as quadratic. A pattern that is too slow for that already is measured at
what it manages, and printed with it.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from report import print_machine, print_table

import crawler.core
from crawler.core import documents
from crawler.core.model import Document

UNITS = (
    " ", "\t ", "\n", "a", "A ", "a b ", "1", "1 ", "@", "(@", "(@a)", "— ", "- ", "-", ": ", ".", ". ", ")", "((", "/",
    "://", "\\", "&", "<", "<a", "<a ", "<a href=", "<a href=x>", "<p>", "<p>x", "</p>", "<!--", "<title>", "<script>",
    "<blockquote ", "&lt;blockquote", "<blockquote class=twitter-tweet>", "http", "https://", "https://t.co/",
    "https://t.co/abcdefghij", "https://t.co/a\u2026", "pic.twitter.com/", "https://a.example/", "https://a.example/)",
    "https://twitter.com/a/status/1", "https://twitter.com/a/status/1234567890\n", "www.a.", "READ MORE", "READ MORE: ",
    "READ MORE: A title of words\n", "READ MORE: A title of words ", "Read also ", "a— A (@a) May 1, 2016", "May 1, ",
    "October ", "23 October 2016 ", "12:30 ", "10/10/2016", "\xa0", "�", "?", "? a", '"', "“", "#", "a|", " | ", "»", "{",
    '{"a":', "[", "[[", "charset=", "<meta ", '<meta content="x" ', "url=", "0;url=", "window.location=", "location.href='",
    "content=", "é", "日本", "😀", "\x00",
)  # fmt: skip
QUADRATIC = 15
PATIENCE = 0.7  # seconds of one measurement
LEAST = 0.0005  # seconds: what takes less on the longer text is noise

Work = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Growth:
    """How much longer a reader took of ten times as much."""

    name: str
    unit: str
    length: int  # characters of the longer text
    seconds: float  # for the longer text
    ratio: float


class _TooLongError(Exception):
    pass


def patterns() -> Iterator[tuple[str, Work]]:
    """Yield every compiled pattern that a module of the core holds, in whatever container, used as the core uses it."""
    names = [module.name for module in pkgutil.walk_packages(crawler.core.__path__, "crawler.core.")]
    modules = {name.removeprefix("crawler."): importlib.import_module(name) for name in names}
    uses: dict[str, set[str]] = {}
    for module in modules.values():
        for constant, method in re.findall(r"\b(\w+)\.(\w+)\(", inspect.getsource(module)):
            uses.setdefault(constant, set()).add(method)
    seen: set[int] = set()
    for name, module in modules.items():
        for constant, value in vars(module).items():
            for pattern in _patterns_in(value):
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    is_tried_once = bool(uses.get(constant)) and uses[constant] <= {"match", "fullmatch"}
                    yield f"{name}.{constant}", _try(pattern) if is_tried_once else _search(pattern)


def _patterns_in(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    match value:
        case re.Pattern():
            yield value
        case dict():
            for inner in value.values():
                yield from _patterns_in(inner)
        case list() | tuple() | set() | frozenset():
            for inner in value:
                yield from _patterns_in(inner)


def _search(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Work:
    if isinstance(pattern.pattern, bytes):
        return lambda text: sum(1 for _ in pattern.finditer(text.encode("utf-8", "replace")))  # type: ignore[arg-type]
    return lambda text: sum(1 for _ in pattern.finditer(text))  # type: ignore[arg-type]


def _try(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Work:
    if isinstance(pattern.pattern, bytes):
        return lambda text: pattern.match(text.encode("utf-8", "replace"))  # type: ignore[arg-type]
    return lambda text: (pattern.match(text), pattern.fullmatch(text))  # type: ignore[arg-type]


def readers() -> Iterator[tuple[str, Work]]:
    """Yield the ways in: a text, a page, and either without a parser."""

    def read(media_type: str, *around: str) -> Work:
        before, after = around
        return lambda text: documents.read(Document(f"{before}{text}{after}".encode(), media_type, "https://a.example/b"))

    def scan(media_type: str) -> Work:
        return lambda text: documents.read_without_parser(Document(text.encode(), media_type, None), "measured", lambda: False)

    yield "read a text", read("text/plain", "A headline of words\n", "")
    yield "read a page: its text", read("text/html", "<article><p>", "</p></article>")
    yield "read a page: its title", read("text/html", "<title>", "</title>")
    yield "read a page: an attribute", read("text/html", "<article><p>Prose <a href='", "'>words</a></p>")
    yield "read a page: a script", read("text/html", "<script>twitter-tweet ", "</script>")
    yield "read a page: JSON-LD", read("text/html", "<script type='application/ld+json'>", "</script>")
    yield "scan a text", scan("text/plain")
    yield "scan a page", scan("text/html")


def seconds(work: Work, text: str) -> float:
    """Return the processor time of work, the best of three where it is quick. Raises _TooLongError past our patience."""
    spent = []
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        while len(spent) < 3 and sum(spent) < 0.02:
            started = time.process_time()
            work(text)
            spent.append(time.process_time() - started)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return min(spent)


def growth(name: str, work: Work, unit: str, length: int) -> Growth:
    """Return how time grew from a tenth of length to length, or over as much of that as could be waited for."""
    short, long = (unit * (size // len(unit) + 1) for size in (length // 10, length))
    before = after = float("inf")
    try:
        before = seconds(work, short)
        after = seconds(work, long)
    except _TooLongError:
        if length > 1000 and QUADRATIC * before > PATIENCE:  # too little is known yet: look at less of it
            return growth(name, work, unit, length // 10)
        after = PATIENCE  # at least
    if after < LEAST:
        return Growth(name, unit, length, after, 0.0)
    return Growth(name, unit, length, after, after / max(before, LEAST / 50))


def _give_up(*_: object) -> None:
    raise _TooLongError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=100_000, help="characters of the longer text")
    parser.add_argument("--only", default="", metavar="WORD", help="patterns and readers whose name holds it")
    parser.add_argument("--units", type=int, default=len(UNITS), help="so many of the attack units")
    parser.add_argument("--slowest", type=int, default=10, help="shown though they are linear")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, _give_up)
    print_machine()
    worst = []
    for name, work in (*patterns(), *readers()):
        if options.only in name:
            grown = [growth(name, work, unit, options.length) for unit in UNITS[: options.units]]
            sure = [_surely(each, work) if each.ratio > QUADRATIC else each for each in grown]
            worst.append((max(sure, key=lambda each: each.ratio), sum(each.ratio > QUADRATIC for each in sure)))
    worst.sort(key=lambda pair: pair[0].ratio, reverse=True)
    quadratic = sum(count > 0 for _, count in worst)
    print(f"{len(worst):,} patterns and readers, {min(options.units, len(UNITS))} attack units: {quadratic} quadratic")
    print_table(
        ("pattern or reader", "worst unit", "characters", "seconds", "times a tenth of it", "quadratic for"),
        (
            (each.name, repr(each.unit), each.length, f"{each.seconds:.4f}", each.ratio, f"{count} units" if count else "")
            for each, count in worst[: quadratic + options.slowest]
        ),
    )


def _surely(each: Growth, work: Work) -> Growth:
    """Measure once more what looked quadratic: on a busy machine once is no proof."""
    again = growth(each.name, work, each.unit, each.length)
    return min(each, again, key=lambda one: one.ratio)


if __name__ == "__main__":
    main()
