from datetime import date

import pytest

from crawler.core.dates import read_day, to_utc


@pytest.mark.parametrize(
    ("printed", "text", "day"),
    [
        ("October 23, 2016", "October 23, 2016", date(2016, 10, 23)),
        ("December 30, 2017He went on", "December 30, 2017", date(2017, 12, 30)),
        ("24 октября 2016 г. Потом", "24 октября 2016 г.", date(2016, 10, 24)),
        ("24 октября 2016 г.Потом", "24 октября 2016 г.", date(2016, 10, 24)),
        ("۲۴ آبان ۱۳۹۸", "۲۴ آبان ۱۳۹۸", None),
        ("16 мая 2018 г.", "16 мая 2018 г.", date(2018, 5, 16)),
        ("6 Φεβρουαρίου 2018", "6 Φεβρουαρίου 2018", date(2018, 2, 6)),
        ("2. Juni 2018", "2. Juni 2018", date(2018, 6, 2)),
        ("6. März 2018", "6. März 2018", date(2018, 3, 6)),
        ("1er janvier 2019", "1er janvier 2019", date(2019, 1, 1)),
        ("23 de octubre de 2016", "23 de octubre de 2016", date(2016, 10, 23)),
        ("octubre 23, 2016", "octubre 23, 2016", date(2016, 10, 23)),
        ("29 de fevereiro de 2020", "29 de fevereiro de 2020", date(2020, 2, 29)),
        ("10 lipca 2019", "10 lipca 2019", date(2019, 7, 10)),
        ("6. helmikuuta 2018", "6. helmikuuta 2018", date(2018, 2, 6)),
        ("12 Şubat 2019", "12 Şubat 2019", date(2019, 2, 12)),
        ("2016. február 6.", "2016. február 6.", date(2016, 2, 6)),
        ("2017年5月21日", "2017年5月21日", date(2017, 5, 21)),
        ("2016년 10월 23일", "2016년 10월 23일", date(2016, 10, 23)),
        ("5 मार्च 2017", "5 मार्च 2017", date(2017, 3, 5)),
        ("ডিসেম্বর 9, 2018", "ডিসেম্বর 9, 2018", date(2018, 12, 9)),
        ("৯ ডিসেম্বর ২০১৮", "৯ ডিসেম্বর ২০১৮", date(2018, 12, 9)),
        ("7 มีนาคม 2016", "7 มีนาคม 2016", date(2016, 3, 7)),
        ("٧ مارس ٢٠١٦", "٧ مارس ٢٠١٦", date(2016, 3, 7)),
        ("۲۰ ژوئیهٔ ۲۰۱۶", "۲۰ ژوئیهٔ ۲۰۱۶", date(2016, 7, 20)),
        ("20 جولائی، 2016", "20 جولائی، 2016", date(2016, 7, 20)),
        ("11 Agustus 2019", "11 Agustus 2019", date(2019, 8, 11)),
        ("Ngày 7 tháng 11 năm 2020", "Ngày 7 tháng 11 năm 2020", date(2020, 11, 7)),
        ("7 tháng 11, 2020", "7 tháng 11, 2020", date(2020, 11, 7)),
        ("7. 11. 2020", "7. 11. 2020", date(2020, 11, 7)),
    ],
)
def test_a_printed_day_is_read_in_its_language_as_it_stands(printed, text, day):
    found = read_day(printed)
    assert found is not None
    assert (found.text, found.day) == (text, day)


def test_a_month_that_the_table_lacks_still_has_the_shape_of_a_day():
    found = read_day("23 xyzember 2016")
    assert found is not None
    assert found.day is None


@pytest.mark.parametrize("printed", ["", "on Friday", "23", "October", "31 of them 20167", "1.2.20167", "version 1.2"])
def test_what_has_no_shape_of_a_day_is_none(printed):
    assert read_day(printed) is None


def test_a_day_that_the_calendar_lacks_has_no_date():
    found = read_day("February 31, 2016")
    assert found is not None
    assert found.day is None


@pytest.mark.parametrize(
    ("printed", "time"),
    [
        ("2016-10-25T12:00:00+03:00", "2016-10-25T09:00:00Z"),
        ("2016-10-25T12:00+0300", "2016-10-25T09:00:00Z"),
        ("2016-10-25T12:00:00.000Z", "2016-10-25T12:00:00Z"),
        ("2016-10-25 12:00:00", "2016-10-25T12:00:00"),
        ("2016-10-25", "2016-10-25"),
        ("Tue, 25 Oct 2016 12:00:00 GMT", "2016-10-25T12:00:00Z"),
        ("25 Oct, 2016 12:13", "2016-10-25"),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday at noon", None),
        ("", None),
    ],
)
def test_a_time_is_given_in_utc_only_where_its_zone_is_named(printed, time):
    assert to_utc(printed) == time
