"""What came out of a chain that arrived: the piece itself, or what a site shows in its place.

A dead story is seldom a 404: its site sends the reader home, to a page that says "not found" with status 200, to a login, a
consent or a subscription. The chain and the page's own title tell them apart; the text of a page tells nothing ("has been
removed" stands in many a story). What was cited as such is the piece, be it a home page or a login: only being sent there counts.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from crawler.core import charsets, sniffing, urls
from crawler.core.following import soft404, tags
from crawler.core.model import Exchange, Hop, Landing, Outcome, Resolution, Url


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a site sends readers whom it doesn't show the piece, by what its host or path is called."""

    landing: Landing
    hosts: frozenset[str]  # the first label of a host name
    segments: frozenset[str]  # the first or the last segment of a path, folded as _segments does it
    before: frozenset[str] | None = None  # what may stand before the last segment; None: anything


RULES = (
    Rule(
        Landing.CONSENT,
        _words("consent guce cmp cookiewall privacywall gdpr"),
        _words("consent collectconsent cookieconsent cookiewall privacywall privacyconsent gdprconsent gdpr cookiesconsent"),
    ),
    Rule(
        Landing.LOGIN,
        _words("login signin accounts sso auth idp passport"),
        _words(
            "login signin logon sso authwall servicelogin wplogin userlogin loginform loginpage checkpoint unauthorized "
            "anmelden einloggen connexion identification iniciarsesion acceder entrar accedi inloggen logga logginn zaloguj "
            "prihlaseni vhod giris"
        ),
    ),
    Rule(
        Landing.PAYWALL,
        _words("subscribe subscription subscriptions subs abo abonnement paywall"),
        _words(
            "subscribe subscription subscriptions subscriber paywall metered barrier premiumwall abo abos abonnement abonnements "
            "abonnieren abonnezvous sabonner suscripcion suscripciones suscribete suscribirse assinatura assine assinar abbonati "
            "abbonamenti abonneren prenumerera abonner prenumerata subskrypcja podpiska"
        ),
    ),
    Rule(
        Landing.SOFT_404,
        _words("404"),
        _words(
            "404 error404 404error error errors errorpage notfound pagenotfound 404notfound notfound404 articlenotfound "
            "filenotfound contentnotfound nichtgefunden introuvable noencontrada naoencontrada"
        ),
        before=_words("page pages static common system public site html http status content"),  # /opinion/error is a story
    ),
)

# Query parameters that carry the address to come back to.
RETURN = _words(
    "continue next return returnto returnurl returnuri redirect redirecturl redirecturi redirectto goto dest destination target "
    "url uri from back backurl ref service rurl successurl origurl originalurl cburl urlback"
)

HOMES = _words("index default home main start frontpage homepage accueil inicio startseite etusivu forside hjem")

_LONGEST_TITLE = 600  # bytes of one that are looked at
_TITLE = re.compile(rb"<title(?:\s[^>]*+)?+>([^<]{1,%d})" % _LONGEST_TITLE, re.IGNORECASE)
_HIDING = re.compile(rb"<(?:!--|script|style|svg|template|noscript|textarea)", re.IGNORECASE)
_HEAD = 131_072  # bytes that a title is looked for in
_PUBLISHED = b"article:published_time"
_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|jspx?|cfm|do|action|cms)$")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?")
_MARKS = re.compile(r"[-_+\s.]")
_DAY = re.compile(r"/(?:19|20)\d\d[/-](?:0?[1-9]|1[0-2]|[a-z]{3})(?:[/-]|$)")
_IDENTIFIES = re.compile(r"(?:^|[?&])(?:p|id|page_id|article|articleid|story|storyid|news_?id|n|a|v|aid|nid|sid|item)=[^&]*\d")


def of_chain(hops: Sequence[Hop]) -> Landing | None:
    """Return what the last of hops is by where it stands and what was asked for; None for the piece, as far as that tells."""
    if len(hops) < 2:  # nobody was sent anywhere
        return None
    end = hops[-1].url
    rules = [rule for rule in RULES if _is(rule, end)]
    if not rules and len(_segments(end)) > 1:  # nearly every time
        return None
    sent = [hop.url for hop in hops[:-1] if _place(hop.url) != _place(end) and _is_piece(hop.url, end)]
    for rule in rules:
        if any(not _is(rule, url) for url in sent) or _comes_back(end):
            return rule.landing
    if any(_is_home_of(end, url) for url in sent):
        return Landing.HOME
    return None


LOST = frozenset({Outcome.GONE, Outcome.HTTP_ERROR})


def lost_piece(resolution: Resolution, *, is_final: bool) -> Url | None:
    """Return the address of the piece that a chain was after and didn't get; None where it got it, or may yet."""
    is_lost = resolution.outcome in LOST or (resolution.outcome is Outcome.UNREACHABLE and is_final)
    if not is_lost and resolution.landing not in (Landing.SOFT_404, Landing.HOME):
        return None
    missing = next(rule for rule in RULES if rule.landing is Landing.SOFT_404)
    passed = [resolution.url, *(hop.url for hop in resolution.hops)]
    pieces = [url for url in passed if not _is_home(url) and not _is(missing, url)]
    return urls.without_fragment(pieces[-1] if pieces else resolution.url)


def of_page(answer: Exchange) -> Landing | None:
    """Return SOFT_404 for a page that calls itself not found in its title; else None."""
    media_type = answer.header("content-type")
    if not sniffing.is_html(media_type):
        return None
    head = charsets.with_plain_markup(answer.content[:_HEAD], media_type)
    found = _TITLE.search(head)
    if found is None:
        return None
    title = found[1]
    if _says_not_found(title, media_type, head) or _HIDING.search(head, 0, found.start()):
        # What looks like one may stand in a script, a comment, a drawing; mostly it is the page's.
        title = _title(head[: found.end() + len(b"</title>")]) or _title(head)
    # What says when it was published is a story.
    return Landing.SOFT_404 if _says_not_found(title, media_type, head) and _PUBLISHED not in head else None


def _says_not_found(title: bytes, media_type: str | None, head: bytes) -> bool:
    try:
        text = title.decode()
    except UnicodeDecodeError:
        text = title.decode(charsets.detect(head, media_type)[1], "replace")
    return soft404.is_not_found(html.unescape(text))


def _title(head: bytes) -> bytes:
    """Return the text of a page's title element, empty where it has none."""
    in_noscript = False
    for tag in tags.read(head, head.lower()):
        if tag.name in (b"noscript", b"/noscript"):
            in_noscript = tag.name == b"noscript"
        elif tag.name == b"title" and not in_noscript:
            return tag.text[:_LONGEST_TITLE]
    return b""


def _place(url: Url) -> str:
    """Return what two addresses share that differ in scheme, "www." and what of a query names no piece."""
    parts = urls.parts_of(url)
    named = parts.search if _IDENTIFIES.search(parts.search.lower()) else ""
    return parts.hostname.removeprefix("www.").removeprefix("m.") + parts.pathname.rstrip("/") + named


def _is_piece(url: Url, end: Url) -> bool:
    """Whether url, on the way to end, is the address of a piece: one of end's own site, or no short link by its looks."""
    return urls.site(url) == urls.site(end) or _is_story(url)


def _is_story(url: Url) -> bool:
    path = urls.parts_of(url).pathname.lower()
    return path.count("-") >= 3 or path.endswith((".html", ".htm", ".shtml")) or bool(_DAY.search(path))


def _is(rule: Rule, url: Url) -> bool:
    host, segments = urls.host(url) or "", _segments(url)
    if host.split(".", 1)[0] in rule.hosts and urls.site(url) != host:
        return True
    if not segments or segments[0] in rule.segments:
        return bool(segments)
    return segments[-1] in rule.segments and (rule.before is None or rule.before.issuperset(segments[:-1]))


@lru_cache(maxsize=256)
def _segments(url: Url) -> tuple[str, ...]:
    """Return the segments of url's path in lower case, without extensions, "-" and "_", or a language that leads them."""
    path = urls.decoded(urls.parts_of(url).pathname).lower()
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > 1 and _LANGUAGE.fullmatch(segments[0]):
        segments = segments[1:]
    return tuple(_MARKS.sub("", _EXTENSION.sub("", segment)) for segment in segments)


def _comes_back(url: Url) -> bool:
    """Whether url carries the address of the page that it keeps from view."""
    for pair in urls.parts_of(url).search.removeprefix("?").split("&"):
        name, _, value = pair.partition("=")
        if _MARKS.sub("", name.lower()) in RETURN and urls.decoded(value).startswith(("http://", "https://", "/")):
            return True
    return False


def _is_home(url: Url) -> bool:
    parts = urls.parts_of(url)
    if _IDENTIFIES.search(parts.search.lower()):
        return False
    segments = _segments(url)
    return not segments or (len(segments) == 1 and bool(segments[0] in HOMES or _LANGUAGE.fullmatch(segments[0])))


def _is_home_of(end: Url, url: Url) -> bool:
    """Whether end is the home page, or the front of the section, of the story at url."""
    if _is_home(url):
        return False
    if _is_home(end):
        return True
    front, deep = _segments(end), _segments(url)
    is_above = len(front) == 1 and len(deep) > 1 and deep[0] == front[0] and urls.site(url) == urls.site(end)
    return is_above and front[0].isalpha() and "-" not in urls.parts_of(end).pathname and _is_named(url)


def _is_named(url: Url) -> bool:
    """Whether the last segment of url names a story: words with hyphens, a number, a file."""
    last = urls.parts_of(url).pathname.rstrip("/").rpartition("/")[2].lower()
    return last.count("-") >= 2 or bool(re.search(r"\d{4,}", last)) or bool(_EXTENSION.search(last))
