"""Whether a page's title says that the page is not there, whatever its status: soft 404s, in the words of many languages."""

from __future__ import annotations

import re
import unicodedata

# What pages call themselves that aren't there, folded as _folded does it; "404" and the like may stand before or after.
NOT_FOUND = frozenset(
    _line.strip()
    for _line in """
not found
page not found
the page was not found
page cannot be found
page can't be found
the page you requested was not found
the page you are looking for could not be found
this page could not be found
that page can't be found
this page doesn't exist
this page does not exist
page does not exist
page doesn't exist
page no longer exists
page unavailable
page not available
this page isn't available
this page is not available
page no longer available
content not found
content unavailable
content not available
this content isn't available
article not found
story not found
post not found
file not found
url not found
document not found
object not found
resource not found
video unavailable
nothing found
no page found
seite nicht gefunden
die seite wurde nicht gefunden
artikel nicht gefunden
seite existiert nicht
seite nicht verfügbar
page introuvable
page non trouvée
cette page n'existe pas
article introuvable
contenu introuvable
página no encontrada
no se encontró la página
no se ha encontrado la página
contenido no encontrado
la página no existe
página não encontrada
página não existe
conteúdo não encontrado
pagina non trovata
la pagina non esiste
contenuto non trovato
pàgina no trobada
orria ez da aurkitu
páxina non atopada
pagina niet gevonden
deze pagina bestaat niet
artikel niet gevonden
sidan hittades inte
sidan kunde inte hittas
sidan finns inte
siden blev ikke fundet
siden findes ikke
siden ble ikke funnet
siden finnes ikke
sivua ei löydy
sivua ei löytynyt
síða fannst ekki
страница не найдена
страница не существует
материал не найден
запрашиваемая страница не найдена
сторінку не знайдено
сторінка не знайдена
старонка не знойдзена
страницата не е намерена
страницата не съществува
страница није пронађена
страницата не е пронајдена
stranica nije pronađena
stran ni bila najdena
nie znaleziono strony
strona nie została znaleziona
strona nie istnieje
stránka nenalezena
stránka nebyla nalezena
stránka neexistuje
stránka sa nenašla
stránka nebola nájdená
az oldal nem található
oldal nem található
pagina nu a fost găsită
pagină negăsită
puslapis nerastas
lapa nav atrasta
lehekülge ei leitud
lehte ei leitud
η σελίδα δεν βρέθηκε
σελίδα δεν βρέθηκε
sayfa bulunamadı
səhifə tapılmadı
бет табылмады
გვერდი ვერ მოიძებნა
էջը չի գտնվել
ページが見つかりません
ページが見つかりませんでした
お探しのページは見つかりません
お探しのページは見つかりませんでした
お探しのページが見つかりません
指定されたページが見つかりません
页面不存在
页面未找到
页面没有找到
找不到页面
找不到该页面
您访问的页面不存在
未找到页面
頁面不存在
找不到頁面
找不到網頁
找不到此頁面
페이지를 찾을 수 없습니다
페이지를 찾을 수 없음
존재하지 않는 페이지입니다
الصفحة غير موجودة
لم يتم العثور على الصفحة
الصفحة المطلوبة غير موجودة
הדף לא נמצא
העמוד לא נמצא
صفحه یافت نشد
صفحه پیدا نشد
صفحہ نہیں ملا
पृष्ठ नहीं मिला
पेज नहीं मिला
পৃষ্ঠা পাওয়া যায়নি
không tìm thấy trang
trang không tồn tại
halaman tidak ditemukan
halaman tidak dijumpai
hindi mahanap ang pahina
ไม่พบหน้า
ไม่พบหน้าที่ต้องการ
ukurasa haukupatikana
bladsy nie gevind nie
""".strip().splitlines()
)
STATUS = re.compile(
    r"(?:(?:http|status|code|error|erreur|fehler|errore|erro|fel|feil|fejl|virhe|błąd|chyba|hiba|eroare|ошибка|помилка|"
    r"грешка|greška|σφάλμα|hata|エラー|错误|錯誤|오류|خطأ)[\s:#-]*+){0,3}(?:404|410)(?:[\s:-]*+(?:error|erreur|fehler|errore|erro|"
    r"not found|gone|エラー|错误|오류))?"
)
STATUS_FIRST = re.compile(rf"{STATUS.pattern}[\s:,(-]*+")
STATUS_LAST = re.compile(rf"(?:(?<![\s:,-])[\s:,-]++)?\(?{STATUS.pattern}\)?\Z")
LEAD = re.compile(r"(?:(?:sorry|oops|ooops|whoops|uh-oh|error|fehler|erreur|ups|lo sentimos|désolé|hoppla)[\s,.!:…-]++)++")
BARE = re.compile(r"\s*(?:404|410)\s*[-|–—·•»]")
# A run of blanks is entered at its beginning only, so that many runs, or a long one, cost one look each.
SEPARATOR = re.compile(r"(?<!\s)\s++[-|–—·•»:]{1,2}\s++|(?:(?<!\s)\s++)?[|»]\s*+|:\s++")
LONGEST_NAME = 5  # words of a site's name, which its pages' titles end or begin with


def is_not_found(title: str) -> bool:
    """Whether a title says that its page is not there, and besides at most whose page it would be."""
    parts = [part for part in (_folded(part) for part in SEPARATOR.split(title)) if part]
    others = [part for part in parts if not _says_not_found(part)]
    if len(others) == len(parts):
        return _says_not_found(_folded(title))
    is_bare = all(part.isdigit() for part in parts if part not in others)
    if is_bare and others and not BARE.match(title):  # "404: a life", "Peugeot | 404"
        return False
    return sum(len(part.split()) for part in others) <= LONGEST_NAME


def _says_not_found(part: str) -> bool:
    part = LEAD.sub("", part, count=1) if LEAD.match(part) else part
    if part in NOT_FOUND or STATUS.fullmatch(part):
        return True
    if not ("404" in part or "410" in part):
        return False
    first, last = STATUS_FIRST.match(part), STATUS_LAST.search(part, 1)
    said = (part[first.end() :].rstrip("!1") if first else "", part[: last.start()] if last else "")
    return any(words.strip(" ()-:,.") in NOT_FOUND for words in said)


def _folded(part: str) -> str:
    text = unicodedata.normalize("NFC", part).replace("’", "'").casefold()
    return " ".join(text.split()).strip(" .!?…:;,。！-–—[]«»\"'“”")
