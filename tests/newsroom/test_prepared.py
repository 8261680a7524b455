"""Questions that are put together once find what the queryset itself finds, and nothing of an earlier question."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, DateTimeField
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import commented
from articles.models import Article, Note
from newsroom.models import LogEntry, Site
from newsroom.prepared import Given, Prepared, insert
from tests import base

pytestmark = pytest.mark.django_db

OF_LANGUAGE = Prepared(
    lambda: (
        Article.objects.filter(
            language=Given("language", CharField()), first_published_at__gt=Given("after", DateTimeField())
        )
        .select_related("section")
        .order_by("pk")
    )
)


def test_it_finds_what_the_queryset_finds() -> None:
    now = timezone.now()
    inside = base.published(at=now - timedelta(hours=1), section=base.section({"en": "News"}))
    outside = base.published(at=now - timedelta(hours=2))
    base.published(at=now, language="de")
    with CaptureQueriesContext(connection) as asked:
        found = OF_LANGUAGE(language="en", after=now - timedelta(hours=3))
        sections = [article.section and article.section.pk for article in found]
    assert len(asked) == 1
    assert sections == [inside.section_id, outside.section_id]
    assert [vars(article)["body"] for article in found] == [inside.body, outside.body]
    assert [article.first_published_at for article in found] == [
        inside.first_published_at,
        outside.first_published_at,
    ]
    assert OF_LANGUAGE(language="en", after=now - timedelta(minutes=90)) == [inside]
    assert OF_LANGUAGE(language="fr", after=now - timedelta(hours=3)) == []
    assert OF_LANGUAGE(language=None, after=now) == []


def test_a_row_without_what_is_selected_with_it_has_none() -> None:
    article = base.published()
    Article.objects.filter(pk=article.pk).update(section=None)
    assert commented.locked(article.pk).section is None


def test_what_is_typed_stays_a_value() -> None:
    base.published()
    assert OF_LANGUAGE(language="en' OR '1'='1", after=timezone.now() - timedelta(days=9)) == []
    assert OF_LANGUAGE(language="%s", after=timezone.now() - timedelta(days=9)) == []


def test_a_value_that_is_not_given_is_an_error() -> None:
    with pytest.raises(KeyError):
        OF_LANGUAGE(language="en")


def test_it_is_put_together_once() -> None:
    question = Prepared(lambda: Article.objects.filter(pk=Given("pk")))
    with mock.patch.object(SQLCompiler, "as_sql", autospec=True, side_effect=SQLCompiler.as_sql) as put:
        article = base.published()
        put.reset_mock()
        assert [question(pk=pk) for pk in (article.pk, 0, article.pk)] == [[article], [], [article]]
    assert put.call_count == 1


def test_new_rows_are_those_that_saving_would_store() -> None:
    article = base.published()
    stored = Note(article=article, kind=Note.Kind.CORRECTION, text="Saved %s.")
    stored.save()
    rows = [Note(article=article, kind=Note.Kind.CORRECTION, text=f"{number} %s’;") for number in (1, 2)]
    with CaptureQueriesContext(connection) as asked:
        insert(*rows)
    assert len(asked) == 1
    assert [row.pk for row in rows] == [stored.pk + 1, stored.pk + 2]
    for row in rows:
        assert not row._state.adding
        found = Note.objects.get(pk=row.pk)
        assert [getattr(found, field.attname) for field in Note._meta.concrete_fields] == [
            getattr(row, field.attname) for field in Note._meta.concrete_fields
        ]
    entry = LogEntry(verb="test", details={"a": [1, None, "é"]})
    insert(entry)
    assert LogEntry.objects.get(pk=entry.pk).details == entry.details
    with pytest.raises(TypeError):
        insert(entry)
    # What the database forbids it forbids here too.
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Note(article_id=article.pk, kind=Note.Kind.CORRECTION, text=None))


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection() -> None:
    article = base.published()

    def ask(_number: int) -> tuple[str, str]:
        try:
            visible = commented.visible_at(article.path, "en")
            return (visible.headline if visible else "", Site.current().name)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(16))) == {(article.headline, Site.current().name)}


def test_the_article_for_a_comment_is_the_visible_one() -> None:
    article = base.published()
    draft = base.draft()
    assert commented.visible_at(article.path, "en") == article
    assert commented.visible_at(article.path, "de") is None
    assert commented.visible_at(draft.path, "en") is None
    assert commented.visible_at("/en/nothing/", "en") is None
    article.withdraw(by=None, reason="Wrong.")
    assert commented.visible_at(article.path, "en") is None
    with pytest.raises(Article.DoesNotExist):
        commented.locked(0)
