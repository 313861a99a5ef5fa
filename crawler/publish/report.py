"""The report: one HTML page that needs nothing but itself, to be sent to somebody who doesn't know the crawler.

What is found comes from store/reports.py; what is said of it stands in assets/report.html; plots.py draws its figures. The
template escapes all that it is filled with, and what a character could do beyond that is taken from it here.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from crawler.core.model import Landing, Outcome
from crawler.publish import drawing, inert, plots
from crawler.publish.plots import Bar
from crawler.store.graph import Graph
from crawler.store.reports import Findings

LONGEST = 200  # characters of a title or a URL shown; its link is whole
MOST_SITES = 8
MOST_HOPS = 8  # a column each; longer chains share the last
ENDS = {
    Outcome.ARRIVED: "Arrived at a page",
    Outcome.GONE: "Gone: the server says it is not there",
    Outcome.HTTP_ERROR: "Answered with an error",
    Outcome.TRY_LATER: "Asked us to come back later",
    Outcome.LOOP: "Goes round in a circle",
    Outcome.TOO_MANY_HOPS: "Redirected too many times",
    Outcome.BAD_LOCATION: "Redirected to no address",
    Outcome.TIMEOUT: "Did not answer in time",
    Outcome.UNREACHABLE: "Could not be reached",
    Outcome.TLS_ERROR: "No secure connection could be made",
    Outcome.DISALLOWED: "Not open to robots; not asked",
    Outcome.REFUSED: "Not a public address; not asked",
    Outcome.TOO_LARGE: "Too large to be read",
    Outcome.INTERRUPTED: "Interrupted by us",
}
LANDINGS = {
    Landing.SOFT_404: "Led to a page that says it is not there",
    Landing.HOME: "Led to a home page instead",
    Landing.LOGIN: "Led to a login",
    Landing.CONSENT: "Led to a consent wall",
    Landing.PAYWALL: "Led to a paywall",
}
# What was found where a link led (in the view link_checks) means for whoever follows it.
LOOKS = {
    "alive": "good",
    "moved": "good",
    "home_page": "instead",
    "soft_404": "instead",
    "failed": "lost",
    "blocked": "unsure",
}
AGES = {
    "day": "Less than a day older",
    "week": "1 to 7 days older",
    "month": "8 to 31 days older",
    "year": "Up to a year older",
    "older": "More than a year older",
    "later": "Later than what cites it",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot, what it says in words, and its numbers as a table for those who don't look at plots."""

    id: str
    title: str
    says: str  # what is counted, and of what total
    plot: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()  # class of a look, and what it stands for


def page(found: Findings, made_at: datetime) -> str:
    """Return the whole page."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_asset),
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "counted": counted,
        "day": day,
        "href": inert.href,
        "end": end,
        "look": look,
        "short": short,
        "local": local,
    }
    style = "\n".join(_asset(name) for name in (*drawing.STYLES, "report.css"))
    scripts = [_asset(name) for name in drawing.SCRIPTS]
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {' '.join(map(_hash, scripts))}; "
        "base-uri 'none'; form-action 'none'"
    )
    return environment.get_template("report.html").render(
        found=found,
        figures=list(figures(found)),
        policy=policy,
        style=Markup(style),  # noqa: S704 - our own files, and data that cannot end its element
        style_id=drawing.STYLE_ID,
        scripts=[Markup(script) for script in scripts],  # noqa: S704
        graph=Markup(drawing.data(_without_folders(found.graph))),  # noqa: S704
        made_at=made_at.isoformat(),
        dead_count=sum(row["links"] for row in found.outcomes if look(row) in ("instead", "lost")),
        unsure_count=sum(row["links"] for row in found.outcomes if look(row) == "unsure"),
    )


def local(url: str) -> str:
    """Return what a reader may see of an address: of a file its name, for where it lies is nobody's business."""
    return unquote(url.rpartition("/")[2]) if url.startswith("file:") else url


def figures(found: Findings) -> Iterator[Figure]:
    """Yield the figures that there are numbers for."""
    if found.outcomes:
        yield _outcomes(found)
        yield _chains(found)
    if found.lags:
        yield _lags(found)
    if found.self_citations:
        yield _self_citations(found)


def _outcomes(found: Findings) -> Figure:
    rows = tuple((end(row), row["links"]) for row in found.outcomes)
    drawn = [Bar(end(row), f"{row['links']:,}", ((row["links"], look(row)),)) for row in found.outcomes]
    says = f"{_followed(found)}, by how we fared the last time."
    title = "How the links ended"
    legend = [
        ("good", "arrived"),
        ("instead", "something else stands there"),
        ("lost", "leads nowhere"),
        ("unsure", "could not be seen"),
    ]
    used = {look(row) for row in found.outcomes}
    plot = plots.bars("outcomes", title, _told(rows), drawn)
    return Figure("outcomes", title, says, plot, ("How it ended", "Links"), rows, tuple(one for one in legend if one[0] in used))


def _chains(found: Findings) -> Figure:
    counts: dict[int, int] = {}
    for row in found.hop_counts:
        counts[min(row["hop_count"], MOST_HOPS)] = counts.get(min(row["hop_count"], MOST_HOPS), 0) + row["links"]
    names = {hops: f"{MOST_HOPS} or more" if hops == MOST_HOPS else str(hops) for hops in range(1, max(counts) + 1)}
    rows = tuple((names[hops], counts.get(hops, 0)) for hops in names)
    title = "How many addresses a link went through"
    says = f"{_followed(found)}. 1 is a link that leads straight to its page; each short link or redirect on the way adds one."
    drawn = [Bar(name, f"{count:,}", ((count, "plain"),)) for name, count in rows]
    return Figure("chains", title, says, plots.columns("chains", title, _told(rows), drawn), ("Addresses", "Links"), rows)


def _lags(found: Findings) -> Figure:
    total = sum(found.lags.values())
    rows = tuple((name, found.lags.get(age, 0)) for age, name in AGES.items())
    drawn = [
        Bar(name, f"{found.lags.get(age, 0):,}", ((found.lags.get(age, 0), "instead" if age == "later" else "plain"),))
        for age, name in AGES.items()
    ]
    title = "How old the sources were when they were cited"
    says = (
        f"The {total:,} of {counted(found.counts['citations'], 'citation')} for which both pieces say when they were published. "
        "A source that is later than what cites it was put in afterwards, or one of the dates is wrong."
    )
    return Figure("lags", title, says, plots.bars("lags", title, _told(rows), drawn), ("The cited piece is", "Citations"), rows)


def _self_citations(found: Findings) -> Figure:
    total = sum(row["own"] + row["other"] for row in found.self_citations)
    rows = tuple((row["site"], row["own"], row["other"]) for row in found.self_citations)
    title = "How often a site cites itself"
    more = f" The {MOST_SITES} sites that cite most are drawn." if len(rows) > MOST_SITES else ""
    says = f"The {total:,} of {counted(found.counts['citations'], 'citation')} for which both sites are known.{more}"
    drawn = [
        Bar(site, f"{own:,} of {own + other:,} its own", ((own, "instead"), (other, "plain")))
        for site, own, other in rows[:MOST_SITES]
    ]
    told = "; ".join(f"{site}: {own:,} of {own + other:,} to itself" for site, own, other in rows[:MOST_SITES])
    legend = (("instead", "to itself"), ("plain", "to others"))
    plot = plots.bars("self-citations", title, told, drawn)
    return Figure("self-citations", title, says, plot, ("Site", "To itself", "To others"), rows, legend)


def end(row: dict[str, Any]) -> str:
    """Return how a link ended, in words."""
    if row["landing"]:
        return LANDINGS[row["landing"]]
    if row["found"] == "moved":
        return "Arrived; the page has moved since"
    if row["found"] == "blocked" and row["outcome"] == Outcome.HTTP_ERROR:
        return "Answered that it is not for us to see"
    return ENDS[row["outcome"]]


def look(row: dict[str, Any]) -> str:
    """Return what that means for whoever follows it: "good", "instead" (something else stands there), "lost" or "unsure"."""
    return LOOKS.get(row["found"], "unsure")


def short(text: str) -> str:
    """Return text as long as a table or a heading bears it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 citation", "1,204 citations"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day(time: str | None) -> str:
    """Return a day in words: "18 March 2026"; what is no day as it stands."""
    try:
        read = date.fromisoformat((time or "")[:10])
    except ValueError:
        return time or "not known"
    return f"{read.day} {read:%B %Y}"


def _followed(found: Findings) -> str:
    links = found.counts["links"]
    return "The one link that we followed" if links == 1 else f"The {links:,} links that we followed, each counted once"


def _told(rows: Sequence[tuple[str, int]]) -> str:
    return "; ".join(f"{name}: {count:,}" for name, count in rows)


def _shown(value: object) -> object:
    """Return what the template shows for a value: text that can neither turn the page's text round nor hide in it."""
    return inert.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _without_folders(graph: Graph) -> Graph:
    nodes = (replace(node, key=local(node.key), url=local(node.url), name=local(node.name)) for node in graph.nodes)
    return replace(graph, nodes=tuple(nodes))


def _asset(name: str) -> str:
    return (drawing.ASSETS / name).read_text("utf-8")


def _hash(text: str) -> str:
    """Return what a Content-Security-Policy calls the inline text by (CSP Level 3 §2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
