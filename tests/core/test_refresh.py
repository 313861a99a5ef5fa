"""Pages that send their reader on, and pages that only look so."""

import pytest

from crawler.core.following import refresh
from crawler.core.model import Url, Via

HERE = Url("https://a.example/dir/page")
T_CO = (
    b'<head><noscript><META http-equiv="refresh" content="0;URL=https://buff.ly/2uSOHDs"></noscript><title>https://buff.ly/2uSOHDs'
    b'</title></head><script>window.opener = null; location.replace("https:\\/\\/buff.ly\\/2uSOHDs")</script>'
)
FILLED = b"<p>" + b"text " * 2000

REFRESHES = {
    b'<meta http-equiv="refresh" content="0; url=/x">': "https://a.example/x",
    b"<meta http-equiv=refresh content=0;url=/x>": "https://a.example/x",
    b"<META HTTP-EQUIV='REFRESH' CONTENT='0;URL=/X'>": "https://a.example/X",
    b'<meta content="0;url=/x" http-equiv="refresh"/>': "https://a.example/x",
    b'<meta name=a id="b" data-c=\'d\' http-equiv=refresh foo content="0;url=/x">': "https://a.example/x",
    b'<meta\n\thttp-equiv = "refresh"\n\tcontent = "0;url=/x"\n>': "https://a.example/x",
    b"<meta http-equiv=refresh content=\"0;url='/x'\">": "https://a.example/x",
    b'<meta http-equiv=refresh content="0;url=\'/x">': "https://a.example/x",
    b'<meta http-equiv=refresh content="0,url=/x">': "https://a.example/x",
    b'<meta http-equiv=refresh content="0 /x">': "https://a.example/x",
    b'<meta http-equiv=refresh content="0;/x">': "https://a.example/x",
    b'<meta http-equiv=refresh content="0.5;url=/x">': "https://a.example/x",
    b'<meta http-equiv=refresh content=".5;url=/x">': "https://a.example/x",
    b'<meta http-equiv=refresh content=" 5 ; url = /x ">': "https://a.example/x",
    b'<meta http-equiv=refresh content="0;url=/x?a=1&amp;b=2&#38;c=3&copy=4">': "https://a.example/x?a=1&b=2&c=3&copy=4",
    b'<meta http-equiv=refresh content="0;url=//b.example">': "https://b.example/",
    b'<meta http-equiv=refresh content="0;url=/\xc3\xa9">': "https://a.example/%C3%A9",
    b'<base href="https://b.example/d/"><meta http-equiv=refresh content="0;url=x">': "https://b.example/d/x",
    b'<base target=_top><base href="/d/"><base href="/e/"><meta http-equiv=refresh content="0;url=x">': "https://a.example/d/x",
    b'<noscript><meta http-equiv=refresh content="0;url=/x"></noscript>': "https://a.example/x",
    b'<noscript><meta http-equiv=refresh content="0;url=https://b.example/"></noscript>' + FILLED: "https://b.example/",
    FILLED + b'<meta http-equiv=refresh content="0;url=/x">': "https://a.example/x",
    b'<!-- a --><!--><!doctype html><a title="1>2"><meta http-equiv=refresh content="0;url=/x">': "https://a.example/x",
    b'<p>1 < 2 <3 </ p><meta http-equiv=refresh content="0;url=/x">': "https://a.example/x",
    b'<meta http-equiv=refresh content="0;url=/x" content="0;url=/y">': "https://a.example/x",
    b'<meta http-equiv=refresh content="0;;url=/x">': "https://a.example/dir/;url=/x",
    b'<meta http-equiv=refresh content="0,;url=/x">': "https://a.example/dir/;url=/x",
    b'<meta http-equiv=refresh content="0;\x0burl=/x">': "https://a.example/dir/url=/x",
    b'<base href="data:x"><meta http-equiv=refresh content="0;url=x">': "https://a.example/dir/x",
    b'<svg><base href="/d/"></svg><meta http-equiv=refresh content="0;url=x">': "https://a.example/dir/x",
    b'<svg/><![CDATA[ > ]]><meta http-equiv=refresh content="0;url=/x">': "https://a.example/x",
    '<meta http-equiv=refresh content="0;url=/x">'.encode("utf-16"): "https://a.example/x",
    '<meta http-equiv=refresh content="0;url=/表">'.encode("utf-16-be"): "https://a.example/%E8%A1%A8",
    '<meta charset=iso-2022-jp><p>弱肉強食<meta http-equiv=refresh content="0;url=/x">'.encode(
        "iso2022_jp"
    ): "https://a.example/x",
    '<meta charset=windows-1251><meta http-equiv=refresh content="0;url=/нов?н=1&#8364;€☃#н">'.encode(
        "cp1251", "ignore"
    ): "https://a.example/%D0%BD%D0%BE%D0%B2?%ED=1%88%88#%D0%BD",
    '<meta charset=shift_jis><meta http-equiv=refresh content="0;url=/表?表">'.encode(
        "shift_jis"
    ): "https://a.example/%E8%A1%A8?%95\\",
    b'<meta charset=windows-1251><meta http-equiv=refresh content="0;url=?&#9731;">': "https://a.example/dir/page?%26%239731%3B",
    b'<meta charset=utf-7><meta http-equiv=refresh content="0;url=?\xc3\xa9">': "https://a.example/dir/page?%C3%A9",
    b'<meta http-equiv=refresh><meta http-equiv=refresh content="soon"><meta http-equiv=refresh content="1;/x">': "https://a.example/x",
}

STAYING = [
    b"<p>nothing",
    b'<meta http-equiv=refresh content="300;url=/x">',
    b'<meta http-equiv=refresh content="30">',
    b'<meta http-equiv=refresh content="0">',
    b'<meta http-equiv=refresh content="0;url=">',
    b'<meta http-equiv=refresh content=";url=/x">',
    b'<meta http-equiv=refresh content="url=/x">',
    b'<meta http-equiv=refresh content="0;url=page#top">',
    b'<meta http-equiv=refresh content="0;url=https://a.example/dir/page">',
    b'<meta http-equiv=refresh content="0;url=javascript:x()">',
    b'<meta http-equiv=refresh content="0;url=http://[">',
    b'<meta http-equiv=refresh content="300;url=/x"><meta http-equiv=refresh content="0;url=/y">',
    b'<meta http-equiv=x-refresh content="0;url=/x">',
    b'<!-- <meta http-equiv=refresh content="0;url=/x"> -->',
    b'<!-- > <meta http-equiv=refresh content="0;url=/x">',
    b"<script>\"<meta http-equiv=refresh content='0;url=/x'>\"</script>",
    b"<script>document.write('<meta http-equiv=refresh content=0;url=/x></scripty>')</script>",
    b'<style><meta http-equiv=refresh content="0;url=/x"></style>',
    b'<textarea><meta http-equiv=refresh content="0;url=/x"></textarea>',
    b'<title><meta http-equiv=refresh content="0;url=/x"></title>',
    b'<template><b><template></template><meta http-equiv=refresh content="0;url=/x"></template>',
    b"<iframe srcdoc=\"<meta http-equiv=refresh content='0;url=/x'>\"></iframe>",
    b'<meta name="a" content="<meta http-equiv=refresh content=0;url=/x>">',
    b'<meta http-equiv=refresh content="0;url=/x',
    b'<a title="><meta http-equiv=refresh content=0;url=/x>',
    b'<noscript><meta http-equiv=refresh content="0;url=/jsmessage.html"></noscript>' + FILLED,
    b'<svg><![CDATA[ > <meta http-equiv=refresh content="0;url=/x"> ]]></svg>',
    b'<plaintext><meta http-equiv=refresh content="0;url=/x">',
]


@pytest.mark.parametrize(("content", "url"), REFRESHES.items())
def test_a_meta_refresh_is_found_in_every_form(content, url):
    found = refresh.find(content, HERE)
    assert found
    assert (found.via, found.url) == (Via.META_REFRESH, url)


@pytest.mark.parametrize(
    "attributes", ["", "type=''", "type=' TEXT/JavaScript '", "type=text/jscript", "language=JavaScript1.2", "async"]
)
def test_a_script_is_one_by_what_browsers_run(attributes):
    found = refresh.find(f"<base href=/d/><script {attributes}>location = 'x'</script>".encode(), HERE)
    assert found
    assert found.url == "https://a.example/d/x"


@pytest.mark.parametrize(
    ("charset", "codec", "url"),
    [("UTF-16LE", "utf-16-le", "%D0%BD?%D0%BD"), ("koi8-r", "koi8-r", "%D0%BD?%CE"), ("zlib", "cp1251", "%C3%AD?%ED")],
)
def test_the_header_names_the_charset_of_a_page_without_a_mark(charset, codec, url):
    content = '<meta http-equiv=refresh content="0;url=/н?н">'.encode(codec)
    found = refresh.find(content, HERE, f"text/html; charset={charset}")
    assert found
    assert found.url == f"https://a.example/{url}"


def test_the_page_of_t_co_for_browsers_points_on():
    found = refresh.find(T_CO, Url("https://t.co/4DK3Jc2BTt"))
    assert found == refresh.Pointer(Via.META_REFRESH, "https://buff.ly/2uSOHDs", Url("https://buff.ly/2uSOHDs"))


@pytest.mark.parametrize(
    "script",
    [
        'window.opener = null; location.replace("https:\\/\\/b.example\\/x")',
        "location='https://b.example/x'",
        "window.location.href = 'https://b.example/x';",
        "document.location.assign('https://b.example/x')",
        "top.location = 'https:\\x2f\\u002fb.example/x' // go",
        "<!--\nlocation.href='https://b.example/x'\n//-->",
        "<!-- hide\nlocation.href='https://b.example/x';\n-->",
        "//<![CDATA[\nlocation.href='https://b.example/x';\n//]]>",
        "/*<![CDATA[*/ 'use strict'; location.href='https://b.example/x' /*]]>*/",
        "// they moved\n;;window.top . location . href = 'https://b.example/x';;",
        "location='https:\\u{2f}/b.\\\nexample/\\nx'",
    ],
)
def test_a_script_that_does_nothing_but_relocate_points_on(script):
    found = refresh.find(f"<html><script type=text/javascript>{script}</script>".encode(), HERE)
    assert found
    assert (found.via, found.url) == (Via.SCRIPT, "https://b.example/x")


@pytest.mark.parametrize(
    "content",
    [
        b"<script>if (top != self) location = 'https://b.example/x'</script>",
        b"<script>function go() { location = 'https://b.example/x' }</script>",
        b"<script>location = 'https://b.example/' + id</script>",
        b"<script>var location = 'https://b.example/x'</script>",
        b"<script src=x.js>location = 'https://b.example/x'</script>",
        b"<script type=text/template>location = 'https://b.example/x'</script>",
        b"<!-- <script>location = 'https://b.example/x'</script> -->",
        b"<a onclick=\"location = 'https://b.example/x'\">x</a>",
        b"<script>location = '#top'</script>",
        b"<noscript><script>location = 'https://b.example/x'</script></noscript>",
        b"<script type=text/blocked-javascript>location = 'https://b.example/x'</script>",
        b"<script type='text/javascript; charset=utf-8'>location = 'https://b.example/x'</script>",
        b"<script nomodule>location = 'https://b.example/x'</script>",
        b"<script language=vbscript>location = 'https://b.example/x'</script>",
    ],
)
def test_a_relocation_that_may_never_run_is_not_followed(content):
    assert refresh.find(content, HERE) is None


@pytest.mark.parametrize(
    "unit",
    [
        b"<",
        b"<meta ",
        b"<!--",
        b'<a b="',
        b"<a =",
        b"http-equiv=refresh ",
        b"http-equiv" + b" " * 50,
        b"<script>",
        b"</script",
        b"<meta http-equiv=refresh content='0;",
        b"<template>",
        b"location.replace(" + b" " * 50,
        b"=\n",
        b"<a b=c ",
        b"<title></titl",
        b"<svg><![CDATA[",
        b"<script>/*</script>",
        b"<noscript><script>location='",
    ],
)
def test_a_megabyte_made_to_be_scanned_again_and_again_is_scanned_once(unit):
    # No timing here: what took more than linear time would take minutes, and benchmarks/ measures the growth.
    refresh.find(b"<meta http-equiv=refresh content=x>location=''" + unit * (1_000_000 // len(unit)), HERE)
