"""Finding articles for the desk: by address, number, slug, or words in the newest headlines."""

from urllib.parse import urlsplit

from django.db import connection
from django.db.models import Q

from articles.editor import ARTICLE_HREF
from articles.models import Article, Path
from articles.models.articles import ArticleQuerySet
from articles.slugs import slug_for

MAX_QUERY = 200
# Words are looked for in this many of the newest articles: no index finds a word in the middle of a headline.
NEWEST = 5_000
MAX_FOUND = 500
LARGEST_ID = 2**63 - 1


def find(articles: ArticleQuerySet, text: str) -> ArticleQuerySet:
    """Return those of the articles that a person means by some words, at a cost that does not grow.

    A whole address or path, present or old, means its article; so does the one by which texts link it, and "#12" the
    one of that number. Words are looked for in headline and slug of the newest 5 000; the beginning of a slug is found
    in all.
    """
    text = " ".join(text.replace("\0", " ")[:MAX_QUERY].split())
    if not text:
        return articles
    if named := ARTICLE_HREF.fullmatch(text):
        return articles.filter(uid=named[1])
    if text.startswith(("/", "http://", "https://")):
        return articles.filter(pk__in=Path.objects.filter(path=_path(text)).values("article"))
    number = text.removeprefix("#")
    if text.startswith("#") and number.isascii() and number.isdigit():
        return articles.filter(pk=number) if int(number) <= LARGEST_ID else articles.none()
    found = [*_by_words(articles, text.split()), *_by_slug(articles, slug_for(text, ""))]
    return articles.filter(pk__in=found)


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _by_words(articles: ArticleQuerySet, words: list[str]) -> list[int]:
    older = Article.objects.order_by("-pk").values_list("pk", flat=True)[NEWEST : NEWEST + 1]
    newest = articles.filter(pk__gt=next(iter(older), 0))
    for word in words:
        # Databases fold the case of accented letters differently; the slug has them folded already.
        slugs = {slug for language in ("", "de") if (slug := slug_for(word, language))}
        condition = Q(headline__icontains=word)
        for slug in slugs:
            condition |= Q(slug__contains=slug)
        newest = newest.filter(condition)
    return list(newest.order_by("-pk").values_list("pk", flat=True)[:MAX_FOUND])


def _by_slug(articles: ArticleQuerySet, slug: str) -> list[int]:
    if not slug:
        return []
    return list(articles.filter(begins_with("slug", slug)).values_list("pk", flat=True)[:MAX_FOUND])


def begins_with(field: str, text: str) -> Q:
    """Return the condition that a field begins with a text, in the words that let an index answer."""
    if connection.vendor == "sqlite":
        # There LIKE walks through the whole table; a range of the index says the same.
        return Q(**{f"{field}__gte": text, f"{field}__lt": text + "\U0010ffff"})
    return Q(**{f"{field}__startswith": text})
