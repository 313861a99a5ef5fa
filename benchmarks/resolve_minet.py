"""Another peer of resolution.py: `minet resolve`, which follows the same chains and writes its findings as CSV.

A script of its own, so that processor time and memory are its own (and its start-up's, some seconds of a long run). Prints its
cost as one line of JSON. minet stays in an environment of its own: its dependencies are not ours.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path

from cost import cost_of_children
from server import Web, add_options, links


def resolve(minet: str, count: int, web: Web, workers: int) -> int:
    """Follow links to their ends; return how many requests that took."""
    with tempfile.TemporaryDirectory() as folder:
        asked, found = Path(folder, "links.csv"), Path(folder, "found.csv")
        asked.write_text("\n".join(["url", *links(count, web)]) + "\n")
        # Its pause between two requests to one host is taken off, and over TLS its checks: it can't be told of an authority.
        command = [minet, "resolve", "url", "-i", str(asked), "-o", str(found), "--threads", str(workers), "--throttle", "0"]
        command += ["--domain-parallelism", str(workers), "--simple-progress", *(("--insecure",) if web.ca else ())]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        with found.open() as rows:
            ends = list(csv.DictReader(rows))
    if len(ends) != count or any(end["resolved_url"].rpartition("/")[2] for end in ends):
        raise SystemExit("not all links arrived")
    return sum(int(end["redirect_count"]) + 1 for end in ends)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minet", help="its command")
    add_options(parser)
    options = parser.parse_args()
    cost = cost_of_children(lambda: resolve(options.minet, options.links, Web.of(options), options.workers))
    print(json.dumps(asdict(cost)))


if __name__ == "__main__":
    main()
