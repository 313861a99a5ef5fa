"""The graph in the words of W3C PROV, as PROV-JSON (https://www.w3.org/submissions/prov-json/).

Entities: pieces, the addresses that lead to them, what was captured of them, and mementos. Activities: runs, and the resolutions
that they started. Agents: the crawler, the sites that published a piece, the accounts that posted a tweet. A citation is a
derivation of the citing piece from the cited one: a quotation where the page shows the cited thing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crawler.core.model import CitationKind
from crawler.publish import inert

if TYPE_CHECKING:
    from crawler.store.exports import Export

BASE = "urn:link-provenance-crawler:"
NAMESPACES = ("piece", "link", "reference", "capture", "memento", "run", "resolution", "software", "site", "account")
PREFIXES = {"crawler": BASE} | {name: f"{BASE}{name}:" for name in NAMESPACES}
# What PROV-N's PN_LOCAL takes as it is (https://www.w3.org/TR/prov-n/#prod-PN_LOCAL), but for %, with which the rest is escaped.
UNESCAPED = "/@~&+*?#$!"
QUOTATIONS = {CitationKind.TWEET, CitationKind.TWEET_MEDIA, CitationKind.EMBED}

Records = Iterator[tuple[str, dict[str, Any]]]


def prov_json(export: Export) -> Iterator[str]:
    """Yield a PROV-JSON document, a record a line."""
    yield '{\n"prefix": ' + inert.json(PREFIXES)
    for name, sources in SECTIONS.items():
        yield f',\n"{name}": {{'
        separator = "\n"
        for source in sources:
            for id_, facts in source(export):
                known = {key: value for key, value in facts.items() if value is not None}
                yield f"{separator}{inert.json(id_)}: {inert.json(known)}"
                separator = ",\n"
        yield "\n}"
    yield "\n}\n"


def name(namespace: str, local: str) -> str:
    """Return a qualified name. Whatever PROV-N would not read as it stands is percent-encoded, the percent sign too."""
    encoded = quote(local, safe=UNESCAPED, errors="replace")
    # A name may hold dots and hyphens, but neither begin with them nor end in a dot.
    if encoded.endswith("."):
        encoded = f"{encoded[:-1]}%2E"
    if encoded.startswith((".", "-")):
        encoded = f"%{ord(encoded[0]):02X}{encoded[1:]}"
    return f"{namespace}:{encoded}"


def _moment(namespace: str, id_: int, time: str) -> str:
    """Return the name of what happened once: its number alone would be another's in another database."""
    return name(namespace, f"{id_}-{time.replace('-', '').replace(':', '')}")


def _type(*names: str) -> list[dict[str, str]]:
    return [{"$": one, "type": "prov:QUALIFIED_NAME"} for one in names]


def _location(url: str) -> dict[str, str]:
    return {"$": url, "type": "xsd:anyURI"}


def _after(time: str, elapsed_ms: int) -> str:
    after = datetime.fromisoformat(time) + timedelta(milliseconds=elapsed_ms)
    return after.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pieces(export: Export) -> Records:
    for row in export.rows("pieces"):
        yield (
            name("piece", row["key"]),
            {
                "prov:type": _type(f"crawler:{row['kind'] or 'piece'}"),
                "prov:label": row["name"],
                "prov:location": _location(row["url"]),
                "crawler:site": row["site"],
                "crawler:byline": row["byline"],
                "crawler:published_at": row["published_at"],
                "crawler:language": row["language"],
                "crawler:state": row["state"],
            },
        )


def _links(export: Export) -> Records:
    for row in export.rows("links"):
        yield name("link", row["url"]), {"prov:type": _type("crawler:link"), "prov:location": _location(row["url"])}


def _references(export: Export) -> Records:
    """Yield what was cited without an address that could be followed."""
    for row in export.rows("lost"):
        label = row["text"] or row["label"]
        yield name("reference", str(row["id"])), {"prov:type": _type("crawler:reference"), "prov:label": label}


def _captures(export: Export) -> Records:
    for row in export.rows("captures"):
        yield (
            _moment("capture", row["id"], row["captured_at"]),
            {
                "prov:type": _type("crawler:capture"),
                "prov:location": _location(row["url"]),
                "crawler:media_type": row["media_type"],
                "crawler:length": row["length"],
                "crawler:content_sha256": row["content_sha256"],
                "crawler:captured_at": row["captured_at"],
            },
        )


def _mementos(export: Export) -> Records:
    seen = set()
    for row in export.rows("mementos"):
        id_ = name("memento", row["memento_url"])
        if id_ not in seen:
            seen.add(id_)
            location = _location(row["memento_url"])
            when = {"crawler:memento_datetime": row["memento_datetime"], "crawler:found_at": row["found_at"]}
            yield id_, {"prov:type": _type("crawler:memento"), "prov:location": location} | when


def _runs(export: Export) -> Records:
    for row in export.rows("runs"):
        yield (
            _moment("run", row["id"], row["started_at"]),
            {
                "prov:type": _type("crawler:run"),
                "prov:startTime": row["started_at"],
                "prov:endTime": row["finished_at"],
                "crawler:command": row["command"],
                "crawler:status": row["status"],
            },
        )


def _resolutions(export: Export) -> Records:
    for row in export.rows("resolutions"):
        facts = {f"crawler:{key}": row[key] for key in ("url", "outcome", "detail", "landing", "final_url", "furthest_url")}
        times = {"prov:startTime": row["started_at"], "prov:endTime": _after(row["started_at"], row["elapsed_ms"])}
        yield _moment("resolution", row["id"], row["started_at"]), {"prov:type": _type("crawler:resolution")} | times | facts


def _software(export: Export) -> Records:
    for version in sorted({row["crawler_version"] for row in export.rows("runs")}):
        label = f"link-provenance-crawler {version}"
        yield (
            name("software", version),
            {"prov:type": _type("prov:SoftwareAgent"), "prov:label": label, "crawler:version": version},
        )


def _publishers(export: Export) -> Records:
    seen = set()
    for row in export.rows("pieces"):
        if (agent := _publisher(row)) and agent[0] not in seen:
            seen.add(agent[0])
            yield agent


def _publisher(piece: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return whose a piece is: a tweet its account's, another its site's."""
    if piece["handle"]:
        handle = piece["handle"]
        return name("account", handle.lower()), {"prov:type": _type("crawler:account"), "prov:label": f"@{handle}"}
    if piece["site"] and piece["kind"] != "tweet":
        return name("site", piece["site"]), {"prov:type": _type("prov:Organization"), "prov:label": piece["site"]}
    return None


def _citations(export: Export) -> Records:
    for row in export.rows("citations"):
        if row["cited"]:
            cited = name("piece", row["cited"])
        else:
            cited = name("link", row["url"]) if row["url"] else name("reference", str(row["id"]))
        kinds = ["prov:Quotation"] if row["kind"] in QUOTATIONS else []
        told = ("label", "text", "url", "context", "confidence", "outcome", "matched_by", "match_score", "gone_run_id")
        yield (
            f"_:c{row['id']}",
            {
                "prov:generatedEntity": name("piece", row["quoting"]),
                "prov:usedEntity": cited,
                "prov:type": _type(*kinds, f"crawler:{row['kind']}"),
                "crawler:citing": _type(name("piece", row["citing"])),
            }
            | {f"crawler:{key}": row[key] for key in told},
        )


def _revisions(export: Export) -> Records:
    for row in export.rows("captures"):
        if row["before_id"] and row["before_sha256"] != row["content_sha256"]:
            yield (
                f"_:v{row['id']}",
                {
                    "prov:generatedEntity": _moment("capture", row["id"], row["captured_at"]),
                    "prov:usedEntity": _moment("capture", row["before_id"], row["before_captured_at"]),
                    "prov:type": _type("prov:Revision"),
                },
            )


def _aliases(export: Export) -> Records:
    for number, row in enumerate(export.rows("aliases")):
        yield f"_:l{number}", {"prov:alternate1": name("link", row["url"]), "prov:alternate2": name("piece", row["key"])}


def _copies(export: Export) -> Records:
    for number, row in enumerate(export.rows("mementos")):
        sides = {"prov:alternate1": name("memento", row["memento_url"]), "prov:alternate2": name("piece", row["key"])}
        yield f"_:m{number}", sides


def _specializations(export: Export) -> Records:
    for row in export.rows("captures"):
        capture, piece = _moment("capture", row["id"], row["captured_at"]), name("piece", row["key"])
        yield f"_:s{row['id']}", {"prov:specificEntity": capture, "prov:generalEntity": piece}


def _generations(export: Export) -> Records:
    for row in export.rows("captures"):
        if row["resolution_id"] is None:
            activity = _moment("run", row["run_id"], row["run_started_at"])
        else:
            activity = _moment("resolution", row["resolution_id"], row["resolution_started_at"])
        capture = _moment("capture", row["id"], row["captured_at"])
        # Without a time: a capture is written down when it is read, and by then its resolution may have ended.
        yield f"_:g{row['id']}", {"prov:entity": capture, "prov:activity": activity}


def _uses(export: Export) -> Records:
    for row in export.rows("hops"):
        yield (
            f"_:u{row['id']}",
            {
                "prov:activity": _moment("resolution", row["resolution_id"], row["started_at"]),
                "prov:entity": name("link", row["url"]),
                # A chain may pass where its run has been: then the answer is older than its use.
                "prov:time": row["fetched_at"] if row["fetched_at"] >= row["started_at"] else None,
                "crawler:fetched_at": row["fetched_at"],
                "crawler:position": row["position"],
                "crawler:status": row["status"],
                "crawler:via": row["via"],
                "crawler:location": row["location"],
            },
        )


def _starts(export: Export) -> Records:
    for row in export.rows("resolutions"):
        yield (
            f"_:b{row['id']}",
            {
                "prov:activity": _moment("resolution", row["id"], row["started_at"]),
                "prov:starter": _moment("run", row["run_id"], row["run_started_at"]),
                "prov:time": row["started_at"],
            },
        )


def _associations(export: Export) -> Records:
    for row in export.rows("runs"):
        activity, agent = _moment("run", row["id"], row["started_at"]), name("software", row["crawler_version"])
        yield f"_:a{row['id']}", {"prov:activity": activity, "prov:agent": agent}


def _attributions(export: Export) -> Records:
    for row in export.rows("pieces"):
        if agent := _publisher(row):
            yield f"_:p{row['id']}", {"prov:entity": name("piece", row["key"]), "prov:agent": agent[0]}


SECTIONS: dict[str, tuple[Callable[[Export], Records], ...]] = {
    "entity": (_pieces, _links, _references, _captures, _mementos),
    "activity": (_runs, _resolutions),
    "agent": (_software, _publishers),
    "wasDerivedFrom": (_citations, _revisions),
    "alternateOf": (_aliases, _copies),
    "specializationOf": (_specializations,),
    "wasGeneratedBy": (_generations,),
    "used": (_uses,),
    "wasStartedBy": (_starts,),
    "wasAssociatedWith": (_associations,),
    "wasAttributedTo": (_attributions,),
}
