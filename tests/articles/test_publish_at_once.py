"""Two at once: verbs of one article from several threads, each with its own connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from articles.models import Article, Expunction, MistakeReport, Note, Path, Revision, StaleRevision, Task
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


def test_a_save_beside_an_expunction_brings_nothing_back():
    """Either comes first: the save is stale, or the expunction goes through what was saved."""
    for number in range(4):
        article = base.draft(headline=f"Storm {number}", body="<p>It was Ida Brandt.</p>")

        def expunge(pk: int = article.pk) -> object:
            return Article.objects.get(pk=pk).expunge(by=None, passage="Ida Brandt", reason="Asked.")

        def save(pk: int = article.pk) -> object:
            return Article.objects.get(pk=pk).save_revision(
                by=None, base=1, body="<p>It was Ida Brandt.</p><p>More.</p>"
            )

        expunged, saved = at_once(expunge, save)
        assert isinstance(expunged, Expunction)
        assert isinstance(saved, (Revision, StaleRevision))
        assert not any("Ida" in revision.body for revision in article.revisions.all())


def test_an_expunction_pressed_twice_is_one():
    article = base.published(body="<p>It was Ida Brandt.</p>")
    results = at_once(
        *[lambda: Article.objects.get(pk=article.pk).expunge(by=None, passage="Ida Brandt", reason="Asked.")]
        * 3
    )
    assert len(set(results)) == 1
    assert (Expunction.objects.count(), article.revisions.count()) == (1, 2)


def test_a_correction_pressed_twice_is_one():
    article = base.published()
    report = MistakeReport.send(article, text="It was Tuesday.")
    results = at_once(
        *[lambda: MistakeReport.objects.get(pk=report.pk).correct(by=None, text="It was Tuesday.")] * 3
    )
    assert len(set(results)) == 1
    assert Note.objects.count() == 1


def test_notes_at_two_versions_at_once_ask_each_other():
    article = base.published()
    german = base.published(language="de", story=article.story)
    results = at_once(
        *[
            lambda pk=pk: Article.objects.get(pk=pk).add_note(by=None, kind="correction", text="Four.")
            for pk in (article.pk, german.pk)
        ]
    )
    assert {type(result) for result in results} == {Note}
    assert {task.article_id for task in Task.objects.all()} == {article.pk, german.pk}
