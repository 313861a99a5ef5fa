"""Addresses that hold others: redirectors and copies in archives, as tables."""

import re
from datetime import UTC, datetime

import pytest

from crawler.core import urls
from crawler.core.following.wrappers import REDIRECTORS, unwrap
from crawler.core.model import Exchange, Failure, Hop, Outcome, Url, Via
from crawler.core.redirects import Follow, Stop, next_step, read_hop
from crawler.core.settings import Limits

NOON = datetime(2016, 10, 25, 12, tzinfo=UTC)
HERE = "https://a.example/x?b=1&c=2"
ESCAPED = "https%3A%2F%2Fa.example%2Fx%3Fb%3D1%26c%3D2"

WRAPPERS = {
    f"https://l.facebook.com/l.php?u={ESCAPED}&h=AT0iUqJp": HERE,
    f"http://lm.facebook.com/l.php?h=AT0&u={ESCAPED}": HERE,
    f"https://www.facebook.com/l.php?u={ESCAPED}": HERE,
    f"https://m.facebook.com/flx/warn/?u={ESCAPED}&h=AT0": HERE,
    f"https://l.instagram.com/?e=ATM&u={ESCAPED}": HERE,
    f"https://l.messenger.com/l.php?u={ESCAPED}": HERE,
    f"https://www.google.com/url?sa=t&rct=j&q=&esrc=s&url={ESCAPED}&usg=AOvVaw0": HERE,
    f"https://www.google.co.uk/url?q={ESCAPED}&sa=D": HERE,
    f"https://google.es/url?q={ESCAPED}": HERE,
    f"https://consent.google.com/ml?continue={ESCAPED}&gl=DE": HERE,
    f"https://www.youtube.com/redirect?event=video_description&q={ESCAPED}": HERE,
    "https://www.youtube.com/redirect?q=twitch.tv%2Fann": "https://twitch.tv/ann",
    "https://www.youtube.com/attribution_link?a=b&u=%2Fwatch%3Fv%3Dc": "https://www.youtube.com/watch?v=c",
    f"https://nam02.safelinks.protection.outlook.com/?url={ESCAPED}&data=05%7C01": HERE,
    f"https://eur01.safelinks.protection.outlook.com/ap/b-59584e83/?url={ESCAPED}": HERE,
    f"https://t.umblr.com/redirect?z={ESCAPED}&t=abc": HERE,
    f"https://out.reddit.com/t3_abc?url={ESCAPED}&token=x": HERE,
    f"https://vk.com/away.php?to={ESCAPED}&cc_key=": HERE,
    f"https://m.vk.com/away?to={ESCAPED}": HERE,
    f"https://away.vk.com/away.php?to={ESCAPED}": HERE,
    f"https://slack-redir.net/link?url={ESCAPED}": HERE,
    f"https://www.linkedin.com/safety/go?url={ESCAPED}&trk=feed": HERE,
    f"https://www.linkedin.com/redir/redirect?url={ESCAPED}&urlhash=x": HERE,
    f"https://href.li/?{HERE}": HERE,
    f"https://www.pixiv.net/jump.php?{ESCAPED}": HERE,
    f"https://steamcommunity.com/linkfilter/?u={ESCAPED}": HERE,
    f"https://steamcommunity.com/linkfilter/?url={ESCAPED}": HERE,
    f"http://disq.us/url?url={ESCAPED}%3AqnJkHaE2t-JzGMwbcMFBa9oQ2bQ&cuid=1": HERE,
    f"https://exit.sc/?url={ESCAPED}": HERE,
    f"https://medium.com/r/?url={ESCAPED}": HERE,
    f"https://duckduckgo.com/l/?kh=-1&uddg={ESCAPED}": HERE,
    f"https://go.redirectingat.com/?id=1&url={ESCAPED}": HERE,
    f"https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url={ESCAPED}": HERE,
    f"https://m.ok.ru/dk?st.cmd=outLinkWarning&st.rfn={ESCAPED}": HERE,
    f"https://www.tiktok.com/link/v2?aid=1&target={ESCAPED}": HERE,
    f"https://getpocket.com/redirect?url={ESCAPED}": HERE,
    f"https://weibo.cn/sinaurl?u={ESCAPED}": HERE,
    f"https://link.zhihu.com/?target={ESCAPED}": HERE,
    f"https://www.douban.com/link2/?url={ESCAPED}": HERE,
    f"https://redirect.viglink.com/?key=1&u={ESCAPED}": HERE,
    "https://www.google.com/amp/s/a.example/x?b=1": "https://a.example/x?b=1",
    "https://www.google.com/amp/a.example/x": "http://a.example/x",
    "https://www-a-example.cdn.ampproject.org/c/s/www.a.example/x": "https://www.a.example/x",
    "https://www-a-example.cdn.ampproject.org/v/s/www.a.example/x?amp_js_v=0.1#part": "https://www.a.example/x?amp_js_v=0.1#part",
    "https://cdn.ampproject.org/c/a.example/x": "http://a.example/x",
    # As they are met: addresses not escaped, escaped twice, in a page's escapes; a fragment; a query in Latin-1.
    "https://www.google.com/url?q=https://a.example/x&sa=D": "https://a.example/x",
    "https://www.google.com/url?q=https%253A%252F%252Fa.example%252Fx": "https://a.example/x",
    "https://www.google.com/url?sa=t&amp;url=https://a.example/x": "https://a.example/x",
    "https://www.google.com/url?q=//a.example/x": "https://a.example/x",
    "https://www.google.com/url?q=www.a.example": "https://www.a.example/",
    "https://www.google.com/url?q=https://a.example/x#part": "https://a.example/x#part",
    "https://www.google.com/url?q=https%3A%2F%2Fa.example%2Fcaf%E9": "https://a.example/caf%E9",
    "HTTPS://L.FACEBOOK.COM/l.php?u=https://a.example/X": "https://a.example/X",
}

NO_WRAPPERS = [
    "https://a.example/?url=https://b.example/",
    "https://a.example/login?next=/login",
    "https://a.example/login?next=https%3A%2F%2Fa.example%2Fx",
    "https://a.example/index.php?title=x&redirect=no",
    "https://a.example/wp-login.php?redirect_to=https%3A%2F%2Fa.example%2Fx",
    "https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Fann",
    "https://www.google.com/search?q=https%3A%2F%2Fa.example%2F",
    "https://www.google.com/url?q=how+to+node.js",
    "https://www.google.com/url?q=node.js",
    "https://www.google.com/url?q=https%3A+a+question",
    "https://www.google.com/url?q=",
    "https://www.google.com/url",
    "https://www.google.com/url?q=javascript:alert(1)",
    "https://www.google.com/url?q=mailto:a@b.example",
    "https://www.google.com/url?q=https://twitter.com@a.example/",
    "https://www.google.com/url?q=https://",
    "https://www.google.com/urls?q=https://a.example/",
    "https://google.com.a.example/url?q=https://b.example/",
    "https://notgoogle.com/url?q=https://b.example/",
    "https://www.google.com@a.example/url?q=https://b.example/",
    "https://twitter.com/intent/tweet?url=https%3A%2F%2Fa.example%2F",
    "https://twitter.com/share?url=https://a.example/",
    "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fa.example%2F",
    "https://www.facebook.com/sharer.php?u=https://a.example/",
    "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fann%2Fposts%2F1",
    "https://www.linkedin.com/shareArticle?url=https://a.example/",
    "https://vk.com/share.php?url=https://a.example/",
    "https://t.me/share/url?url=https://a.example/",
    "https://wa.me/?text=https://a.example/",
    "https://www.reddit.com/submit?url=https://a.example/",
    "https://www.youtube.com/watch?v=abc&q=https://a.example/",
    "https://www-a-example.cdn.ampproject.org/v/",
    "https://www-a-example.cdn.ampproject.org/v/s/",
    "https://cdn.ampproject.org/v0.js",
    "https://t.co/54iN2oPcLX",
    "https://web.archive.org/web/20160102030405/https://a.example/",
    "https://href.li/",
    "https://href.li/?ann",
    "https://exit.sc/?url=https%3A%2F%2Fexit.sc%2F%3Furl%3D",
    "ftp://l.facebook.com/l.php?u=https://a.example/",
    "no URL",
    "",
]


@pytest.mark.parametrize(("url", "target"), WRAPPERS.items())
def test_a_wrapper_says_what_it_leads_to(url, target):
    assert unwrap(url) == target
    assert unwrap(target) is None


@pytest.mark.parametrize("url", NO_WRAPPERS)
def test_what_only_holds_an_address_is_no_wrapper(url):
    assert unwrap(url) is None


def test_a_wrapper_of_itself_leads_nowhere():
    for url in (
        "https://exit.sc/?url=https://exit.sc/",
        "https://href.li/?https://href.li/",
        "https://www.google.com/url?q=/url?q",
    ):
        assert unwrap(url) is None


def test_nobody_looks_into_an_address_longer_than_any_that_is_sent():
    assert unwrap(f"https://www.google.com/url?q=https://a.example/{'x' * 20_000}") is None


def test_layers_come_off_one_by_one():
    inner = "https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fx"
    outer = "https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fa.example%252Fx"
    assert unwrap(outer) == inner
    assert unwrap(inner) == "https://a.example/x"


def test_every_redirector_of_the_list_is_met_in_a_test():
    met = {urls.host(url) for url in WRAPPERS}
    unmet = [row.hosts for row in REDIRECTORS if not any(re.fullmatch(row.hosts, host or "") for host in met)]
    assert unmet == []


WRAPPER = f"https://l.facebook.com/l.php?u={ESCAPED}"
AMP = "https://a-example.cdn.ampproject.org/c/s/a.example/x"
HTML = ("content-type", "text/html")
INFERRED = Follow(Url(HERE), Via.INFERRED)


def answer(url, status=200, *headers, content=b"<p>You are leaving"):
    return Exchange(Url(url), status, (HTML, *headers), content, False, (), NOON, 1)


def step(given, before=(), limits=None):
    hops = [Hop(Url(url), 302, None, None, NOON, 1) for url in before]
    hop, pointing = read_hop(given, None)
    return next_step([*hops, hop], given, pointing, limits or Limits())


@pytest.mark.parametrize("status", [200, 204, 400, 403, 404, 410, 429, 500, 503, 304, 999])
def test_where_a_wrapper_answers_with_no_redirect_its_address_tells_the_way(status):
    assert step(answer(WRAPPER, status)) == INFERRED


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.ARRIVED, Outcome.INTERRUPTED, Outcome.TOO_MANY_HOPS}))
def test_where_a_wrapper_does_not_answer_its_address_tells_the_way(outcome):
    failure = Failure(Url(WRAPPER), outcome, "no answer", (), NOON, 1)
    assert step(failure) == INFERRED
    assert read_hop(failure, None)[0].status is None


def test_what_a_wrapper_says_counts_more_than_its_address():
    assert step(answer(WRAPPER, 302, ("location", "https://b.example/"))) == Follow(Url("https://b.example/"), Via.LOCATION)
    assert step(answer(WRAPPER, 200, ("refresh", "0;url=https://b.example/"))).via is Via.REFRESH_HEADER
    refreshing = b'<meta http-equiv="refresh" content="0;url=https://b.example/">'
    assert step(answer(WRAPPER, content=refreshing)) == Follow(Url("https://b.example/"), Via.META_REFRESH)
    script = b'<script>location.replace("https://b.example/")</script>'
    assert step(answer(WRAPPER, content=script)) == Follow(Url("https://b.example/"), Via.SCRIPT)


@pytest.mark.parametrize("locations", [(), ("",), ("javascript:x",), ("https://b.example/", "https://c.example/")])
def test_a_redirect_that_leads_nowhere_is_no_answer_of_a_wrapper(locations):
    assert step(answer(WRAPPER, 302, *(("location", location) for location in locations))) == INFERRED


def test_a_wrapper_that_redirects_in_a_circle_is_left():
    assert step(answer(WRAPPER, 302, ("location", WRAPPER))) == INFERRED
    consent = f"https://consent.youtube.com/m?continue={WRAPPER.replace('%', '%25')}"
    assert step(answer(consent), before=[WRAPPER]) == INFERRED


def test_nothing_is_inferred_of_what_the_chain_has_seen():
    assert step(answer(WRAPPER), before=[HERE]) == Stop(Outcome.ARRIVED, None)
    assert step(answer(WRAPPER, 404), before=[f"{HERE}#part"]).outcome is Outcome.GONE


def test_nothing_is_inferred_of_an_end_that_is_ours():
    assert step(Failure(Url(WRAPPER), Outcome.INTERRUPTED, "stopped", (), NOON, 1)).outcome is Outcome.INTERRUPTED
    full = [f"https://b.example/{number}" for number in range(19)]
    assert step(answer(WRAPPER), full, Limits(max_hops=20)) == Stop(Outcome.ARRIVED, None)
    redirect = answer(WRAPPER, 302, ("location", "https://b.example/"))
    assert step(redirect, full, Limits(max_hops=20)).outcome is Outcome.TOO_MANY_HOPS


def test_a_page_that_is_no_wrapper_is_where_the_chain_arrives():
    for url in ("https://a.example/?url=https://b.example/", "https://twitter.com/intent/tweet?url=https://b.example/"):
        assert step(answer(url)) == Stop(Outcome.ARRIVED, None)
        assert step(answer(url, 404)).outcome is Outcome.GONE


def test_an_amp_cache_serves_the_piece_while_it_can():
    assert step(answer(AMP)) == Stop(Outcome.ARRIVED, None)
    assert step(answer(AMP, 404)) == Follow(Url("https://a.example/x"), Via.INFERRED)


def test_a_copy_in_an_archive_is_itself_what_is_cited():
    copy = "https://web.archive.org/web/20160102030405/https://a.example/x"
    assert step(answer(copy)) == Stop(Outcome.ARRIVED, None)
    assert step(answer(copy, 404)).outcome is Outcome.GONE
