"""Posting a comment: what is stored, what is held, what is one and what is two."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils import timezone

from articles.models import Article, User
from comments.models import Comment, address_digest
from newsroom.models import LogEntry, Site
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import approved, assert_true, removed, row, waiting

pytestmark = pytest.mark.django_db

THANKS = {"name": "Rosa", "text": "Merci !", "address": "192.0.2.1"}


def test_a_readers_comment_is_held_and_the_row_says_why():
    article = base.published()
    comment = waiting(article, name="Rosa", email="rosa@mail.example")
    assert (comment.state, comment.shown, comment.version) == ("waiting", False, 1)
    (decision,) = comment.decisions.all()
    assert (decision.action, decision.rule, decision.state, decision.by) == (
        "hold",
        "first-timer",
        "waiting",
        None,
    )
    assert assert_true(article) == 0


def test_staff_who_may_decide_are_shown_and_counted_at_once(moderator: User):
    article = base.published()
    with base.purged_keys() as purged:
        comment = Comment.post(article=article, name="Mira", text="Thank you.", by=moderator)
    assert comment.shown
    assert comment.is_by_staff()
    assert assert_true(article) == 1
    assert purged == {f"article-{article.pk}", "discussed-en"}


def test_staff_who_may_not_decide_wait_like_readers(journalist: User):
    article = base.published()
    comment = Comment.post(article=article, name="Jana", text="My own article.", by=journalist)
    assert comment.state == "waiting"
    assert assert_true(article) == 0


def test_staff_whose_role_does_not_reach_the_article_wait_like_readers(moderator: User):
    article = base.published()
    moderator.grants.update(languages=["de"])
    dora = base.person("dora", "Moderator")
    dora.grants.get().sections.set([base.section({"en": "Sport"})])
    for user in (moderator, dora):
        comment = Comment.post(article=article, name=user.username, text="Thank you.", by=user)
        assert (comment.state, comment.shown, comment.user) == ("waiting", False, user)
    assert assert_true(article) == 0


def test_what_waits_purges_no_page():
    article = base.published()
    with base.purged_keys() as purged:
        waiting(article)
    assert purged == set()


def test_the_log_holds_ids_and_no_words():
    article = base.published()
    comment = waiting(article, name="Rosa", email="rosa@mail.example", address="192.0.2.1")
    entry = LogEntry.objects.get(verb="comment.post")
    assert (entry.object_type, entry.object_id, entry.by_id) == ("comments.comment", comment.pk, None)
    assert entry.details == {"article": article.pk}


def test_the_same_comment_within_ten_minutes_is_one():
    article = base.published()
    first = Comment.post(article=article, **THANKS)
    assert Comment.post(article=article, **THANKS) == first
    assert Comment.objects.count() == 1
    assert LogEntry.objects.filter(verb="comment.post").count() == 1
    assert first.decisions.count() == 1


def test_the_same_comment_is_one_also_once_it_was_decided_on():
    article = base.published()
    first = Comment.post(article=article, **THANKS)
    first.mark_spam(by=None)
    assert Comment.post(article=article, **THANKS) == first


def test_the_same_words_after_ten_minutes_are_another_comment():
    article = base.published()
    first = Comment.post(article=article, **THANKS)
    Comment.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(minutes=10, seconds=1))
    assert Comment.post(article=article, **THANKS) != first


def sent_again(comment: Comment, seconds: int, **fields) -> Comment:
    """Send the same comment once more, so many seconds after the first."""
    with base.at(comment.created_at + timedelta(seconds=seconds)):
        return Comment.post(article=comment.article, **THANKS | fields)


@pytest.mark.parametrize("seconds", [0, 29, 31, 599])
def test_what_waits_is_its_senders_however_late_he_sends_it_again(seconds):
    comment = Comment.post(article=base.published(), email="rosa@mail.example", **THANKS)
    again = sent_again(comment, seconds, email="Rosa@mail.example")
    assert (again, again.is_anothers) == (comment, False)


@pytest.mark.parametrize(("seconds", "is_anothers"), [(0, False), (30, False), (31, True), (599, True)])
def test_what_readers_have_seen_for_a_while_is_one_comment_and_nobody_is_taken_for_its_writer(
    seconds, is_anothers
):
    article = base.published()
    comment = Comment.post(article=article, **THANKS)
    comment.approve(by=None)
    again = sent_again(comment, seconds)
    assert (again, again.is_anothers) == (comment, is_anothers)
    assert assert_true(article) == 1


@pytest.mark.parametrize("email", ["", "eve@mail.example"])
def test_what_was_sent_with_another_e_mail_is_anothers(email):
    article = base.published()
    comment = Comment.post(article=article, email="rosa@mail.example", **THANKS)
    again = sent_again(comment, 1, email=email)
    assert (again, again.is_anothers) == (comment, True)
    again = sent_again(comment, 2, email="rosa@mail.example")
    assert (again, again.is_anothers) == (comment, False)
    comment.refresh_from_db()
    comment.approve(by=None)
    shown = sent_again(comment, 3, email="another@mail.example")
    assert (shown, shown.is_anothers) == (comment, True)
    assert Comment.objects.count() == 1


def test_what_was_confirmed_is_its_writers_alone_who_comes_by_a_signed_link():
    article = base.published()
    rosa = {"email": "rosa@mail.example"}
    comment = Comment.post(article=article, **rosa, **THANKS)
    comment.confirm()
    again = sent_again(comment, 60, **rosa, is_confirmed=True)
    assert (again, again.is_anothers) == (comment, False)
    forged = sent_again(comment, 1, **rosa)
    assert (forged, forged.is_anothers) == (comment, True)
    comment.refresh_from_db()
    comment.approve(by=None)
    for seconds in (1, 60):
        again = sent_again(comment, seconds, **rosa, is_confirmed=True)
        assert (again, again.is_anothers) == (comment, False)


@pytest.mark.parametrize("other", [{"name": "Ines"}, {"address": "192.0.2.2"}, {"text": "Merci"}])
def test_two_readers_who_say_the_same_are_two(other):
    article = base.published()
    assert Comment.post(article=article, **THANKS) != Comment.post(article=article, **THANKS | other)


def test_the_same_words_to_two_comments_or_articles_are_two():
    article = base.published()
    ferry, port = approved(article), approved(article)
    posted = {Comment.post(article=article, parent=parent, **THANKS).pk for parent in (None, ferry, port)}
    posted.add(Comment.post(article=base.published(headline="Another day"), **THANKS).pk)
    assert len(posted) == 4


def test_two_comments_are_two_where_only_the_border_between_their_fields_differs():
    article = base.published()
    ferry = approved(article)
    posted = [
        Comment.post(article=article, name="Rosa", text="Merci !"),
        Comment.post(article=article, name="Ros", text="aMerci !"),
        Comment.post(article=article, name="Rosa", text="Merci !", parent=ferry),
        Comment.post(article=article, name=f"{ferry.pk}Rosa", text="Merci !"),
    ]
    assert len({comment.pk for comment in posted}) == 4


def test_name_and_text_are_stored_clean():
    comment = waiting(base.published(), name=" Rosa\n Lind ", text="One\0.\r\n\r\n\r\n\r\nTwo. ")
    assert (comment.name, comment.text) == ("Rosa Lind", "One.\n\nTwo.")


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": "x" * 61}, {"text": " "}, {"text": "x" * 5001}, {"email": "rosa"}]
)
def test_fields_are_bounded_whoever_calls(fields):
    article = base.published()
    with pytest.raises(ValidationError):
        waiting(article, **fields)
    assert not Comment.objects.exists()


def test_no_comment_on_what_readers_cannot_see():
    with pytest.raises(Refused):
        waiting(base.draft())


def test_no_comment_where_comments_are_closed(editor: User):
    article = base.published()
    article.set_desk(by=editor, embargo_until=None, comments_mode="closed")
    with pytest.raises(Refused):
        waiting(article)


def test_no_comment_while_the_site_takes_none():
    Site(comments_mode="closed").save()
    with pytest.raises(Refused):
        waiting(base.published())


def test_only_a_shown_comment_of_the_same_article_can_be_answered():
    article = base.published()
    for parent in (waiting(article), removed(article), approved(base.published(headline="Another day"))):
        with pytest.raises(Refused):
            waiting(article, parent)


def test_the_stored_depth_is_capped_and_the_parent_stays_true():
    article = base.published()
    parent = approved(article)
    for _level in range(12):
        reply = approved(article, parent)
        assert reply.parent == parent
        parent = reply
    assert parent.depth == 10
    assert assert_true(article) == 13


def test_the_address_is_stored_as_a_keyed_digest_that_expires(settings):
    comment = waiting(base.published(), address="192.0.2.1")
    assert comment.address_digest == address_digest("192.0.2.1")
    assert "192.0.2.1" not in comment.address_digest
    assert timedelta(days=6) < comment.address_expires_at - timezone.now() <= timedelta(days=7)
    settings.SECRET_KEY = "another key of a site, made for this test and long enough for it"
    assert comment.address_digest != address_digest("192.0.2.1")


def test_the_private_address_leads_to_its_comment_and_a_made_up_one_to_none():
    comment = waiting(base.published())
    token = comment.own_url().removeprefix("/comments/own/").rstrip("/")
    assert Comment.by_token(token) == comment
    for wrong in (token[:-1], token + "x", "", "x", str(comment.uid), "é:ü:\x00"):
        with pytest.raises(Comment.DoesNotExist):
            Comment.by_token(wrong)


def test_two_people_of_one_name_who_are_imported_without_an_address_are_two():
    article = base.published()
    at = timezone.now() - timedelta(days=400)
    thanks = {"name": "Rosa", "text": "Merci !", "at": at}
    assert Comment.post(article=article, **thanks) != Comment.post(article=article, **thanks)


def test_an_old_comment_that_is_imported_is_no_twin_of_a_newer_one():
    article = base.published()
    today = Comment.post(article=article, **THANKS)
    old = Comment.post(article=article, at=timezone.now() - timedelta(days=400), **THANKS)
    assert old != today
    again = Comment.post(article=article, at=old.created_at, **THANKS)
    assert again == old


# Round the verbs


@pytest.mark.parametrize("state", ["waiting", "rejected", "spam", "removed"])
def test_the_database_shows_only_what_is_approved(state):
    row(base.published(), state)
    with pytest.raises(IntegrityError, match="only_approved_comments_are_shown"):
        Comment.objects.update(shown=True)


def test_the_database_stores_no_depth_beyond_the_cap():
    row(base.published(), "approved")
    assert Comment.objects.update(depth=10) == 1
    with pytest.raises(IntegrityError, match="comment_depth_capped"):
        Comment.objects.update(depth=11)


def test_what_was_answered_or_decided_on_cannot_be_deleted():
    article = base.published()
    answered = row(article, "approved")
    row(article, "approved", answered)
    for comment, relation in ((answered, "Comment.parent"), (waiting(article), "Decision.comment")):
        with pytest.raises(ProtectedError, match=relation):
            Comment.objects.filter(pk=comment.pk).delete()


def test_who_commented_or_decided_cannot_be_deleted(moderator: User, journalist: User):
    article = base.published()
    row(article, "waiting")
    Comment.objects.update(user=journalist)
    waiting(article).approve(by=moderator)
    for user, relation in ((journalist, r"Comment\.user"), (moderator, r"Decision\.by")):
        with pytest.raises(ProtectedError, match=relation):
            User.objects.filter(pk=user.pk).delete()


def test_an_article_with_comments_cannot_be_deleted():
    article = base.draft()
    row(article, "waiting")
    with pytest.raises(ProtectedError, match=r"Comment\.article"):
        Article.objects.filter(pk=article.pk).delete()
