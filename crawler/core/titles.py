"""Titles: what two printings of one share, and where the story's own title ends and its site's name begins."""

from __future__ import annotations

import re
import unicodedata

# Quotes fall away, dashes become one: outlets reset both when they print another's title, or their own in a READ MORE.
_SAME = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b'`´\"\u201c\u201d\u201e\u201f«»‹›\u00ad\u200b\u200c\u200d\ufeff", "")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\ufffd": " "}
)
_SEPARATOR = re.compile(r"(?<!\s)\s++(?:[|\u2022\u00b7»\u2014\u2013]|::|-{1,2}|//?)\s++")


def fold(title: str) -> str:
    """Return what two printings of one title share: its words in one case, with single blanks, one sort of dash and no quotes."""
    folded = unicodedata.normalize("NFKC", title).translate(_SAME).casefold()
    # Folding case can undo the composition ("ǰ"): normalise again (Unicode, TR15 and D145).
    return " ".join(unicodedata.normalize("NFKC", folded).split()).strip(" .:;,|!…-")


def without_site(title: str, site_name: str | None) -> str:
    """Return title without the site's name that pages hang on it ("Story — RT World News", "Story | The Site").

    The part behind the last separator goes where it holds the site's name or, behind a bar, where it is short. What stays must
    still be a title, of two words at least.
    """
    cut = " ".join(title.split())
    for _ in range(3):  # "Story - World - The Site"
        separators = list(_SEPARATOR.finditer(cut))
        if not separators:
            return cut
        last, first = separators[-1], separators[0]
        head, tail = cut[: last.start()], cut[last.end() :]
        lead, rest = cut[: first.start()], cut[first.end() :]
        is_named = _names(tail, site_name) and " " in head
        if is_named or ("|" in last[0] and len(tail.split()) <= 4 and " " in head and len(head) > len(tail)):
            cut = head
        elif site_name and fold(lead) == fold(site_name) and " " in rest:
            cut = rest
        else:
            return cut
    return cut


def _names(tail: str, site_name: str | None) -> bool:
    if not site_name:
        return False
    said = fold(tail)
    words = [word for word in fold(site_name).replace(".", " ").split() if word not in ("the", "www")]
    # The first word is the name: "RT International" hangs itself on as "RT World News".
    return bool(words) and words[0] in said.replace(".", " ").split()
