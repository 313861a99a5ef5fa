"""The form of a cassette: vcrpy's YAML (version 1), one file a host, each exchange one item of its list.

Bodies are as they came over the wire (content codings kept), as text where they are UTF-8, else as base64. Secrets are left
out (web.redaction).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import ada_url
import yaml

from crawler.errors import CassetteError
from crawler.web.recording import Recording, text_of
from crawler.web.redaction import COOKIE_HEADER, redacted, without_secrets

try:
    from yaml import CSafeDumper as _Dumper
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML without libyaml: slower, and the same
    from yaml import SafeDumper as _Dumper  # type: ignore[assignment]
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

HEAD = b"version: 1\ninteractions:\n"

_ITEM = re.compile(rb"^-", re.MULTILINE)  # all else in the list stands further in


class _Loader(_SafeLoader):
    """A safe loader that also knows the two harmless tags of older cassettes."""


def _as_written(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    return loader.construct_scalar(node)


def _as_list(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> object:
    return loader.construct_sequence(node)


# "2016-10-25" is a text here, whatever YAML 1.1 thinks of it.
for _tag in ("python/unicode", "python/str", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _as_written)
_Loader.add_constructor("tag:yaml.org,2002:python/tuple", _as_list)


def file_name(url: str) -> str:
    """Return the name of the file that url's host is recorded in: "example.org.yaml", "127.0.0.1_8080.yaml"."""
    parts = ada_url.URL(url)
    name = parts.host.replace(":", "_") or "_"
    if len(name) > 200:  # longer than many file systems take
        name = f"{name[:180]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"{name}.yaml"


def dump(recording: Recording, recorded_at: datetime) -> bytes:
    """Return recording as one more item for a cassette's list."""
    headers: dict[str, list[str]] = {}
    for name, value in without_secrets(recording.headers, recorded_at):
        headers.setdefault(name, []).append(value)
    body: str | bytes = recording.body
    with suppress(UnicodeDecodeError):
        body = recording.body.decode()
    item = {
        "request": {
            "method": recording.method,
            "uri": redacted(recording.url),
            "body": None,
            "headers": {COOKIE_HEADER: [recording.cookie]} if recording.cookie else {},
        },
        "response": {
            "status": {"code": recording.status, "message": recording.reason},
            "headers": headers,
            "body": {"string": body},
        },
        # Last, so that an item torn anywhere lacks it.
        "recorded_at": recorded_at.isoformat(timespec="seconds"),
    }
    written = yaml.dump([item], Dumper=_Dumper, sort_keys=False, allow_unicode=True, encoding="utf-8", width=120)
    assert isinstance(written, bytes)  # noqa: S101 - as encoding asks
    return written


def load(path: Path) -> list[Recording]:
    """Return the recordings of a cassette in their order, without a last one that is torn; none where there is no file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CassetteError(f"can't read the cassette {path}: {error.strerror}") from error
    items, _ = _whole(content, path)
    return [_recording(item, path) for item in items]


def mend(path: Path) -> None:
    """Cut a torn last item off the cassette at path, if there is one, so that more can be appended."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    _, length = _whole(content, path)
    if length < len(content):
        os.truncate(path, length)
    elif not content.endswith(b"\n"):
        with path.open("ab") as tape:
            tape.write(b"\n")


def _whole(content: bytes, path: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the items of a cassette and its length, both without a last item that is torn."""
    if not content or HEAD.startswith(content):
        return [], 0
    try:
        items = _items(content, path)
        if not items or _is_whole(items[-1], items[0]):
            return items, len(content)
    except (yaml.YAMLError, ValueError) as error:
        if _is_forbidden(error):
            raise CassetteError(f"{path} holds what no cassette needs, and is not read: {error}") from error
        fault = error
    else:
        fault = ValueError("its last item is not whole")
    starts = [match.start() for match in _ITEM.finditer(content)]
    if starts:
        try:
            items = _items(content[: starts[-1]], path)
        except (yaml.YAMLError, ValueError):
            pass
        else:
            if not items or _is_whole(items[-1], items[0]):
                return items, starts[-1]
    raise CassetteError(f"{path} is no cassette: {fault}; mend it by hand, or record it again")


def _is_forbidden(error: Exception) -> bool:
    return isinstance(error, yaml.constructor.ConstructorError) and ":python/" in str(error)


def _items(content: bytes, path: Path) -> list[dict[str, Any]]:
    try:
        document = yaml.load(content, Loader=_Loader)  # noqa: S506 - a safe loader
    except RecursionError as error:
        raise CassetteError(f"{path} is nested too deep for a cassette") from error
    items = document.get("interactions", ()) if isinstance(document, dict) else None
    if items is None and isinstance(document, dict):
        items = []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("it has no list of interactions")
    return items


def _is_whole(item: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
    response = item.get("response")
    return (
        isinstance(item.get("request"), dict)
        and isinstance(response, dict)
        and ("body" in response or "content" in response)
        and bool(item.get("recorded_at") or not first.get("recorded_at"))
    )


def _recording(item: Mapping[str, Any], path: Path) -> Recording:
    try:
        request, response = item["request"], item["response"]
        if "status_code" in response:  # as vcrpy wrote for httpx before version 6: bodies decoded
            return Recording(
                str(request["method"]),
                str(request["uri"]),
                int(response["status_code"]),
                "",
                tuple((name, value) for name, value in _headers(response["headers"]) if name.lower() != "content-encoding"),
                _bytes(response["content"]),
            )
        status = response["status"]
        return Recording(
            str(request["method"]),
            str(request["uri"]),
            int(status["code"]),
            str(status.get("message") or ""),
            tuple(_headers(response.get("headers") or {})),
            _bytes((response.get("body") or {}).get("string")),
            next((value for name, value in _headers(request.get("headers") or {}) if name == COOKIE_HEADER), ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CassetteError(
            f"{path} holds an exchange that can't be read: {error!r}; mend it by hand, or record it again"
        ) from error


def _headers(headers: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, values in headers.items():
        for value in values if isinstance(values, list | tuple) else [values]:
            yield str(name), text_of(str(name).encode("utf-8", "replace"), value) if isinstance(value, bytes) else str(value)


def _bytes(body: object) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8", "surrogateescape")
    raise ValueError("a body that is neither text nor base64")
