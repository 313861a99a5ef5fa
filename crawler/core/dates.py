"""Dates as pages print them: the day under an embedded tweet, and the times in a page's metadata."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

# Month names, genitives and the abbreviations of embedded tweets, one row a month; languages that share a word share its cell.
_MONTHS = (
    """
    january jan januar jänner enero ene janvier janv gennaio gen januari janeiro ιανουαρίου ιαν января янв січня
    stycznia sty ledna led januára ocak oca tammikuuta tammi január ianuarie ian gener gaina ינואר يناير януари
    siječnja јануар sausio janvāris jaanuar
    janar جنوری ژانویهٔ ژانویه जनवरी जानेवारी জানুয়ারি জানুয়ারী ஜனவரி มกราคม студзеня јануари urtarrilaren xaneiro
    """,
    """
    february feb februar febrero février févr fév febbraio febbr februari fevereiro fev φεβρουαρίου φεβ февраля фев
    февр лютого lutego lut února úno februára şubat şub helmikuuta helmi február februarie febrer פברואר فبراير
    февруари veljače фебруар vasario februāris
    pebruari فروری فوریهٔ فوریه شباط फ़रवरी फरवरी फेब्रुवारी ফেব্রুয়ারি ফেব্রুয়ারী பிப்ரவரி กุมภาพันธ์ лютага
    фебруари otsailaren
    """,
    """
    march mar märz mrz marzo mars maart mrt março μαρτίου μαρ марта мар березня marca března bře mart maaliskuuta
    maalis március márc martie març marts מרץ مارس март ožujka kovo marts märts
    maret mac مارچ مارسِ آذار मार्च মার্চ மார்ச் มีนาคม сакавіка martxoaren marzec מרס
    """,
    """
    april apr abril abr avril avr aprile avr ἀπριλίου απριλίου απρ апреля апр квітня kwietnia kwi dubna dub apríla
    nisan nis huhtikuuta huhti április ápr aprilie אפריל أبريل إبريل април travnja balandžio aprīlis aprill
    آوریل اپریل نیسان अप्रैल एप्रिल এপ্রিল ஏப்ரல் เมษายน красавіка apirilaren kwiecień
    """,
    """
    may mai mayo mayo maggio mag mei maio maj μαΐου μαΪ μάιος мая май травня maja maj května kvě mája mayıs may
    toukokuuta touko május máj maig מאי مايو мај svibnja gegužės maijs
    مئی مهٔ مه أيار मई मे মে மே พฤษภาคม maiatzaren
    """,
    """
    june jun juni junio juin giugno giu junho ιουνίου ιουν июня июн червня czerwca cze června čer júna haziran haz
    kesäkuuta kesä június jún iunie juny יוני يونيو юни јун lipnja birželio jūnijs juuni
    جون ژوئن حزيران जून জুন ஜூன் มิถุนายน чэрвеня ekainaren czerwiec xuño
    """,
    """
    july jul juli julio juillet juil luglio lug julho ιουλίου ιουλ июля июл липня lipca lip července čvc júla temmuz
    tem heinäkuuta heinä július júl iulie juliol יולי يوليو юли јул srpnja liepos jūlijs juuli
    julai جولائی ژوئیهٔ ژوئیه تموز जुलाई जुलै জুলাই ஜூலை กรกฎาคม ліпеня uztailaren lipiec xullo
    """,
    """
    august aug agosto ago août agosto ago augustus augusti αυγούστου αυγ августа авг серпня sierpnia sie srpna srp
    augusta ağustos ağu elokuuta elo augusztus agost אוגוסט أغسطس август kolovoza rugpjūčio augusts
    agustus ogos اگست اوت آب अगस्त ऑगस्ट আগস্ট ஆகஸ்ட் สิงหาคม жніўня abuztuaren sierpień
    """,
    """
    september sep sept septiembre setiembre septembre settembre set setembro σεπτεμβρίου σεπ σεπτ сентября сен сент
    вересня września wrz září zář septembra eylül eyl syyskuuta syys szeptember szept septembrie setembre ספטמבר
    سبتمبر септември rujna септембар rugsėjo septembris
    ستمبر سپتامبر أيلول सितंबर सितम्बर सप्टेंबर সেপ্টেম্বর செப்டம்பர் กันยายน верасня irailaren wrzesień
    """,
    """
    october oct oktober okt octubre octobre ottobre ott outubro out οκτωβρίου οκτ октября окт жовтня października paź
    października října říj októbra ekim eki lokakuuta loka október octombrie oct אוקטובר أكتوبر октомври listopada
    октобар spalio oktobris oktoober
    اکتوبر اکتبر अक्टूबर अक्तूबर ऑक्टोबर অক্টোবর அக்டோபர் ตุลาคม кастрычніка urriaren październik
    """,
    """
    november nov noviembre novembre novembro νοεμβρίου νοε ноября ноя нояб листопада listopada lis listopadu lis
    novembra kasım kas marraskuuta marras noiembrie נובמבר نوفمبر ноември studenoga новембар lapkričio novembris
    نومبر نوامبر नवंबर नवम्बर नोव्हेंबर নভেম্বর நவம்பர் พฤศจิกายน лістапада azaroaren
    """,
    """
    december dec dezember dez diciembre dic décembre déc dicembre dezembro δεκεμβρίου δεκ декабря дек грудня grudnia
    gru prosince pro decembra aralık ara joulukuuta joulu decembrie desember des desembre דצמבר ديسمبر декември
    prosinca децембар gruodžio decembris detsember
    disember دسمبر دسامبر दिसंबर दिसम्बर डिसेंबर ডিসেম্বর டிசம்பர் ธันวาคม снежня abenduaren grudzień
    """,
)
# "listopada" is October in Croatian and November in Polish: the later row wins, for Polish pages are the more numerous.
_MONTH_NUMBERS = {name.casefold(): number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}

# The vowel signs of the scripts of India, Iran and Thailand, which are no letters to `re`: "मार्च" is three of those.
_SIGNS = "".join(map(chr, (c for c in range(0x0600, 0x0F00) if unicodedata.category(chr(c)).startswith("M"))))
_WORD = rf"(?:[^\W\d_][{_SIGNS}]{{0,3}}){{1,24}}(?:\.(?!\w))?"  # no month has a longer name
# Years of this century, in the digits of Europe, Arabia, Iran, India and Bengal; and those of Iran's own calendar.
_CENTURY = "[2\u0662\u06f2\u0968\u09e8][0\u0660\u06f0\u0966\u09e6]"
_YEAR = rf"(?:19|{_CENTURY}|\u06f1[\u06f3\u06f4])\d\d"
_OF = r"(?:\s?(?:de|del|di|d[’']|ב|ta[’'])\s?)?"
_DAY_FIRST = rf"(?P<d1>\d{{1,2}})(?:\.|er|º|°|st|nd|rd|th)?\s?{_OF}(?P<m1>{_WORD})\s?[,،]?{_OF}\s?(?P<y1>{_YEAR})"
_MONTH_FIRST = rf"(?P<m2>{_WORD})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s?[,،]?\s?(?P<y2>{_CENTURY}\d\d)"
_YEAR_FIRST = r"(?P<y3>20\d\d)\s?[年년./-]\s?(?P<d3m>\d{1,2})\s?[月월./-]\s?(?P<d3>\d{1,2})(?:\s?[日일.])?"
_YEAR_WORD = rf"(?P<y4>20\d\d)\.?\s(?:m\.\s)?(?P<m4>{_WORD})\s(?P<d4>\d{{1,2}})(?:\.|\sd\.)?"
# "Ngày 3 tháng 3 năm 2020", "3.3.2020": with dots, the day stands first wherever it is so written.
_MONTH_NUMBER = r"(?:[Nn]gày\s)?(?P<d5>\d{1,2})(?:\stháng\s|\.\s?)(?P<m5>\d{1,2})(?:,\s|\snăm\s|\.\s?)(?P<y5>20\d\d)"
# Bulgarian, Ukrainian and Russian put a word for "year" behind it; it is part of the date as printed.
_YEAR_MARK = r"(?:\s?(?:г|р|год|года)\.)?"
PRINTED_DAY = re.compile(rf"(?:{_DAY_FIRST}|{_MONTH_FIRST}|{_YEAR_WORD}|{_YEAR_FIRST}|{_MONTH_NUMBER})(?!\d){_YEAR_MARK}")


@dataclass(frozen=True, slots=True)
class PrintedDay:
    """A day as printed, where it ends in its text, and the day it names where its month is known."""

    text: str
    end: int
    day: date | None


def read_day(text: str, position: int = 0) -> PrintedDay | None:
    """Return the day printed at position, or None where none stands there.

    A month in a language that the table lacks still has the shape of a day: its `day` is None.
    """
    found = PRINTED_DAY.match(text, position)
    if not found:
        return None
    day = found["d1"] or found["d2"] or found["d3"] or found["d4"] or found["d5"]
    year = found["y1"] or found["y2"] or found["y3"] or found["y4"] or found["y5"]
    word = found["m1"] or found["m2"] or found["m4"]
    number = found["d3m"] or found["m5"]
    month = int(number) if number else _MONTH_NUMBERS.get(word.rstrip(".").casefold())
    return PrintedDay(found[0], found.end(), _date(int(year), month, int(day)))


def _date(year: int, month: int | None, day: int) -> date | None:
    try:
        return date(year, month, day) if month else None
    except ValueError:
        return None


_COMPACT_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")


def to_utc(printed: str) -> str | None:
    """Return a metadata time as ISO 8601: in UTC with Z where it names a zone, else as printed; a day stays a day."""
    printed = " ".join(printed.split())
    if not 8 <= len(printed) <= 60:
        return None
    moment = _iso(printed) or _rfc_5322(printed)
    if moment is None:
        named = read_day(printed)
        return named.day.isoformat() if named and named.day else None
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            return moment.isoformat(timespec="seconds")
        try:
            return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        except OverflowError:
            return None
    return moment.isoformat()


def _iso(printed: str) -> date | None:
    if not printed[:4].isdecimal():
        return None
    if len(printed) <= len("2016-10-25"):
        try:
            return date.fromisoformat(printed)
        except ValueError:
            return None
    for shape in (printed, _COMPACT_ZONE.sub(r"\1:\2", printed.replace(" UTC", "Z").replace(" +", "+").replace(" -", "-"))):
        try:
            return datetime.fromisoformat(shape)
        except ValueError:
            continue
    return None


def _rfc_5322(printed: str) -> datetime | None:
    try:
        return parsedate_to_datetime(printed)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
