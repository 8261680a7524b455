"""What commenters are told by mail, and what the links in those mails do."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from unittest import mock
from urllib.parse import quote

import pytest
from django.core import mail, signing
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from articles.models import Article, User
from comments import judging, links, telling
from comments.judging import Reason, Verdict
from comments.models import Action, Comment, Commenter, State
from newsroom.mail import send_due
from newsroom.models import LogEntry, Mail, Site
from tests import base
from tests.comments.base import approved, assert_true, row, waiting
from tests.comments.test_commenting import GOOD, kept_text, title
from tests.newsroom.test_addresses import SPELLINGS

pytestmark = pytest.mark.django_db

ROSA = "rosa@mail.example"


@pytest.fixture
def article() -> Article:
    return base.published()


@pytest.fixture
def client() -> Client:
    """Return a client that checks tokens as a real site does."""
    return Client(enforce_csrf_checks=True)


def confirmed(email: str = ROSA, **fields) -> Commenter:
    return Commenter.objects.create(
        email=email, language="en", confirmed_at=timezone.now(), asked_at=timezone.now(), **fields
    )


def links_in(text: str) -> dict[str, str]:
    """Return the addresses of a mail by kind."""
    return {
        found[1]: found[0].removeprefix("http://testserver")
        for found in re.finditer(r"http://testserver/comments/([a-z]+)/\S+", text)
    }


def only_mail() -> Mail:
    return Mail.objects.get()


def later(days: float) -> AbstractContextManager:
    """Let the clock of signatures stand some days ahead."""
    now = timezone.now().timestamp() + days * 86_400
    return mock.patch("django.core.signing.time.time", return_value=now)


# Confirming


def test_a_first_comment_asks_to_confirm_its_address(article):
    waiting(article, email="Rosa@Mail.example")
    letter = only_mail()
    assert (letter.to, letter.subject) == (ROSA, "Newsroom: confirm your e-mail address")
    assert article.headline in letter.text
    assert set(links_in(letter.text)) == {"confirm", "unsubscribe"}
    commenter = Commenter.objects.get()
    assert (commenter.email, commenter.confirmed_at) == (ROSA, None)


def test_no_word_of_a_stranger_goes_to_an_address_that_nobody_confirmed(article):
    """Else anybody could have the newsroom carry his words to anybody."""
    waiting(article, email=ROSA, name="Buy at shop.example", text="Cheap pills at https://shop.example")
    letter = only_mail()
    assert "shop.example" not in letter.text + letter.subject + str(letter.headers)
    assert "pills" not in letter.text


def test_one_mail_a_day_asks_whatever_is_sent(article):
    now = timezone.now()
    with base.at(now):
        for _number in range(3):
            waiting(article, email=ROSA)
        waiting(base.published(headline="Elsewhere"), email=ROSA)
    with base.at(now + telling.ASKED_EVERY - timedelta(seconds=1)):
        waiting(article, email=ROSA)
    assert Mail.objects.count() == 1
    with base.at(now + telling.ASKED_EVERY):
        waiting(article, email=ROSA)
    assert Mail.objects.count() == 2


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_however_an_address_is_spelled_it_is_asked_once_and_not_when_it_unsubscribed(article, spelling):
    waiting(article, email=ROSA)
    waiting(article, email=spelling)
    assert only_mail().to == ROSA
    Commenter.objects.get().unsubscribe()
    Mail.objects.all().delete()
    with base.at(timezone.now() + telling.ASKED_EVERY):
        assert waiting(article, email=spelling).email == ROSA
    assert not Mail.objects.exists()


def test_a_confirmed_address_is_asked_once_a_day_about_what_is_shown_at_once(client, article):
    """No decision on it is told, and replies only of what is confirmed."""
    now = timezone.now()
    Commenter.objects.create(email=ROSA, language="en", confirmed_at=now)
    waiting(article, email=ROSA)
    assert not Mail.objects.exists()
    Site.objects.update_or_create(pk=1, defaults={"comments_mode": "open"})
    waiting(article, email=ROSA, is_confirmed=True)
    assert not Mail.objects.exists()
    comment = waiting(article, email=ROSA)
    waiting(article, email=ROSA)
    assert send_due() == 1
    client.post(links_in(mail.outbox[0].body)["confirm"])
    comment.refresh_from_db()
    assert comment.confirmed_at
    waiting(article, comment)
    assert only_mail().subject == "Newsroom: a reply to your comment"


def test_tags_of_one_mailbox_are_asked_once_a_day_together(article):
    now = timezone.now()
    with base.at(now):
        for number in range(3):
            waiting(article, email=f"rosa+{number}@mail.example")
        waiting(article, email=ROSA)
    assert only_mail().to == "rosa+0@mail.example"
    with base.at(now + telling.ASKED_EVERY):
        waiting(article, email="rosa+1@mail.example")
        waiting(article, email="rosa+2@mail.example")
    assert [letter.to for letter in Mail.objects.order_by("pk")][1:] == ["rosa+1@mail.example"]
    # Of who confirmed one, and of who wants no mail, nothing more is asked.
    Commenter.objects.filter(email="rosa+1@mail.example").update(confirmed_at=now)
    with base.at(now + 2 * telling.ASKED_EVERY):
        waiting(article, email="rosa+1@mail.example")
        assert Mail.objects.count() == 2
        Commenter.objects.get(email=ROSA).unsubscribe()
        waiting(article, email="rosa+3@mail.example")
    assert Mail.objects.count() == 2


@pytest.mark.parametrize("state", [State.WAITING, State.APPROVED, State.SPAM])
def test_spam_and_what_only_programs_send_make_no_mail(article, state):
    verdict = Verdict(state, [Reason("ban")])
    with mock.patch.object(judging, "judge", return_value=verdict):
        waiting(article, email=ROSA)
        waiting(article, email="bot@mail.example", is_trapped=True)
    asked = [letter.to for letter in Mail.objects.all()]
    assert asked == ([] if state == State.SPAM else [ROSA])
    assert Commenter.objects.count() == len(asked)


def test_without_a_mail_server_nobody_is_asked_or_told(article, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    waiting(article, email=ROSA)
    assert not Commenter.objects.exists()
    confirmed()
    approved(article, approved(article, email=ROSA, is_confirmed=True))
    assert not Mail.objects.exists()


def test_an_import_asks_nobody(article):
    waiting(article, email=ROSA, at=timezone.now())
    assert not Mail.objects.exists()


def test_opening_the_link_changes_nothing_and_pressing_the_button_confirms(client, article):
    comment = waiting(article, email=ROSA)
    address = links_in(only_mail().text)["confirm"]
    for _time in range(2):
        response = client.get(address)
        page = response.content.decode()
        assert response.status_code == 200
        assert "r…@mail.example" in page
        assert ROSA not in page
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert not Commenter.objects.exclude(confirmed_at=None).exists()
    now = timezone.now()
    with base.at(now):
        assert "Your address is confirmed" in client.post(address).content.decode()
    comment.refresh_from_db()
    assert (comment.confirmed_at, Commenter.objects.get().confirmed_at) == (now, now)
    assert [decision.action for decision in comment.decisions.all()] == ["hold", "confirm"]
    # Twice is once.
    assert client.post(address).status_code == 200
    comment.refresh_from_db()
    assert (comment.version, comment.decisions.count()) == (2, 2)
    assert ROSA not in str(LogEntry.objects.get(verb="comment.confirm").details)


def test_what_waits_for_a_first_timer_alone_is_judged_again_once_confirmed(client, article):
    comment = waiting(article, email=ROSA)
    verdict = Verdict(State.APPROVED, [Reason("record", number=3, limit=2)])
    with mock.patch.object(judging, "judge", return_value=verdict) as judge, base.purged_keys() as purged:
        client.post(links_in(only_mail().text)["confirm"])
    submission = judge.call_args.args[0]
    assert (submission.is_confirmed, submission.email, submission.comment) == (True, ROSA, comment)
    assert set(article.comment_keys()) <= purged
    comment.refresh_from_db()
    assert (comment.state, comment.shown, comment.held_for) == ("approved", True, "")
    decision = comment.decisions.last()
    assert (decision.action, decision.was, decision.state) == ("confirm", "waiting", "approved")
    assert decision.reasons == [{"rule": "record", "number": 3, "limit": 2}]
    assert assert_true(article) == 1


@pytest.mark.parametrize("kind", ["words", "hold-all"])
def test_what_another_rule_holds_is_not_released_by_confirming(client, article, kind):
    with mock.patch.object(judging, "judge", return_value=Verdict(State.WAITING, [Reason(kind)])):
        comment = waiting(article, email=ROSA)
    with mock.patch.object(judging, "judge", return_value=Verdict(State.APPROVED, [])):
        client.post(links_in(only_mail().text)["confirm"])
    comment.refresh_from_db()
    assert (comment.state, comment.held_for) == ("waiting", kind)
    assert comment.confirmed_at


def test_where_comments_were_closed_meanwhile_confirming_releases_nothing(client, article, editor):
    comment = waiting(article, email=ROSA)
    article.set_desk(by=editor, embargo_until=None, comments_mode="closed")
    assert "Your address is confirmed" in client.post(links_in(only_mail().text)["confirm"]).content.decode()
    comment.refresh_from_db()
    assert (comment.state, assert_true(article)) == ("waiting", 0)
    assert comment.confirmed_at


def test_a_link_to_confirm_ends_after_seven_days(client, article):
    comment = waiting(article, email=ROSA)
    address = links_in(only_mail().text)["confirm"]
    with later(6.99):
        assert client.get(address).status_code == 200
    with later(7.01):
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 410
            assert "This link is over" in response.content.decode()
    comment.refresh_from_db()
    assert comment.confirmed_at is None


def test_a_form_of_another_site_confirms_nothing(client, article):
    comment = waiting(article, email=ROSA)
    response = client.post(links_in(only_mail().text)["confirm"], headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert title(response).startswith("Error")
    comment.refresh_from_db()
    assert comment.confirmed_at is None


@pytest.mark.parametrize("verb", ["confirm", "unsubscribe", "subscribe"])
def test_a_database_that_is_away_answers_503_and_asks_to_come_back(client, article, verb):
    comment = waiting(article, email=ROSA)
    address = links_in(only_mail().text)["confirm" if verb == "confirm" else "unsubscribe"]
    with mock.patch.object(Comment if verb == "confirm" else Commenter, verb, side_effect=OperationalError):
        response = client.post(address, {verb: "1"})
    page = response.content.decode()
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert title(response).startswith("Error: Nothing was stored")
    assert "<textarea" not in page
    assert "omment" not in page.partition("<main")[2]
    assert client.post(address).status_code == 200
    comment.refresh_from_db()
    assert (comment.confirmed_at is not None) == (verb == "confirm")


# Forged links


@pytest.mark.postgresql_later
def test_only_its_own_token_opens_a_link(client, article):
    comment, other = waiting(article, email=ROSA), waiting(article, email="ines@mail.example")
    rosa, ines = Commenter.objects.order_by("pk")
    tokens = {
        "confirm": [links.confirm_url(rosa, comment)],
        "as": [links.write_url(rosa, article)],
        "unsubscribe": [links.unsubscribe_url(rosa)],
        "own": [comment.own_url()],
    }
    tokens = {kind: [address.split("/")[3] for address in made] for kind, made in tokens.items()}
    for kind in ("confirm", "as", "unsubscribe"):
        forged = [
            *(token for other_kind, made in tokens.items() if other_kind != kind for token in made),
            *(token[:-1] + ("A" if token[-1] != "A" else "B") for token in tokens[kind]),
            *(token.replace(str(rosa.pk), str(ines.pk), 1) for token in tokens[kind]),
            signing.TimestampSigner().sign(f"{rosa.pk}-{comment.uid.hex}"),
            signing.dumps({"a": 1}),
            *("a:b:c", "\0", "é", ":" * 60, "9" * 3000),
        ]
        for token in forged:
            address = f"/comments/{kind}/{quote(token, safe=':')}/"
            assert client.post(address, GOOD).status_code == 404, address
        assert client.get(address).status_code == 404
    # A commenter and a comment that do not belong together, rightly signed.
    assert client.post(links.confirm_url(rosa, other)).status_code == 404
    assert client.get(links.confirm_url(Commenter(pk=10**12), comment)).status_code == 404
    assert not Comment.objects.exclude(confirmed_at=None).exists()
    assert not Commenter.objects.exclude(unsubscribed_at=None).exists()
    assert Comment.objects.count() == 2


def test_no_address_of_a_link_holds_the_e_mail(article):
    comment = waiting(article, email=ROSA)
    rosa = Commenter.objects.get()
    for address in (
        links.confirm_url(rosa, comment),
        links.write_url(rosa, article, comment.pk),
        links.unsubscribe_url(rosa),
    ):
        assert "rosa" not in address
        assert signing.b64_encode(b"rosa").decode()[:5] not in address


# What was decided


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("decide", "subject", "words"),
    [
        (lambda c: c.approve(by=None), "Newsroom: your comment is shown", "is shown now"),
        (
            lambda c: c.reject(by=None, reason="desk-secret"),
            "Newsroom: your comment is not shown",
            "not shown",
        ),
        (
            lambda c: (
                c.approve(by=None),
                Mail.objects.all().delete(),
                c.remove(by=None, reason="desk-secret"),
            ),
            "Newsroom: your comment was removed",
            "was removed",
        ),
    ],
)
def test_a_decision_is_told_in_general_words(article, decide: Callable, subject, words):
    confirmed()
    comment = waiting(article, email=ROSA)
    decide(comment)
    letter = only_mail()
    assert (letter.to, letter.subject) == (ROSA, subject)
    assert words in letter.text
    assert "desk-secret" not in letter.text
    assert comment.token() not in letter.text
    assert "as" in links_in(letter.text)


def test_what_is_approved_below_a_hidden_comment_is_not_told_to_be_shown(article):
    confirmed()
    top = approved(article)
    reply = waiting(article, top, email=ROSA)
    top.mark_spam(by=None)
    reply.approve(by=None)
    letter = only_mail()
    assert letter.subject == "Newsroom: your comment is not shown"
    assert "was approved, but a comment that it answers is not shown" in letter.text
    assert "is shown now" not in letter.text
    # Shown by the time that it is sent, it is told to be.
    top.approve(by=None)
    assert send_due() == 1
    assert mail.outbox[0].subject == "Newsroom: your comment is shown"
    assert "is shown now" in mail.outbox[0].body


def test_of_spam_of_undoing_and_of_his_own_acts_nobody_is_told(article):
    confirmed()
    comment = waiting(article, email=ROSA)
    comment.mark_spam(by=None)
    comment = row(article, "removed")
    Comment.objects.filter(pk=comment.pk).update(email=ROSA)
    comment.refresh_from_db()
    comment.restore(by=None)
    comment.refresh_from_db()
    comment.take_back(seen=comment.version)
    for action in (Action.SPAM, Action.UNDO, Action.KEEP, Action.EDIT, Action.DELETE, Action.CONFIRM):
        telling.tell_decisions([comment], action)
    assert not Mail.objects.exists()


def test_whoever_has_not_confirmed_or_has_unsubscribed_is_told_nothing(article):
    Commenter.objects.create(email="new@mail.example", language="en", asked_at=timezone.now())
    confirmed("off@mail.example", unsubscribed_at=timezone.now())
    for email in ("new@mail.example", "off@mail.example", "unknown@mail.example", ""):
        top = row(article, "waiting")
        Comment.objects.filter(pk=top.pk).update(email=email)
        top.refresh_from_db()
        top.approve(by=None)
        approved(article, top)
    assert not Mail.objects.exists()


def test_somebody_elses_words_are_not_sent_to_an_address_he_typed(article):
    """Only a comment that came by, or was confirmed by, a link mailed to the address is quoted to it."""
    confirmed()
    waiting(article, email=ROSA, text="Not hers.").approve(by=None)
    waiting(article, email=ROSA, text="Hers.", is_confirmed=True).approve(by=None)
    forged, hers = Mail.objects.order_by("pk")
    assert "Not hers." not in forged.text
    assert "> Hers." in hers.text


def test_nothing_is_told_of_an_article_that_went_away(article, chief):
    confirmed()
    comment = waiting(article, email=ROSA)
    article.unpublish(by=chief)
    comment.refresh_from_db()
    Comment.objects.get(pk=comment.pk).reject(by=None, reason="late")
    assert not Mail.objects.exists()


def test_thousands_decided_at_once_are_told_by_a_few_statements(article, django_assert_max_num_queries):
    Commenter.objects.bulk_create(
        Commenter(email=f"reader{number}@mail.example", language="en", confirmed_at=timezone.now())
        for number in range(1000)
    )
    comments = [
        Comment(pk=number, article=article, email=f"reader{number}@mail.example", text="x", name="x")
        for number in range(1, 1001)
    ]
    with django_assert_max_num_queries(12):
        telling.tell_decisions(comments, Action.REJECT)
    assert Mail.objects.count() == 999


# Replies


def test_a_shown_reply_is_told_to_whom_it_answers_once(article):
    confirmed()
    top = approved(article, email=ROSA, is_confirmed=True)
    Mail.objects.all().delete()
    reply = waiting(article, top, name="Ines", text="Not so late.")
    assert not Mail.objects.exists()
    reply.approve(by=None)
    letter = only_mail()
    assert (letter.to, letter.subject) == (ROSA, "Newsroom: a reply to your comment")
    assert "Ines has answered" in letter.text
    assert "> Not so late." in letter.text
    assert f"http://testserver/comments/{reply.pk}/" in letter.text
    reply.mark_spam(by=None)
    reply.approve(by=None)
    assert Mail.objects.count() == 1


def test_whoever_answers_himself_under_an_address_that_he_typed_has_nothing_mailed_there(client, article):
    """Else a stranger comments as Rosa, answers himself, and we carry his words to her."""
    Site.objects.update_or_create(pk=1, defaults={"comments_mode": "open"})
    confirmed()
    forged = waiting(article, email=ROSA)
    for number in range(3):
        waiting(article, forged, text=f"Buy pills {number}")
    assert not Mail.objects.exists()
    # Until she says that it is hers; of one that is approved, the mail asks her.
    held = row(article, "waiting")
    Comment.objects.filter(pk=held.pk).update(email=ROSA)
    held.approve(by=None)
    address = links_in(only_mail().text)["confirm"]
    Mail.objects.all().delete()
    waiting(article, held)
    assert not Mail.objects.exists()
    client.post(address)
    held.refresh_from_db()
    waiting(article, held)
    assert only_mail().subject == "Newsroom: a reply to your comment"
    assert "confirm" not in links_in(only_mail().text)


def test_an_address_gets_so_many_mails_about_replies_a_day_whatever_is_sent(article, monkeypatch):
    monkeypatch.setattr(telling, "MOST_REPLIES", 3)
    Site.objects.update_or_create(pk=1, defaults={"comments_mode": "open"})
    confirmed()
    confirmed("ines@mail.example")
    tops = [waiting(article, email=ROSA, is_confirmed=True) for _number in range(2)]
    hers = waiting(article, email="ines@mail.example", is_confirmed=True)
    now = timezone.now()

    def sent(hours: int, *parents: Comment) -> list[str]:
        with base.at(now + timedelta(hours=hours)):
            for parent in parents:
                waiting(article, parent)
            send_due()
        assert not Mail.objects.exists()
        told = [letter.to[0].partition("@")[0] for letter in mail.outbox]
        mail.outbox.clear()
        return told

    # What she writes herself, and what is not shown, is not among them.
    waiting(article, tops[0], email=ROSA, is_confirmed=True)
    waiting(article, tops[0]).mark_spam(by=None)
    assert sent(1, tops[0], tops[1], hers) == ["rosa", "rosa", "ines"]
    assert sent(2, tops[0], tops[0], tops[1], hers) == ["rosa", "ines"]
    assert sent(24, tops[1]) == []
    assert sent(27, tops[1]) == ["rosa"]


def test_staff_who_reply_and_replies_shown_at_once_are_told_too(article, moderator: User):
    confirmed()
    top = approved(article, email=ROSA, is_confirmed=True)
    Mail.objects.all().delete()
    Comment.post(article=article, parent=top, name="Mira", text="We asked.", by=moderator)
    assert "Mira has answered" in only_mail().text
    Site.objects.update_or_create(pk=1, defaults={"comments_mode": "open"})
    waiting(article, top, name="Ines")
    assert Mail.objects.count() == 2


def test_nobody_is_told_of_his_own_reply_or_of_one_below_what_is_hidden(article):
    confirmed()
    top = approved(article, email=ROSA, is_confirmed=True)
    below = waiting(article, top)
    Mail.objects.all().delete()
    waiting(article, top, email="ROSA@mail.example").approve(by=None)
    own = [letter.subject for letter in Mail.objects.all()]
    assert own == ["Newsroom: your comment is shown"]
    top.mark_spam(by=None)
    below.approve(by=None)
    assert Mail.objects.count() == 1


def test_replies_below_an_article_that_went_away_are_not_told(article, chief):
    confirmed()
    reply = waiting(article, approved(article, email=ROSA, is_confirmed=True))
    Mail.objects.all().delete()
    article.unpublish(by=chief)
    Comment.objects.get(pk=reply.pk).approve(by=None)
    assert not Mail.objects.exists()


def approval(article: Article, number: int, moderator: User) -> int:
    """Approve so many confirmed comments that answer others, all told by mail; return how many queries it took."""
    replies = []
    for one in range(number):
        email = f"reader{number}-{one}@mail.example"
        confirmed(email)
        confirmed(f"again-{email}")
        top = approved(article, email=email, is_confirmed=True)
        replies.append(waiting(article, top, email=f"again-{email}", is_confirmed=True))
    Mail.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        Comment.decide_all(replies, Action.APPROVE, by=moderator)
    letters = list(Mail.objects.all())
    assert len(letters) == 2 * number
    assert all("> The ferry was late" in letter.text for letter in letters)
    return len(queries)


def test_what_is_told_of_many_decisions_costs_no_query_for_each(article, moderator: User):
    approval(article, 1, moderator)  # what a moderator may do is read once
    assert approval(article, 5, moderator) == approval(article, 25, moderator)


def test_a_reply_released_by_confirming_is_told(client, article):
    confirmed("top@mail.example")
    top = approved(article, email="top@mail.example", is_confirmed=True)
    waiting(article, top, email=ROSA, name="Rosa")
    address = links_in(Mail.objects.get(to=ROSA).text)["confirm"]
    Mail.objects.all().delete()
    with mock.patch.object(judging, "judge", return_value=Verdict(State.APPROVED, [])):
        client.post(address)
    assert only_mail().to == "top@mail.example"


# What happened while a mail waited


def test_whoever_unsubscribes_gets_no_mail_that_waits(article):
    confirmed()
    waiting(article, email=ROSA).approve(by=None)
    waiting(article, email="ines@mail.example")
    assert Mail.objects.count() == 2
    for commenter in Commenter.objects.all():
        commenter.unsubscribe()
    assert (send_due(), mail.outbox, Mail.objects.count()) == (0, [], 0)


@pytest.mark.parametrize("act", ["remove", "undo", "spam", "hide"])
def test_a_reply_that_readers_do_not_see_any_more_is_not_mailed(article, act):
    confirmed()
    top = approved(article, email=ROSA, is_confirmed=True)
    assert send_due() == 1
    reply = approved(article, top, text="Rosa lives at 5 Elm Street.")
    match act:
        case "remove":
            reply.remove(by=None, reason="private")
        case "undo":
            reply.decisions.last().step.undo(by=None)
        case "spam":
            reply.mark_spam(by=None)
        case "hide":
            top.mark_spam(by=None)
    assert (send_due(), Mail.objects.count()) == (0, 0)
    assert "Elm Street" not in "".join(letter.body for letter in mail.outbox)


def test_a_mail_says_what_stands_there_when_it_is_sent(article):
    Site.objects.update_or_create(pk=1, defaults={"comments_mode": "open"})
    confirmed()
    top = waiting(article, email=ROSA, is_confirmed=True)
    reply = waiting(article, top, text="Rosa lives at 5 Elm Street.")
    assert "Elm Street" in only_mail().text
    reply.edit(text="Not so late.", seen=reply.version)
    assert send_due() == 1
    assert "> Not so late." in mail.outbox[0].body
    assert "Elm Street" not in mail.outbox[0].body


@pytest.mark.parametrize("act", ["withdraw", "unpublish"])
def test_of_an_article_that_went_away_meanwhile_nothing_is_sent(article, chief, act):
    confirmed()
    comment = approved(article, email=ROSA, is_confirmed=True)
    approved(article, comment)
    waiting(article, email="ines@mail.example")
    assert Mail.objects.count() == 3
    article.refresh_from_db()
    article.withdraw(by=chief, reason="wrong") if act == "withdraw" else article.unpublish(by=chief)
    assert (send_due(), mail.outbox, Mail.objects.count()) == (0, [], 0)


def test_of_decisions_taken_back_the_last_alone_is_mailed(article, moderator: User):
    confirmed()
    comment = waiting(article, email=ROSA)
    for action in (Action.REJECT, Action.APPROVE):
        Comment.decide_all([comment], action, by=moderator, reason="no").undo(by=moderator)
    Comment.decide_all([comment], Action.APPROVE, by=moderator)
    assert Mail.objects.count() == 3
    assert send_due() == 1
    assert [letter.subject for letter in mail.outbox] == ["Newsroom: your comment is shown"]
    # Taken back, a removal leaves what was decided before it.
    mail.outbox.clear()
    other = approved(article, email=ROSA)
    Comment.decide_all([other], Action.REMOVE, by=moderator).undo(by=moderator)
    assert send_due() == 1
    assert [letter.subject for letter in mail.outbox] == ["Newsroom: your comment is shown"]


@pytest.mark.parametrize("act", ["confirm", "mark_spam"])
def test_an_address_is_asked_no_more_once_it_is_confirmed_or_its_comment_is_spam(article, act):
    comment = waiting(article, email=ROSA)
    if act == "confirm":
        comment.confirm()
    else:
        comment.mark_spam(by=None)
    assert (send_due(), mail.outbox, Mail.objects.count()) == (0, [], 0)


def test_a_mail_is_asked_again_at_each_try(article):
    """Retries take hours."""
    confirmed()
    approved(article, email=ROSA)
    with mock.patch("newsroom.mail.EmailMessage.send", side_effect=OSError):
        assert send_due() == 0
    Commenter.objects.get().unsubscribe()
    with base.at(timezone.now() + timedelta(hours=1)):
        assert send_due() == 0
    assert not Mail.objects.exists()


# Mails as they go out


def test_each_mail_can_be_unsubscribed_from_with_one_click(client, article):
    """RFC 8058: the mail program POSTs to the address of the header, from nowhere, with a body of its own."""
    commenter = confirmed()
    top = approved(article, email=ROSA, is_confirmed=True)
    approved(article, top)
    waiting(article, email="ines@mail.example")
    letters = list(Mail.objects.all())
    assert len(letters) == 3
    for letter in letters:
        address = re.fullmatch(
            r"<(http://testserver/comments/unsubscribe/\S+)>", letter.headers["List-Unsubscribe"]
        )
        assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert address[1] in letter.text
    path = links.unsubscribe_url(commenter)
    response = client.post(
        path, {"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"}
    )
    assert response.status_code == 200
    assert not response.cookies
    commenter.refresh_from_db()
    assert commenter.unsubscribed_at
    Mail.objects.all().delete()
    approved(article, top)
    assert not Mail.objects.exists()


def test_a_page_asks_before_it_unsubscribes_and_one_subscribes_again_there(client):
    commenter = confirmed()
    path = links.unsubscribe_url(commenter)
    response = client.get(path)
    assert "No more mails" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert ROSA not in response.content.decode()
    commenter.refresh_from_db()
    assert commenter.unsubscribed_at is None
    assert "You get no more mails" in client.post(path).content.decode()
    assert "You get no more mails" in client.post(path).content.decode()
    assert LogEntry.objects.filter(verb="commenter.unsubscribe").count() == 1
    client.post(path, {"subscribe": "1"}, headers={"Origin": "https://evil.example"})
    commenter.refresh_from_db()
    assert commenter.unsubscribed_at
    assert "No more mails" in client.post(path, {"subscribe": "1"}).content.decode()
    commenter.refresh_from_db()
    assert commenter.unsubscribed_at is None
    with later(4000):
        assert client.get(path).status_code == 200
    assert client.post(path, {"subscribe": "x" * 1_000_000}).status_code == 413


def test_whoever_unsubscribed_before_he_confirmed_is_not_asked_again(client, article):
    now = timezone.now()
    waiting(article, email=ROSA)
    client.post(links_in(only_mail().text)["unsubscribe"])
    with base.at(now + timedelta(days=3)):
        waiting(article, email=ROSA)
    assert Mail.objects.count() == 1


HOSTILE = [
    "Rosa\r\nBcc: all@mail.example",
    "\u202eRosa\u2028X: y",
    "Z\u0351\u036b\u0343" * 15,
    "<b>Rosa</b> \0 \ud800",
    "👩‍👩‍👧‍👦🏴\U000e0067\U000e007f",
]


@pytest.mark.postgresql_later
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_and_words_are_text_in_a_mail(name):
    article = base.published(headline="Harbour\u2028opens: <b>Bcc</b> 100 % sure %(name)s")
    confirmed()
    top = approved(article, email=ROSA, is_confirmed=True)
    approved(article, top, name=name, text=f"{name}\n.\nQUIT\n" + "long " * 900)
    assert send_due() == 2
    for letter in mail.outbox:
        raw = letter.message().as_bytes()
        head = raw.partition(b"\n\n")[0].lower()
        assert letter.to == [ROSA]
        assert b"\nbcc:" not in head
        assert b"\nx:" not in head
        assert letter.content_subtype == "plain"
        assert b"\0" not in raw
        assert max(len(line) for line in raw.split(b"\n")) <= 998


def test_a_mail_speaks_the_language_of_the_article(client):
    confirmed()
    article = base.published(language="de", headline="Hafen offen")
    spoken = set()

    def note(text: str) -> str:
        spoken.add(translation.get_language())
        return text

    with mock.patch.object(telling, "gettext", side_effect=note):
        top = approved(article, email=ROSA, is_confirmed=True)
        approved(article, top)
        waiting(article, email="ines@mail.example")
    assert spoken == {"de"}
    letter = Mail.objects.earliest("pk")
    response = client.get(links_in(letter.text)["unsubscribe"])
    assert response["Content-Language"] == "en"  # in which the address first came
    assert client.get(links_in(letter.text)["as"])["Content-Language"] == "de"


# Writing with a confirmed address


def test_a_mailed_link_opens_the_form_and_what_is_sent_there_is_confirmed(client, article):
    rosa = confirmed()
    top = approved(article)
    for parent, address in (
        (None, links.write_url(rosa, article)),
        (top, links.write_url(rosa, article, top.pk)),
    ):
        response = client.get(address)
        page = response.content.decode()
        assert "You write as <bdi>r…@mail.example</bdi>" in page
        assert 'name="email"' not in page
        assert ROSA not in page
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        action = re.search(r'<form class="comment-form" method="post" action="([^"]+)"', page)[1]
        sent = client.post(action, GOOD | {"email": "other@mail.example"})
        comment = Comment.objects.last()
        assert (sent.status_code, sent["Location"]) == (303, comment.own_url())
        assert (comment.email, comment.parent) == (ROSA, parent)
        assert comment.confirmed_at
    assert {letter.to for letter in Mail.objects.all()} <= {ROSA}


def test_a_refused_form_keeps_all_and_stays_the_writers(client, article):
    rosa = confirmed()
    address = links.write_url(rosa, article)
    response = client.post(address, GOOD | {"name": ""})
    page = response.content.decode()
    assert response.status_code == 422
    assert title(response).startswith("Error")
    assert kept_text(response) == GOOD["text"]
    assert "You write as" in page
    assert "no-store" in response["Cache-Control"]
    elsewhere = client.post(address, GOOD, headers={"Origin": "https://evil.example"})
    assert elsewhere.status_code == 403
    assert client.post(address, GOOD | {"text": "x" * 1_000_000}).status_code == 413
    assert not Comment.objects.exists()


def test_opening_a_link_to_write_makes_it_hold_no_longer(client, article):
    rosa = confirmed()
    top = approved(article)
    for parent in (0, top.pk):
        address = links.write_url(rosa, article, parent)
        with later(20):
            assert f'action="{address}"' in client.get(address).content.decode()
    # What was answered is gone: the form stands by itself, under a link as old as the one that was opened.
    top.mark_spam(by=None)
    page = client.post(address, GOOD).content.decode()
    action = re.search(r'action="(/comments/as/[^"]+)"', page)[1]
    assert links.read_writer(action.strip("/").rpartition("/")[2])[2] == 0
    assert action.split(":")[1] == address.split(":")[1]


def test_a_link_to_write_ends_after_thirty_days_and_with_its_article(client, article, editor, chief):
    rosa = confirmed()
    address = links.write_url(rosa, article)
    with later(29.9):
        assert client.get(address).status_code == 200
    with later(30.1):
        assert client.get(address).status_code == 410
        assert client.post(address, GOOD).status_code == 410
    article.set_desk(by=editor, embargo_until=None, comments_mode="closed")
    assert "Comments are closed." in client.get(address).content.decode()
    assert client.post(address, GOOD).status_code == 422
    article.withdraw(by=chief, reason="wrong")
    for response in (client.get(address), client.post(address, GOOD)):
        assert response.status_code == 410
    assert client.get(links.write_url(rosa, base.draft(headline="Secret plans"))).status_code == 404
    Commenter.objects.update(confirmed_at=None)
    assert client.get(address).status_code == 404
    assert not Comment.objects.exists()


def test_a_reply_by_link_to_what_has_gone_comes_back_and_can_be_sent_as_a_comment(client, article):
    rosa = confirmed()
    top = waiting(article)
    response = client.post(links.write_url(rosa, article, top.pk), GOOD)
    assert response.status_code == 422
    assert "no longer there" in response.content.decode()
    assert kept_text(response) == GOOD["text"]
    action = re.search(r'class="comment-form" method="post" action="([^"]+)"', response.content.decode())[1]
    assert client.post(action, GOOD).status_code == 303
    assert Comment.objects.last().parent is None
