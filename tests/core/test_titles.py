import pytest

from crawler.core.titles import fold, without_site


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Ship” comes in – minister", '"Ship" comes in - minister'),
        ("Ship\u00a0comes  in", "ship comes in."),
        ("The Ship’s Crew", "the ship's crew"),
        ("Ｓｈｉｐ in", "ship in"),
        ("Ship\ufffdin…", "Ship in"),
        ("STRASSE", "straße"),
    ],
)
def test_two_printings_of_one_title_fold_to_the_same(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize("title", ["Ship comes in: crew cheers", "ǰ", "İstanbul", "  ", "— –"])
def test_folding_twice_changes_nothing(title):
    assert fold(fold(title)) == fold(title)


def test_titles_that_differ_in_a_word_stay_apart():
    assert fold("Ship comes in") != fold("Ship goes in")


@pytest.mark.parametrize(
    ("title", "site_name", "expected"),
    [
        ("Ship comes in — Quay World News", "Quay International", "Ship comes in"),
        ("Ship comes into the port | The Quay Gazette", None, "Ship comes into the port"),
        ("Ship comes into port - World - The Quay Gazette", "The Quay Gazette", "Ship comes into port - World"),
        ("The Quay Gazette - Ship comes into the port at last", "The Quay Gazette", "Ship comes into the port at last"),
        ("Ship comes in – Russian MoD", "Quay Gazette", "Ship comes in – Russian MoD"),
        ("Ship comes in - minister", None, "Ship comes in - minister"),
        ("Quay | Ship", None, "Quay | Ship"),
        ("The Quay Gazette", "The Quay Gazette", "The Quay Gazette"),
    ],
)
def test_only_the_sites_own_name_is_taken_off_a_title(title, site_name, expected):
    assert without_site(title, site_name) == expected
