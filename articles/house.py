"""The pages of the house that other pages speak of: rules for comments, privacy, ethics, corrections, ownership."""

from django.http import HttpRequest

from articles.models import PageText
from articles.models.taxonomy import Page
from newsroom import pages


def house_pages(request: HttpRequest, language: str) -> dict[str, PageText]:
    """Return the pages with a purpose, by purpose, in a language, without their bodies; one query per request.

    Declares their keys. One that gets its first words here later purges the key "site".
    """
    known: dict[str, dict[str, PageText]] = request.__dict__.setdefault("newsroom_house", {})
    if language not in known:
        texts = (
            PageText.objects.filter(language=language)
            .exclude(page__purpose=Page.Purpose.OTHER)
            .select_related("page")
            .defer("body")
        )
        pages.show(request, *(key for text in texts for key in text.page.page_keys()))
        known[language] = {text.page.purpose: text for text in texts}
    return known[language]
