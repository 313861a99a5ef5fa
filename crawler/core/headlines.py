"""Where a title ends that runs on into the next sentence, as READ MORE titles do in flattened articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from itertools import pairwise

_LONGEST_TITLE = 160
_LEAST_COMMON = 4  # letters
_MARKS = ".,;:!?…'\"“”„«»‘’()[]"
_WORD = re.compile(r"\S+")
_ABBREVIATED = re.compile(r"^(?:Dr|Mr|Mrs|Ms|St|Prof|Gen|Sen|Rep|Gov|Lt|Col|Sgt|No|Nr|vs|bzw|ca|Sr|Sra|Jr|Mme|[A-Z])\.$")
_SENTENCE_END = re.compile(r"[^\W\d_]{2}[.!?…][\"”’')\]]*$")
_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_WORD = 60
_NEARBY = 20_000  # characters
_JOINS_ON = re.compile(r"[,:;&/\u2010-\u2015\u2212-]$")

# Words that begin a sentence, and stand in lower case within a title printed in sentence case.
_STARTERS_ROW = """
    The A An In On At And But It He She They We I This That These Those There When While As After Before Since
    According However  Meanwhile For From With By If Although Also Now His Her Their Its Our You Last Earlier Later
    During Despite Under Some Many Most  Both Such So Yet Not What Who One Two Three Asked Speaking Writing Der Die
    Das Den Dem Ein Eine Einen Er Sie Es Wir Ich Im Am Bei Seit Nach Vor Mit Auf Für Aber Und Doch Auch So Wie Wenn
    Als  Während Laut Zuvor Zudem Dabei Damit Denn Dieser Diese Dieses Von Zum Zur Unter Über Le La Les Un Une Des Il
    Elle Ils Elles Dans Au Aux Selon Mais Et Pour Après Avant Ce Cette Ces Depuis Si Par Nous On El Los Las Una En
    Según Pero Y Para Tras Desde Este Esta Estos Al Con Por Se Su Sin O Os As Um Uma Em No Na Nos Nas Segundo Mas E De
    Do Da Ao Com Também Ele Ela Já Il Lo Gli Uno Nel Nella Secondo Ma Per Dopo Con Anche Questo Questa В На По Он Она
    Они Как И Но После Это Однако Также При С К За Для Из Ранее По-моему Мы Я Если Het De Een Hij Zij Maar Volgens Na
    Voor Met Ook W Na Po Jak Jednak Ale Według Od Do Nie To Z
    Beliau Menurut Sementara Namun Sebelumnya Selain Dalam Untuk Dari Pada Mereka Ia Ini Itu Ketika Bu Ancak Ayrıca Podle
    Sul Sulla Dal Dalla Alla Quando Intanto Ancora Così Malgré Leur Cela Він Вона Вони За Після Однак
"""
_STARTERS = frozenset(_STARTERS_ROW.split())
# Those of them that begin names as well, in titles of other languages too: "Los Angeles", "Le Pen", "Al Qaeda".
_IN_NAMES = frozenset(("Al", "Das", "De", "Der", "Des", "Die", "Do", "El", "Het", "Il", "La", "Las", "Le", "Les", "Lo", "Los"))
_VERBS_ROW = """
    a added adds also are argued claimed denied denies dijo disse erklärte es est foi fue ha had has hat hatte have is
    ist kann noted reported sagte said say says soll told tweeted war was were will wird would wrote è était был
    заявил сказал является
"""
_VERBS = frozenset(_VERBS_ROW.split())
_SMALL_WORDS_ROW = """
    a an and as at but by de for from in into is la nor of on or over the to vs vs. with
"""
_SMALL_WORDS = frozenset(_SMALL_WORDS_ROW.split())


def common_words(text: str) -> frozenset[str]:
    """Return the words that text writes in lower case, at least as often as with a capital within a sentence: no names."""
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for before, printed in pairwise(text.split()):
        word = printed.strip(_MARKS)
        if word.islower():
            small[word] += 1
        elif before[0].islower() and before[-1].isalpha():
            capital[word.lower()] += 1
    return frozenset(word for word, count in small.items() if len(word) >= _LEAST_COMMON and count >= capital[word])


def end_of_title(text: str, start: int, end: int, common: Container[str] = ()) -> tuple[int, bool]:
    """Return where the title that begins at start ends, at most end, and whether that is plain (else it is a guess).

    The end of a short line closes it, unless the next sentence has begun before. One of the common words begins a sentence where
    it has a capital.
    """
    words = list(_WORD.finditer(text, start, min(end, start + 2 * _LONGEST_TITLE)))
    for index in range(2, len(words)):
        word, before = words[index][0], words[index - 1][0]
        if index > 2 and _begins_sentence(text, words, index, word, before, common):
            return words[index - 1].end(), False
        if seam := _seam(text, words[index], common):
            return seam, False
    if end - start <= _LONGEST_TITLE:
        return end, True
    return (words[min(len(words), 18) - 1].end() if words else start), False


def _seam(text: str, found: re.Match[str], common: Container[str]) -> int | None:
    """Return where a title ends within a word, for the next sentence was laid flat close to it: "lawyerThe memo", "why?The"."""
    word = found[0][:_LONGEST_WORD]
    if word[-1:] in ("A", "I") and len(word) > 3 and word[:-1].islower() and word[:-1].isalpha() and _is_alone(text, found):
        return found.end() - 1  # "closedA storm"
    for at in range(3, len(word) - 1):
        if not (word[at].isupper() and word[at + 1].islower()):
            continue
        head, last, follower = word[:at].lstrip(_MARKS), word[at - 1], _LETTERS.match(word, at)
        next_word = follower[0] if follower else ""
        if last in ".!?…":
            is_end = bool(_SENTENCE_END.search(head)) and not _ABBREVIATED.match(head)
        elif last in '"”»)':
            is_end = len(head) > 2
        elif not ((last.islower() and head.isalpha() and len(head) > 2) or (last.isdecimal() and len(head) > 1)):
            is_end = False
        elif next_word in _STARTERS:
            is_end = len(next_word) > 2  # "LinkedIn"
        else:
            # A name may look so ("easyJet"), but is printed more than once.
            is_end = not head[0].isupper() and (next_word.lower() in common or _is_alone(text, found))
        if is_end:
            return found.start() + at
    return None


def _is_alone(text: str, found: re.Match[str]) -> bool:
    return text.count(found[0], max(0, found.start() - _NEARBY), found.end() + _NEARBY) == 1


def _stands_small(text: str, found: re.Match[str]) -> bool:
    """Whether a word stands in lower case nearby, as one of the text's own language does."""
    nearby = text[max(0, found.start() - _NEARBY) : found.end() + _NEARBY]
    return f" {found[0].lower()} " in nearby


def _begins_sentence(text: str, words: list[re.Match[str]], index: int, word: str, before: str, common: Container[str]) -> bool:
    if _SENTENCE_END.search(before) and not _ABBREVIATED.match(before):
        return True
    if _JOINS_ON.search(before) or before == "\ufffd":
        return False
    if word[0] in '"“„«':
        # A quotation that opens a sentence is long; a word in quotes belongs to the title.
        close = re.search(r"[\"”»]", text[words[index].start() + 1 : words[index].start() + 200])
        quoted = text[words[index].start() + 1 :][: close.start() if close else 200]
        return word[1:2].isupper() and len(quoted.split()) > 4
    if not word[0].isupper():
        return False
    follower = words[index + 1][0] if index + 1 < len(words) else ""
    if capitals := _capitals_of_title_case(words[:index]):
        # Within such a title none but small words stand in lower case: another one belongs to a sentence, begun just before.
        goes_on_lower = follower[:1].islower() and follower not in _SMALL_WORDS
        return goes_on_lower and (word in _STARTERS or (capitals > 3 and len(follower) > 3 and follower.isalpha()))
    if word in _STARTERS and not (word in _IN_NAMES and follower[:1].isupper() and not _stands_small(text, words[index])):
        return True
    if before.endswith(")") and before.strip("()").isupper():
        return True  # "(VIDEO)"
    if before[0].islower() and word[1:].islower() and word.lower() in common:
        return True
    return follower in _VERBS and before[0].islower()


def _capitals_of_title_case(words: list[re.Match[str]]) -> int:
    """Return the number of capitals where only small words stand in lower case, as in English Titles, else 0.

    German has many capitals too, but also "mit".
    """
    lower = [word[0] for word in words[1:] if word[0][0].islower()]
    capitals = sum(word[0][0].isupper() for word in words[1:])
    return capitals if capitals > 1 and all(word in _SMALL_WORDS for word in lower) else 0
