"""The commands, and the one place that wires.

What is for a person goes to stderr, data to stdout. Heavy imports happen inside the commands, so that --help is quick.

Exit codes: 0 done; 1 done, but some sources failed for reasons of ours; 2 usage, configuration or database fault;
3 another run holds the lock; 130 interrupted (everything finished so far is kept).
"""

from __future__ import annotations

import os
import sys

import click

from crawler.cli.backup import backup
from crawler.cli.check import check
from crawler.cli.export import export
from crawler.cli.extract import extract
from crawler.cli.output import say
from crawler.cli.query import query
from crawler.cli.report import report
from crawler.cli.resolve import resolve
from crawler.cli.run import run
from crawler.cli.schedule import schedule
from crawler.cli.serve import serve
from crawler.cli.trace import trace
from crawler.cli.verify import verify
from crawler.errors import CrawlerError, RunLocked

EXIT_FAULT, EXIT_LOCKED, EXIT_INTERRUPTED = 2, 3, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="link-provenance-crawler")
def cli() -> None:
    """Follow the embedded tweets, short links and READ MORE references of news articles; keep who cites what in SQLite.

    \b
    Example:
      crawler run article.txt --depth 2      # read it, follow what it cites, two citations far
      crawler trace article.txt              # see the tree of what it found
      crawler query most-cited               # ask the database
    """  # noqa: D301 - \b is click's mark for a paragraph to be left as it is


for command in (run, extract, resolve, trace, query, serve, export, report, check, backup, verify, schedule):
    cli.add_command(command)


def main() -> None:
    """Run the command line; every fault of ours or the user's ends in a message that says what to do."""
    try:
        code = cli.main(standalone_mode=False)
    except RunLocked as error:
        say(f"crawler: {error}")
        sys.exit(EXIT_LOCKED)
    except CrawlerError as error:
        say(f"crawler: {error}")
        sys.exit(EXIT_FAULT)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_FAULT)
    except (click.Abort, KeyboardInterrupt):
        say("crawler: interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(code)
