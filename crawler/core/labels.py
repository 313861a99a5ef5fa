"""The marks that outlets set before a reference to another story: READ MORE, Lesen Sie auch, A lire aussi. Data, by language."""

from __future__ import annotations

# An invitation to read: what follows it is a reference, be it one title or a list of them.
INVITATIONS = {
    "en": (
        "read more", "read also", "also read", "read next", "read this next", "see also", "see more", "also see",
        "now watch", "watch more", "read more about this", "read the full story", "more on this", "more on this story",
        "recommended reading", "further reading", "related reading", "must read", "don't miss", "dont miss",
        "you may also like", "you might also like", "you may like", "up next", "read our full story", "read it here",
        "learn more", "related story", "related article", "in case you missed it", "keep reading", "go deeper", "read on",
        "see the full story", "read the rest", "read more on this",
        "read more on this story", "more on this topic", "see related", "also watch",
        "watch also", "related read", "also worth reading", "click here to read more", "click here for more",
    ),
    "de": (
        "lesen sie auch", "lesen sie mehr", "lesen sie hier", "lesen sie dazu", "lesen sie auch dazu", "mehr zum thema",
        "mehr dazu", "mehr lesen", "weiterlesen", "lesetipp", "passend dazu", "auch interessant", "auch lesen", "lies auch",
        "lest auch", "mehr hierzu", "siehe auch", "lesen sie weiter", "zum thema", "hier mehr lesen", "mehr über",
        "dazu passend", "lesen sie außerdem", "lesen sie zudem", "mehr zu diesem thema",
        "das könnte sie auch interessieren", "lesen sie dazu auch", "lesen sie mehr dazu", "mehr zu dem thema", "dazu auch",
    ),
    "fr": (
        "lire aussi", "a lire aussi", "à lire aussi", "à lire également", "lire également", "a lire également",
        "voir aussi", "à voir aussi", "lire plus", "en savoir plus", "sur le même sujet", "à lire", "a lire",
        "lire la suite", "lisez aussi", "pour aller plus loin", "lire encore", "à voir également", "aussi à lire",
    ),
    "es": (
        "lea también", "lea tambien", "leer también", "lea más", "leer más", "leé también", "lee también",
        "le puede interesar", "te puede interesar", "puede interesarle", "también puede leer", "también puedes leer",
        "también te puede interesar", "le puede interesar leer", "nota relacionada", "noticia relacionada", "lea aquí",
        "lea además", "vea también", "ver también", "mire también", "además lea", "leer además", "lee más",
        "le recomendamos", "te recomendamos", "más información", "puedes leer", "mira también", "le sugerimos leer",
        "le sugerimos", "vea además", "puede leer", "podría interesarle", "quizás te interese", "lee además", "mira además",
        "sigue leyendo", "te podría interesar", "le podría interesar", "leer más sobre", "también te recomendamos",
        "le puede interesar también", "además puedes leer",
    ),
    "pt": (
        "leia mais", "leia também", "leia tambem", "saiba mais", "veja também", "veja mais", "leia ainda", "confira também",
        "ler mais", "leia tb", "veja ainda", "entenda", "relacionado", "veja mais sobre", "leia a seguir", "continue lendo",
        "você pode gostar",
    ),
    "it": (
        "leggi anche", "leggi di più", "leggi pure", "per approfondire", "vedi anche", "ti potrebbe interessare",
        "da leggere", "leggi qui", "potrebbe interessarti", "potrebbe interessarti anche", "approfondisci", "guarda anche",
        "leggi tutto", "scopri di più", "potrebbe interessarti leggere",
    ),
    "nl": ("lees ook", "lees meer", "lees verder", "zie ook", "bekijk ook", "lees hier meer", "meer lezen", "ook interessant"),
    "no": ("les også", "les mer", "se også", "les hele saken", "les videre"),
    "da": ("læs også", "læs mere", "se også", "læs videre", "læs hele historien"),
    "sv": ("läs också", "läs även", "läs mer", "se även", "se också", "läs vidare", "läs även om", "läs hela artikeln"),
    "fi": ("lue myös", "lue lisää", "katso myös", "lue lisää aiheesta", "lue koko juttu", "lue lisäksi"),
    "pl": (
        "czytaj także", "czytaj też", "przeczytaj także", "przeczytaj też", "polecany artykuł", "zobacz także",
        "zobacz też", "czytaj więcej", "czytaj również", "sprawdź też", "sprawdź także", "warto przeczytać",
        "zobacz również", "przeczytaj również", "polecamy", "czytaj dalej", "przeczytaj więcej", "powiązany artykuł",
        "obejrzyj też", "dowiedz się więcej",
    ),
    "cs": (
        "čtěte také", "čtěte více", "přečtěte si také", "čtěte dále", "související článek", "mohlo by vás zajímat",
        "číst dále", "více k tématu", "mohlo by vás také zajímat", "přečtěte si více", "čtěte i", "čtěte rovněž",
        "číst více",
    ),
    "sk": ("čítajte aj", "prečítajte si aj", "čítajte viac", "mohlo by vás zaujať", "čítajte tiež", "prečítajte si tiež"),
    "hu": (
        "olvassa el", "olvasta már", "ezt is olvassa el", "kapcsolódó cikk", "ajánlott cikk", "olvassa el ezt is",
        "olvasd el ezt is", "olvasta már ezt", "ez is érdekelheti", "ez is érdekelhet", "ezt is ajánljuk", "olvasd el",
        "kapcsolódó cikkünk", "ezt olvasta már", "olvassa el még",
    ),
    "ro": (
        "citește și", "citeste si", "citește mai mult", "vezi și", "citiți și", "citește mai departe", "vezi mai mult",
        "te-ar putea interesa",
        "citește mai multe", "citiți mai multe",
    ),
    "tr": (
        "ayrıca okuyun", "bunu da oku", "bunu da okuyun", "daha fazla oku", "devamını oku", "ilgili haber",
        "ayrıca bakınız", "okumaya devam et", "ayrıca oku", "bunları da okuyun", "haberin devamı",
        "ilginizi çekebilir",
    ),
    "el": (
        "διαβάστε επίσης", "διαβάστε ακόμα", "διαβάστε ακόμη", "διαβάστε περισσότερα", "διαβάστε και", "δείτε επίσης",
        "δείτε ακόμα", "δείτε ακόμη", "δείτε και",
        "διαβάστε σχετικά",
    ),
    "ru": (
        "читайте также", "читать также", "читайте ещё", "читайте еще", "подробнее", "читать далее", "смотрите также",
        "по теме", "ещё по теме", "еще по теме", "материал по теме", "см. также", "также читайте", "смотрите ещё",
        "смотрите еще", "смотри также", "читайте далее", "читайте подробнее", "читайте больше",
        "также по теме", "читайте на эту тему",
    ),
    "uk": (
        "читайте також", "читати також", "дивіться також", "читайте ще", "читайте також про", "також читайте",
        "читайте більше", "читати далі", "дивись також", "за темою", "також за темою",
    ),
    "bg": (
        "прочетете още", "вижте още", "още по темата", "вижте също", "виж също", "виж още", "прочетете също", "прочети още",
        "прочетете и", "вижте и",
        "четете още",
    ),
    "sr": (
        "pročitajte još", "pročitajte i", "прочитајте још", "pročitaj još", "pročitaj i", "čitaj još", "čitajte još",
        "pogledajte još", "прочитајте и", "погледајте још", "читајте још",
        "прочитајте више", "pogledajte i", "погледајте и",
    ),
    "hr": (
        "pročitajte više", "pročitajte i", "pročitaj više", "čitaj više", "povezani članak",
        "pogledajte i", "saznajte više",
    ),
    "ja": (
        "関連記事", "あわせて読みたい", "併せて読みたい", "合わせて読みたい", "続きを読む", "こちらもおすすめ",
        "【関連記事】", "もっと読む", "関連ニュース", "あわせて読む", "併せて読む", "合わせて読む", "こちらの記事も",
        "こちらもお読みください",
    ),
    "zh": (
        "延伸閱讀", "延伸阅读", "相关阅读", "相關閱讀", "相關新聞", "相关新闻", "更多閱讀", "更多阅读", "推薦閱讀",
        "推荐阅读", "相关报道", "相關報導", "相關報道", "閱讀更多", "阅读更多", "看更多",
    ),
    "ko": ("관련기사", "관련 기사", "더 읽기", "함께 읽기", "관련뉴스", "관련 뉴스", "함께 보면 좋은 기사", "이어서 읽기"),
    "id": (
        "baca juga", "baca pula", "baca selengkapnya", "lihat juga", "simak juga", "baca lagi", "lihat pula", "simak pula",
        "baca selanjutnya", "tonton juga",
    ),
    "ms": ("baca lagi", "baca juga"),
    "vi": ("xem thêm", "đọc thêm", "đọc tiếp", "đọc ngay", "có thể bạn quan tâm"),
    "th": ("อ่านเพิ่มเติม", "อ่านต่อ", "อ่านข่าวเพิ่มเติม", "อ่านข่าวที่เกี่ยวข้อง", "อ่านข่าว"),
    "ar": (
        "اقرأ أيضا", "اقرأ أيضًا", "إقرأ أيضا", "اقرأ أيضاً", "إقرأ أيضاً", "اقرأ ايضا", "اقرأ المزيد", "شاهد أيضا",
        "طالع أيضا", "إقرأ المزيد", "اقرأ كذلك", "انظر أيضا", "شاهد أيضاً", "شاهد أيضًا", "طالع أيضاً", "طالع أيضًا",
        "قد يهمك",
    ),
    "he": ("קראו גם", "קרא עוד", "ראו גם", "עוד בנושא", "קראו עוד", "קראו בנוסף", "לקריאה נוספת", "קרא גם", "ראו עוד"),
    "fa": (
        "بیشتر بخوانید", "مطالب مرتبط", "همچنین بخوانید", "مطلب مرتبط", "خبر مرتبط",
        "این را هم بخوانید", "در همین زمینه",
    ),
    "hi": ("यह भी पढ़ें", "ये भी पढ़ें", "इसे भी पढ़ें", "और पढ़ें", "यह भी देखें", "ये भी देखें", "इसे भी देखें"),
    "ca": (
        "llegeix també", "llegiu també", "et pot interessar", "llegeix més", "més informació",
        "llegir més", "vegeu també",
    ),
    "gl": ("le tamén", "ler tamén", "ler máis", "lea tamén", "máis información"),
    "eu": ("irakurri gehiago", "irakurri ere", "irakurri baita ere", "ikusi ere"),
    "az": ("həmçinin oxuyun", "bunu da oxuyun", "ətraflı oxuyun", "həmçinin oxu", "daha ətraflı"),
    "be": ("чытайце таксама", "глядзіце таксама", "чытаць таксама"),
    "mk": ("прочитај и", "прочитај повеќе", "прочитајте повеќе", "погледнете и"),
    "sl": (
        "preberite tudi", "preberite še", "beri tudi", "preberi še",
        "preberite več", "berite tudi", "poglejte tudi",
    ),
    "sq": ("lexo edhe", "lexoni edhe", "lexo më shumë", "lexo gjithashtu", "lexoni gjithashtu", "shiko edhe"),
    "et": ("loe ka", "loe lisaks", "loe veel", "loe rohkem", "loe edasi", "vaata ka"),
    "lv": ("lasi arī", "lasiet arī", "lasi vairāk", "lasiet vēl", "lasiet vairāk", "skaties arī"),
    "lt": (
        "taip pat skaitykite", "skaitykite taip pat", "skaityti daugiau", "skaitykite daugiau",
        "taip pat žiūrėkite",
    ),
    "is": ("lesa meira", "lestu meira", "sjá einnig", "lestu einnig", "lestu líka", "lesið einnig", "sjá nánar"),
    "hy": ("կարդացեք նաև", "կարդալ նաև", "կարդացեք ավելին"),
    "ka": ("წაიკითხეთ ასევე", "ასევე წაიკითხეთ", "ასევე იხილეთ"),
    "kk": ("тағы оқыңыз", "оқи отырыңыз", "сондай-ақ оқыңыз"),
    "fil": ("basahin din", "basahin rin", "basahin pa"),
    "sw": ("soma pia", "soma zaidi"),
    "ur": ("یہ بھی پڑھیں", "مزید پڑھیں", "یہ بھی پڑھیے", "مزید پڑھیے"),
    "mr": ("हेही वाचा", "हे ही वाचा", "अधिक वाचा", "आणखी वाचा", "हे पण वाचा", "हे सुद्धा वाचा"),
    "ne": ("यो पनि पढ्नुहोस्", "यो पनि पढौं", "थप पढ्नुहोस्"),
    "bn": ("আরও পড়ুন", "আরো পড়ুন", "আরও দেখুন", "এটিও পড়ুন"),
    "gu": ("આ પણ વાંચો",),
    "pa": ("ਇਹ ਵੀ ਪੜ੍ਹੋ",),
    "ta": ("மேலும் படிக்க", "இதையும் படிங்க", "இதையும் படியுங்கள்", "இதையும் படிக்க"),
    "te": ("ఇది కూడా చదవండి", "ఇవి కూడా చదవండి", "మరింత చదవండి"),
    "kn": ("ಇದನ್ನೂ ಓದಿ",),
    "ml": ("ഇതും വായിക്കുക", "കൂടുതൽ വായിക്കുക"),
}  # fmt: skip

# A heading of boxes as often as a mark: a reference only where one title stands with it ("RELATED: title"), never above a list.
HEADINGS = {
    "en": (
        "related", "trending", "watch", "more", "full story", "background", "opinion", "explainer", "analysis", "exclusive",
        "related video", "read",
    ),
    "de": ("mehr", "hintergrund", "video", "interview"),
    "fr": ("lire", "notre dossier", "voir"),
    "es": ("relacionado", "relacionada", "lea", "vea", "más"),
    "pl": ("powiązane", "więcej", "czytaj"),
    "ru": ("ранее", "читайте"),
    "cs": ("přečtěte si", "čtěte"),
    "hu": ("bővebben",),
    "pt": ("leia",),
    "it": ("leggi",),
    "nl": ("lees",),
    "uk": ("читайте",),
    "id": ("baca",),
    "tr": ("oku",),
    "sr": ("opširnije", "опширније"),
    "fil": ("basahin",),
}  # fmt: skip

# Headings that say of what sort a story is, with or without an invitation to read it.
SORTS = frozenset(
    ("opinion", "explainer", "analysis", "exclusive", "background", "hintergrund", "video", "interview", "related video")
)

# Headings of boxes that a page hangs on any story: a reference only where the title stands on the same line.
BOXES = {
    "en": (
        "related stories", "related articles", "related posts", "related coverage", "related news", "related topics",
        "recommended", "recommended stories", "trending stories", "editor's pick", "editors' picks", "more from us",
        "more stories", "top stories",
    ),
    "de": ("verwandte artikel", "ähnliche artikel", "meistgelesen"),
    "fr": ("articles liés", "les plus lus", "articles associés"),
    "es": ("relacionados", "noticias relacionadas", "lo más leído"),
    "pl": ("najczęściej czytane",),
    "ru": ("материалы по теме", "самое читаемое"),
    "cs": ("související články",),
    "hu": ("kapcsolódó cikkek",),
    "th": ("ข่าวที่เกี่ยวข้อง",),
    "pt": ("notícias relacionadas", "artigos relacionados", "matérias relacionadas"),
    "it": ("articoli correlati",),
    "nl": ("gerelateerde artikelen",),
    "ro": ("articole similare",),
    "sv": ("relaterade artiklar",),
    "el": ("σχετικά άρθρα",),
    "tr": ("ilgili haberler",),
    "uk": ("матеріали за темою",),
    "ar": ("مواضيع ذات صلة", "أخبار ذات صلة", "مقالات ذات صلة", "موضوعات ذات صلة"),
    "he": ("כתבות נוספות", "כתבות קשורות"),
    "fa": ("اخبار مرتبط",),
    "hi": ("संबंधित खबरें", "संबंधित ख़बरें"),
    "id": ("berita terkait", "artikel terkait", "berita berkaitan"),
    "vi": ("bài liên quan", "tin liên quan", "bài viết liên quan"),
    "zh": ("相关文章", "相關文章"),
}  # fmt: skip
