from pathlib import Path

import pytest

from crawler.core.model import CitationKind, PieceKind
from crawler.core.text import read_text

FLATTENED = (Path(__file__).parents[1] / "pages/flattened.txt").read_text("utf-8")


def test_a_flattened_article_is_read_in_its_order():
    page = read_text(FLATTENED, None)
    assert page.kind is PieceKind.ARTICLE
    assert page.article.title == "Harbour reopens after the storm, pilots cheer"
    assert [(citation.kind, citation.href, citation.url, citation.tweet) for citation in page.citations] == [
        (CitationKind.TWEET, None, None, 0),
        (CitationKind.TWEET_LINK, "https://t.co/AAAAAAAAA1", "https://t.co/AAAAAAAAA1", 0),
        (CitationKind.TWEET_MEDIA, "pic.twitter.com/AAAAAAAAA2", "pic.twitter.com/AAAAAAAAA2", 0),
        (CitationKind.READ_MORE, None, None, None),
        (CitationKind.TWEET_LINK, "https://t.co/AAAAAAAAA3", "https://t.co/AAAAAAAAA3", None),
        (CitationKind.TWEET_LINK, "https://t.co/AAAA…", None, None),
    ]


def test_a_truncated_slug_is_never_a_url():
    (citation,) = read_text("Gone: https://t.co/54iN2… he said").citations
    assert citation.url is None
    assert citation.href == "https://t.co/54iN2…"


def test_a_truncated_address_is_no_url():
    (loose,) = read_text("As seen on http://quay.example/the-sto… yesterday").citations
    assert (loose.href, loose.url, loose.confidence) == ("http://quay.example/the-sto…", None, 0.2)
    page = read_text("As seen on http://quay.example/the-sto…\n— Port (@portoffice) May 2, 2020")
    assert [(tweet.links, page.citations[1].url) for tweet in page.tweets] == [((), None)]


def test_a_tweets_words_hold_no_character_references():
    (tweet,) = read_text("Wind &amp; rain&hellip; &mdash; Port &amp; Sons (@portoffice) May 2, 2020").tweets
    assert (tweet.text, tweet.author) == ("Wind & rain…", "Port & Sons")


def test_every_href_stands_in_the_input_as_written():
    assert all(citation.href in FLATTENED for citation in read_text(FLATTENED).citations if citation.href)


def test_a_tweet_printed_again_without_its_author_is_no_second_pointer():
    tweet = "First ship in! https://t.co/AAAAAAAAA1"
    page = read_text(f"{tweet}\n— Port (@portoffice) May 2, 2020\n{tweet}\n")
    assert [citation.kind for citation in page.citations] == [CitationKind.TWEET, CitationKind.TWEET_LINK]


def test_slugs_that_differ_by_case_are_two():
    page = read_text("https://t.co/AAAAAAAAA1 and https://t.co/aaaaaaaaa1")
    assert len(page.citations) == 2


@pytest.mark.parametrize(
    ("text", "label", "title"),
    [
        ("READ MORE: Storm closes the port", "READ MORE", "Storm closes the port"),
        ("READ MORE:\ufffdStorm closes the port", "READ MORE", "Storm closes the port"),
        ("READ MORE:Storm closes the port", "READ MORE", "Storm closes the port"),
        ("He waited. READ MORE: Storm closes the whole port The crews had to wait.", "READ MORE", "Storm closes the whole port"),
        ('Gone. READ MORE: Storm closes the port "We wait for the pilots now," he said.', "READ MORE", "Storm closes the port"),
        ("Er ging. Mehr zum Thema-Hafen wartet auf Schiffe Seit dem Sturm ruht er.", "Mehr zum Thema", "Hafen wartet auf Schiffe"),
        ("They left. (RELATED: Storm Closes The Port) Then more.", "RELATED", "Storm Closes The Port"),
        ("Lire aussi : La tempête ferme le port", "Lire aussi", "La tempête ferme le port"),
        ("LEIA TAMBÉM: Porto fecha por dois dias", "LEIA TAMBÉM", "Porto fecha por dois dias"),
        ("Читайте также: Шторм закрыл порт", "Читайте также", "Шторм закрыл порт"),
        ("延伸閱讀：風暴關閉港口", "延伸閱讀", "風暴關閉港口"),
        ("İLGİLİ HABER: Fırtına limanı kapattı", "İLGİLİ HABER", "Fırtına limanı kapattı"),
        ("Lire le reportage : La tempête ferme le port", "Lire le reportage", "La tempête ferme le port"),
        ("AbonnésLire aussi : La tempête ferme le port", "Lire aussi", "La tempête ferme le port"),
        ("They left. (Related: Storm closes port) More.", "Related", "Storm closes port"),
        ("READ ALSO\nStorm closes the port\nIt reopened on Monday.", "READ ALSO", "Storm closes the port"),
        ("Read More:\n\nStorm closes the port\n", "Read More", "Storm closes the port"),
        ("[Read more] Storm closes the port [video]", "Read more", "Storm closes the port [video]"),
        ("【関連記事】嵐で港が閉鎖される", "関連記事", "嵐で港が閉鎖される"),
        ("LEGGI ANCHE → La tempesta chiude il porto", "LEGGI ANCHE", "La tempesta chiude il porto"),
        ("ΔΙΑΒΑΣΤΕ ΕΠΙΣΗΣ: Η καταιγίδα έκλεισε το λιμάνι", "ΔΙΑΒΑΣΤΕ ΕΠΙΣΗΣ", "Η καταιγίδα έκλεισε το λιμάνι"),
        ("AYRICA OKUYUN: Fırtına limanı kapattı", "AYRICA OKUYUN", "Fırtına limanı kapattı"),
        ("LEA TAMBIEN: La tormenta cierra el puerto", "LEA TAMBIEN", "La tormenta cierra el puerto"),
        ("It was late.\nRelated: Storm closes the port\nAnd so on.", "Related", "Storm closes the port"),
        ("Było późno.\nWięcej: Sztorm zamyka port\nI tak dalej.", "Więcej", "Sztorm zamyka port"),
        ("All pilots wait. READ MORE: Storm closes the port Pilots said so.", "READ MORE", "Storm closes the port"),
        ("A green sea, said minister Green then. READ MORE: Storm keeps the minister Green from leaving", "READ MORE",
         "Storm keeps the minister Green from leaving"),
        ("यह भी पढ़ें: तूफान ने बंदरगाह बंद किया", "यह भी पढ़ें", "तूफान ने बंदरगाह बंद किया"),
        ("यह भी प\u095dें: तूफान ने बंदरगाह बंद किया", "यह भी प\u095dें", "तूफान ने बंदरगाह बंद किया"),
        ("আরও পড়ুন: ঝড়ে বন্দর বন্ধ", "আরও পড়ুন", "ঝড়ে বন্দর বন্ধ"),
        ("یہ بھی پڑھیں: طوفان نے بندرگاہ بند کر دی", "یہ بھی پڑھیں", "طوفان نے بندرگاہ بند کر دی"),
        ("Đã muộn.\nBài liên quan: Bão đóng cửa cảng", "Bài liên quan", "Bão đóng cửa cảng"),
        ("قال ذلك.\nمواضيع ذات صلة: العاصفة تغلق الميناء", "مواضيع ذات صلة", "العاصفة تغلق الميناء"),
        ("It was late.\nRELATED STORIES: Storm closes the port", "RELATED STORIES", "Storm closes the port"),
        ("It was late.\nREAD: Storm closes the port\nAnd so on.", "READ", "Storm closes the port"),
        ("Sudah malam. BACA: Badai menutup pelabuhan kota", "BACA", "Badai menutup pelabuhan kota"),
        ("Gone. READ MORE: Storm closes the port, says ministerThe pilots had to wait.", "READ MORE",
         "Storm closes the port, says minister"),
        ("Parti. LIRE AUSSI > La tempête ferme le portMalgré tout, le pilote attend.", "LIRE AUSSI", "La tempête ferme le port"),
        ("Gone. READ MORE: Why was the port closed?Pilots had to wait there.", "READ MORE", "Why was the port closed?"),
        ("Gone. READ MORE: Storm keeps easyJet waiting. An easyJet pilot said so.", "READ MORE", "Storm keeps easyJet waiting."),
        ("Gone. READ MORE: Storm stops LinkedIn and WikiLeaks for days The pilots had to wait.", "READ MORE",
         "Storm stops LinkedIn and WikiLeaks for days"),
        ("READ ALSO: Port&#8217;s pilots &amp; crews wait", "READ ALSO", "Port’s pilots & crews wait"),
        ("Hujan. Baca juga: Badai menutup pelabuhan kota Beliau menunggu.", "Baca juga", "Badai menutup pelabuhan kota"),
        ("Gone. READ MORE: Storm closes the port for a day in 2019The pilots had to wait.", "READ MORE",
         "Storm closes the port for a day in 2019"),
        ("Gone. READ MORE: Storm closes the portA pilot had to wait there.", "READ MORE", "Storm closes the port"),
        ("Gone. READ MORE: Storm nears the port of Los Angeles The pilots wait.", "READ MORE", "Storm nears the port of Los Angeles"),
        ("Parti. Lire aussi : La tempête ferme le port de Nice Le Havre attend.", "Lire aussi", "La tempête ferme le port de Nice"),
        ("Via. Leggi anche: La tempesta chiude il porto Sul molo i piloti.", "Leggi anche", "La tempesta chiude il porto"),
        ("ذهب.\nاقرأ أيضا.. العاصفة تغلق الميناء", "اقرأ أيضا", "العاصفة تغلق الميناء"),
        ("Read more on this story:\n\nStorm closes the port", "Read more on this story", "Storm closes the port"),
        ("■あわせて読みたい\n嵐で港を閉鎖", "あわせて読みたい", "嵐で港を閉鎖"),
        ("READ MORE:\u200bStorm closes the port", "READ MORE", "Storm closes the port"),
        ("*READ MORE: Storm closes the port*", "READ MORE", "Storm closes the port"),
        ("**Read more:** Storm closes the port", "Read more", "Storm closes the port"),
        ("Gone.\n*Related: Storm closes the port*", "Related", "Storm closes the port"),
        ("Read more\n\nREAD MORE: Storm closes the port", "READ MORE", "Storm closes the port"),
        ("See also Every storm since 1990, ranked", "See also", "Every storm since 1990, ranked"),
        ("Gone. SEE ALSO: The Ten Worst Storms In Europe The port reopens soon.", "SEE ALSO", "The Ten Worst Storms In Europe"),
        ("Gone. SEE ALSO: Storm Closes Port And Two Roads Pilots waited all day.", "SEE ALSO", "Storm Closes Port And Two Roads"),
    ],
)  # fmt: skip
def test_a_reference_is_read_by_its_mark_and_ends_where_its_title_does(text, label, title):
    (citation,) = [citation for citation in read_text(text).citations if citation.kind is CitationKind.READ_MORE]
    assert (citation.label, citation.text, citation.href) == (label, title, None)


@pytest.mark.parametrize(
    "text",
    [
        "You can read more about it here.",
        "Read more",
        "We read more: nothing.",
        "Seealso: nothing at all",
        "Related: it was late, and the storm grew",
        "It was late.\nMore: than that nobody said a word",
        "It was late.\nRelated: The storm had grown, the pilots said.",
        "It was late.\nAnalysis: What the storm has done",
        "Read more\nThe port reopened on Monday, its pilots said.",
        "See also the report below",
        "Now. Also read: nothing, she used to say, that was printed before the storm",
        "Read more\n\nClick here to read more",
        "Read more...\nStorm closes the port",
        "They left.Read more:Featured image via Ann Lee/Harbour Images",
        "और पढ़ें\nउन्होंने कहा कि बंदरगाह बंद है।",
        "It was late.\nRead: he never did, as the pilots of the port know",
        "It was late.\nBerita terkait ini sudah lama",
    ],
)
def test_words_like_a_mark_are_no_reference(text):
    assert not read_text(text).citations


@pytest.mark.parametrize(
    "text",
    [
        "READ MORE: [Storm closes the port](https://quay.example/storm)",
        "**Read more:** [Storm closes the port](https://quay.example/storm) Then.",
        "Read more [Storm closes the port](https://quay.example/storm)",
        "[READ MORE: Storm closes the port](https://quay.example/storm) Then.",
        "Gone. READ MORE: Storm closes the port <https://quay.example/storm> The pilots had to wait.",
        "READ MORE: Storm closes the port (https://quay.example/storm)",
        "READ MORE\n\n- [Storm closes the port](https://quay.example/storm)",
    ],
)
def test_a_reference_keeps_the_address_that_mail_or_markdown_print_with_its_title(text):
    (citation,) = read_text(text).citations
    assert (citation.kind, citation.text, citation.url) == (
        CitationKind.READ_MORE,
        "Storm closes the port",
        "https://quay.example/storm",
    )


def test_a_title_ends_where_the_next_mark_begins():
    page = read_text("Gone. READ MORE: Storm closes the portREAD MORE: Pilots wait for daysThe port reopened. Nobody was hurt.")
    assert [citation.text for citation in page.citations] == ["Storm closes the port", "Pilots wait for days"]


def test_a_list_below_a_mark_is_a_reference_each():
    page = read_text(
        "Gone.\n\nREAD ALSO\n- Storm closes the port\n- Pilots wait for days\n\nThe port reopens on Monday, they said."
    )
    assert [(citation.label, citation.text) for citation in page.citations] == [
        ("READ ALSO", "Storm closes the port"),
        ("READ ALSO", "Pilots wait for days"),
    ]


def test_a_mark_on_a_tweets_line_is_the_storys_where_its_sentence_ended_and_another_begins():
    story = "They left. Read also: Storm closes the port The pilots wait. Ship ahoy https://t.co/AAAAAAAAA1 — Port (@portoffice) May 2, 2020"
    reference, tweet, _ = read_text(story).citations
    assert (reference.kind, reference.text) == (CitationKind.READ_MORE, "Storm closes the port")
    assert tweet.text == "The pilots wait. Ship ahoy https://t.co/AAAAAAAAA1"


@pytest.mark.parametrize("words", ["Gone. Read more: Storm closes the port.", "Gone! Read more: Storm closes the whole port"])
def test_a_tweet_that_ends_with_what_to_read_keeps_it(words):
    page = read_text(f"{words} https://t.co/AAAAAAAAA1 — Port (@portoffice) May 2, 2020")
    assert [tweet.text for tweet in page.tweets] == [f"{words} https://t.co/AAAAAAAAA1"]


def test_a_mark_before_a_tweet_on_the_one_line_of_a_story_is_no_part_of_the_tweet():
    story = "The port was closed for two days, its pilots said. " * 8
    page = read_text(
        f"Gone. READ MORE: Storm closes the port The pilots wait. {story}First ship! — Port (@portoffice) May 2, 2020"
    )
    assert [citation.kind for citation in page.citations] == [CitationKind.READ_MORE, CitationKind.TWEET]


def test_a_mark_between_two_tweets_of_one_line_is_no_part_of_the_second():
    page = read_text(
        "First! — Port (@portoffice) May 2, 2020 READ MORE: Storm closes the port The pilots wait. Second! — Port (@portoffice) May 3, 2020"
    )
    kinds = [citation.kind for citation in page.citations]
    assert kinds == [CitationKind.TWEET, CitationKind.READ_MORE, CitationKind.TWEET]
    assert (page.citations[1].text, page.tweets[1].text) == ("Storm closes the port", "The pilots wait. Second!")


@pytest.mark.parametrize("before", ["", "First! — Port (@portoffice) May 1, 2020 "])
def test_a_tweet_that_says_read_more_itself_is_no_reference(before):
    page = read_text(before + "READ MORE: Storm closes port https://t.co/AAAAAAAAA1 — Port (@portoffice) May 2, 2020")
    assert not [citation for citation in page.citations if citation.kind is CitationKind.READ_MORE]


@pytest.mark.parametrize(
    "text",
    [
        "First ship!https://t.co/AAAAAAAAA1- Port (@portoffice) May 2, 2020",
        "First ship!\nhttps://t.co/AAAAAAAAA1\npic.twitter.com/AAAAAAAAA2\n— Port (@portoffice)\nMay 2, 2020",
        "أول سفينة!https://t.co/AAAAAAAAA1 — Port (@portoffice) 2 مايو، 2020",
    ],
)
def test_a_tweet_keeps_its_link_however_its_lines_were_broken(text):
    (tweet,) = read_text(text).tweets
    assert (tweet.handle, tweet.links) == ("portoffice", ("https://t.co/AAAAAAAAA1",))
    assert tweet.claimed_on is not None
    assert (tweet.text or "")[:5] == text[:5]


SPACED = "The ships came in.\n\nOne after the other.\n\n{}\n— Port (@portoffice) May 2, 2020\n\nSo it ended.\n\nThe end.\n"


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("First line\nSecond https://t.co/AAAAAAAAA1", "First line\nSecond https://t.co/AAAAAAAAA1"),
        ("They wrote:\n\nFirst line\nSecond", "First line\nSecond"),
        ("1. One https://t.co/AAAAAAAAA1\n2. Two\n\n3. Three\n", "1. One https://t.co/AAAAAAAAA1\n2. Two\n\n3. Three"),
        ("1/ One\n\n2/ Two\n\n3/ Three", "1/ One\n\n2/ Two\n\n3/ Three"),
        ("7. Seven\n\n9. Nine", "9. Nine"),
        ("2. Two", "2. Two"),
        ("Line\n" * 60 + "Last", "Last"),
    ],
)
def test_in_a_text_with_empty_lines_a_tweet_is_its_paragraph_and_those_numbered_before_it(printed, words):
    (tweet,) = read_text(SPACED.format(printed)).tweets
    assert tweet.text == words
    assert tweet.links == (("https://t.co/AAAAAAAAA1",) if "t.co" in words else ())


def test_a_heading_of_markdown_is_the_title():
    assert read_text("# Storm closes the port\n\nIt reopens on Monday.").article.title == "Storm closes the port"
    assert read_text("#PortStorm closes the port\n\nIt reopens on Monday.").article.title == "#PortStorm closes the port"


def test_the_marks_of_a_quotation_are_no_part_of_its_words():
    page = read_text("He wrote:\n\n> First ship!\n> https://t.co/AAAAAAAAA1\n>\n> — Port (@portoffice) May 2, 2020\n\nAnd left.")
    assert [tweet.text for tweet in page.tweets] == ["First ship!\nhttps://t.co/AAAAAAAAA1"]


def test_in_a_text_without_empty_lines_a_tweet_is_its_line():
    (tweet,) = read_text(SPACED.replace("\n\n", "\n").format("Said a man.\nFirst ship!")).tweets
    assert tweet.text == "First ship!"


@pytest.mark.parametrize(
    ("text", "hrefs"),
    [
        ("See http://quay.example/a_(b).", ["http://quay.example/a_(b)"]),
        ("(http://quay.example/a), so", ["http://quay.example/a"]),
        ("[t](https://quay.example/x) and", ["https://quay.example/x"]),
        ("http://archive.example/http://quay.example/x", ["http://archive.example/http://quay.example/x"]),
        ("http://quay.example/xhttp://quay.example/y", ["http://quay.example/x", "http://quay.example/y"]),
    ],
)
def test_a_printed_address_ends_before_its_sentences_punctuation(text, hrefs):
    found = [citation.href for citation in read_text(text).citations]
    assert found[:1] == hrefs[:1]


def test_an_address_of_a_tweet_alone_on_its_line_is_an_embed():
    page = read_text("He tweeted:\nhttps://twitter.com/portoffice/status/1256500000000000001?s=20\nThen he left.")
    (tweet,) = page.tweets
    assert (tweet.status_id, tweet.handle, tweet.form) == ("1256500000000000001", "portoffice", "address")
    assert [citation.kind for citation in page.citations] == [CitationKind.TWEET]


def test_the_digest_knows_words_and_not_white_space():
    assert read_text("One two\nthree").text_sha256 == read_text("One  two three\n").text_sha256
    assert read_text("One two").text_sha256 != read_text("One too").text_sha256


def test_a_context_is_a_line_or_a_part_of_a_long_one():
    words = "The ships came in one after the other. " * 40
    page = read_text(f"{words}https://t.co/AAAAAAAAA1 {words}\nShort line https://t.co/AAAAAAAAA2 here.")
    first, second = page.citations
    assert first.context is not None
    assert "https://t.co/AAAAAAAAA1" in first.context
    assert len(first.context) <= 300
    assert second.context == "Short line https://t.co/AAAAAAAAA2 here."
