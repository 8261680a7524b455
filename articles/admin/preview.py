"""An article as readers would see a revision of it, made in memory: nothing is saved, nothing is published."""

from typing import Any

from django.db import models
from django.utils import timezone

from articles.models import CONTENT_FIELDS, Article, ArticleSource, Byline, Revision, TaggedArticle
from newsroom.models import Site


def previewed(article: Article, revision: Revision) -> Article:
    """Return the article holding a revision, with all that `for_presentation()` gives of what is live.

    What was never published is dated now and has the address that it would get. The object is for a page only; it
    is never saved.
    """
    shown = Article.objects.for_presentation().get(pk=article.pk)
    for name in CONTENT_FIELDS:
        attname = Revision._meta.get_field(name).attname
        setattr(shown, attname, getattr(revision, attname))
    language = shown.language
    words = shown.section.text_in(language) if shown.section else None
    shown.section_name, shown.section_slug = (words.name, words.slug) if words else (None, None)
    series = shown.series.text_in(language) if shown.series else None
    shown.series_name, shown.series_slug = (series.name, series.slug) if series else (None, None)
    shown.published_at = shown.published_at or timezone.now()
    if not shown.path:
        day = shown.published_at.astimezone(Site.current().zone)
        shown.path = f"/{language}/{day:%Y/%m/%d}/{shown.slug or 'preview'}/"
    bylines = []
    for position, (author, role) in enumerate(revision.byline_pairs()):
        row = Byline(article=shown, author=author, role=role, position=position)
        row.name, row.slug = author.name_in(language), _slug(author, language)
        bylines.append(row)
    tagged = []
    for tag in revision.tag_list():
        row = TaggedArticle(content_object=shown, tag=tag)
        row.name, row.slug = tag.name_in(language), _slug(tag, language)
        tagged.append(row)
    _pretend(shown, "bylines", bylines)
    _pretend(shown, "tagged", sorted(tagged, key=lambda row: row.name))
    shown.all_sources = [
        ArticleSource(article=shown, source=source, is_public=is_public)
        for source, is_public in revision.source_pairs()
    ]
    return shown


def _slug(thing: Any, language: str) -> str | None:
    words = thing.text_in(language)
    return words.slug if words else None


def _pretend(article: Article, relation: str, rows: list[models.Model]) -> None:
    """Let a relation of the article hold rows that are in no table, as a prefetch would."""
    queryset = getattr(article, relation).all()
    queryset._result_cache, queryset._prefetch_done = rows, True
    article._prefetched_objects_cache[relation] = queryset
