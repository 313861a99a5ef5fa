"""The marks that outlets set before a reference to another story: READ MORE, Lesen Sie auch, A lire aussi. Data, by language."""

from __future__ import annotations

import re
from dataclasses import dataclass

# An invitation to read: what follows it is a reference, be it one title or a list of them.
INVITATIONS = {
    "en": (
        "read more", "read also", "also read", "read next", "read this next", "see also", "see more", "also see",
        "now watch", "watch more", "read more about this", "read the full story", "more on this",
        "more on this story", "recommended reading", "further reading", "related reading", "must read", "don't miss",
        "dont miss", "you may also like", "you might also like", "you may like", "up next", "read our full story",
        "read it here", "learn more", "related story", "related article", "in case you missed it", "keep reading", "go deeper",
        "read on", "see the full story", "read the rest",
    ),
    "de": (
        "lesen sie auch", "lesen sie mehr", "lesen sie hier", "lesen sie dazu", "lesen sie auch dazu",
        "mehr zum thema", "mehr dazu", "mehr lesen", "weiterlesen", "lesetipp", "passend dazu", "auch interessant",
        "auch lesen", "lies auch", "lest auch", "mehr hierzu", "siehe auch", "lesen sie weiter", "zum thema",
        "hier mehr lesen", "mehr über", "dazu passend", "lesen sie außerdem", "lesen sie zudem", "mehr zu diesem thema",
        "das könnte sie auch interessieren", "lesen sie dazu auch",
    ),
    "fr": (
        "lire aussi", "a lire aussi", "à lire aussi", "à lire également", "lire également", "a lire également",
        "voir aussi", "à voir aussi", "lire plus", "en savoir plus", "sur le même sujet", "à lire", "a lire",
        "lire la suite", "lisez aussi", "pour aller plus loin", "lire encore", "à voir également", "aussi à lire",
    ),
    "es": (
        "lea también", "lea tambien", "leer también", "lea más", "leer más", "leé también", "lee también",
        "le puede interesar", "te puede interesar", "puede interesarle", "también puede leer", "también puedes leer",
        "también te puede interesar", "le puede interesar leer", "nota relacionada", "noticia relacionada",
        "lea aquí", "lea además", "vea también", "ver también", "mire también", "además lea", "leer además",
        "lee más", "le recomendamos", "te recomendamos", "más información", "puedes leer", "mira también",
        "le sugerimos leer", "le sugerimos", "vea además", "puede leer", "podría interesarle", "quizás te interese", "lee además",
        "mira además", "sigue leyendo", "te podría interesar", "le podría interesar", "leer más sobre",
    ),
    "pt": (
        "leia mais", "leia também", "leia tambem", "saiba mais", "veja também", "veja mais", "leia ainda",
        "confira também", "ler mais", "leia tb", "veja ainda", "entenda", "relacionado",
    ),
    "it": (
        "leggi anche", "leggi di più", "leggi pure", "per approfondire", "vedi anche", "ti potrebbe interessare",
        "da leggere", "leggi qui", "potrebbe interessarti", "potrebbe interessarti anche", "approfondisci", "guarda anche",
    ),
    "nl": ("lees ook", "lees meer", "lees verder", "zie ook", "bekijk ook"),
    "no": ("les også", "les mer", "se også"),
    "da": ("læs også", "læs mere", "se også"),
    "sv": ("läs också", "läs även", "läs mer", "se även", "se också"),
    "fi": ("lue myös", "lue lisää", "katso myös"),
    "pl": (
        "czytaj także", "czytaj też", "przeczytaj także", "przeczytaj też", "polecany artykuł", "zobacz także",
        "zobacz też", "czytaj więcej", "czytaj również", "sprawdź też", "sprawdź także", "warto przeczytać",
        "zobacz również", "przeczytaj również", "polecamy",
    ),
    "cs": (
        "čtěte také", "čtěte více", "přečtěte si také", "čtěte dále", "související článek", "mohlo by vás zajímat",
        "číst dále",
    ),
    "sk": ("čítajte aj", "prečítajte si aj", "čítajte viac", "mohlo by vás zaujať"),
    "hu": ("olvassa el", "olvasta már", "ezt is olvassa el", "kapcsolódó cikk", "ajánlott cikk"),
    "ro": ("citește și", "citeste si", "citește mai mult", "vezi și", "citiți și"),
    "tr": (
        "ayrıca okuyun", "bunu da oku", "bunu da okuyun",
        "daha fazla oku", "devamını oku", "ilgili haber", "ayrıca bakınız",
    ),
    "el": (
        "διαβάστε επίσης", "διαβάστε ακόμα", "διαβάστε ακόμη", "διαβάστε περισσότερα", "διαβάστε και",
        "δείτε επίσης", "δείτε ακόμα",
    ),
    "ru": (
        "читайте также", "читать также", "читайте ещё", "читайте еще", "подробнее", "читать далее", "смотрите также",
        "по теме", "ещё по теме", "еще по теме", "материал по теме", "см. также",
    ),
    "uk": ("читайте також", "читати також", "дивіться також", "читайте ще", "читайте також про"),
    "bg": ("прочетете още", "вижте още", "още по темата"),
    "sr": ("pročitajte još", "pročitajte i", "прочитајте још", "pročitaj još"),
    "hr": ("pročitajte više", "pročitajte i"),
    "ja": (
        "関連記事", "あわせて読みたい", "併せて読みたい", "合わせて読みたい", "続きを読む", "こちらもおすすめ", "【関連記事】",
        "もっと読む",
    ),
    "zh": (
        "延伸閱讀", "延伸阅读", "相关阅读", "相關閱讀", "相關新聞", "相关新闻",
        "更多閱讀", "更多阅读", "推薦閱讀", "推荐阅读",
    ),
    "ko": ("관련기사", "관련 기사", "더 읽기", "함께 읽기"),
    "id": ("baca juga", "baca pula", "baca selengkapnya", "lihat juga", "simak juga", "baca lagi"),
    "ms": ("baca lagi", "baca juga"),
    "vi": ("xem thêm", "đọc thêm"),
    "th": ("อ่านเพิ่มเติม", "อ่านต่อ"),
    "ar": ("اقرأ أيضا", "اقرأ أيضًا", "إقرأ أيضا", "اقرأ أيضاً", "إقرأ أيضاً", "اقرأ ايضا", "اقرأ المزيد", "شاهد أيضا", "طالع أيضا"),
    "he": ("קראו גם", "קרא עוד", "ראו גם"),
    "fa": ("بیشتر بخوانید", "مطالب مرتبط"),
    "hi": ("यह भी पढ़ें", "ये भी पढ़ें"),
}  # fmt: skip

# A heading of boxes as often as a mark: a reference only where one title stands with it ("RELATED: title"), never above a list.
HEADINGS = {
    "en": (
        "related", "trending", "watch", "more", "full story", "background", "opinion", "explainer", "analysis", "exclusive",
        "related video",
    ),
    "de": ("mehr", "hintergrund", "video", "interview"),
    "fr": ("lire", "notre dossier", "voir"),
    "es": ("relacionado", "relacionada", "lea", "vea", "más"),
    "pl": ("powiązane", "więcej"),
    "ru": ("ранее",),
}  # fmt: skip

# Headings of boxes that a page hangs on any story: a reference only where the title stands on the same line.
BOXES = {
    "en": (
        "related stories", "related articles", "related posts", "related coverage", "related news", "related topics",
        "recommended",
        "recommended stories", "trending stories", "editor's pick", "editors' picks",
        "more from us", "more stories", "top stories",
    ),
    "de": ("verwandte artikel", "ähnliche artikel", "meistgelesen"),
    "fr": ("articles liés", "les plus lus"),
    "es": ("relacionados", "noticias relacionadas", "lo más leído"),
    "pl": ("najczęściej czytane",),
    "ru": ("материалы по теме", "самое читаемое"),
}  # fmt: skip

# "Lire le reportage : title", "Lire aussi notre entretien : title"
_LIRE = re.compile(r"(?:lire|lisez|voir)(?: aussi)? (?:(?:l[ea]s?|nos|notre) |l['\u2019])\w+", re.IGNORECASE)
_ALSO_ON = re.compile(r"also on [\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_BEHIND = re.compile(r"\s?[:：»>›|\u2013\u2014\ufffd-]+\s*")
_INVITATIONS = {phrase: True for phrases in INVITATIONS.values() for phrase in phrases}
_HEADINGS = {phrase: False for phrases in HEADINGS.values() for phrase in phrases}
_BOXES = {phrase: False for phrases in BOXES.values() for phrase in phrases}
_PHRASES = _BOXES | _HEADINGS | _INVITATIONS
_LONGEST = max(map(len, _PHRASES))


def _by_beginning() -> dict[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for phrase in sorted(_PHRASES, key=len, reverse=True):
        table.setdefault(phrase[:2], []).append(phrase)
    return {beginning: tuple(phrases) for beginning, phrases in table.items()}


_BY_BEGINNING = _by_beginning()
_BEGINNINGS = _BY_BEGINNING.keys() | {"al"}  # of "also on"


def _by_last_letters() -> dict[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for phrase in sorted(_PHRASES, key=len, reverse=True):
        table.setdefault(phrase[-2:], []).append(phrase)
    return {ending: tuple(phrases) for ending, phrases in table.items()}


_BY_ENDING = _by_last_letters()
_LEAD = " ([{【►▶»→•*-\u2013\u2014\u200b"
_PARTED = " \u00a0:：»>›|\u2013\u2014\ufffd-"


_PARTING = re.compile("[:：»>›|\u2013\u2014\ufffd-]")
_LINE = re.compile(r"[^\n]+")
_SHOUTED = ("related", "trending", "watch", "more", "full story")


@dataclass(frozen=True, slots=True)
class Label:
    """A mark as printed, and where the reference begins behind it."""

    text: str
    start: int
    end: int  # behind the mark and what parts it from the title
    is_invitation: bool  # may head a list
    heads_boxes: bool  # heads boxes of stories that the page hangs on any of its stories
    is_marked: bool  # a colon, a dash, an arrow parts it from what follows


def read_label(text: str, start: int, end: int) -> Label | None:
    """Return the mark that text[start:end] begins with, or None."""
    head = text[start : min(end, start + _LONGEST + 8)]
    said = head.lstrip(_LEAD)
    lowered = _lowered(said)
    if lowered[:2] not in _BEGINNINGS:
        return None
    lead = len(head) - len(said)
    if (
        lowered[:4] in ("lire", "lise", "voir")
        and (found := _LIRE.match(text, start + lead, end))
        and _BEHIND.match(text, found.end(), end)
    ):
        return _label(text, start + lead, found.end(), end, is_invitation=True)
    for phrase in _BY_BEGINNING.get(lowered[:2], ()):
        if lowered.startswith(phrase):
            return _label(text, start + lead, start + lead + len(phrase), end, is_invitation=_PHRASES[phrase])
    if lowered.startswith("also on ") and (found := _ALSO_ON.match(text, start + lead, end)):
        return _label(text, start + lead, found.end(), end, is_invitation=True)
    return None


def _lowered(text: str) -> str:
    # The Turkish capital İ would become two characters.
    return text.replace("\u0130", "i").lower().replace("\u2019", "'")


def _label(text: str, start: int, stop: int, end: int, *, is_invitation: bool) -> Label | None:
    behind = _BEHIND.match(text, stop, end)
    if not behind and stop < end and text[stop].isalnum() and text[stop - 1].isascii():
        return None  # "See alsoran"
    return Label(
        text=text[start:stop],
        start=start,
        end=behind.end() if behind else stop,
        is_invitation=is_invitation,
        heads_boxes=text[start:stop].lower() in _BOXES,
        is_marked=bool(behind),
    )


def read_label_before(text: str, start: int, end: int) -> Label | None:
    """Return the mark that text[start:end] ends with, a colon or its like behind it, or None."""
    window = text[max(start, end - _LONGEST - 8) : end]
    said = window.rstrip(_PARTED)
    if len(said) == len(window.rstrip()):
        return None  # nothing parts it from what follows: "you can read more" runs on
    lowered = _lowered(said)
    if len(lowered) != len(said):
        return None
    for phrase in _BY_ENDING.get(lowered[-2:], ()):
        if lowered.endswith(phrase):
            begin = end - len(window) + len(said) - len(phrase)
            if _begins(text, begin):
                return Label(
                    text=text[begin : begin + len(phrase)],
                    start=begin,
                    end=end,
                    is_invitation=_PHRASES[phrase],
                    heads_boxes=phrase in _BOXES,
                    is_marked=True,
                )
    return None


def find_labels(text: str) -> list[Label]:
    """Return the marks within text that a colon or a dash parts from a title, in order, wherever on their lines they stand.

    A mark begins with a capital, or behind a bracket: "you can read more: here" is a sentence. A heading that is a common word
    too must stand in capitals or begin a bracket. An invitation that begins a line needs nothing to part it from what follows.
    """
    found: dict[int, Label] = {}
    for parting in _PARTING.finditer(text):
        label = read_label_before(text, max(0, parting.start() - _LONGEST - 8), parting.end())
        if label and (label.is_invitation or (_stands_out(text, label) and label.text.lower() in _SHOUTED)):
            found[label.start] = label
    for line in _LINE.finditer(text):
        label = read_label(text, line.start(), line.end())
        if label and label.is_invitation and not text[label.start].islower():
            found.setdefault(label.start, label)
    return [found[start] for start in sorted(found)]


def _stands_out(text: str, label: Label) -> bool:
    return label.text.isupper() or (text[label.start - 1 : label.start] in ("(", "[") and label.text[0].isupper())


def _begins(text: str, position: int) -> bool:
    letter, before = text[position], text[position - 1] if position else "\n"
    if before.isalnum():
        # Two elements of a page laid flat may stand close: "AbonnésLire aussi : title".
        return before.islower() and letter.isupper()
    return before in "\n([{" or not letter.islower()
