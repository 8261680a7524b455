"""Sections, tags, authors, pages: one row per thing, its words per language beside it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from articles.models import Page, Section, SectionText, Tag, TagText
from tests import base

pytestmark = pytest.mark.django_db


def test_a_thing_is_found_by_its_slug_in_a_language():
    section = base.section({"en": "Politics", "fr": "Politique"})
    assert Section.objects.with_slug("fr", "politique").get() == section
    assert not Section.objects.with_slug("fr", "politics").exists()
    assert section.get_absolute_url("fr") == "/fr/politique/"
    assert section.get_absolute_url("de") is None
    assert section.name_in("de") in {"Politics", "Politique"}


def test_a_slug_stands_once_per_language():
    base.section({"en": "Politics"})
    with pytest.raises(IntegrityError), transaction.atomic():
        base.section({"en": "Politics"})
    base.section({"fr": "Politics"})


@pytest.mark.parametrize("name", ["Search", "2025", "Tag"])
def test_a_section_cannot_take_an_address_of_the_site(name):
    with pytest.raises(ValidationError, match="reserved"):
        SectionText(section=Section.objects.create(), language="en", name=name).full_clean()


def test_a_name_without_letters_makes_no_address():
    with pytest.raises(ValidationError, match="slug"):
        SectionText(section=Section.objects.create(), language="en", name="!!!").full_clean()


def test_a_tag_is_one_thing_in_all_languages():
    english = Tag.named("Ukraine", "en")
    assert Tag.named("  ukraine ", "en") == english
    assert Tag.named("Ukraine", "de") == english
    assert {text.language for text in TagText.objects.filter(tag=english)} == {"en", "de"}
    with pytest.raises(ValidationError):
        Tag.named("???", "en")


def test_what_an_article_carries_cannot_be_deleted():
    tag = base.tag("harbour")
    article = base.published(tags=[tag], bylines=[(base.author(), "author")])
    for thing in (tag, article.authors.get(), article.section):
        with pytest.raises(ProtectedError):
            thing.delete()


def test_there_is_one_page_per_purpose():
    Page.objects.create(purpose="imprint")
    Page.objects.create()
    Page.objects.create()
    with pytest.raises(IntegrityError):
        Page.objects.create(purpose="imprint")
