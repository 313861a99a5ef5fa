"""The links of a story's own text: those in its prose, not the ones that ask to be followed, credited or subscribed to."""

from __future__ import annotations

import re
from bisect import bisect_left

from crawler.core import urls
from crawler.core.citations import Placed, cite, cite_short_link, context
from crawler.core.html.markup import Element, Markup
from crawler.core.html.naming import HEADINGS
from crawler.core.html.story import Line, Story
from crawler.core.model import CitationKind
from crawler.core.shortlinks import find_short_links

_NO_PAGE = ("mailto:", "javascript:", "tel:", "data:", "sms:", "whatsapp:", "about:", "blob:")
# A site's own statement on what it does with its readers' data: every box that asks for leave before an embed links to it.
_OWN_POLICY = re.compile(
    r"/(?:[\w-]+/){0,2}(?:privacy|cookies?|datenschutz|privacidade?|confidentialite|personvern|integritet|prywatnosc|gizlilik)"
    r"(?:[-_]?(?:policy|notice|statement|hinweise?|erklaerung|politik))?(?:\.\w+)?/?(?:[?#].*)?",
    re.IGNORECASE,
)
# A line that asks readers to follow or to subscribe, and one that credits a picture, are none of the story.
_SOLICITS = re.compile(
    r"\b(?:follow|contact|subscribe|sign up|newsletter|s[ií]gu\w*|seguir\w*|suscr\w+|suivez|"
    r"abonn\w*|download|install|descarg\w+|baix\w+|télécharg\w+|scarica|pobierz|get (?:the|our) (?:\w+ ){0,3}app|"
    r"folg(?:en|t|e)|seguici|śledź|obserwuj|подпис\w+|takip|volg|følg|följ)\b",
    re.IGNORECASE,
)
_CREDITS = re.compile(
    r"\s*\(?(?:images?|photos?|photo credits?|image credits?|picture|credits?|bilde?r?|fotos?|"
    r"imagen(?:es)?|zdjęci[ae]|фото)\s*[:：/]",
    re.IGNORECASE,
)
# A line that names where the story has it from: the shortest of citations, and none the worse for it.
_SOURCES = re.compile(
    r"\s*\(?(?:sources?|via|h/t|hat tip|quellen?|fuentes?|fontes?|źródł[oa]|zdroj|källa|kilde|lähde|forrás|kaynak|πηγή|источник|"
    r"джерело|出典|来源|來源|参考)\s*(?:[:：]|(?=\s))",
    re.IGNORECASE,
)
# A heading above the list of what a story draws on.
_SOURCES_HEADING = re.compile(
    r"(?:(?:the |more )?sources?|references|notes and sources|sources and references|quellen(?:angaben|verzeichnis)?|"
    r"einzelnachweise|(?:les )?sources|références|(?:las )?fuentes|referencias|(?:as )?fontes|referências|(?:le )?fonti|"
    r"riferimenti|bronnen|źródł[oa]|zdroje|källor|kilder|lähteet|források|surse|kaynaklar|πηγές|источники|джерела|източници|"
    r"izvori|出典|参考文献|参考资料|參考資料|资料来源|資料來源|출처|참고문헌|nguồn|sumber|المصادر|المراجع|מקורות|منابع)\s*[:：]?",
    re.IGNORECASE,
)
# Ghost's bookmarks, and Medium's embeds of a page.
_CARD = re.compile(r"(?:^|\s)(?:kg-bookmark-container|markup--mixtapeEmbed-anchor)(?=\s|$)")
_LONGEST_HEADING = 30  # characters
_MOST_SOURCES = 200
_STOPS = tuple(".!?…:。！？：")
_BACK = " \n\u21a9\ufe0e\ufe0f^"  # what leads from a footnote back to where it is called
_DASHES = ("\u2014", "\u2013", "\u2015", "-")
_PROFILE = re.compile(
    r"^(?:https?:)?//(?:[\w-]+\.)*(?:twitter|x|facebook|instagram|youtube|linkedin|t|telegram|threads|tiktok|pinterest|bsky|whatsapp)\."
    r"(?:com|me|net|app)(?:/(?:#!/|user/|channel/|in/|company/|profile/|groups/)?@?[\w.-]*)?/?(?:\?[^/]*)?$",
    re.IGNORECASE,
)
_SUBSCRIPTION = (
    "newsletter", "subscri", "signup", "sign-up", "news.google.", "apps.apple.com", "itunes.apple.com", "play.google.com",
    "/apps", "/download",
)  # fmt: skip


def find_links(page: Markup, story: Story, base: str | None, taken: frozenset[int]) -> list[Placed]:
    """Return the links in the prose of a story, in document order; taken are the anchors, by index, that are another reader's."""
    placed = []
    sources, quoted = _sources(page, story), _quoted_pages(page)
    for anchor in page.anchors:
        if anchor.index in taken or anchor.end == anchor.start or not story.has(anchor.start):
            continue
        href = anchor.attributes.get("href")
        if not href or not (address := href.strip()) or address[0] == "#" or address[:11].lower().startswith(_NO_PAGE):
            continue
        index = story.line_at(anchor.start)
        words = page.said(anchor)
        if index is None or not words:
            continue
        line = story.lines[index]
        if anchor.index in quoted or _CARD.search(anchor.get("class")):
            words = words if line.end >= anchor.end else page.text[anchor.start : line.end].strip()  # its title
        elif (
            index not in sources and not _is_in_prose(page, story, line, anchor) and not _heads_a_part(story, index, anchor, base)
        ):
            continue
        if "#" in address and not any(letter.isalpha() for letter in words):
            continue  # a footnote's mark
        if address[0] == "/" and _OWN_POLICY.fullmatch(address):
            continue
        around = context(page.text, anchor.start, anchor.end)
        link = cite(CitationKind.LINK, href=href, url=urls.parse(href, base), text=words, confidence=0.9, context=around)
        placed.append(Placed(anchor.start, (link,)))
    return placed


def _sources(page: Markup, story: Story) -> set[int]:
    """Return the lines, by their indices, of the lists of sources in a story: each has a link, up to the first that has none."""
    found: set[int] = set()
    left = 0
    for index in range(bisect_left(story.starts, story.start), bisect_left(story.starts, story.end)):
        line = story.lines[index]
        length = line.end - line.start
        if line.plain == length:
            is_heading = length <= _LONGEST_HEADING and _SOURCES_HEADING.fullmatch(page.text[line.start : line.end].strip())
            left = _MOST_SOURCES if is_heading else 0
        elif left:
            found.add(index)
            left -= 1
    return found


def find_loose_links(page: Markup, story: Story, placed: list[Placed]) -> list[Placed]:
    """Return the short links that stand in the story's text outside all embeds: a tweet whose frame and author got lost."""
    seen = {said for item in placed for citation in item.citations for said in (citation.href, citation.text)}
    loose = []
    for link in find_short_links(page.text, story.start, story.end):
        printed = page.text[link.start : link.end]
        if printed not in seen and story.has(link.start):
            seen.add(printed)
            loose.append(Placed(link.start, (cite_short_link(page.text, link),)))
    return loose


def _is_in_prose(page: Markup, story: Story, line: Line, anchor: Element) -> bool:
    if not line.is_prose and not (line.end - line.start < 200 and _SOURCES.match(page.text, line.start, line.end)):
        is_short_sentence = line.plain >= 20 and 3 * line.plain >= line.end - line.start and anchor.end <= line.end
        if not is_short_sentence and not _closes_behind(page.text, line, anchor) and not _names_who_is_quoted(page, line, anchor):
            return False
        if not story.prose[0] <= line.start < story.prose[1] and _is_to_follow(anchor.get("href")):
            return False  # above or below all prose an account's page is its author's
    if _CREDITS.match(page.text, line.start, line.end):
        return False
    is_short = line.end - line.start < 400
    return not (is_short and _is_to_follow(anchor.get("href")) and _SOLICITS.search(page.text, line.start, line.end))


def _closes_behind(text: str, line: Line, anchor: Element) -> bool:
    """Whether a line is a sentence, however short, round a link: words stand before the link, and a full stop behind it."""
    is_inside = line.start + 3 <= anchor.start and anchor.end < line.end
    said = text[line.start : line.end].rstrip(_BACK)
    return is_inside and line.plain >= 4 and said[-1:] in _STOPS


def _quoted_pages(page: Markup) -> set[int]:
    """Return the anchors, by their indices, by which WordPress embeds a page: quoted, until its frame is loaded."""
    quotes = [quote for quote in page.embeds if quote.tag == "blockquote" and "wp-embedded-content" in quote.get("class")]
    return {anchor.index for quote in quotes for anchor in page.within(page.anchors, quote)}


def _heads_a_part(story: Story, index: int, anchor: Element, base: str | None) -> bool:
    """Whether a link to another site heads a part of the story: a heading in its midst, with prose below it."""
    line = story.lines[index]
    if anchor.box not in HEADINGS or anchor.end > line.end or not story.prose[0] <= line.start < story.prose[1]:
        return False
    if base is None or index + 1 == len(story.lines) or not story.lines[index + 1].is_prose:
        return False
    url = urls.parse(anchor.get("href"), base)
    return url is not None and urls.is_web(url) and urls.site(url) != urls.site(base)


def _names_who_is_quoted(page: Markup, line: Line, anchor: Element) -> bool:
    """Whether a line is the source of a quotation: a dash begins it, and no paragraph of the quotation's is round it."""
    said = page.text[line.start : line.end].lstrip()
    return anchor.box == "blockquote" and said.startswith(_DASHES) and anchor.start > line.start + 3


def _is_to_follow(href: str) -> bool:
    if _PROFILE.match(href):
        return True
    lowered = href.lower()
    for word in _SUBSCRIPTION:  # noqa: SIM110 - asked of every link, and a loop takes a third of the time that any() does
        if word in lowered:
            return True
    return False
