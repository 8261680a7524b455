"""The site's settings."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from newsroom.models import Site, SiteText, menu_entries, validate_menu

pytestmark = pytest.mark.django_db


def test_a_new_site_has_defaults_before_anybody_set_them():
    site = Site.current()
    assert (site.name, site.default_language) == ("Newsroom", "en")
    assert not Site.objects.exists()


def test_there_is_one_site():
    Site(name="First").save()
    Site(name="Second").save()
    assert Site.objects.get().name == "Second"
    with pytest.raises(IntegrityError):
        Site.objects.bulk_create([Site(pk=2)])


def test_names_and_menus_are_per_language():
    site = Site(name="The Harbour")
    site.save()
    SiteText.objects.create(
        site=site, language="de", name="Der Hafen", main_menu="Politik | /de/politik/\n\nKultur | /de/kultur/"
    )
    site = Site.current()
    assert (site.name_in("de"), site.name_in("fr")) == ("Der Hafen", "The Harbour")
    assert [entry.label for entry in site.text_in("de").main_entries] == ["Politik", "Kultur"]
    assert site.text_in("fr").main_entries == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("languages", []),
        ("languages", ["en", "en"]),
        ("languages", ["EN"]),
        ("languages", "en"),
        ("languages", [["en"]]),
        ("languages", ["en/../x"]),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("colour", "red"),
        ("colour", "#12345"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_a_sentence(field, value):
    site = Site(**{field: value})
    with pytest.raises(ValidationError) as refusal:
        site.full_clean()
    assert list(refusal.value.message_dict) == [field]


@pytest.mark.parametrize(
    "line",
    [
        "x | javascript:alert(1)",
        "x | //elsewhere.example",
        "x | /\\elsewhere",
        "x | fr/x",
        "x | https://",
        "x",
        "| /",
    ],
)
def test_a_menu_leads_to_a_page_or_to_http_and_nowhere_else(line):
    with pytest.raises(ValidationError, match="menu entry"):
        validate_menu(f"Home | /en/\n{line}")
    assert menu_entries(line) == []
