"""Compare the search index with the articles, and mend it."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import transaction

from articles.models import Article, SearchDocument
from articles.search.engine import engine
from articles.search.index import BITS, belongs, follow, second_of, text_of

# Few enough that nobody waits long for the lock of a batch that is mended.
BATCH = 100


class Fault(NamedTuple):
    """What is wrong: an article that the index lacks or has otherwise, or a row that should not be there."""

    kind: str  # "missing", "different" or "superfluous"
    article: int  # 0: of none
    place: int = 0


def look() -> Iterator[tuple[int, list[Fault]]]:
    """Look at all articles, then at what else is in the index, in batches.

    Yields how many articles a batch had, and what is wrong with them. What is mended before the next batch is asked
    for is not found again.
    """
    last = 0
    rows = (
        Article.objects.order_by("pk").prefetch_related("tagged", "bylines").select_related("search_document")
    )
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        documents = {article.pk: getattr(article, "search_document", None) for article in batch}
        stored = engine().stored([document.place for document in documents.values() if document])
        kinds = ((article.pk, _fault(article, documents[article.pk], stored)) for article in batch)
        yield len(batch), [Fault(kind, pk) for pk, kind in kinds if kind]
        last = batch[-1].pk
    places = engine().newest(BATCH)
    while places:
        known = set(SearchDocument.objects.filter(place__in=places).values_list("place", flat=True))
        yield 0, [Fault("superfluous", 0, place) for place in places if place not in known]
        places = engine().newest(BATCH, below=places[-1])


def _fault(article: Article, document: SearchDocument | None, stored: set[int]) -> str:
    if not belongs(article):
        return "superfluous" if document else ""
    if document is None or document.place not in stored:
        return "missing"
    is_same = (
        document.language == article.language
        and document.place >> BITS == second_of(article)
        and document.digest == text_of(article).digest
    )
    return "" if is_same else "different"


def mend(faults: list[Fault]) -> None:
    """Mend what is wrong, by what is so now and not when it was found."""
    with transaction.atomic():
        for article in (
            Article.objects.lock().filter(pk__in=[fault.article for fault in faults]).order_by("pk")
        ):
            follow(article)
        for fault in faults:
            if not fault.article and not SearchDocument.objects.filter(place=fault.place).exists():
                engine().erase(fault.place)


def clear() -> None:
    """Empty the index."""
    with transaction.atomic():
        engine().clear()
        SearchDocument.objects.all().delete()
