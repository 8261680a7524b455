"""Two at once: verbs of one article from several threads, each with its own connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from articles.models import Article, Path, StaleRevision
from newsroom.models import LogEntry
from tests import base

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """Run verbs in threads that begin together; return what each returned or raised."""
    barrier = Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=20)
            return verb()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def test_two_who_publish_at_once_publish_once():
    article = base.draft()
    results = at_once(*[lambda: Article.objects.get(pk=article.pk).publish(by=None)] * 4)
    assert results == [None] * 4
    assert LogEntry.objects.filter(verb="article.publish").count() == 1
    assert Path.objects.count() == 1


def test_two_articles_that_want_one_address_get_two():
    articles = [base.draft(headline="Weather") for _ in range(4)]
    assert at_once(*[article_publish(article) for article in articles]) == [None] * 4
    assert len({article.path for article in Article.objects.all()}) == 4


def article_publish(article: Article) -> Callable[[], None]:
    return lambda: Article.objects.get(pk=article.pk).publish(by=None)


def test_of_two_saves_from_one_revision_one_is_refused():
    article = base.draft()
    results = at_once(
        *[
            lambda number=number: Article.objects.get(pk=article.pk).save_revision(
                by=None, base=1, headline=f"Version {number}"
            )
            for number in range(4)
        ]
    )
    assert sum(isinstance(result, StaleRevision) for result in results) == 3
    assert article.revisions.count() == 2
