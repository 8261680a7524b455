"""What the database itself refuses, whoever writes to it and by whatever way."""

from collections.abc import Callable
from copy import copy
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from articles.models import (
    Article,
    Author,
    AuthorText,
    Grant,
    Origin,
    Page,
    PageText,
    Section,
    SectionText,
    Source,
    Story,
    Tag,
    TagText,
    User,
)
from tests import base
from tests.articles import readers

pytestmark = pytest.mark.django_db


def store_again(row: models.Model, **changes: Any) -> None:
    """Write a row once more under another id, by no verb and no `save()`."""
    again = copy(row)
    again.pk, again._state = None, type(row._state)()
    for name, value in changes.items():
        setattr(again, name, value)
    with transaction.atomic():
        type(row).objects.bulk_create([again])


def full() -> Article:
    """Make a draft with one of everything."""
    return base.draft(
        tags=[base.tag("harbour")],
        bylines=[(base.author(), "author")],
        sources=[(Source.objects.create(name="Harbour office"), True)],
        photo=readers.photo(),
    )


@pytest.mark.parametrize(
    "row",
    [
        lambda: base.published().paths.get(),
        lambda: base.draft().revisions.get(),
        lambda: Origin.objects.create(kind="article", provider="agency", key="7"),
        lambda: full().bylines.get(),
        lambda: full().tagged.get(),
        lambda: full().article_sources.get(),
        lambda: full().article_photos.get(),
        lambda: readers.photo().renditions.first(),
        lambda: readers.photo().texts.get(),
        lambda: Grant.objects.get(user=base.person("emil", "Editor")),
    ],
    ids=[
        *("path", "revision number", "origin", "byline", "tag", "source", "photo", "rendition"),
        *("words of a photo", "role"),
    ],
)
def test_what_is_once_is_never_stored_twice(row: Callable) -> None:
    found = row()
    with pytest.raises(IntegrityError):
        store_again(found)


def test_an_address_leads_to_one_article_only() -> None:
    path = base.published().paths.get()
    with pytest.raises(IntegrityError):
        store_again(path, article=base.draft())


def test_two_articles_never_have_the_same_current_address() -> None:
    article, other = base.published(headline="One"), base.published(headline="Two")
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(pk=other.pk).update(path=article.path)


def test_drafts_share_the_lack_of_an_address() -> None:
    assert base.draft().path == base.draft().path == ""


def test_a_revision_number_is_used_again_by_another_article() -> None:
    assert base.draft().newest_revision().number == base.draft().newest_revision().number == 1


def test_a_provider_sends_the_same_key_as_another() -> None:
    origin = Origin.objects.create(kind="article", provider="agency", key="7")
    store_again(origin, provider="another agency")
    with pytest.raises(IntegrityError):
        store_again(origin, kind="photo", version="2")


@pytest.mark.parametrize("name", ["story", "article", "photo"])
def test_a_permanent_name_is_nobody_elses(name: str) -> None:
    article = full()
    row = {"story": article.story, "article": article, "photo": article.photo}[name]
    free = {
        "article": {"story": Story.objects.create(), "path": "/en/another/"},
        "photo": {"digest": "0" * 64},
    }
    with pytest.raises(IntegrityError):
        store_again(row, **free.get(name, {}))


def test_the_same_picture_is_one_photo() -> None:
    photo = readers.photo()
    with pytest.raises(IntegrityError):
        store_again(photo, uid="0b7e3a54-5c1d-4f7e-9a39-3f6f2d1c8b90")


def test_a_story_has_each_language_once() -> None:
    article = base.draft()
    with pytest.raises(IntegrityError):
        store_again(article, uid="0b7e3a54-5c1d-4f7e-9a39-3f6f2d1c8b90")


@pytest.mark.parametrize("column", ["path", "live_revision", "first_published_at"])
def test_what_is_published_has_an_address_a_revision_and_a_first_date(column: str) -> None:
    article = base.published()
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.update(**{column: "" if column == "path" else None})
    article.unpublish(by=None)
    Article.objects.update(**{column: "" if column == "path" else None})


@pytest.mark.parametrize(
    "values", [{"focal_x": -0.1}, {"focal_x": 1.1}, {"focal_y": -0.1}, {"focal_y": 1.1}], ids=str
)
def test_a_focal_point_lies_in_its_photo(values: dict[str, float]) -> None:
    photo = readers.photo()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(photo).objects.update(**values)


def test_a_decorative_photo_has_no_alternative_text() -> None:
    words = readers.photo().texts.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(words).objects.update(decorative=True)


THINGS = {
    "section": (Section, SectionText),
    "author": (Author, AuthorText),
    "tag": (Tag, TagText),
    "page": (Page, PageText),
}


@pytest.mark.parametrize("kind", THINGS)
def test_a_thing_has_its_words_once_per_language_and_its_slug_alone(kind: str) -> None:
    thing, text = THINGS[kind]
    first, second = (
        thing.objects.create(**({"name": name} if kind == "tag" else {})) for name in ("One", "Two")
    )
    words = text.objects.create(**{kind: first, "language": "en", "name": "Ferries", "slug": "ferries"})
    with pytest.raises(IntegrityError):
        store_again(words, slug="boats")
    with pytest.raises(IntegrityError):
        store_again(words, **{kind: second})
    store_again(words, **{kind: second, "language": "de"})


def test_the_house_has_one_imprint_and_any_number_of_other_pages() -> None:
    imprint, other = Page.objects.create(purpose="imprint"), Page.objects.create()
    store_again(other)
    with pytest.raises(IntegrityError):
        store_again(imprint)


def protectors(row: models.Model) -> set[models.Model]:
    """Return what keeps a row from being deleted."""
    with pytest.raises(ProtectedError) as refusal:
        type(row).objects.filter(pk=row.pk).delete()
    return set(refusal.value.protected_objects)


def test_a_story_is_kept_by_its_articles() -> None:
    article = base.draft()
    assert protectors(article.story) == {article}


@pytest.mark.parametrize("kind", ["notes", "withdrawals", "comments"])
def test_an_article_is_kept_by_what_was_said_of_it(kind: str) -> None:
    article = base.published()
    Article.objects.update(published_at=None, live_revision=None)
    words = {
        "notes": {"kind": "update", "text": "More soon."},
        "withdrawals": {"reason": "Wrong."},
        "comments": {"name": "Ida", "text": "How high was it?", "language": "en"},
    }
    row = getattr(article, kind).create(**words[kind])
    assert protectors(article) == {row}


def test_a_revision_is_kept_by_who_shows_it_and_by_what_was_made_from_it() -> None:
    article = base.published()
    german = article.add_version("de", by=None)
    assert protectors(article.live_revision) == {article, german, german.newest_revision()}


def test_what_a_draft_names_is_kept_by_it() -> None:
    article = full()
    revision, photo = article.newest_revision(), article.photo
    assert protectors(article.section) == {article, revision}
    assert protectors(photo) == {article, revision, article.article_photos.get()}
    for row, keeper in (
        (article.tags.get(), article.tagged.get()),
        (article.authors.get(), article.bylines.get()),
        (article.sources.get(), article.article_sources.get()),
    ):
        assert protectors(row) == {keeper}


def test_the_photo_of_an_author_is_kept_by_him() -> None:
    author = Author.objects.create(photo=readers.photo())
    assert protectors(author.photo) == {author}


def test_who_wrote_something_is_kept_by_it(chief: User) -> None:
    article = base.draft(by=chief)
    note = article.notes.create(kind="update", text="More soon.", created_by=chief)
    withdrawal = article.withdrawals.create(reason="Wrong.", by=chief)
    assert protectors(chief) == {article, article.newest_revision(), note, withdrawal}
