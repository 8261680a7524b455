"""The search index: which articles stand in it, and that each stands there as it is."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from articles.html import plain_text
from articles.models.search import SearchDocument
from articles.search.engine import Text, engine
from articles.search.query import fact, language_fact
from articles.search.words import indexed

if TYPE_CHECKING:
    from articles.models.articles import Article

# A place is a second and these many bits of the article's number: the order of places is that of publication.
BITS = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def place_at(moment: datetime) -> int:
    """Return the lowest place of what was published in the second of a moment."""
    return ((moment - EPOCH) // timedelta(seconds=1)) << BITS


def place_after(moment: datetime) -> int:
    """Return the lowest place of what was published in the second behind that of a moment."""
    return place_at(moment) + (1 << BITS)


def second_of(article: "Article") -> int:
    """Return the second in which an article is published, as places count them."""
    return place_at(article.published_at) >> BITS


def belongs(article: "Article") -> bool:
    """Return whether an article stands in the index: what is scheduled does, and waits there for its time."""
    return article.published_at is not None and article.withdrawn_at is None


def text_of(article: "Article") -> Text:
    """Return what the index holds of an article."""
    language = article.language
    tags = sorted({tagged.tag_id for tagged in article.tagged.all()})
    authors = sorted({byline.author_id for byline in article.bylines.all()})
    return Text(
        headline=indexed(article.headline, language),
        standfirst=indexed(article.standfirst, language),
        body=indexed(plain_text(article.body), language),
        facts=[
            language_fact(language),
            *([fact("section", article.section_id)] if article.section_id else []),
            *(fact("tag", pk) for pk in tags),
            *(fact("author", pk) for pk in authors),
        ],
    )


def follow(article: "Article") -> None:
    """Make the index say of an article what is so now; the caller has locked it and is in its transaction."""
    document = SearchDocument.objects.filter(article=article.pk).first()
    if not belongs(article):
        if document:
            engine().erase(document.place)
            document.delete()
        return
    if document and document.place >> BITS == second_of(article):
        place = document.place
    else:
        place = _free((second_of(article) << BITS) + article.pk % (1 << BITS))
        if document:
            engine().erase(document.place)
    text = text_of(article)
    SearchDocument.objects.bulk_create(
        [SearchDocument(article=article, language=article.language, place=place, digest=text.digest)],
        update_conflicts=True,
        unique_fields=["article"],
        update_fields=["language", "place", "digest"],
    )
    engine().write(place, text)


def _free(place: int) -> int:
    """Return the first free place from one on: two articles of one second may want the same."""
    while SearchDocument.objects.filter(place=place).exists():
        place += 1
    return place
