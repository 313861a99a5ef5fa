"""What came out of a chain, told by where it went and by its last page's title."""

from datetime import UTC, datetime

import pytest

from crawler.core.following import landing, soft404
from crawler.core.model import Exchange, Hop, Landing, Outcome, Resolution, Url, Via

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


def hops(*urls):
    return [Hop(Url(url), 302, Via.LOCATION if number else None, None, NOON, 0) for number, url in enumerate(urls)]


T_CO = "https://t.co/54iN2oPcLX"
STORY = "https://www.paper.example/news/2016/10/a-story-of-some-words"


@pytest.mark.parametrize(
    ("chain", "came_out"),
    [
        # a home page in place of a story
        ([T_CO, STORY, "https://www.paper.example/"], Landing.HOME),
        ([STORY, "https://www.paper.example/en/"], Landing.HOME),
        ([STORY, "https://paper.example/index.html"], Landing.HOME),
        ([STORY, "https://www.paper.example/de/startseite"], Landing.HOME),
        ([STORY, "https://www.paper.example/news/"], Landing.HOME),
        ([STORY, "https://www.new-name.example/"], Landing.HOME),
        (["https://paper.example/?p=1234", "https://paper.example/"], Landing.HOME),
        (["https://on.paper.example/7sxa", "https://www.paper.example/"], Landing.HOME),
        # a home page cited as such
        ([T_CO, "https://www.paper.example/"], None),
        ([T_CO, "http://paper.example/", "https://www.paper.example/"], None),
        ([T_CO, "https://paper.example/", "https://www.paper.example/en/"], None),
        (["https://paper.example/index.html", "https://www.paper.example/"], None),
        (["https://bit.ly/2xYz", T_CO, "https://paper.example/"], None),
        (["https://paper.example/?utm_source=x", "https://paper.example/"], None),
        (["https://www.google.com/url?q=https://paper.example/", "https://paper.example/"], None),
        (["https://paper.example/"], None),
        # the piece itself, under another address
        ([T_CO, STORY], None),
        (["http://paper.example/news/2016/10/a-story-of-some-words", STORY], None),
        ([STORY, STORY], None),
        ([f"{STORY}/amp", STORY], None),
        ([f"{STORY}?page=2", STORY], None),
        (["https://paper.example/123456", STORY], None),
        (["https://paper.example/status/12345/photo/1", "https://paper.example/status/12345"], None),
        (["https://paper.example/news/world", "https://paper.example/news"], None),
        (["https://paper.example/x", "https://paper.example/?p=12"], None),
        # a login
        ([T_CO, STORY, "https://www.paper.example/login?next=%2Fnews"], Landing.LOGIN),
        (["https://www.instagram.com/p/X/", "https://www.instagram.com/accounts/login/?next=/p/X/"], Landing.LOGIN),
        ([T_CO, "https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Fx"], Landing.LOGIN),
        ([T_CO, "https://docs.google.com/d/1", "https://accounts.google.com/ServiceLogin?continue=https://docs"], Landing.LOGIN),
        ([STORY, "https://login.paper.example/?url=https://www.paper.example/"], Landing.LOGIN),
        ([STORY, "https://www.paper.example/fr/connexion.php"], Landing.LOGIN),
        (["https://x.example/a/status/1", "https://x.example/i/flow/login"], Landing.LOGIN),
        (["https://forge.example/a/b", "https://forge.example/users/sign_in"], Landing.LOGIN),
        ([T_CO, "https://paper.example/login"], None),  # cited as such
        (["https://paper.example/login", "https://paper.example/en/login"], None),
        ([STORY, "https://paper.example/news/a-new-login-page-for-readers"], None),
        (["https://paper.example/2", "https://paper.example/blogin"], None),
        ([T_CO, "https://login.example/about"], None),  # the site's own name
        # a consent wall
        (
            [
                "http://youtu.be/eiHXASgRTcA",
                "https://www.youtube.com/watch?v=eiHXASgRTcA&feature=youtu.be",
                "https://consent.youtube.com/m?continue=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DeiHXASgRTcA&gl=ES",
            ],
            Landing.CONSENT,
        ),
        ([T_CO, "https://guce.yahoo.com/consent?brandType=x&done=https%3A%2F%2Fnews", STORY], None),
        (["https://news.yahoo.com/a", "https://consent.yahoo.com/v2/collectConsent?sessionId=1"], Landing.CONSENT),
        ([STORY, "https://www.paper.example/cookie-wall?back=/"], Landing.CONSENT),
        ([STORY, "https://www.paper.example/news/age-of-consent"], None),
        # a paywall
        ([STORY, "https://www.paper.example/subscribe"], Landing.PAYWALL),
        ([STORY, "https://subscribe.paper.example/offer?x=1"], Landing.PAYWALL),
        ([T_CO, STORY, "https://www.paper.example/abonnement/?ref=x"], Landing.PAYWALL),
        ([T_CO, "https://www.paper.example/subscribe"], None),
        ([STORY, "https://www.paper.example/news/why-i-subscribe"], None),
        # a page for what is lost
        ([STORY, "https://www.paper.example/404"], Landing.SOFT_404),
        ([STORY, "https://www.paper.example/errors/404.html"], Landing.SOFT_404),
        ([STORY, "https://www.paper.example/en/page-not-found/"], Landing.SOFT_404),
        ([STORY, "https://www.paper.example/static/notfound.aspx?x=1"], Landing.SOFT_404),
        ([STORY, "https://www.paper.example/error?aspxerrorpath=/news"], Landing.SOFT_404),
        ([T_CO, "https://paper.example/error"], None),  # cited as such
        ([STORY, "https://www.paper.example/opinion/error"], None),
        ([STORY, "https://www.paper.example/news/a-fatal-error-404"], None),
        ([STORY, "https://www.paper.example/news/errors-of-judgement"], None),
        ([], None),
    ],
)
def test_a_chain_tells_whether_its_end_is_the_piece(chain, came_out):
    assert landing.of_chain(hops(*chain)) is came_out


@pytest.mark.parametrize(
    "title",
    [
        "404",
        "404 Not Found",
        "Not Found",
        "Error 404",
        "Error 404 (Not Found)!!1",
        "404 | The Daily Paper",
        "Page not found",
        "Page Not Found - The Daily Paper",
        "The Daily Paper | Page not found",
        "Page not found (404)",
        "404: Page not found – Paper",
        "404 Page Not Found | The Sydney Morning Herald",
        "Sorry, page not found",
        "Oops! That page can’t be found. – A Blog",
        "Error: Page not found",
        "HTTP 404",
        "HTTP Status 404 – Not Found",
        "410 Gone",
        "This page doesn't exist",
        "Seite nicht gefunden - DER SPIEGEL",
        "Fehler 404 | ZEIT ONLINE",
        "Page introuvable | Le Monde",
        "Erreur 404",
        "Página no encontrada | EL PAÍS",
        "Página não encontrada",
        "Pagina non trovata - la Repubblica",
        "Pagina niet gevonden",
        "Sidan kunde inte hittas",
        "Страница не найдена — РИА Новости",
        "Ошибка 404",
        "Nie znaleziono strony",
        "Stránka nenalezena",
        "Sayfa bulunamadı",
        "ページが見つかりません | 朝日新聞",
        "页面不存在",
        "페이지를 찾을 수 없습니다",
        "الصفحة غير موجودة",
        "הדף לא נמצא",
    ],
)
def test_a_title_that_says_its_page_is_not_there_is_known_in_many_languages(title):
    assert soft404.is_not_found(title)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "The Daily Paper",
        "Peugeot 404",
        "404: the number that haunts the web",
        "404 people arrested at the border | Paper",
        "Peugeot | 404",
        "Malaysia Airlines plane not found",
        "Body not found in lake, police say - Paper",
        "Page not found: how the web forgets what newspapers once printed on it",
        "An error of judgement",
        "Error",
        "Why “page not found” is the web's saddest phrase",
        "Video: the page was not found guilty",
        "What this page has been removed for",
        "Login | Paper",
    ],
)
def test_a_story_about_errors_is_a_story(title):
    assert not soft404.is_not_found(title)


@pytest.mark.parametrize(
    ("content", "content_type", "came_out"),
    [
        (b"<title>404 Not Found</title>", None, Landing.SOFT_404),
        (b"<TITLE lang=en>\n Page&nbsp;not found \n</TITLE>", None, Landing.SOFT_404),
        ("<title>Страница не найдена</title>".encode("cp1251"), "text/html; charset=windows-1251", Landing.SOFT_404),
        ('<meta charset="cp1251"><title>Страница не найдена</title>'.encode("cp1251"), "text/html", Landing.SOFT_404),
        (b"<title>A story</title><h1>404 Not Found</h1><p>This page has been removed", None, None),
        (b'<meta property="article:published_time" content="2016-10-25"><title>Not Found | Review</title>', None, None),
        (b"<p>Page not found", None, None),
        (b"", None, None),
        (b"<title>\xff\xfe\x00</title>", "text/html; charset=nonsense", None),
        *[
            ("<title>Página no encontrada</title>".encode("latin-1"), f"text/html; charset={label}", Landing.SOFT_404)
            for label in ("zlib", "hex", "rot13", "idna", "undefined", "punycode", "utf-7", "x" * 5000)
        ],
        ("<title>Страница не найдена</title>".encode("utf-16"), "text/html", Landing.SOFT_404),
        ("<title>Страница не найдена</title>".encode("utf-16-be"), "text/html; charset=utf-16be", Landing.SOFT_404),
        ("<meta charset=iso-2022-jp><title>ページが見つかりません</title>".encode("iso2022_jp"), None, Landing.SOFT_404),
        ("<title>ページが見つかりません</title>".encode("shift_jis"), "text/html; charset=Shift_JIS", Landing.SOFT_404),
        # what is no title of the page
        (b"<!-- <title>Page not found</title> --><title>A story</title>", None, None),
        (b"<script>x = '<title>Page not found</title>'</script><title>A story</title>", None, None),
        (b"<svg><title>Page not found</title></svg><title>A story</title>", None, None),
        (b"<template><title>Page not found</title></template><title>A story</title>", None, None),
        (b"<noscript><title>Page not found</title></noscript><title>A story</title>", None, None),
        (b"<titlebar>Page not found</titlebar><title>A story</title>", None, None),
        (b"<!-- <title>A story</title> --><title>Page not found</title>", None, Landing.SOFT_404),
        (b"<style>a{}</style><title>Page not found</title>", None, Landing.SOFT_404),
        (b"<title>Page not found</title> is what such pages are called", "text/plain", None),
    ],
)
def test_only_a_title_makes_a_page_one_that_is_not_there(content, content_type, came_out):
    headers = (("content-type", content_type),) if content_type else ()
    answer = Exchange(Url(STORY), 200, headers, content, False, (), NOON, 0)
    assert landing.of_page(answer) is came_out


def test_every_phrase_stands_as_titles_are_compared():
    assert [phrase for phrase in soft404.NOT_FOUND if soft404._folded(phrase) != phrase] == []


@pytest.mark.parametrize(
    ("chain", "outcome", "came_out", "is_final", "lost"),
    [
        ([T_CO, STORY], Outcome.GONE, None, True, STORY),
        ([T_CO, STORY, "https://www.paper.example/404"], Outcome.GONE, None, True, STORY),
        ([T_CO, f"{STORY}#part"], Outcome.HTTP_ERROR, None, True, STORY),
        ([T_CO, STORY, "https://www.paper.example/"], Outcome.ARRIVED, Landing.HOME, True, STORY),
        ([T_CO, STORY], Outcome.ARRIVED, Landing.SOFT_404, True, STORY),
        ([T_CO, STORY], Outcome.UNREACHABLE, None, True, STORY),
        ([T_CO, STORY], Outcome.UNREACHABLE, None, False, None),
        ([T_CO, STORY], Outcome.ARRIVED, None, True, None),
        ([T_CO, STORY], Outcome.ARRIVED, Landing.LOGIN, True, None),
        ([T_CO, STORY], Outcome.DISALLOWED, None, True, None),
        (["https://paper.example/"], Outcome.GONE, None, True, "https://paper.example/"),
    ],
)
def test_what_was_lost_is_the_last_piece_on_the_way(chain, outcome, came_out, is_final, lost):
    resolution = Resolution(Url(chain[0]), tuple(hops(*chain)), outcome, None, NOON, 0, came_out)
    assert landing.lost_piece(resolution, is_final=is_final) == lost
