"""Who may call which verb: the verbs ask themselves, whatever the admin asked before."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from articles.models import Article, DraftLink, Grant, Note, Path, Revision, Source, Story, User, Withdrawal
from newsroom.models import LogEntry
from tests import base

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

ROLES = ("Journalist", "Translator", "Editor", "Chief", "Moderator")
WRITERS = {"Journalist", "Translator", "Editor", "Chief"}
DESK = {"Editor", "Chief"}
CHIEFS = {"Chief"}


def another_story() -> Story:
    return Story.objects.order_by("pk").last()


def shared() -> Article:
    article = base.draft()
    article.share_draft(by=None, expires_at=timezone.now() + timedelta(days=1))
    return article


# What is called, who may, an article at which it can be done, the call.
VERBS: dict[str, tuple[set[str], Callable, Callable]] = {
    "start": (
        WRITERS - {"Translator"},
        base.draft,
        lambda article, by: Article.start(by=by, language="en", headline="New"),
    ),
    "begin a version": (
        WRITERS,
        base.draft,
        lambda article, by: Article.start(by=by, language="de", story=article.story, headline="Neu"),
    ),
    "save_revision": (
        DESK,
        base.draft,
        lambda article, by: article.save_revision(by=by, headline="Other words"),
    ),
    "set_stage": (DESK, base.draft, lambda article, by: article.set_stage("copy-desk", by=by)),
    "set_desk": (DESK, base.draft, lambda article, by: article.set_desk(by=by, comments_mode="closed")),
    "publish": (DESK, base.draft, lambda article, by: article.publish(by=by)),
    "unpublish": (DESK, base.published, lambda article, by: article.unpublish(by=by)),
    "add_note": (
        DESK,
        base.published,
        lambda article, by: article.add_note(by=by, kind="update", text="More soon."),
    ),
    "share_draft": (
        DESK,
        base.draft,
        lambda article, by: article.share_draft(by=by, expires_at=timezone.now() + timedelta(days=1)),
    ),
    "revoke": (DESK, shared, lambda article, by: article.draft_links.get().revoke(by=by)),
    "join": (DESK, base.draft, lambda article, by: article.join(another_story(), by=by)),
    "discard": (DESK, base.draft, lambda article, by: article.discard(by=by)),
    "withdraw": (CHIEFS, base.published, lambda article, by: article.withdraw(by=by, reason="Wrong.")),
    "reinstate": (CHIEFS, base.withdrawn, lambda article, by: article.reinstate(by=by)),
    "story.withdraw": (
        CHIEFS,
        base.published,
        lambda article, by: article.story.withdraw(by=by, reason="Wrong."),
    ),
    "story.reinstate": (
        CHIEFS,
        base.withdrawn_with_its_story,
        lambda article, by: article.story.reinstate(by=by),
    ),
    "story.reinstate, versions withdrawn before": (
        CHIEFS,
        base.withdrawn_before_its_story,
        lambda article, by: article.story.reinstate(by=by),
    ),
    "source.add": (WRITERS, base.draft, lambda article, by: Source.add(by=by, name="Harbour office")),
}


def rows() -> list[list[dict]]:
    models = (Story, Article, Revision, DraftLink, Path, Note, Withdrawal, Source, LogEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", VERBS)
def test_a_verb_asks_itself_who_may_and_changes_nothing_for_others(name: str, role: str) -> None:
    may, prepare, call = VERBS[name]
    article, user = prepare(), base.person("somebody", role)
    article.refresh_from_db()
    base.draft(language="de")
    before = rows()

    if role in may:
        call(article, user)
        assert rows() != before
    else:
        with pytest.raises(PermissionDenied):
            call(article, user)
        assert rows() == before


@pytest.fixture
def of_politics(editor: User) -> User:
    """Return an editor whose role ends at the border of politics."""
    Grant.objects.get(user=editor).sections.add(base.section())
    return editor


def test_what_readers_see_elsewhere_is_not_published_anew_from_here(of_politics: User) -> None:
    politics = Grant.objects.get(user=of_politics).sections.get()
    article = base.published(section=base.section({"en": "Weather"}))
    article.save_revision(by=None, section=politics)
    with pytest.raises(PermissionDenied):
        article.publish(by=of_politics)


def test_nobody_fetches_an_article_from_where_his_role_does_not_reach(of_politics: User) -> None:
    politics = Grant.objects.get(user=of_politics).sections.get()
    article = base.draft(section=base.section({"en": "Weather"}))
    with pytest.raises(PermissionDenied):
        article.save_revision(by=of_politics, section=politics)


def test_who_may_only_change_articles_begins_none(moderator: User) -> None:
    for name in ("change_article", "add_story"):
        moderator.user_permissions.add(Permission.objects.get(codename=name))
    with pytest.raises(PermissionDenied):
        base.draft(by=User.objects.get(pk=moderator.pk))
