"""The private page: what a writer is told there, and what he may still change."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from articles.models import Article, User
from comments import judging
from comments.judging import Reason, Verdict
from comments.models import WRITERS_TIME, Comment, Decision, State, Wording
from comments.models.writers import MOST_EDITS
from newsroom.models import LogEntry, Site
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import approved, assert_true, removed, waiting
from tests.comments.test_commenting import kept_text, title

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def article() -> Article:
    return base.published()


@pytest.fixture
def client() -> Client:
    """Return a client that checks tokens as a real site does."""
    return Client(enforce_csrf_checks=True)


def open_site() -> None:
    """Have comments shown at once."""
    Site.objects.update_or_create(pk=1, defaults={"comments_mode": "open"})


def edit(client: Client, comment: Comment, **fields):
    comment.refresh_from_db()
    sent = {"text": comment.text, "language": comment.language, "seen": comment.version} | fields
    return client.post(f"{comment.own_url()}edit/", sent)


def delete(client: Client, comment: Comment, **fields):
    comment.refresh_from_db()
    return client.post(f"{comment.own_url()}delete/", {"seen": comment.version} | fields)


def heading(client: Client, comment: Comment) -> str:
    return re.search(r"<h1[^>]*>([^<]*)</h1>", client.get(comment.own_url()).content.decode())[1]


# Changing


def test_a_writer_changes_what_waits_and_the_earlier_words_are_kept(client, article):
    comment = waiting(article, text="Frist")
    response = edit(client, comment, text="First")
    assert (response.status_code, response["Location"]) == (303, comment.own_url())
    comment.refresh_from_db()
    assert (comment.text, comment.state, comment.size) == ("First", "waiting", 5)
    assert comment.edited_at
    assert Wording.objects.get().text == "Frist"
    decision = comment.decisions.filter(action="edit").get()
    assert (decision.rule, decision.reasons, decision.by, decision.rule_name) == (
        *("writer", [], None),
        "its writer",
    )
    assert comment.version == comment.decisions.count()
    entry = LogEntry.objects.get(verb="comment.edit")
    assert "First" not in str(entry.details)


def test_what_is_shown_stays_shown_with_a_mark_if_the_rules_let_it(client, article):
    open_site()
    comment = waiting(article)
    assert comment.shown
    with base.purged_keys() as purged:
        edit(client, comment, text="Changed at once.")
    assert set(article.page_keys()) <= purged
    page = client.get(article.path).content.decode()
    assert "Changed at once." in page
    assert 'class="comment__edited"' in page
    assert assert_true(article) == 1


def test_what_was_approved_waits_again_after_a_change_with_all_below_it(client, article):
    comment = approved(article)
    approved(article, comment)
    assert assert_true(article) == 2
    with base.purged_keys() as purged:
        edit(client, comment, text="Quite another thing.")
    assert set(article.comment_keys()) <= purged
    comment.refresh_from_db()
    assert (comment.state, comment.held_for) == ("waiting", "first-timer")
    assert [row.action for row in comment.decisions.all()] == ["hold", "approve", "edit", "hold"]
    assert comment.decisions.last().rule == "first-timer"
    assert assert_true(article) == 0
    comment.approve(by=None)
    assert assert_true(article) == 2


def test_a_changed_comment_that_the_rules_call_spam_is_hidden_with_all_below_it(client, article):
    comment = approved(article)
    approved(article, comment)
    verdict = Verdict(State.SPAM, [Reason("links", number=9, limit=2)])
    with mock.patch.object(judging, "judge", return_value=verdict) as judge:
        assert edit(client, comment, text="Buy this.").status_code == 303
    submission = judge.call_args.args[0]
    assert (submission.comment, submission.text) == (comment, "Buy this.")
    comment.refresh_from_db()
    assert (comment.state, comment.held_for) == ("spam", "links")
    assert assert_true(article) == 0
    assert heading(client, comment) == "Your comment is not shown"


def test_changing_what_waits_never_releases_it(client, article):
    """Else anybody could find out word by word what holds it."""
    comment = waiting(article)
    open_site()
    edit(client, comment, text="Harmless now.")
    comment.refresh_from_db()
    assert (comment.state, comment.held_for, comment.text) == ("waiting", "first-timer", "Harmless now.")


@pytest.mark.postgresql_later
def test_after_twenty_changes_one_more_answers_429_and_keeps_the_text(client, article):
    comment = waiting(article)
    with base.at(comment.created_at + 77 * SECOND):
        for number in range(MOST_EDITS - 2):
            assert edit(client, comment, text=f"Changed {number} times.").status_code == 303
        # A language alone makes a row, too.
        for language in ("de", "fr"):
            assert edit(client, comment, language=language).status_code == 303
        response = edit(client, comment, text="Once more.")
    assert (response.status_code, response["Retry-After"]) == (429, str(600 - 77))
    assert title(response).startswith("Error")
    assert "You have changed this comment very often" in response.content.decode()
    assert kept_text(response) == "Once more."
    comment.refresh_from_db()
    assert comment.text == f"Changed {MOST_EDITS - 3} times."
    assert (Wording.objects.count(), comment.decisions.filter(action="edit").count()) == (
        *(MOST_EDITS - 2,),
        MOST_EDITS,
    )
    # It can still be deleted.
    assert delete(client, comment).status_code == 303


def test_saving_what_is_so_already_changes_nothing(client, article):
    comment = waiting(article)
    assert edit(client, comment).status_code == 303
    assert edit(client, comment, text="Other words.").status_code == 303
    # Sent twice: the version seen is no longer the one stored, and the words are.
    assert edit(client, comment, seen=1).status_code == 303
    assert comment.decisions.filter(action="edit").count() == 1


def test_the_language_is_chosen_from_the_sites(client, article):
    comment = waiting(article)
    assert edit(client, comment, language="de").status_code == 303
    comment.refresh_from_db()
    assert (comment.language, comment.edited_at) == ("de", None)
    response = edit(client, comment, language="tlh", text="Qapla’")
    assert response.status_code == 422
    assert kept_text(response) == "Qapla’"
    comment.refresh_from_db()
    assert comment.language == "de"


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": ""}, "Write a comment, or delete this one."),
        ({"text": "\u2800\n\xa0"}, "Write a comment, or delete this one."),
        ({"text": "é" * 5001}, "Shorten the comment to 5000 characters; it has 5001."),
    ],
)
def test_a_mistake_comes_back_with_its_reason_and_everything_typed(client, article, fields, reason):
    comment = waiting(article)
    response = edit(client, comment, **fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert title(response).startswith("Error")
    assert f'<a href="#your-text">{reason}' in page
    assert "autofocus" in page
    assert '<details class="comment-own__act" open>' in page
    assert kept_text(response) == fields["text"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.postgresql_later
def test_ten_minutes_after_it_was_sent_it_is_too_late_and_the_text_comes_back(client, article):
    comment = waiting(article)
    just = comment.created_at + WRITERS_TIME - SECOND
    with base.at(just):
        assert "Change it" in client.get(comment.own_url()).content.decode()
        assert edit(client, comment, text="In time.").status_code == 303
    with base.at(just + SECOND):
        assert "Change it" not in client.get(comment.own_url()).content.decode()
        response = edit(client, comment, text="Too late.")
        assert response.status_code == 422
        assert "for ten minutes after it was sent" in response.content.decode()
        assert kept_text(response) == "Too late."
        late = delete(client, comment)
        assert late.status_code == 422
        assert "for ten minutes after it was sent" in late.content.decode()
    comment.refresh_from_db()
    assert (comment.text, comment.state) == ("In time.", "waiting")


def test_what_a_moderator_did_meanwhile_refuses_a_change_and_is_told(client, article):
    comment = waiting(article)
    seen = comment.version
    comment.approve(by=None)
    response = edit(client, comment, text="Mine.", seen=seen)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Something has happened to this comment meanwhile." in page
    assert "Your comment is shown" in page
    assert kept_text(response) == "Mine."
    # The form that came back is of what is there now.
    assert f'name="seen" value="{comment.version}"' in page
    assert delete(client, comment, seen=seen).status_code == 422
    assert assert_true(article) == 1


@pytest.mark.postgresql_later
@pytest.mark.parametrize("make", [removed, lambda article: reject(waiting(article))])
def test_what_a_moderator_decided_against_is_not_changed_any_more(client, article, make):
    comment = make(article)
    assert "Change it" not in client.get(comment.own_url()).content.decode()
    assert edit(client, comment, text="But I meant well.").status_code == 422
    assert delete(client, comment).status_code == 422


def reject(comment: Comment) -> Comment:
    comment.reject(by=None, reason="no")
    return comment


def test_nothing_is_changed_where_comments_are_closed_and_it_can_still_be_deleted(client, article, editor):
    comment = approved(article)
    article.set_desk(by=editor, embargo_until=None, comments_mode="closed")
    response = edit(client, comment, text="After closing.")
    assert response.status_code == 422
    assert "Comments are closed here." in response.content.decode()
    assert kept_text(response) == "After closing."
    assert delete(client, comment).status_code == 303
    assert assert_true(article) == 0


# Deleting


def test_a_writer_deletes_and_shown_replies_stay_below_a_placeholder(client, article, moderator):
    comment = approved(article)
    approved(article, comment)
    response = delete(client, comment)
    assert (response.status_code, response["Location"]) == (303, comment.own_url())
    assert assert_true(article) == 1
    page = client.get(article.path).content.decode()
    assert 'class="comment-gone"' in page
    assert comment.text not in page
    assert heading(client, comment) == "You have deleted your comment"
    decision = comment.decisions.last()
    assert (decision.action, decision.was, decision.state, decision.rule, decision.by) == (
        *("delete", "approved", "removed", "writer"),
        None,
    )


def test_what_its_writer_deleted_no_moderator_shows_again(client, article, moderator):
    comment = approved(article)
    delete(client, comment)
    comment.refresh_from_db()
    with pytest.raises(Refused, match="Its writer deleted this comment"):
        comment.restore(by=moderator)
    comment.mark_spam(by=moderator)
    with pytest.raises(Refused, match="Its writer deleted this comment"):
        comment.approve(by=moderator)
    assert assert_true(article) == 0


def test_what_waits_is_deleted_too_and_deleting_twice_is_once(client, article):
    comment = waiting(article)
    assert [delete(client, comment, seen=1).status_code for _time in range(2)] == [303, 303]
    assert comment.decisions.filter(action="delete").count() == 1
    assert edit(client, comment, text="And back.").status_code == 422
    assert assert_true(article) == 0


def test_whoever_deletes_and_sends_the_same_words_again_has_sent_them(client, article):
    comment = waiting(article, text="The ferry!")
    delete(client, comment)
    again = waiting(article, text="The ferry!")
    assert (again.pk != comment.pk, again.state) == (True, "waiting")


def test_a_page_that_is_only_opened_changes_nothing(client, article):
    comment = approved(article)
    for name in ("edit", "delete"):
        response = client.get(f"{comment.own_url()}{name}/")
        assert (response.status_code, response["Location"]) == (303, comment.own_url())
        assert client.head(f"{comment.own_url()}{name}/").status_code == 303
    assert assert_true(article) == 1


# Attacks


@pytest.mark.postgresql_later
@pytest.mark.parametrize("name", ["edit/", "delete/", ""])  # the last takes no form: 403 for want of a token
def test_only_the_token_of_the_very_comment_opens_anything(client, article, name):
    comment = waiting(article)
    forged = (
        comment.uid.hex,
        f"{comment.uid.hex}:{'A' * 43}",
        signing.Signer(salt="comments.confirm").sign(comment.uid.hex),
        signing.Signer().sign(comment.uid.hex),
        signing.Signer(salt="comments.own").sign("0" * 32),
        waiting(article).token().replace(":", "x:"),
    )
    for token in forged:
        address = f"/comments/own/{token}/{name}"
        assert client.get(address).status_code == 404
        assert client.post(address, {"text": "x", "language": "en", "seen": 1}).status_code in (404, 403)
    comment.refresh_from_db()
    assert comment.version == 1


def test_forms_of_other_sites_are_refused(client, article):
    comment = waiting(article)
    for name in ("edit", "delete"):
        response = client.post(
            f"{comment.own_url()}{name}/",
            {"text": "Theirs.", "language": "en", "seen": 1},
            headers={"Origin": "https://evil.example"},
        )
        assert response.status_code == 403
        assert "came from another site" in response.content.decode()
    comment.refresh_from_db()
    assert (comment.version, comment.state) == (1, "waiting")


@pytest.mark.postgresql_later
@pytest.mark.parametrize("seen", ["", "x", "-1", "0", "1.5", "9" * 5000, "\0", "２"])
def test_a_version_that_is_none_deletes_nothing(client, article, seen):
    comment = waiting(article)
    assert client.post(f"{comment.own_url()}delete/", {"seen": seen}).status_code == 422
    assert edit(client, comment, text="x", seen=seen).status_code == 422
    comment.refresh_from_db()
    assert comment.version == 1


def test_hostile_words_are_words_and_a_megabyte_is_not_read(client, article):
    comment = waiting(article)
    nasty = "\0<script>alert(1)</script>\u202e\ud800 {{ x }}".encode("utf-8", "surrogatepass")
    response = client.generic(
        "POST",
        f"{comment.own_url()}edit/",
        b"language=en&seen=1&text=" + nasty.replace(b"&", b"%26"),
        "application/x-www-form-urlencoded",
    )
    assert response.status_code == 303
    assert "<script>alert" not in client.get(comment.own_url()).content.decode()
    for name in ("edit", "delete"):
        response = client.post(f"{comment.own_url()}{name}/", {"text": "x" * 1_000_000, "seen": 2})
        assert response.status_code == 413


def test_a_database_that_is_away_gives_the_text_back_with_503(client, article):
    comment = waiting(article)
    with mock.patch.object(Comment, "edit", side_effect=OperationalError("locked")):
        response = edit(client, comment, text="Keep me.")
    assert response.status_code == 503
    assert kept_text(response) == "Keep me."


@pytest.mark.postgresql_later
def test_the_token_stands_on_the_private_page_alone(client, article, moderator, login):
    comment = approved(article)
    desk = login(moderator)
    for reader, address in (
        (client, article.path),
        (client, f"{article.path}comments/reply/{comment.pk}/"),
        (client, f"/comments/{comment.pk}/report/"),
        (client, f"{article.path}comments.xml"),
        (desk, "/admin/comments/queue/?state=all"),
        (desk, f"/admin/comments/comment/{comment.pk}/change/"),
    ):
        assert comment.token().rpartition(":")[2] not in reader.get(address).content.decode(), address


# What is told


def test_nothing_of_a_rule_is_told_to_the_writer(client, article):
    verdict = Verdict(State.WAITING, [Reason("words", 3, ["harbour-rats"])])
    with mock.patch.object(judging, "judge", return_value=verdict):
        comment = waiting(article)
    page = client.get(comment.own_url()).content.decode()
    assert "A moderator reads it before it is shown." in page
    assert "harbour-rats" not in page


@pytest.mark.postgresql_later
@pytest.mark.parametrize("rule", ["ban", "honeypot", "words"])
def test_of_spam_that_a_rule_found_no_moderator_is_said_to_have_decided(client, article, rule):
    with mock.patch.object(judging, "judge", return_value=Verdict(State.SPAM, [Reason(rule)])):
        comment = waiting(article)
    page = client.get(comment.own_url()).content.decode()
    assert heading(client, comment) == "Your comment is not shown"
    assert "It is not shown at present" in page
    assert "moderator" not in page.lower()
    comment.approve(by=None)
    comment.mark_spam(by=None)
    assert "A moderator decided against it" in client.get(comment.own_url()).content.decode()


def test_the_usual_wait_is_told_once_enough_is_known(client, article):
    comment = waiting(article)
    for seconds in (60, 2400, 2400, 2400):
        Decision.objects.create(comment=comment, action="approve", state="approved", waited=seconds)
    assert "usually wait" not in client.get(comment.own_url()).content.decode()
    Decision.objects.create(comment=comment, action="approve", state="approved", waited=100_000)
    assert "Comments usually wait for 40 minutes." in client.get(comment.own_url()).content.decode()


def test_of_a_wait_of_less_than_a_minute_nothing_is_said(client, article):
    comment = waiting(article)
    for seconds in (0, 0, 0, 59, 59):
        Decision.objects.create(comment=comment, action="approve", state="approved", waited=seconds)
    assert "usually wait" not in client.get(comment.own_url()).content.decode()


def test_staff_have_no_private_page_to_change(client, article, moderator: User):
    comment = Comment.post(article=article, name="Mira", text="From the newsroom.", by=moderator)
    assert not comment.is_editable_by_writer(timezone.now())
    assert edit(client, comment, text="Forged.").status_code == 422
