"""The folder that Datasette serves: a snapshot of the database, what is to be shown of it, and the graph page.

`datasette FOLDER` serves it too. Datasette 0.65 reads everything from metadata.json and settings.json; from 1.0 on only the
descriptions come from there, and the rest from datasette.json. Each is written for both.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from crawler.publish.drawing import ASSETS
from crawler.store import snapshot
from crawler.store.database import utc_text
from crawler.store.questions import Question, questions, views

PUBLISH = files("crawler.publish")
DATABASE = "provenance"
QUERY_PREFIX = "query-"
"""What the name of a canned query has before it where a table has the same name: they share their addresses."""

# Keys of a table that are configuration since Datasette 1.0; the others describe it.
CONFIGURED = ("label_column", "sort_desc", "facets", "hidden")
SETTINGS = {
    "default_page_size": 50,
    "facet_time_limit_ms": 500,
    "sql_time_limit_ms": 3000,  # milliseconds; a question over a million citations takes a tenth of it
    "truncate_cells_html": 300,  # characters; a row's own page has all of them
}


def write(path: Path, folder: Path, *, now: datetime, public: bool) -> None:
    """Write the folder for the database at path. Where it is for the public, only the questions that have a name may be asked.

    A statement that takes all of the memory is not stopped by a limit of time, so others' SQL is run for nobody but ourselves.
    """
    shown = tomllib.loads((PUBLISH / "tables.toml").read_text("utf-8"))
    tables: dict[str, Any] = shown["tables"]
    counts = snapshot.take(
        path,
        folder / f"{DATABASE}.db",
        full_text={name: table["search"] for name, table in tables.items() if "search" in table},
        indexes={name: table["facets"] for name, table in tables.items() if "facets" in table},
    )
    described = {name: _described(table) for name, table in tables.items() if name in counts}
    described |= {name: {"hidden": True} for name in shown["hidden"] if name in counts}
    described |= {name: {"description": view.sentence} for name, view in views().items()}
    canned = {QUERY_PREFIX * (name in counts) + name: _canned(question) for name, question in questions().items()}
    configured = {name: {key: table[key] for key in CONFIGURED if key in table} for name, table in described.items()}
    settings = SETTINGS | {"default_allow_sql": not public}
    head = {"title": "Who cites what", "description": f"{path.name} as of {utc_text(now)}"}
    _write(folder, "metadata", head | {"databases": {DATABASE: {"tables": described, "queries": canned}}})
    _write(folder, "settings", settings)
    _write(folder, "datasette", {"settings": settings, "databases": {DATABASE: {"tables": configured, "queries": canned}}})
    _write(folder, "inspect-data", {DATABASE: _inspected(folder / f"{DATABASE}.db", counts)})
    for source, name in ((PUBLISH / "bundle", "."), (ASSETS, "static")):
        with as_file(source) as package:
            shutil.copytree(package, folder / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def _canned(question: Question) -> dict[str, str | bool]:
    values = "".join(
        f" {one.name}: {one.sentence}{'' if one.default is None else f' ({one.default} if left out)'}."
        for one in question.parameters
    )
    return {"sql": question.sql, "title": question.title, "description": question.sentence + values, "hide_sql": True}


def _described(table: dict[str, Any]) -> dict[str, Any]:
    keys = {
        "description": "description",
        "columns": "columns",
        "label": "label_column",
        "sort_desc": "sort_desc",
        "facets": "facets",
    }
    return {keys[key]: value for key, value in table.items() if key in keys}


def _inspected(file: Path, counts: Mapping[str, int]) -> dict[str, Any]:
    """Return what Datasette would count itself otherwise; that it is there says that the file doesn't change."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    tables = {name: {"count": count} for name, count in counts.items()}
    return {"hash": digest, "size": file.stat().st_size, "file": file.name, "tables": tables}


def _write(folder: Path, name: str, content: object) -> None:
    (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
