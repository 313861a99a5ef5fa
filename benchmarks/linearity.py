"""How time grows with length: every pattern and every reader of crawler/core against texts made to be searched in vain.

Each of a table of attack units is repeated to ten thousand characters, then to a hundred thousand. A pattern is attacked with
texts of its own besides: of a text that it matches, every beginning, with what stands last repeated. What takes more than 15
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
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument, Unsatisfiable
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
    "READ MORE: A title of words\n", "READ MORE: A title of words ", "READ MORE: * ", "Read also ", "a— A (@a) May 1, 2016",
    "May 1, ", "October ", "23 October 2016 ", "12:30 ", "10/10/2016", "\xa0", "�", "?", "? a", '"', "“", "#", "a|", " | ", "»",
    "{", '{"a":', "[", "[[", "charset=", "<meta ", '<meta content="x" ', "url=", "0;url=", "window.location=", "location.href='",
    "content=", "é", "日本", "😀", "\x00",
)  # fmt: skip
QUADRATIC = 15
PATIENCE = 2.0  # seconds of processor time for one measurement
EXAMPLES = 4  # texts made to be matched by a pattern
LONGEST_LEAD = 60  # characters of one that stand before what is repeated
REPEATED = (1, 2, 4)  # characters
FEWER = 50  # times: a pattern's own attacks are many, so only what a short one makes slow is attacked in full length
NO_END = "\x01"  # what hardly a pattern ends with
LEAST = 0.0005  # seconds: what takes less on the longer text is noise

Work = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Growth:
    """How much longer a reader took of ten times as much."""

    name: str
    unit: str  # what was repeated, and what stood before it
    length: int  # characters of the longer text
    seconds: float  # for the longer text
    ratio: float


class _TooLongError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Attack:
    """A text of any length."""

    unit: str
    lead: str = ""
    end: str = ""

    def of(self, length: int) -> str:
        """Return the text of about that many characters."""
        return self.lead + self.unit * (length // len(self.unit) + 1) + self.end

    def __str__(self) -> str:
        return f"{self.lead!r} {self.unit!r}" if self.lead else repr(self.unit)


def patterns() -> Iterator[tuple[str, Work, Callable[[], list[Attack]]]]:
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
                    work = _try(pattern) if is_tried_once else _search(pattern)
                    yield f"{name}.{constant}", work, partial(pumps, pattern)


def pumps(pattern: re.Pattern[str] | re.Pattern[bytes]) -> list[Attack]:
    """Return attacks made of texts that a pattern matches: the same ones at each call."""
    if isinstance(pattern.pattern, bytes):
        pattern = re.compile(pattern.pattern.decode("latin-1"), pattern.flags | re.ASCII)
    # What looks behind itself matches no text as a whole.
    texts = _drawn(st.from_regex(pattern, fullmatch=True)) + _drawn(st.from_regex(pattern))
    attacks = [
        Attack(text[cut - repeated : cut], text[:cut], NO_END)
        for text in texts
        for cut in range(1, min(len(text), LONGEST_LEAD) + 1)
        for repeated in REPEATED
        if repeated <= cut
    ]
    return list(dict.fromkeys(attacks))


def _drawn(strategy: st.SearchStrategy[str]) -> list[str]:
    texts: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def gather(text: str) -> None:
        texts.append(text)

    with suppress(Unsatisfiable, InvalidArgument):  # the second: matched by no text that UTF-8 can say
        gather()
    return texts


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
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        while len(spent) < 3 and sum(spent) < 0.02:
            started = time.thread_time()
            work(text)
            spent.append(time.thread_time() - started)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return min(spent)


def growth(name: str, work: Work, attack: Attack, length: int) -> Growth:
    """Return how time grew from a tenth of length to length, or over as much of that as could be waited for."""
    short, long = attack.of(length // 10), attack.of(length)
    before = after = float("inf")
    try:
        before = seconds(work, short)
        after = seconds(work, long)
    except _TooLongError:
        if length > 1000 and QUADRATIC * before > PATIENCE:  # too little is known yet: look at less of it
            return growth(name, work, attack, length // 10)
        after = PATIENCE  # at least
    if after < LEAST:
        return Growth(name, str(attack), length, after, 0.0)
    return Growth(name, str(attack), length, after, after / max(before, LEAST / 50))


def surely(name: str, work: Work, attack: Attack, length: int) -> Growth:
    """Return the growth, measured up to three times where it looks quadratic: on a busy machine once is no proof."""
    grown = growth(name, work, attack, length)
    for _ in range(2):
        if grown.ratio > QUADRATIC:
            grown = min(grown, growth(name, work, attack, grown.length), key=lambda one: one.ratio)
    return grown


def _give_up(*_: object) -> None:
    raise _TooLongError


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=100_000, help="characters of the longer text")
    parser.add_argument("--only", default="", metavar="WORD", help="patterns and readers whose name holds it")
    parser.add_argument("--units", type=int, default=len(UNITS), help="so many of the attack units")
    parser.add_argument("--own", type=int, default=1000, help="so many of a pattern's own attacks")
    parser.add_argument("--slowest", type=int, default=10, help="shown though they are linear")
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, _give_up)
    print_machine()
    units = [Attack(unit) for unit in UNITS[: options.units]]
    worst = []
    for name, work, own in (*patterns(), *((name, work, list) for name, work in readers())):
        if options.only in name:
            grown = [surely(name, work, attack, options.length) for attack in units]
            for attack in own()[: options.own]:
                short = growth(name, work, attack, options.length // FEWER)
                grown.append(short if short.ratio <= QUADRATIC else surely(name, work, attack, options.length))
            if grown:
                worst.append((max(grown, key=lambda each: each.ratio), sum(each.ratio > QUADRATIC for each in grown)))
    worst.sort(key=lambda pair: pair[0].ratio, reverse=True)
    quadratic = sum(count > 0 for _, count in worst)
    print(f"{len(worst):,} patterns and readers, {min(options.units, len(UNITS))} attack units: {quadratic} quadratic")
    print_table(
        ("pattern or reader", "worst unit", "characters", "seconds", "times a tenth of it", "quadratic for"),
        (
            (each.name, each.unit, each.length, f"{each.seconds:.4f}", each.ratio, f"{count} units" if count else "")
            for each, count in worst[: quadratic + options.slowest]
        ),
    )


if __name__ == "__main__":
    main()
