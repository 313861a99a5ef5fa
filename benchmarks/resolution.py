"""Links a second: resolved and recorded, and only resolved, against a plain aiohttp loop that records nothing.

All sides follow the same chains on the same loopback server, each in a process of its own, in turn.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from cost import Cost
from report import print_machine, print_table
from server import Web, serving

HERE = Path(__file__).parent
RECORDED, FOLLOWED, PLAIN, MINET = "crawl, recorded in SQLite", "follow only", "plain aiohttp loop", "minet resolve"
SIDES = {
    RECORDED: [str(HERE / "resolve_crawler.py"), "record"],
    FOLLOWED: [str(HERE / "resolve_crawler.py"), "follow"],
    PLAIN: [str(HERE / "resolve_aiohttp.py")],
}
RATIOS = ((FOLLOWED, PLAIN), (RECORDED, PLAIN), (RECORDED, FOLLOWED), (RECORDED, MINET))
TITLES = ("side", "links/s", "requests/s", "CPU ms/request", "readers' CPU ms/link", "peak MB")
FIGURES: tuple[Callable[[Cost, int], float], ...] = (
    lambda cost, links: links / cost.seconds,
    lambda cost, _: cost.requests / cost.seconds,
    lambda cost, _: 1000 * cost.cpu_seconds / cost.requests,
    lambda cost, links: 1000 * cost.children_cpu_seconds / links,
    lambda cost, _: cost.peak_mb,
)
MEMORY_LINKS, TIMES = 250, 10


def run_side(command: list[str], links: int, web: Web, workers: int) -> Cost:
    """Resolve links in a process of its own, and return what that cost."""
    numbers = ["--links", str(links), "--workers", str(workers)]
    done = subprocess.run([sys.executable, *command, *numbers, *web.options], stdout=subprocess.PIPE, check=True)
    return Cost(**json.loads(done.stdout))


def compare_speed(sides: dict[str, list[str]], links: int, web: Web, workers: int, rounds: int) -> None:
    costs: dict[str, list[Cost]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, so_far in costs.items():
            so_far.append(run_side(sides[side], links, web, workers))
    rows = {side: [median(figure(cost, links) for cost in costs[side]) for figure in FIGURES] for side in sides}
    print_table(TITLES, ([side, *row] for side, row in rows.items()))
    print_table(
        ("ratio", "links/s", "CPU per request"),
        (
            (f"{side} / {yardstick}", rows[side][0] / rows[yardstick][0], rows[side][2] / rows[yardstick][2])
            for side, yardstick in RATIOS
            if yardstick in sides
        ),
    )


def compare_memory(sides: dict[str, list[str]], links: int, web: Web, workers: int) -> None:
    rows = []
    for side, command in sides.items():
        few, many = (run_side(command, count, web, workers).peak_mb for count in (links, TIMES * links))
        rows.append((side, few, many, 1e6 * (many - few) / ((TIMES - 1) * links)))
    print_table(("side", f"peak MB at {links:,}", f"at {TIMES * links:,} links", "bytes a further link"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, help=f"default 2,000; with --memory {MEMORY_LINKS} and {TIMES} times as many")
    parser.add_argument("--workers", type=int, default=50, help="links at a time, on every side")
    parser.add_argument("--rounds", type=int, default=2, help="of every side in turn; the table shows medians")
    parser.add_argument("--memory", action="store_true", help="compare peak memory of few and many links instead")
    parser.add_argument("--small", action="store_true", help="end the chains at pages that cite nothing: resolving, not reading")
    parser.add_argument("--tls", action="store_true", help="over TLS, by an authority that openssl makes for it")
    parser.add_argument("--minet", metavar="COMMAND", help="compare with minet, too, installed in an environment of its own")
    options = parser.parse_args()
    print_machine()
    sides = SIDES | ({MINET: [str(HERE / "resolve_minet.py"), options.minet]} if options.minet else {})
    with serving(tls=options.tls, small=options.small) as web:
        if options.memory:
            compare_memory(sides, options.links or MEMORY_LINKS, web, options.workers)
        else:
            compare_speed(sides, options.links or 2000, web, options.workers, options.rounds)


if __name__ == "__main__":
    main()
