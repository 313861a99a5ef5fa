"""The story of a page that brings it as data alone, for its scripts to draw: markup in a string of JSON, as Next.js leaves it."""

from __future__ import annotations

import json
import re

from selectolax.lexbor import LexborHTMLParser

# A string of JSON (RFC 8259 §7), or of a script that assigns one. An open quote takes all the rest: no quote in it, escaped as
# they all are, could be closed either, and each would cost a look at the rest.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_PARAGRAPH = re.compile(r"<p[\s>]", re.IGNORECASE)
_LEAST_STORY = 400  # characters of markup
_LEAST_PARAGRAPHS = 3
_LONGEST_SCRIPT = 4_000_000  # characters


def find_body(tree: LexborHTMLParser) -> str | None:
    """Return the longest string of markup in paragraphs that a page's scripts hold, or None."""
    bodies = []
    for node in tree.css("script"):
        script = node.text()
        if len(script) <= _LONGEST_SCRIPT and ("<p" in script or "\\u003cp" in script.lower()):
            bodies += [body for found in _STRING.finditer(script) if (body := _markup(found[0]))]
    return max(bodies, key=len, default=None)


def _markup(literal: str) -> str | None:
    if len(literal) < _LEAST_STORY:
        return None
    try:
        said = json.loads(literal, strict=False)
    except ValueError:
        return None
    paragraphs = _PARAGRAPH.findall(said)
    # Half of an escaped pair is no character: it cannot be written down.
    return said.encode("utf-8", "replace").decode() if len(paragraphs) >= _LEAST_PARAGRAPHS else None
