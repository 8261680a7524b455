"""Discarding drafts, and what else the admin asks of articles."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from articles.models import Article, Revision, Story, User
from comments.models import Comment
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base

pytestmark = pytest.mark.django_db


def test_discarded_draft_is_gone_with_its_revisions_and_its_story(journalist: User) -> None:
    article = base.draft(by=journalist)
    pk = article.pk

    with base.purged_keys() as purged:
        article.discard(by=journalist)

    assert not Article.objects.exists()
    assert not Revision.objects.exists()
    assert not Story.objects.exists()
    assert f"article-{pk}" in purged
    entry = LogEntry.objects.get(verb="article.discard")
    assert (entry.object_id, entry.by_id) == (pk, journalist.pk)


def test_discarding_one_version_leaves_the_others(editor: User) -> None:
    article = base.draft(by=editor)
    german = article.add_version("de", by=editor)

    german.discard(by=editor)

    article.refresh_from_db()
    assert article.story.articles.count() == 1


def test_what_a_translation_was_made_from_is_never_discarded(editor: User) -> None:
    article = base.draft(by=editor)
    german = article.add_version("de", by=editor)
    with pytest.raises(Refused, match="a translation"):
        article.discard(by=editor)
    assert german.newest_revision().translated_from == article.newest_revision()


@pytest.mark.parametrize("hours", [-1, 1])
def test_published_or_scheduled_article_is_never_discarded(editor: User, hours: int) -> None:
    article = base.published(at=timezone.now() + timedelta(hours=hours))
    with pytest.raises(Refused, match="never deleted"):
        article.discard(by=editor)
    assert Article.objects.exists()


def test_article_that_readers_have_seen_is_never_discarded(editor: User) -> None:
    article = base.published()
    article.unpublish(by=editor)
    with pytest.raises(Refused, match="never deleted"):
        article.discard(by=editor)
    assert Article.objects.exists()


def test_unpublished_article_with_comments_is_never_discarded(editor: User) -> None:
    article = base.published()
    Comment.post(article=article, name="Ida", text="How high was the water?")
    article.unpublish(by=editor)
    with pytest.raises(Refused):
        article.discard(by=editor)


def test_draft_with_a_comment_row_is_never_discarded(editor: User) -> None:
    article = base.draft(by=editor)
    Comment.objects.create(article=article, name="Ida", text="Imported.", language="en")
    with pytest.raises(Refused, match="cannot be deleted"):
        article.discard(by=editor)
    assert Article.objects.exists()


def test_nobody_discards_anothers_draft_without_the_role(journalist: User) -> None:
    article = base.draft(by=base.person("otto", "Journalist"))
    with pytest.raises(PermissionDenied):
        article.discard(by=journalist)


def test_readers_see_the_live_revision_and_editors_all(journalist: User, editor: User) -> None:
    article = base.published(by=editor)
    article.save_revision(by=editor, headline="Not for everybody yet")

    assert [r.number for r in article.revisions_readable_by(journalist)] == [1]
    assert article.revisions_readable_by(editor).count() == 2


def test_a_version_is_made_from_what_its_translator_may_read(translator: User, editor: User) -> None:
    article = base.published(by=editor, headline="Read by all")
    article.save_revision(by=editor, headline="Not for everybody yet")

    german = article.add_version("de", by=translator)

    assert german.headline == "Read by all"


def test_nobody_moves_a_published_article_to_another_story_without_publishing_rights(
    journalist: User, editor: User
) -> None:
    article = base.published(by=journalist)
    other = base.published(by=editor, language="de")
    with pytest.raises(PermissionDenied):
        article.join(other.story, by=journalist)
    article.join(other.story, by=editor)
    assert article.story == other.story


def test_state_of_a_row_and_state_as_a_question_agree(editor: User) -> None:
    now = timezone.now()
    base.draft(headline="a draft")
    base.published(headline="live", at=now - timedelta(hours=1))
    base.published(headline="scheduled", at=now + timedelta(hours=1))
    base.published(headline="withdrawn", at=now - timedelta(hours=1)).withdraw(by=None, reason="Wrong.")
    base.published(headline="unpublished", at=now - timedelta(hours=1)).unpublish(by=None)
    for state in Article.State:
        assert [a.state for a in Article.objects.in_state(state)] == [state]


def test_list_for_the_desk_costs_the_same_however_long(
    editor: User, django_assert_num_queries: object
) -> None:
    def read() -> list[tuple]:
        return [
            (a.headline, a.section.name_in("en"), a.newest_id, [v.language for v in a.story.articles.all()])
            for a in Article.objects.for_desk(editor)
        ]

    base.draft()
    assert '"body"' not in str(Article.objects.for_desk(editor).query)
    list(Article.objects.for_desk(editor))
    with django_assert_num_queries(4):
        read()
    for _ in range(4):
        base.draft().add_version("de", by=None)
    with django_assert_num_queries(4):
        assert len(read()) == 9


def test_versions_that_a_user_may_not_open_are_told_apart(journalist: User, editor: User) -> None:
    article = base.draft(by=journalist)
    article.add_version("de", by=editor)

    row = Article.objects.for_desk(journalist).get(pk=article.pk)

    assert {v.language for v in row.story.articles.all()} == {"en", "de"}
    assert [v.language for v in row.story.readable_articles] == ["en"]


def test_restoring_makes_a_new_revision_with_everything_of_the_old_one(editor: User) -> None:
    author, tag = base.author(), base.tag("Harbour")
    article = base.draft(by=editor, headline="First", bylines=[(author, "author")], tags=[tag])
    article.save_revision(by=editor, headline="Second", bylines=[], tags=[])

    restored = article.restore(article.revisions.get(number=1), by=editor)

    assert restored.number == 3
    assert (restored.headline, restored.byline_pairs(), restored.tag_list()) == (
        "First",
        [(author, "author")],
        [tag],
    )


def test_revision_of_another_article_is_never_restored_nor_published(editor: User) -> None:
    article, other = base.draft(by=editor), base.draft(by=editor)
    with pytest.raises(Refused, match="another article"):
        article.restore(other.newest_revision(), by=editor)
    with pytest.raises(Refused, match="no revision"):
        article.publish(by=editor, revision=other.newest_revision())
    assert not Article.objects.visible().exists()
