"""An article as readers would see a revision of it, made in memory: nothing is saved, nothing is published."""

from typing import Any, NamedTuple, Self, cast

from django.db import models
from django.db.models import prefetch_related_objects
from django.utils import timezone

from articles.models import (
    CONTENT_FIELDS,
    Article,
    ArticleSource,
    Attachment,
    Byline,
    Photo,
    Revision,
    Source,
    Story,
    TaggedArticle,
)
from articles.models.paths import stem_of
from articles.pictures import USUAL_WIDTH
from newsroom.models import Site


class Named(NamedTuple):
    """An author or a tag as it stands at an article: with its page, or by its name alone; `pk` is 0 for a new one."""

    pk: int
    name: str
    slug: str | None = None

    @classmethod
    def of(cls, thing: Any, language: str) -> Self:
        """Return what an author or a tag is called in a language; prefetch `texts`."""
        words = thing.text_in(language)
        return cls(thing.pk, thing.name_in(language), words.slug if words else None)


class Relations(NamedTuple):
    """What hangs on a text: authors with their roles, tags, sources with whether readers are told."""

    bylines: list[tuple[Named, str]]
    tags: list[Named]
    sources: list[tuple[Source, bool]]

    @classmethod
    def of(cls, revision: Revision, language: str) -> Self:
        """Return what hangs on a revision."""
        pairs, tags = revision.byline_pairs(), revision.tag_list()
        prefetch_related_objects([author for author, _role in pairs], "texts")
        prefetch_related_objects(tags, "texts")
        return cls(
            bylines=[(Named.of(author, language), role) for author, role in pairs],
            tags=[Named.of(tag, language) for tag in tags],
            sources=revision.source_pairs(),
        )


def previewed(article: Article, revision: Revision, relations: Relations | None = None) -> Article:
    """Return the article holding a revision, with all that `for_presentation()` gives of what is live.

    The revision may be one that is in no table; `relations` are given then, since some of them may be in none either.
    So may the article be. What was never published is dated now and has the address that it would get. The object is
    for a page only; it is never saved.
    """
    # Any: what the queryset adds is no field of the model.
    shown: Any = Article.objects.for_presentation().get(pk=article.pk) if article.pk else _unborn(article)
    for name in CONTENT_FIELDS:
        attname = cast("models.Field", Revision._meta.get_field(name)).attname
        setattr(shown, attname, getattr(revision, attname))
    language = shown.language
    relations = relations or Relations.of(revision, language)
    words = shown.section.text_in(language) if shown.section else None
    shown.section_name, shown.section_slug = (words.name, words.slug) if words else (None, None)
    series = shown.series.text_in(language) if shown.series else None
    shown.series_name, shown.series_slug = (series.name, series.slug) if series else (None, None)
    shown.published_at = shown.published_at or timezone.now()
    if not shown.path:
        stem = stem_of(language, shown.published_at, Site.current().zone)
        shown.path = f"{stem}{shown.slug or 'preview'}/"
    bylines: list[Any] = []
    for position, (author, role) in enumerate(relations.bylines):
        row: Any = Byline(article=shown, author_id=author.pk, role=role, position=position)
        row.name, row.slug = author.name, author.slug
        bylines.append(row)
    tagged: list[Any] = []
    for tag in relations.tags:
        row = TaggedArticle(content_object=shown, tag_id=tag.pk)
        row.name, row.slug = tag.name, tag.slug
        tagged.append(row)
    _pretend(shown, "bylines", bylines)
    _pretend(shown, "tagged", sorted(tagged, key=lambda row: row.name))
    shown.all_sources = [
        ArticleSource(article=shown, source=source, is_public=is_public)
        for source, is_public in relations.sources
    ]
    return cast("Article", shown)


def library_address(file: Photo | Attachment) -> str:
    """Return the address of a photo or a document that is open to whoever may see the library."""
    return f"{file.editor_address}?width={USUAL_WIDTH}" if isinstance(file, Photo) else file.editor_address


def _unborn(article: Article) -> Article:
    """Return an article that is in no table as `for_presentation()` would, with the ids of none."""
    shown: Any = Article(pk=0, story=Story(pk=0), language=article.language, created_by=article.created_by)
    shown.next_due, shown.shown_notes = None, []
    return cast("Article", shown)


def _pretend(article: Any, relation: str, rows: list[Any]) -> None:
    """Let a relation of the article hold rows that are in no table, as a prefetch would."""
    queryset = getattr(article, relation).all()
    queryset._result_cache, queryset._prefetch_done = rows, True
    cache = article.__dict__.setdefault("_prefetched_objects_cache", {})
    cache[relation] = queryset
