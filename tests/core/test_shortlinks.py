import pytest

from crawler.core.shortlinks import find_short_links


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("MoDhttps://t.co/54iN2oPcLX", ["https://t.co/54iN2oPcLX"]),
        ("сказалhttps://t.co/54iN2oPcLX", ["https://t.co/54iN2oPcLX"]),
        ("https://t.co/E74gcXhrGPpic.twitter.com/UVu3aa4tJ1", ["https://t.co/E74gcXhrGP", "pic.twitter.com/UVu3aa4tJ1"]),
        ("https://t.co/AAAAAAAAA1https://t.co/aaaaaaaaa1The", ["https://t.co/AAAAAAAAA1", "https://t.co/aaaaaaaaa1"]),
        ("pic.twitter.com/AAAAAAAAA1pic.twitter.com/AAAAAAAAA2URS", ["pic.twitter.com/AAAAAAAAA1", "pic.twitter.com/AAAAAAAAA2"]),
        ("https://t.co/AAAAAAAAA1via@ann", ["https://t.co/AAAAAAAAA1"]),
        ("https://t.co/AAAAAAAAA1#tag", ["https://t.co/AAAAAAAAA1"]),
        ("https://t.co/AAAAAAAAA1's", ["https://t.co/AAAAAAAAA1"]),
        ("https://t.co/AAAAAAAAA1日本", ["https://t.co/AAAAAAAAA1"]),
        ("https://t.co/AAAAAAAAA1\u200bnext", ["https://t.co/AAAAAAAAA1"]),
        ("https://t.co/AAAAAAAAA1?amp=1", ["https://t.co/AAAAAAAAA1"]),
        ("https://t.co/AAAAAAAAA1…", ["https://t.co/AAAAAAAAA1"]),
        ("HTTPS://T.CO/AAAAAAAAA1", ["HTTPS://T.CO/AAAAAAAAA1"]),
        ("http://t.co/abcdefg, then", ["http://t.co/abcdefg"]),
        ("http://t.co/abcdefghpic.twitter.com/AAAAAAAAA1", ["http://t.co/abcdefgh", "pic.twitter.com/AAAAAAAAA1"]),
        ("t.co/AAAAAAAAA1 and https://t.co/ and https://t.co/i", []),
        ("https://nott.co/AAAAAAAAA1", []),
        ("pic.twitter.com/ and epic.twitter.example/AAAAAAAAA1", []),
    ],
)
def test_a_glued_slug_is_cut_where_its_length_says(text, cut):
    assert [text[link.start : link.end] for link in find_short_links(text)] == cut


@pytest.mark.parametrize("text", ["https://t.co/54iN2…", "https://t.co/54iN2...", "pic.twitter.com/UVu…"])
def test_a_truncated_slug_is_told_from_a_whole_one(text):
    (link,) = find_short_links(text)
    assert link.is_truncated
    assert text[link.start : link.end] == text


def test_the_surer_the_cut_the_higher_the_confidence():
    texts = ("https://t.co/AAAAAAAAA1 ", "https://t.co/AAAAAAAAA1The", "https://t.co/abcdefgh ", "https://t.co/abc…")
    found = [find_short_links(text)[0].confidence for text in texts]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4
