"""What readers and their programs ask for first (setting PAGES_WARM)."""

from collections.abc import Iterator

from django.urls import reverse

from articles.models import Article, SectionText
from newsroom.models import Site

# The same in every language, and once for the whole site.
IN_EACH_LANGUAGE = ("front", "feed", "json-feed", "manifest")
ONCE = ("robots", "sitemap", "sitemap-pages", "news-sitemap", "favicon")


def addresses(articles: int) -> Iterator[str]:
    """Yield the paths of the pages that are worth storing before anybody asks, those asked for most first.

    `articles` is how many of the newest articles in each language are among them.
    """
    languages = Site.current().languages
    for name in IN_EACH_LANGUAGE:
        yield from (reverse(f"articles:{name}", args=[language]) for language in languages)
    sections = SectionText.objects.filter(language__in=languages).order_by("section__position", "pk")
    for name in ("section", "section-feed"):
        yield from (reverse(f"articles:{name}", args=[text.language, text.slug]) for text in sections)
    yield from (reverse(f"articles:{name}") for name in ONCE)
    for language in languages:
        newest = Article.objects.visible().in_language(language).newest_first()
        yield from newest.values_list("path", flat=True)[:articles]
