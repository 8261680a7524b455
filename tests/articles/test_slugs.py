"""Slugs: the readable last part of an address."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from articles.slugs import MAX_LENGTH, slug_for, validate_segment


@pytest.mark.parametrize(
    ("text", "language", "slug"),
    [
        ("Harbour reopens after the storm", "en", "harbour-reopens-after-the-storm"),
        ("Züge, Straßen & Öl", "de", "zuege-strassen-oel"),
        ("L’été à Zürich : c’est cœur", "fr", "l-ete-a-zurich-c-est-coeur"),
        ("Łódź wita", "pl", "lodz-wita"),
        ("الميناء يفتح أبوابه", "ar", "الميناء-يفتح-أبوابه"),
        ("Кафе 24", "ru", "кафе-24"),
        ("!!!", "en", ""),
        ("", "en", ""),
        ("12.5 %", "de", "125"),
    ],
)
def test_slug_of_a_text(text, language, slug):
    assert slug_for(text, language) == slug


def test_a_long_slug_ends_at_a_whole_word():
    slug = slug_for("wort " * 60, "de")
    assert len(slug) <= MAX_LENGTH
    assert slug.endswith("wort")


@given(st.text(max_size=600), st.sampled_from(["en", "de", "fr", "ar"]))
def test_no_text_makes_a_slug_that_breaks_an_address(text, language):
    slug = slug_for(text, language)
    assert len(slug) <= MAX_LENGTH
    assert not set(slug) & set("/?#% \\\0\n\"'<>")


@pytest.mark.parametrize("slug", ["search", "tag", "author", "archive", "page", "2025", "corrections"])
def test_reserved_words_are_refused_for_sections(slug):
    with pytest.raises(ValidationError, match="reserved"):
        validate_segment(slug)
