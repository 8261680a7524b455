"""Sentences with a number take the form that CLDR asks for, in languages with many forms too.

Polish and Arabic stand in for languages that a newsroom adds: their catalogues are made here, one word per form.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings as django_settings
from django.template import engines
from django.utils.translation import ngettext, override, trans_real

from newsroom.dates import format_number

NUMBERS = (0, 1, 2, 5, 11, 1_000_000)
SENTENCE = ("%(counter)s minute’s reading", "%(counter)s minutes’ reading")
# What CLDR calls the forms of these numbers (https://www.unicode.org/cldr/charts/latest/supplemental/).
FORMS = {
    "en": ("other", "one", "other", "other", "other", "other"),
    "de": ("other", "one", "other", "other", "other", "other"),
    "fr": ("one", "one", "other", "other", "other", "many"),
    "pl": ("many", "one", "few", "many", "many", "many"),
    "ar": ("zero", "one", "two", "few", "many", "other"),
}


@pytest.fixture
def catalogues(tmp_path: Path, settings: object) -> Iterator[None]:
    """Let the interface speak Polish and Arabic too."""
    for language in ("pl", "ar"):
        made = Catalog(locale=language)
        made.add(SENTENCE, tuple(f"form {number}: %(counter)s" for number in range(made.num_plurals)))
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (folder / "django.mo").open("wb") as file:
            write_mo(file, made)
    settings.LANGUAGES = [*django_settings.LANGUAGES, ("pl", "Polski"), ("ar", "العربية")]
    settings.LOCALE_PATHS = [*django_settings.LOCALE_PATHS, tmp_path]
    trans_real._translations = {}
    yield
    trans_real._translations = {}


@pytest.mark.parametrize("language", FORMS)
def test_cldr_says_the_same_of_the_numbers_that_are_tested(language: str) -> None:
    assert tuple(Locale(language).plural_form(number) for number in NUMBERS) == FORMS[language]


@pytest.mark.parametrize("language", FORMS)
def test_numbers_share_a_form_in_the_catalogue_as_they_do_in_cldr(language: str, catalogues: None) -> None:
    by_sentence = defaultdict(set)
    with override(language):
        for number in (*range(0, 250), 1_000_000):
            sentence = ngettext(*SENTENCE, number).replace("%(counter)s", "")
            by_sentence[sentence].add(Locale(language).plural_form(number))
    # English and German have two sentences, French two words in three forms, of which two are the same.
    allowed = {"fr": [{"one"}, {"other", "many"}]}.get(language, [{form} for form in set(FORMS[language])])
    assert sorted(map(sorted, by_sentence.values())) == sorted(map(sorted, allowed))


@pytest.mark.parametrize("language", ["pl", "ar"])
def test_a_sentence_of_a_template_takes_the_form_and_the_number_of_its_language(
    language: str, catalogues: None
) -> None:
    template = engines["django"].from_string(
        "{% load i18n %}{% blocktranslate count counter=number %}{{ counter }} minute’s reading{% plural %}"
        "{{ counter }} minutes’ reading{% endblocktranslate %}"
    )
    with override(language):
        shown = [template.render({"number": number}) for number in NUMBERS]
    forms = [sentence.partition(":")[0] for sentence in shown]
    assert [forms.index(form) for form in forms] == [FORMS[language].index(form) for form in FORMS[language]]


def test_numbers_are_written_as_the_language_does() -> None:
    assert [format_number(1_000_000, language) for language in FORMS] == [
        "1,000,000",
        "1.000.000",
        "1\u202f000\u202f000",
        "1\u00a0000\u00a0000",
        "1,000,000",
    ]
