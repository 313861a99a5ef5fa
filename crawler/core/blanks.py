"""White space, as readers see it: however much of it stands between two words, it is one blank."""

from __future__ import annotations


def folded(words: str) -> str:
    """Return words with single blanks between them, and none around them."""
    words = words.strip()
    # Of all white space only the blank counts as printable, and most texts hold single ones: worth a look, at half the cost.
    return words if words.isprintable() and "  " not in words else " ".join(words.split())
