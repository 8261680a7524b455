"""The interface in German and French: complete, current, compiled, and right in every sentence."""

import ast
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import flatten, label_for_field
from django.http import HttpRequest
from django.template.base import Lexer, TokenType
from django.utils.translation import gettext, ngettext, override
from django.utils.translation.template import templatize

from articles.admin.forms import ArticleForm
from articles.models import Article, User

ROOT = settings.BASE_DIR
OURS = ("articles", "comments", "newsroom")
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
each_language = pytest.mark.parametrize("language", LANGUAGES)

WITH_CONTEXT = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"} | WITH_CONTEXT
# The same as Babel's extraction wants it, for templates.
IN_TEMPLATES = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

Key = tuple[str | None, str]


@cache
def catalog(language: str) -> Catalog:
    """Return what stands in the file, which no test changes: reading it takes a good part of a second."""
    with (ROOT / "locale" / language / "LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file)


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def key(message: Message) -> Key:
    return message.context, ids(message)[0]


# Every text is there


def texts_of_code() -> Iterator[tuple[Key, str]]:
    """Yield what the code asks to be translated, with where it stands; f-strings included, which xgettext skips."""
    for app in OURS:
        for path in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (
                    isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS
                ):
                    continue
                words = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                if words:
                    text: Key = (words[0], words[1]) if node.func.id in WITH_CONTEXT else (None, words[0])
                    yield text, f"{path.relative_to(ROOT)}:{node.lineno}"


def texts_of_templates() -> Iterator[tuple[Key, str]]:
    for path in sorted((ROOT / "templates").rglob("*")):
        if not path.is_file():
            continue
        # In brackets, for Python's tokeniser would stumble over the indentation.
        code = f"(\n{templatize(path.read_text())}\n)"
        for line, text, _comments, context in extract("python", io.BytesIO(code.encode()), IN_TEMPLATES):
            singular = text if isinstance(text, str) else text[0]
            yield (context, singular), f"{path.relative_to(ROOT)}:{line - 1}"


@each_language
def test_catalog_holds_the_texts_of_code_and_templates_and_nothing_else(language):
    wanted = dict([*texts_of_code(), *texts_of_templates()])
    there = {key(message) for message in messages(language)}
    missing = [
        f"{where}: {text!r}" for (context, text), where in wanted.items() if (context, text) not in there
    ]
    assert not missing, "run `make messages` and translate what is new"
    assert not there - set(wanted), "run `make messages`: these texts are nowhere any more"


@each_language
def test_every_text_is_translated_and_none_is_a_guess(language):
    assert [
        key(m) for m in messages(language) if m.fuzzy or not all(text.strip() for text in strings(m))
    ] == []
    assert not catalog(language).obsolete


@each_language
def test_compiled_catalog_is_that_of_the_texts(language):
    buffer = io.BytesIO()
    write_mo(buffer, catalog(language))
    buffer.seek(0)
    anew = read_mo(buffer)
    with (ROOT / "locale" / language / "LC_MESSAGES/django.mo").open("rb") as file:
        compiled = read_mo(file)
    # By content and not by bytes: the header names the release of Babel.
    assert {key(m): strings(m) for m in compiled if m.id} == {key(m): strings(m) for m in anew if m.id}, (
        "run `make messages`"
    )
    assert compiled.plural_expr == anew.plural_expr


# Placeholders, markup, signs

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%(?!\()|\{\w*\}|&\w+;|</?\w[^>]*>")


@each_language
def test_placeholders_and_markup_are_those_of_the_english_text(language):
    wrong = []
    for message in messages(language):
        # Each form may be chosen for any number, so each needs all that the plural has.
        wanted = Counter(PLACEHOLDER.findall(ids(message)[-1]))
        wrong += [text for text in strings(message) if Counter(PLACEHOLDER.findall(text)) != wanted]
    assert wrong == []


@each_language
def test_beginning_and_end_are_those_of_the_english_text(language):
    wrong = []
    for message in messages(language):
        for text in strings(message):
            english = ids(message)[0]
            if (text != text.strip()) != (english != english.strip()):
                wrong.append(text)
            if english[-1] in "….?" and text[-1] != english[-1] and english != "No.":
                wrong.append(text)
    assert wrong == []


def prose(text: str) -> str:
    """Return a text without markup, addresses and placeholders, as somebody reads it."""
    return re.sub(r"%\(\w+\)[sd]|\{\w+\}", "x", re.sub(r"<[^>]*>|https?:\S*", "", text))


def test_french_punctuation_keeps_to_its_word():
    # A colon within a word is none of these: %(ratio)s:1.
    loose = re.compile(r"(?<![\u202f\u00a0])([;!?»]|:(?=\s|$))|«(?![\u202f\u00a0])")
    texts = [text for message in messages("fr") for text in strings(message)]
    assert [text for text in texts if loose.search(prose(text))] == []
    assert [text for text in texts if re.search(r"['\"“”„]", prose(text))] == []


def test_german_quotes_are_german():
    texts = [prose(text) for message in messages("de") for text in strings(message)]
    assert [text for text in texts if re.search(r"['\"”«»]", text)] == []
    assert [text for text in texts if text.count("„") != text.count("“")] == []
    assert [text for text in texts if re.search(r"\b[Dd](u|ir|ich|ein|eine|einen|einem|einer)\b", text)] == []


@each_language
def test_quotes_of_the_english_text_are_there(language):
    opening = {"de": "„", "fr": "«"}[language]
    wrong = [
        text
        for message in messages(language)
        for text in strings(message)
        if text.count(opening) != ids(message)[0].count("“")
    ]
    assert wrong == []


# Plurals, by CLDR: French has one form for 0 and 1, one for whole millions, one for all else.


@pytest.mark.parametrize(
    ("language", "found"),
    [
        (
            "de",
            {
                0: "0 Fotos gefunden",
                1: "1 Foto gefunden",
                2: "2 Fotos gefunden",
                5: "5 Fotos gefunden",
                11: "11 Fotos gefunden",
                1_000_000: "1000000 Fotos gefunden",
            },
        ),
        (
            "fr",
            {
                0: "0 photo trouvée",
                1: "1 photo trouvée",
                2: "2 photos trouvées",
                5: "5 photos trouvées",
                11: "11 photos trouvées",
                1_000_000: "1000000 de photos trouvées",
                1_000_001: "1000001 photos trouvées",
            },
        ),
    ],
)
def test_sentences_with_a_number_have_the_right_form(language, found):
    with override(language):
        for number, sentence in found.items():
            text = ngettext("%(n)s photo found", "%(n)s photos found", number)
            assert text % {"n": number} == sentence


@each_language
def test_every_plural_has_all_forms_of_its_language(language):
    for message in messages(language):
        if len(ids(message)) == 2:
            assert len(strings(message)) == catalog(language).num_plurals, ids(message)


@each_language
def test_comments_and_number_stand_in_the_language_of_the_page(language):
    label = {"de": "Kommentare (0)", "fr": "Commentaires (0)"}[language]
    with override(language):
        assert gettext("Comments (%(number)s)") % {"number": 0} == label


# Nothing is left in English


class Prose(HTMLParser):
    """Collects what a template says outside of its tags: text, and attributes that are read or seen."""

    READ = ("alt", "title", "placeholder", "aria-label", "aria-description", "label", "content", "value")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in self.READ and value]

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        self.found.append(data)


# Blocks of templates that hold what machines read.
FOR_MACHINES = ("robots", "bodyclass", "coltype")
MACHINE_WORDS = {
    "article",
    "noindex",
    "summary",
    "summary_large_image summary",
    "website",
    "width=device-width, initial-scale=1",
    "yes",
}


def said_outside_of_tags(path: Path) -> list[str]:
    """Return the words of a template that no tag translates."""
    html, left_out = "", ""
    for token in Lexer(path.read_text()).tokenize():
        if token.token_type == TokenType.TEXT and not left_out:
            html += token.contents
        elif token.token_type == TokenType.BLOCK:
            name, *arguments = token.split_contents()
            if name == "blocktranslate" or (name == "block" and arguments[0] in FOR_MACHINES):
                left_out = f"end{name}"
            elif name == left_out:
                left_out = ""
            html += " "
    parser = Prose()
    parser.feed(html)
    found = [" ".join(text.split()) for text in parser.found]
    return [words for words in found if re.search(r"[^\W\d_]{2}", words) and words not in MACHINE_WORDS]


def test_templates_say_nothing_that_is_not_translated():
    said = {
        str(path.relative_to(ROOT)): words
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if (words := said_outside_of_tags(path))
    }
    assert said == {}


def names_in_admin(request: HttpRequest) -> dict[str, str]:
    """Return every name and help text that the admin shows of our models, by where it stands."""
    names = {}

    def take(where: str, shown: Any, columns: Iterable[str], form: Any) -> None:
        names[where] = shown.opts.verbose_name
        names[f"{where}s"] = shown.opts.verbose_name_plural
        for name in columns:
            names[f"{where}: {name}"] = label_for_field(name, shown.model, shown)
        for name, field in form.base_fields.items() if form else ():
            if not field.widget.is_hidden:
                names[f"{where}.{name}"] = field.label
                names[f"{where}.{name}, help"] = field.help_text

    for model, shown in admin.site._registry.items():
        if model._meta.app_label not in OURS:
            continue
        columns = [*shown.list_display, *shown.get_readonly_fields(request)]
        form = None
        if model is Article:
            form = ArticleForm
        elif shown.has_change_permission(request):
            form = shown.get_form(request)
        else:
            columns += flatten(shown.fields or ())
        take(model._meta.label, shown, columns, form)
        for inline in shown.get_inline_instances(request, model()):
            form = inline.get_formset(request).form if inline.has_change_permission(request) else None
            take(f"{model._meta.label}/{inline.model.__name__}", inline, inline.readonly_fields, form)
    return {where: str(name) for where, name in names.items() if name}


# Words that are the same in English.
SAME = {
    "de": {"e-mail", "logo", "name", "position", "slug", "status", "text"},
    "fr": {
        *(
            "article",
            "articles",
            "date",
            "description",
            "document",
            "documents",
            "e-mail",
            "logo",
            "note",
            "photo",
            "photos",
            "position",
        ),
        *("provenance", "site", "slug", "source", "sources", "type", "versions"),
    },
}


@pytest.mark.django_db
@each_language
def test_names_and_help_in_the_admin_are_translated(language, rf):
    request = rf.get("/admin/")
    request.user = User.objects.create_superuser("root")
    with override("en"):
        english = names_in_admin(request)
    with override(language):
        translated = names_in_admin(request)
    assert [
        (where, name)
        for where, name in english.items()
        if translated[where] == name and name.lower() not in SAME[language]
    ] == []
