"""The marks that outlets set before a reference to another story: READ MORE, Lesen Sie auch, A lire aussi. Data, by language."""

from __future__ import annotations

# An invitation to read: what follows it is a reference, be it one title or a list of them.
INVITATIONS = {
    "en": (
        "read more", "read also", "also read", "read next", "read this next", "see also", "see more", "also see",
        "now watch", "watch more", "read more about this", "read the full story", "more on this",
        "more on this story", "recommended reading", "further reading", "related reading", "must read", "don't miss",
        "dont miss", "you may also like", "you might also like", "you may like", "up next", "read our full story",
        "read it here", "learn more", "related story", "related article", "in case you missed it", "keep reading", "go deeper",
        "read on", "see the full story", "read the rest",
    ),
    "de": (
        "lesen sie auch", "lesen sie mehr", "lesen sie hier", "lesen sie dazu", "lesen sie auch dazu",
        "mehr zum thema", "mehr dazu", "mehr lesen", "weiterlesen", "lesetipp", "passend dazu", "auch interessant",
        "auch lesen", "lies auch", "lest auch", "mehr hierzu", "siehe auch", "lesen sie weiter", "zum thema",
        "hier mehr lesen", "mehr über", "dazu passend", "lesen sie außerdem", "lesen sie zudem", "mehr zu diesem thema",
        "das könnte sie auch interessieren", "lesen sie dazu auch",
    ),
    "fr": (
        "lire aussi", "a lire aussi", "à lire aussi", "à lire également", "lire également", "a lire également",
        "voir aussi", "à voir aussi", "lire plus", "en savoir plus", "sur le même sujet", "à lire", "a lire",
        "lire la suite", "lisez aussi", "pour aller plus loin", "lire encore", "à voir également", "aussi à lire",
    ),
    "es": (
        "lea también", "lea tambien", "leer también", "lea más", "leer más", "leé también", "lee también",
        "le puede interesar", "te puede interesar", "puede interesarle", "también puede leer", "también puedes leer",
        "también te puede interesar", "le puede interesar leer", "nota relacionada", "noticia relacionada",
        "lea aquí", "lea además", "vea también", "ver también", "mire también", "además lea", "leer además",
        "lee más", "le recomendamos", "te recomendamos", "más información", "puedes leer", "mira también",
        "le sugerimos leer", "le sugerimos", "vea además", "puede leer", "podría interesarle", "quizás te interese", "lee además",
        "mira además", "sigue leyendo", "te podría interesar", "le podría interesar", "leer más sobre",
    ),
    "pt": (
        "leia mais", "leia também", "leia tambem", "saiba mais", "veja também", "veja mais", "leia ainda",
        "confira também", "ler mais", "leia tb", "veja ainda", "entenda", "relacionado",
    ),
    "it": (
        "leggi anche", "leggi di più", "leggi pure", "per approfondire", "vedi anche", "ti potrebbe interessare",
        "da leggere", "leggi qui", "potrebbe interessarti", "potrebbe interessarti anche", "approfondisci", "guarda anche",
    ),
    "nl": ("lees ook", "lees meer", "lees verder", "zie ook", "bekijk ook"),
    "no": ("les også", "les mer", "se også"),
    "da": ("læs også", "læs mere", "se også"),
    "sv": ("läs också", "läs även", "läs mer", "se även", "se också"),
    "fi": ("lue myös", "lue lisää", "katso myös"),
    "pl": (
        "czytaj także", "czytaj też", "przeczytaj także", "przeczytaj też", "polecany artykuł", "zobacz także",
        "zobacz też", "czytaj więcej", "czytaj również", "sprawdź też", "sprawdź także", "warto przeczytać",
        "zobacz również", "przeczytaj również", "polecamy",
    ),
    "cs": (
        "čtěte také", "čtěte více", "přečtěte si také", "čtěte dále", "související článek", "mohlo by vás zajímat",
        "číst dále", "více k tématu", "mohlo by vás také zajímat",
    ),
    "sk": ("čítajte aj", "prečítajte si aj", "čítajte viac", "mohlo by vás zaujať"),
    "hu": (
        "olvassa el", "olvasta már", "ezt is olvassa el", "kapcsolódó cikk", "ajánlott cikk", "olvassa el ezt is",
        "olvasd el ezt is", "olvasta már ezt", "ez is érdekelheti", "ez is érdekelhet", "ezt is ajánljuk",
    ),
    "ro": ("citește și", "citeste si", "citește mai mult", "vezi și", "citiți și"),
    "tr": (
        "ayrıca okuyun", "bunu da oku", "bunu da okuyun",
        "daha fazla oku", "devamını oku", "ilgili haber", "ayrıca bakınız",
    ),
    "el": (
        "διαβάστε επίσης", "διαβάστε ακόμα", "διαβάστε ακόμη", "διαβάστε περισσότερα", "διαβάστε και",
        "δείτε επίσης", "δείτε ακόμα",
    ),
    "ru": (
        "читайте также", "читать также", "читайте ещё", "читайте еще", "подробнее", "читать далее", "смотрите также",
        "по теме", "ещё по теме", "еще по теме", "материал по теме", "см. также",
    ),
    "uk": ("читайте також", "читати також", "дивіться також", "читайте ще", "читайте також про"),
    "bg": ("прочетете още", "вижте още", "още по темата"),
    "sr": ("pročitajte još", "pročitajte i", "прочитајте још", "pročitaj još"),
    "hr": ("pročitajte više", "pročitajte i"),
    "ja": (
        "関連記事", "あわせて読みたい", "併せて読みたい", "合わせて読みたい", "続きを読む", "こちらもおすすめ", "【関連記事】",
        "もっと読む",
    ),
    "zh": (
        "延伸閱讀", "延伸阅读", "相关阅读", "相關閱讀", "相關新聞", "相关新闻",
        "更多閱讀", "更多阅读", "推薦閱讀", "推荐阅读",
    ),
    "ko": ("관련기사", "관련 기사", "더 읽기", "함께 읽기"),
    "id": ("baca juga", "baca pula", "baca selengkapnya", "lihat juga", "simak juga", "baca lagi"),
    "ms": ("baca lagi", "baca juga"),
    "vi": ("xem thêm", "đọc thêm"),
    "th": ("อ่านเพิ่มเติม", "อ่านต่อ", "อ่านข่าวเพิ่มเติม", "อ่านข่าวที่เกี่ยวข้อง"),
    "ar": ("اقرأ أيضا", "اقرأ أيضًا", "إقرأ أيضا", "اقرأ أيضاً", "إقرأ أيضاً", "اقرأ ايضا", "اقرأ المزيد", "شاهد أيضا", "طالع أيضا"),
    "he": ("קראו גם", "קרא עוד", "ראו גם", "עוד בנושא", "קראו עוד", "קראו בנוסף", "לקריאה נוספת"),
    "fa": ("بیشتر بخوانید", "مطالب مرتبط"),
    "hi": ("यह भी पढ़ें", "ये भी पढ़ें"),
}  # fmt: skip

# A heading of boxes as often as a mark: a reference only where one title stands with it ("RELATED: title"), never above a list.
HEADINGS = {
    "en": (
        "related", "trending", "watch", "more", "full story", "background", "opinion", "explainer", "analysis", "exclusive",
        "related video",
    ),
    "de": ("mehr", "hintergrund", "video", "interview"),
    "fr": ("lire", "notre dossier", "voir"),
    "es": ("relacionado", "relacionada", "lea", "vea", "más"),
    "pl": ("powiązane", "więcej"),
    "ru": ("ранее",),
    "cs": ("přečtěte si", "čtěte"),
    "hu": ("bővebben",),
}  # fmt: skip

# Headings that say of what sort a story is, with or without an invitation to read it.
SORTS = frozenset(
    ("opinion", "explainer", "analysis", "exclusive", "background", "hintergrund", "video", "interview", "related video")
)

# Headings of boxes that a page hangs on any story: a reference only where the title stands on the same line.
BOXES = {
    "en": (
        "related stories", "related articles", "related posts", "related coverage", "related news", "related topics",
        "recommended",
        "recommended stories", "trending stories", "editor's pick", "editors' picks",
        "more from us", "more stories", "top stories",
    ),
    "de": ("verwandte artikel", "ähnliche artikel", "meistgelesen"),
    "fr": ("articles liés", "les plus lus"),
    "es": ("relacionados", "noticias relacionadas", "lo más leído"),
    "pl": ("najczęściej czytane",),
    "ru": ("материалы по теме", "самое читаемое"),
    "cs": ("související články",),
    "hu": ("kapcsolódó cikkek",),
    "th": ("ข่าวที่เกี่ยวข้อง",),
}  # fmt: skip
