"""The cast of the tests, known by name in every one of them, and what they work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from unittest import mock

from django.contrib.auth.models import Group, Permission

from articles.models import Article, Author, AuthorText, Grant, Section, SectionText, Tag, User
from newsroom import pages

# A Friday, in summer time: dates in the tests are fixed, never read from the clock.
NOON = datetime(2025, 7, 11, 12, 0, tzinfo=UTC)
SECTION_NAMES = {"en": "Politics", "de": "Politik", "fr": "Politique"}


def role_named(name: str) -> Group:
    """Return a role; make it anew after a test that emptied the database, as the migration did."""
    group, made = Group.objects.get_or_create(name=name)
    if made:
        roles = [
            import_module(f"comments.migrations.{migration}").ROLES
            for migration in ("0002_roles", "0003_roles_of_the_desk")
        ]
        for permission in [one for part in roles for one in part.get(name, ())]:
            app_label, codename = permission.split(".")
            group.permissions.add(
                Permission.objects.get(content_type__app_label=app_label, codename=codename)
            )
    return group


def person(name: str, role: str, languages: list[str] | None = None) -> User:
    """Make somebody with a role ("Editor"), limited to languages if given."""
    user = User.objects.create_user(username=name, password="correct horse battery", is_staff=True)
    Grant.objects.create(user=user, group=role_named(role), languages=languages or [])
    return user


def section(names: dict[str, str] | None = None) -> Section:
    """Make a section with its words per language."""
    row = Section.objects.create()
    for language, name in (names or SECTION_NAMES).items():
        SectionText.objects.create(section=row, language=language, name=name)
    return row


def author(name: str = "Nora Feld", languages: tuple[str, ...] = ("en", "de", "fr")) -> Author:
    """Make an author with the same name in each language."""
    row = Author.objects.create()
    for language in languages:
        AuthorText.objects.create(author=row, language=language, name=name)
    return row


def draft(*, by: User | None = None, language: str = "en", **content: Any) -> Article:
    """Make an article that could be published as it is."""
    content.setdefault("headline", "Harbour reopens after the storm")
    content.setdefault("standfirst", "Ferries leave again from Monday.")
    content.setdefault("body", "<p>The first ferry left at six.</p><p>Nobody was hurt.</p>")
    if "section" not in content:
        content["section"] = Section.objects.first() or section()
    return Article.start(by=by, language=language, **content)


def published(*, at: datetime | None = None, **content: Any) -> Article:
    """Make an article that readers see, since `at` or since now."""
    article = draft(**content)
    article.publish(by=None, at=at)
    return article


def withdrawn(**content: Any) -> Article:
    """Make an article that was taken back by itself."""
    article = published(**content)
    article.withdraw(by=None, reason="Wrong.")
    return article


def withdrawn_with_its_story(**content: Any) -> Article:
    """Make an article that was taken back with its story."""
    article = published(**content)
    article.story.withdraw(by=None, reason="Wrong.")
    return article


def withdrawn_before_its_story(**content: Any) -> Article:
    """Make an article that was taken back by itself, and then its story was."""
    article = withdrawn(**content)
    article.story.withdraw(by=None, reason="Wrong.")
    return article


def tag(name: str, language: str = "en") -> Tag:
    """Return the tag of this name, made if need be."""
    return Tag.named(name, language)


class RecordingStore(pages.NullStore):
    """Remember which keys were purged."""

    def __init__(self) -> None:
        self.purged: set[str] = set()

    def fence(self, keys: Any, about: int | None = None) -> pages.Fence:
        self.purged.update(keys)
        return super().fence(keys, about)


@contextmanager
def purged_keys() -> Iterator[set[str]]:
    """Collect the page keys that are purged inside the block."""
    recording = RecordingStore()
    with mock.patch.object(pages, "store", return_value=recording):
        yield recording.purged


def page_keys(response: Any) -> set[str]:
    """Return the page keys that the page of a test response declared."""
    return pages.shown(response.wsgi_request).keys


def page_until(response: Any) -> datetime | None:
    """Return when the page of a test response changes by itself."""
    return pages.shown(response.wsgi_request).until


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let Django's clock stand at a moment inside the block."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield
