"""What a body may hold, and the toolbar that makes it: side by side, so that the two cannot drift.

Settings import this module, so it needs no models and no settings.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from newsroom.dates import direction, own_name

Check = Callable[[str], str | None]

# Longer addresses are tracking or an attack; browsers and mail programs cut off at about this length too.
MAX_HREF = 2_000
MAX_ALT = 300
MAX_COLSPAN = 40
MAX_ROWSPAN = 400

PHOTO_PATH = "/admin/articles/photo/{uid}/file/"
UID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PHOTO_SRC = re.compile(rf"/admin/articles/photo/({UID})/file/")
# A link to an article of this site names it by its uid, so that it outlives every change of slug.
ARTICLE_PATH = "/admin/articles/article/{uid}/go/"
ARTICLE_HREF = re.compile(rf"/admin/articles/article/({UID})/go/(#.*)?")

# A link to a document of the library.
ATTACHMENT_PATH = "/admin/articles/attachment/{uid}/file/"
ATTACHMENT_HREF = re.compile(rf"/admin/articles/attachment/({UID})/file/")


def check_href(value: str) -> str | None:
    """Return the address as it may stand in a link, or None.

    Allowed are http, https and mailto, and paths of this site ("/fr/…", never "//host").
    """
    # Browsers drop tabs and newlines inside an address and trim controls around it (WHATWG URL, 4.4).
    value = re.sub(r"[\t\n\r]", "", value).strip("".join(map(chr, range(33))) + "\xa0\ufeff")
    if not value or len(value) > MAX_HREF or re.search(r"[\x00-\x1f\x7f\\]", value):
        return None
    value = re.sub(r"""[\s"'<>`{}|^]""", lambda found: quote(found[0]), value)
    if value.startswith("/"):
        return None if value.startswith("//") else value
    try:
        parts = urlsplit(value)
        if parts.scheme in ("http", "https"):
            return value if parts.hostname else None
    except ValueError:
        return None
    return value if parts.scheme == "mailto" and "@" in parts.path else None


def check_src(value: str) -> str | None:
    """Return the address of a photo of the library, or None for any other picture."""
    return value if PHOTO_SRC.fullmatch(value) else None


def check_alt(value: str) -> str | None:
    """Return the text alternative on one line, cut to its limit."""
    return " ".join(value.split())[:MAX_ALT].rstrip()


def check_lang(value: str) -> str | None:
    """Return a language tag of the shape of BCP 47, or None."""
    value = value.strip()
    return value if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}", value) else None


def check_dir(value: str) -> str | None:
    """Return ltr, rtl or auto, or None."""
    value = value.strip().lower()
    return value if value in ("ltr", "rtl", "auto") else None


def check_scope(value: str) -> str | None:
    """Return what a header cell heads, or None."""
    value = value.strip().lower()
    return value if value in ("col", "row", "colgroup", "rowgroup") else None


def check_number(low: int, high: int) -> Check:
    """Make a check for a whole number between two bounds."""

    def check(value: str) -> str | None:
        value = value.strip()
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            return None
        return str(int(value))

    return check


def check_class(*names: str) -> Check:
    """Make a check that keeps the named classes, in the named order, and no other."""

    def check(value: str) -> str | None:
        given = value.split()
        return " ".join(name for name in names if name in given) or None

    return check


CARD_CLASS = "link-card"
PHOTO_CLASSES = ("image", "align-left", "align-center", "align-right")

_passage: dict[str, Check] = {"lang": check_lang, "dir": check_dir}
_cell: dict[str, Check] = {
    "colspan": check_number(2, MAX_COLSPAN),
    "rowspan": check_number(2, MAX_ROWSPAN),
}

# Each tag with the attributes it may carry and the check of their values. No div, no style, no id.
ALLOWED: dict[str, dict[str, Check]] = {
    "p": _passage,
    "h2": _passage,
    "h3": _passage,
    "h4": _passage,
    "ul": {},
    "ol": {"start": check_number(0, 99_999)},
    "li": _passage,
    "blockquote": _passage,
    "pre": {},
    "hr": {},
    "figure": {"class": check_class(*PHOTO_CLASSES, CARD_CLASS)},
    "img": {"src": check_src, "alt": check_alt},
    "figcaption": {},
    "table": {},
    "caption": {},
    "thead": {},
    "tbody": {},
    "tr": {},
    "th": _cell | {"scope": check_scope},
    "td": _cell,
    "a": {"href": check_href},
    "strong": {},
    "em": {},
    "sub": {},
    "sup": {},
    "code": {},
    "cite": {},
    "q": _passage,
    "span": _passage,
    "br": {},
}
ALLOWED_TAGS = frozenset(ALLOWED)
ALLOWED_SCHEMES = frozenset({"http", "https", "mailto"})


# Each button with the tags that it writes; a test holds them against the allowlist.
BUTTONS: dict[str, tuple[str, ...]] = {
    "Format": ("p", "h2", "h3", "h4", "pre"),
    "Bold": ("strong",),
    "Italic": ("em",),
    "Subscript": ("sub",),
    "Superscript": ("sup",),
    "Language": ("span",),
    "RemoveFormat": (),
    "Link": ("a",),
    "NewsDocument": ("a",),
    "Unlink": (),
    "NumberedList": ("ol", "li"),
    "BulletedList": ("ul", "li"),
    "Blockquote": ("blockquote",),
    "NewsPhoto": ("figure", "img", "figcaption"),
    "NewsCard": ("figure", "a", "figcaption"),
    "Table": ("table", "caption", "thead", "tbody", "tr", "th", "td"),
    "HorizontalRule": ("hr",),
    "SpecialChar": (),
    "Undo": (),
    "Redo": (),
    "Find": (),
    "ShowBlocks": (),
    "Maximize": (),
    "Source": (),
}

TOOLBAR: list[list[str]] = [
    ["Format"],
    ["Bold", "Italic", "Subscript", "Superscript", "Language", "RemoveFormat"],
    ["Link", "NewsDocument", "Unlink"],
    ["NumberedList", "BulletedList", "Blockquote"],
    ["NewsPhoto", "NewsCard", "Table", "HorizontalRule", "SpecialChar"],
    ["Undo", "Redo"],
    ["Find", "ShowBlocks", "Maximize", "Source"],
]


# The languages of passages that the toolbar offers (WCAG 2.2, 3.1.2); in the source any other may be written.
PASSAGE_LANGUAGES = (
    *("ar", "de", "el", "en", "es", "fa", "fr", "he", "it", "ja"),
    *("ko", "la", "nl", "pl", "pt", "ru", "tr", "uk", "zh"),
)


def passage_languages() -> list[str]:
    """Return the languages as CKEditor's plug-in wants them: code, name, direction."""
    return [f"{code}:{own_name(code)}:{direction(code)}" for code in PASSAGE_LANGUAGES]


def allowed_content() -> dict[str, dict[str, str]]:
    """Say the allowlist in the words of CKEditor's content filter (object format)."""
    rules = {}
    for tag, attributes in ALLOWED.items():
        rule = {}
        names = [name for name in attributes if name != "class"]
        if names:
            rule["attributes"] = ",".join(names)
        if "class" in attributes:
            rule["classes"] = ",".join((*PHOTO_CLASSES, CARD_CLASS))
        rules[tag] = rule
    return rules


CKEDITOR_CONFIGS = {
    "default": {
        "toolbar": "News",
        "toolbar_News": TOOLBAR,
        "format_tags": ";".join(BUTTONS["Format"]),
        "allowedContent": allowed_content(),
        "extraPlugins": "divarea,autogrow,autolink,language,widget,newslink,newscard,newsphoto,newstext",
        "removePlugins": ",".join(
            (
                "about,autoembed,bidi,codesnippetgeshi,colorbutton,colordialog,copyformatting,div,embed",
                "exportpdf,flash,font,forms,iframe,image,image2,indentblock,justify,newpage",
                "pagebreak,preview,print,save,scayt,smiley,stylescombo,tableresize,templates,uploadimage,wsc",
            )
        ),
        "language_list": passage_languages(),
        "removeDialogTabs": "table:advanced",
        "pasteFilter": "semantic-content",
        "clipboard_handleImages": False,
        "entities": False,
        "disableNativeSpellChecker": False,
        "title": False,
        "width": "auto",
        "height": 300,
        "autoGrow_minHeight": 300,
        "autoGrow_onStartup": True,
    }
}
