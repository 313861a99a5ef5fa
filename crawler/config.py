"""config.toml -> Config. Every key is known, every value can be meant, or the error says which is not."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from crawler.core.model import MOST_ENTRIES, ReadAs
from crawler.core.settings import Interval, Limits, Schedule
from crawler.errors import ConfigError
from crawler.web.evidence import EvidenceTable
from crawler.web.guard import Guard
from crawler.web.mementos import Mementos
from crawler.web.politeness import Manners
from crawler.web.tls import Tls


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A [[sources]] table: what it is called, where it is (one of KINDS), how often it is looked at, and how far to go from it.

    A feed, a sitemap and a list of URLs may be a URL, or a file as seen from config.toml's own folder.
    """

    name: str
    file: str | None = None  # a file or a folder
    url: str | None = None
    urls: str | tuple[str, ...] | None = None  # a list of them, or where one is: a URL a line, or a table with a column "url"
    feed: str | None = None  # RSS, Atom, JSON Feed
    sitemap: str | None = None  # or an index of sitemaps
    warc: str | None = None  # a file, or a folder of them
    every: Interval | None = None  # looked at again; None: as [schedule] says
    depth: int | None = None  # in place of the top level's
    limit: int = MOST_ENTRIES  # entries of one list, the latest first
    candidates: bool = False  # a list whose entries are not visited: what they say is what a READ MORE without its link may mean

    @property
    def places(self) -> tuple[str, ...]:
        """Where it is: as many as it has URLs."""
        if isinstance(self.urls, tuple):
            return self.urls
        return tuple(place for place in (self.file, self.url, self.urls, self.feed, self.sitemap, self.warc) if place is not None)

    @property
    def read_as(self) -> ReadAs:
        """What it is to be read as."""
        if self.feed is not None:
            return ReadAs.FEED
        if self.sitemap is not None:
            return ReadAs.SITEMAP_INDEX
        return ReadAs.URLS if isinstance(self.urls, str) else ReadAs.ANY


KINDS = ("file", "url", "urls", "feed", "sitemap", "warc")

# With none of these nothing would be done, or nothing ever end.
NEVER_0 = frozenset(
    [
        "workers",
        "readers",
        "evidence.rotate_bytes",
        "limits.max_attempts",
        "limits.max_visits",
        "limits.max_claims",
        "limits.body_bytes",
        "limits.read_bytes",
        "limits.hop_seconds",
        "limits.connect_seconds",
        "limits.chain_seconds",
        "limits.read_seconds",
    ]
)

IN_TOML = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
MISMATCH = re.compile(r"Expected `([^`]+)`, got `([^`]+)` - at `\$\.([^`]+)`")


@dataclass(frozen=True, slots=True)
class Config:
    """What config.toml says. Its paths start from its own folder."""

    folder: Path = field(default=Path(), metadata={"key": False})
    database: str = "provenance.db"
    replay: str | None = None  # a folder of cassettes, in place of the live web
    record: str | None = None  # a folder to record cassettes into
    depth: int = 1  # citations away from a source that pieces are fetched and read
    workers: int = 16  # visits at a time
    readers: int = 2  # processes that read pages
    labels: tuple[str, ...] = ()  # marks of references to other stories, besides those that core.labels lists by language
    limits: Limits = field(default_factory=Limits)
    schedule: Schedule = field(default_factory=Schedule)
    manners: Manners = field(default_factory=Manners)
    guard: Guard = field(default_factory=Guard)
    tls: Tls = field(default_factory=Tls)
    mementos: Mementos = field(default_factory=Mementos)
    evidence: EvidenceTable = field(default_factory=EvidenceTable)
    sources: tuple[SourceTable, ...] = ()

    def path(self, name: str) -> Path:
        """Return the path that one of the values names."""
        return self.folder / name


def load(path: Path | None) -> Config:
    """Return the configuration at path; without one, that of ./config.toml if it is there, else the defaults."""
    if path is None:
        path = Path("config.toml")
        if not path.is_file():
            return Config()
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; --config names the configuration") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        _must_know_all_keys(data, Config, "")
        _must_be_meant(data, "")
        config = msgspec.convert({**data, "folder": str(path.parent)}, Config, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_in_toml_words(str(error))}") from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    for source in config.sources:
        if wrong := _wrong_with(source):
            raise ConfigError(f"{path}: the source {source.name!r} {wrong}")
    return config


def _wrong_with(source: SourceTable) -> str | None:
    if sum(getattr(source, kind) is not None for kind in KINDS) != 1:
        return f"needs one of {', '.join(f'`{kind}`' for kind in KINDS)}"
    if not all(source.places):
        return "says nothing of where it is"
    urls = source.urls if isinstance(source.urls, tuple) else (source.url,) if source.url else ()
    if no_url := next((url for url in urls if "://" not in url), None):
        return f"has a URL that begins with neither https:// nor http://: {no_url}"
    if source.candidates and (source.feed or source.sitemap) is None:
        return "has `candidates`, which only a `feed` and a `sitemap` may have"
    return None


def _path(wanted: type, value: object) -> object:
    return wanted(value)


def _in_toml_words(error: str) -> str:
    if found := MISMATCH.fullmatch(error):
        wanted = (IN_TOML.get(kind, kind) for kind in found[1].split(" | ") if kind != "null")
        advice = "; it is written [[sources]]" if found[3] == "sources" else ""
        return f"`{found[3]}` should be {' or '.join(wanted)}, and is {IN_TOML.get(found[2], found[2])}{advice}"
    return error.replace("`$.", "`").replace("Object missing required field", "a table lacks its key")


def _must_know_all_keys(table: dict[str, Any], wanted: type, name: str) -> None:
    hints = get_type_hints(wanted)
    known = {key.name: hints[key.name] for key in fields(wanted) if key.metadata.get("key", True)}
    for key, value in table.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            advice = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
            raise ConfigError(f"unknown key `{name}{key}`; {advice}")
        for inner, type_ in _tables(value, known[key]):
            _must_know_all_keys(inner, type_, f"{name}{key}.")


def _tables(value: object, wanted: Any) -> Iterator[tuple[dict[str, Any], type]]:
    for type_ in (wanted, *get_args(wanted)):
        if isinstance(type_, type) and is_dataclass(type_):
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    yield inner, type_


def _must_be_meant(value: object, name: str) -> None:
    """Refuse numbers that would switch a limit off without saying so: every comparison with nan is false."""
    match value:
        case dict():
            for key, inner in value.items():
                _must_be_meant(inner, f"{name}.{key}" if name else key)
        case list():
            for inner in value:
                _must_be_meant(inner, name)
        case float() if not math.isfinite(value):
            raise ConfigError(f"`{name}` is {value}; it has to be a number that ends")
        case int() | float() if value < 0:
            raise ConfigError(f"`{name}` is {value}; it can't be less than 0")
        case int() | float() if value == 0 and name in NEVER_0:
            raise ConfigError(f"`{name}` is 0; it has to be more")
