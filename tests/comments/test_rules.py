"""Rules and bans as moderators set them: by verbs, tried before they are saved, run again on what waits."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import close_old_connections, connection
from django.test import Client, override_settings
from django.utils import timezone

from articles.models import Grant
from comments import judging, telling
from comments.judging import TooMany
from comments.models import Action, Ban, Comment, Commenter, Decision, Rule, Step, deciding
from comments.models.rules import network_of
from comments.rules import rerun, trial
from comments.rules.admin import held_by_rule
from newsroom.models import LogEntry, Mail, Site
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import approved, assert_true, waiting

pytestmark = pytest.mark.django_db

RULES = "/admin/comments/rule/"
BANS = "/admin/comments/ban/"


@pytest.fixture
def article():
    """An article where every comment waits, and no rule but those of the test."""
    Site(comments_mode="all").save()
    Rule.objects.all().delete()
    return base.published()


def words(text: str, **fields: Any) -> Rule:
    return Rule.add(by=None, kind="words", text=text, **fields)


# Verbs


def test_a_rule_is_added_changed_and_taken_away_and_the_log_holds_no_words(moderator):
    rule = Rule.add(by=moderator, kind="words", text="casino", name="Advertising")
    assert rule.change(by=moderator, text="casino\npills")
    assert not rule.change(by=moderator, text="casino\npills")
    assert rule.version == 2
    rule.remove(by=moderator)
    assert not Rule.objects.filter(pk=rule.pk).exists()
    entries = LogEntry.objects.filter(verb__startswith="rule.").order_by("pk")
    assert [entry.verb for entry in entries] == ["rule.add", "rule.change", "rule.remove"]
    assert {entry.by_id for entry in entries} == {moderator.pk}
    assert [entry.details for entry in entries] == [
        {"kind": "words", "version": version} for version in (1, 2, 2)
    ]


def test_a_rule_that_was_changed_meanwhile_is_not_overwritten(moderator):
    rule = words("casino")
    other = Rule.objects.get(pk=rule.pk)
    other.change(by=moderator, text="pills")
    with pytest.raises(Refused):
        rule.change(by=moderator, seen=1, text="bets")
    other.remove(by=moderator)
    with pytest.raises(Refused):
        rule.change(by=moderator, text="bets")


def test_only_who_may_set_rules_everywhere_sets_them(moderator, editor, journalist):
    german = base.person("gerd", "Moderator", languages=["de"])
    rule = words("casino")
    for user in (german, editor, journalist):
        for act in (
            lambda by: Rule.add(by=by, kind="words", text="x"),
            lambda by: rule.change(by=by, text="x"),
            lambda by: rule.remove(by=by),
            lambda by: Ban.impose(by=by, reason="spam", email="rosa@mail.example"),
            lambda by: trial.try_rule(rule, by=by),
            lambda by: rerun.judge_again(by=by),
        ):
            with pytest.raises(PermissionDenied):
                act(user)
    assert rule.change(by=moderator, text="x")


def test_a_ban_of_a_comment_reaches_as_far_as_the_role(article, moderator):
    german = base.person("gerd", "Moderator", languages=["de"])
    comment = waiting(article, email="rosa@mail.example", address="192.0.2.1")
    with pytest.raises(PermissionDenied):
        Ban.impose(by=german, reason="spam", comment=comment)
    own = waiting(base.published(language="de"), email="ines@mail.example")
    ban = Ban.impose(by=german, reason="spam", comment=own)
    assert (ban.email, ban.by) == ("ines@mail.example", german)
    others = Ban.impose(by=moderator, reason="spam", comment=comment)
    with pytest.raises(PermissionDenied):
        others.lift(by=german)
    assert ban.lift(by=german)
    assert not ban.lift(by=german)


def test_a_ban_of_somebody_banned_changes_the_one_that_is_there(article, moderator):
    comment = waiting(article, email="Rosa@mail.example")
    first = Ban.impose(by=moderator, reason="spam", comment=comment)
    again = Ban.impose(by=moderator, reason="insults", comment=comment, ends_at=timezone.now() + timedelta(1))
    assert again.pk == first.pk
    assert Ban.objects.get().reason == "insults"
    Ban.impose(by=moderator, reason="insults", comment=comment, ends_at=again.ends_at)
    assert LogEntry.objects.filter(verb="ban.impose").count() == 2
    assert "rosa" not in str(LogEntry.objects.filter(verb="ban.impose").values_list("details", flat=True))


def test_what_a_comment_does_not_tell_cannot_be_banned(article):
    comment = waiting(article, address="192.0.2.1")
    with pytest.raises(Refused, match="without an e-mail"):
        Ban.impose(by=None, reason="spam", comment=comment, what="email")
    Comment.objects.update(address_expires_at=timezone.now())
    Comment.objects.forget_addresses()
    comment.refresh_from_db()
    for what in ("address", "network"):
        with pytest.raises(Refused, match="no longer known"):
            Ban.impose(by=None, reason="spam", comment=comment, what=what)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("192.0.2.17", "192.0.2.17/32"),
        ("192.0.2.17/24", "192.0.2.0/24"),
        (" 2001:DB8::/32 ", "2001:db8::/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
    ],
)
def test_a_network_is_stored_in_one_way(typed, stored):
    assert network_of(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "nowhere", "192.0.2.0/33", "0.0.0.0/0", "::/0", "192.0.2.1\0", "1" * 10_000, "\ud800"]
)
def test_what_is_no_network_or_most_of_it_is_refused(typed):
    with pytest.raises(ValidationError):
        network_of(typed)


# The trial and the queue again


def test_a_rule_is_tried_on_the_last_comments_and_nothing_is_stored(article, moderator):
    found = [waiting(article, text=f"Casino number {number}!") for number in range(60)]
    waiting(article, text="The ferry was late.")
    before = Comment.objects.values_list("version", "held_for", "state"), Rule.objects.count()
    rule = Rule(kind="words", text="casino")
    tried = trial.try_rule(rule, by=moderator)
    assert (tried.looked, tried.number, len(tried.listed), tried.is_cut) == (61, 60, 50, False)
    assert tried.listed[0].comment == found[-1]
    assert tried.listed[0].reason["found"] == ["casino"]
    assert (Comment.objects.values_list("version", "held_for", "state"), Rule.objects.count())[1] == before[1]
    assert not Decision.objects.filter(rule="words").exists()


def test_a_likeness_is_tried_among_the_last_comments(article, moderator):
    text = "The ferry to the island was late again, and nobody at the harbour could tell us why."
    waiting(article, text=text, address="192.0.2.1")
    waiting(article, text=text.replace("island", "mainland"), address="192.0.2.2")
    waiting(article, text=text.upper(), address="192.0.2.3")
    assert trial.try_rule(Rule(kind="like", minutes=60), by=moderator).number == 2
    assert trial.try_rule(Rule(kind="duplicate", minutes=60), by=moderator).number == 1


@override_settings(COMMENT_LIMITS=True)
@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("address-limit", {"address": "192.0.2.7"}),
        ("email-limit", {"email": "ada@example.com"}),
        ("article-limit", {}),
    ],
)
def test_a_limit_is_tried_and_refuses_what_it_would_have_refused_when_it_was_sent(
    article, moderator, kind, fields
):
    """Sent at these minutes, as a limit of two within ten would have it: what is refused counts for nobody."""
    minutes, moment = [0, 1, 2, 9, 10, 11, 12, 30], timezone.now()
    sent = [waiting(article, text=f"The ferry at {minute}.", **fields) for minute in minutes]
    for comment, minute in zip(sent, minutes, strict=True):
        Comment.objects.filter(pk=comment.pk).update(created_at=moment + timedelta(minutes=minute))
    tried = trial.try_rule(Rule(kind=kind, number=2, minutes=10), by=moderator)
    refused = [found.comment.pk for found in reversed(tried.listed)]
    assert refused == [sent[2].pk, sent[3].pk, sent[6].pk]
    assert (tried.looked, tried.number, tried.untold) == (8, 3, 0)
    assert judging.explain(tried.listed[0].reason) == "4 comments within 10 minutes, at most 2"

    # The same a day later, each judged as it comes.
    moment += timedelta(days=1)
    Rule.add(by=None, kind=kind, number=2, minutes=10)
    kept = []
    for minute in minutes:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timezone, "now", lambda minute=minute: moment + timedelta(minutes=minute))
            try:
                waiting(article, text=f"The ferry at {minute}.", **fields)
            except TooMany:
                continue
            kept.append(minute)
    assert kept == [0, 1, 10, 11, 30]


def test_no_trial_finds_what_the_newsroom_wrote_and_a_limit_counts_it(article, moderator):
    """Whoever may decide is shown at once, and asked by no rule."""
    own = waiting(article, text="There is no casino here.", by=moderator)
    assert own.state == "approved"
    others = waiting(article, text="Win at the casino!")
    tried = trial.try_rule(Rule(kind="words", text="casino"), by=moderator)
    assert (tried.looked, [found.comment for found in tried.listed]) == (1, [others])
    tried = trial.try_rule(Rule(kind="article-limit", number=1, minutes=60), by=moderator)
    assert (tried.looked, [found.comment for found in tried.listed]) == (1, [others])


@override_settings(COMMENT_LIMITS=True)
def test_a_trial_of_the_limit_of_an_e_mail_counts_confirmed_comments_apart(article, moderator):
    ada, moment, limit = {"email": "ada@example.com"}, timezone.now(), {"number": 1, "minutes": 10}
    # Confirmed or not, in this order.
    order = [False, True, False, True]
    sent = [
        waiting(article, text=f"Ferry {number}.", is_confirmed=is_confirmed, **ada)
        for number, is_confirmed in enumerate(order)
    ]
    tried = trial.try_rule(Rule(kind="email-limit", **limit), by=moderator)
    assert [found.comment for found in reversed(tried.listed)] == sent[2:]
    numbers = [judging.explain(found.reason) for found in reversed(tried.listed)]
    assert numbers == [f"{number} comments within 10 minutes, at most 1" for number in (3, 2)]

    # The same a day later, each judged as it comes.
    Rule.add(by=None, kind="email-limit", **limit)
    kept = []
    with base.at(moment + timedelta(days=1)):
        for number, is_confirmed in enumerate(order):
            try:
                waiting(article, text=f"Boat {number}.", is_confirmed=is_confirmed, **ada)
            except TooMany:
                continue
            kept.append(number)
    assert kept == [0, 1]


def test_a_trial_of_a_limit_counts_what_nobody_may_see_and_says_what_does_not_tell(article, moderator):
    """What was sent beyond the reach of whoever tries counts, as it does when somebody sends one more."""
    others = base.published(language="de")
    waiting(others, text="Die Fähre kam zu spät.", address="192.0.2.7")
    waiting(article, text="The ferry was late.", address="192.0.2.7")
    forgotten = waiting(article, text="The ferry came.", address="192.0.2.7")
    Comment.objects.filter(pk=forgotten.pk).update(address_digest="")
    user = base.person("gerd", "Moderator", languages=["en"])
    role = Group.objects.create(name="Rules")
    role.permissions.add(Permission.objects.get(codename="manage_rules"))
    Grant.objects.create(user=user, group=role)
    tried = trial.try_rule(Rule(kind="address-limit", number=1, minutes=60), by=user)
    assert (tried.looked, tried.number, tried.untold) == (2, 1, 1)
    assert tried.listed[0].comment.text == "The ferry was late."


def test_a_good_record_is_tried_and_shows_who_would_have_passed(article, moderator):
    def send(text: str, **fields: Any) -> Comment:
        return waiting(article, text=text, email="ada@example.com", **fields)

    first, second = send("One."), send("Two.", is_confirmed=True)
    for comment in (first, second):
        comment.approve(by=moderator)
    unconfirmed, third = send("Three."), send("Four.", is_confirmed=True)
    others = waiting(article, text="Five.", email="bob@example.com", is_confirmed=True)
    tried = trial.try_rule(Rule(kind="record", number=2), by=moderator)
    assert [found.comment for found in tried.listed] == [third]
    assert (tried.looked, tried.number) == (5, 1)
    assert (
        judging.explain(tried.listed[0].reason) == "2 approved comments of this confirmed address before it"
    )
    tried = trial.try_rule(Rule(kind="record", number=1), by=moderator)
    assert [found.comment for found in tried.listed] == [third, second]
    assert not {unconfirmed, others, first} & {found.comment for found in tried.listed}


def test_a_record_counts_what_was_approved_before_the_last_thousand(article, moderator, monkeypatch):
    for text in ("One.", "Two."):
        waiting(article, text=text, email="ada@example.com").approve(by=moderator)
    last = waiting(article, text="Three.", email="ada@example.com", is_confirmed=True)
    monkeypatch.setattr(trial, "MOST_TRIED", 1)
    tried = trial.try_rule(Rule(kind="record", number=2), by=moderator)
    assert [found.comment for found in tried.listed] == [last]


def test_a_trial_that_takes_long_says_how_far_it_came(article, moderator, monkeypatch):
    waiting(article, text="casino")
    monkeypatch.setattr(trial, "MOST_SECONDS", -1)
    tried = trial.try_rule(Rule(kind="words", text="casino"), by=moderator)
    assert (tried.looked, tried.is_cut) == (0, True)


def test_a_trial_that_is_cut_has_looked_at_the_newest(article, moderator, monkeypatch):
    comments = [waiting(article, text=f"Casino number {number}!") for number in range(3)]
    # One step of the clock for the beginning, and one for each comment.
    steps = iter([0.0, 0.0, trial.MOST_SECONDS + 1])
    monkeypatch.setattr(trial, "time", SimpleNamespace(process_time=lambda: next(steps)))
    tried = trial.try_rule(Rule(kind="words", text="casino"), by=moderator)
    assert (tried.looked, tried.is_cut) == (1, True)
    assert [found.comment for found in tried.listed] == comments[-1:]


def test_the_queue_is_judged_again_as_one_step(article, moderator):
    Site.objects.update(comments_mode="open")
    rule = words("casino\nferry")
    other = base.published(headline="Another day")
    freed = [waiting(where, text="The ferry was late.") for where in (article, other)]
    spam = waiting(article, text="casino", name="Ines")
    pending = waiting(other, text="casino and ferry", name="Ines")
    put_back = waiting(article, text="ferry", name="Otto")
    Comment.objects.filter(pk=put_back.pk).update(held_for="")
    rule.change(by=None, text="casino")
    words("casino", effect="spam", language="de")
    Rule.add(by=None, kind="pattern", text="^casino$", effect="spam")
    with base.purged_keys() as purged:
        again = rerun.judge_again(by=moderator)
    assert (again.looked, again.released, again.spam, again.otherwise) == (4, 2, 1, 1)
    assert {f"article-{article.pk}", f"article-{other.pk}"} <= purged
    for comment in (*freed, spam, pending, put_back):
        comment.refresh_from_db()
    assert [comment.state for comment in freed] == ["approved", "approved"]
    assert (spam.state, spam.held_for) == ("spam", "pattern")
    assert (pending.state, pending.held_for, pending.version) == ("waiting", "words", 1)
    assert pending.decisions.last().reasons[0]["found"] == ["casino"]
    assert put_back.state == "waiting"
    assert (assert_true(article), assert_true(other)) == (1, 1)
    step = Step.objects.get()
    # Where only the reasons changed, there is nothing to take back.
    assert (step.action, step.number, step.by) == ("rerun", 3, moderator)
    assert step.decisions.count() == 3
    # Once more finds nothing to do.
    assert rerun.judge_again(by=moderator).step is None
    assert Step.objects.count() == 1


def test_again_keeps_what_a_stored_comment_does_not_tell(article, moderator):
    Site.objects.update(comments_mode="open")
    trap = Rule.add(by=None, kind="honeypot")
    rule = words("ferry")
    comment = waiting(article, text="The ferry", is_trapped=True)
    rule.remove(by=None)
    rerun.judge_again(by=moderator)
    comment.refresh_from_db()
    assert (comment.state, comment.held_for) == ("waiting", "honeypot")
    trap.change(by=None, is_on=False)
    rerun.judge_again(by=moderator)
    comment.refresh_from_db()
    assert comment.state == "approved"


def test_again_releases_nothing_that_a_mode_holds_or_on_what_is_not_there(article, moderator):
    comment = waiting(article)
    gone = waiting(base.published(headline="Another day"))
    gone.article.withdraw(by=None, reason="wrong")
    rerun.judge_again(by=moderator)
    Site.objects.update(comments_mode="open")
    rerun.judge_again(by=moderator)
    comment.refresh_from_db()
    gone.refresh_from_db()
    assert (comment.state, gone.state) == ("approved", "waiting")


def test_again_a_good_record_counts_for_what_was_confirmed_alone(article, moderator):
    Rule.add(by=None, kind="record", number=1)
    waiting(article, email="rosa@mail.example").approve(by=None)
    Site.objects.update(comments_mode="first")
    confirmed, typed = (
        waiting(article, email="rosa@mail.example", text=text) for text in ("One word.", "Another word.")
    )
    Comment.objects.filter(pk=confirmed.pk).update(confirmed_at=timezone.now())
    assert rerun.judge_again(by=moderator).released == 1
    typed.refresh_from_db()
    assert typed.held_for == "first-timer"


def test_again_marks_as_spam_what_comes_from_somebody_banned_since(article, moderator):
    comment = waiting(article, email="rosa@mail.example")
    Ban.impose(by=moderator, reason="spam", comment=comment)
    rerun.judge_again(by=moderator)
    comment.refresh_from_db()
    assert (comment.state, comment.held_for) == ("spam", "ban")


@pytest.mark.parametrize(
    ("network", "address", "is_known"),
    [
        ("192.0.2.17", "192.0.2.17", True),
        ("192.0.2.17", "192.0.2.18", False),
        ("192.0.2.0/24", "192.0.2.18", True),
        ("192.0.2.0/24", "192.0.3.18", False),
        ("192.0.2.0/25", "192.0.2.18", False),
        ("2001:db8:0::/48", "2001:db8::7", True),
        ("2001:0db8::/64", "2001:db8::7", True),
        ("2001:db8:0:1::/64", "2001:db8::7", False),
        ("2001:db8::7", "2001:db8::7", False),
        ("2001:db8::/65", "2001:db8::7", False),
        ("2001:db8::/32", "2001:db8::7", False),
    ],
)
def test_again_finds_a_typed_range_as_far_as_a_stored_comment_tells(
    article, moderator, network, address, is_known
):
    comment = waiting(article, address=address)
    ban = Ban.impose(by=moderator, reason="spam", network=network)
    rerun.judge_again(by=moderator)
    comment.refresh_from_db()
    assert comment.state == ("spam" if is_known else "waiting")
    if is_known:
        (reason,) = comment.decisions.last().reasons
        assert judging.explain(reason) == f"The network {ban.network} is banned"


def test_a_reason_stands_whatever_is_noted_after_it(login, article, moderator):
    """A confirmed address, a change and an undo say nothing of why it waits."""
    Site.objects.update(comments_mode="open")
    rule = words("casino")
    comments = [
        waiting(article, name=name, text=f"The casino of {name}", email=f"{name}@mail.example")
        for name in ("rosa", "ines", "otto")
    ]
    confirmed, changed, undone = comments
    assert confirmed.confirm()
    # What it says now no rule would hold; what waits is never released so.
    assert changed.edit(text="The ferry of Ines", seen=1)
    Comment.decide_all([undone], Action.REJECT, by=moderator, reason="off topic").undo(by=moderator)
    client = login(moderator)
    for comment in comments:
        standing = Decision.objects.standing([comment.pk])[comment.pk]
        assert standing.reasons[0]["pk"] == rule.pk
        assert [reason["rule"] for reason in standing.reasons[1:]] == ["put-back"] * (comment == undone)
        card = client.get(f"/admin/comments/queue/{comment.pk}/").content.decode()
        assert "Waits because of" in card
    assert held_by_rule()[0][rule.pk] == 3


def reasons_of(comment: Comment) -> list[str]:
    """Return why a comment is what it is, each reason as moderators read it."""
    return [judging.explain(reason) for reason in Decision.objects.standing([comment.pk])[comment.pk].reasons]


@pytest.mark.parametrize("action", [Action.REJECT, Action.SPAM, Action.APPROVE])
def test_what_a_person_put_back_waits_for_a_person(login, article, moderator, action):
    Site.objects.update(comments_mode="open")
    rule = words("casino")
    comment = waiting(article, text="The casino")
    for _time in range(2):
        Comment.decide_all([comment], action, by=moderator, reason="off topic").undo(by=moderator)
    told = ["Words: “casino”", "A moderator put it back: it waits for a person"]
    assert reasons_of(comment) == told
    client = login(moderator)
    card = client.get(f"/admin/comments/queue/?rule=words&at={comment.pk}").content.decode()
    why = unescape(card[card.index('class="card__why"') :].partition("</div>")[0])
    assert all(words in why for words in told)
    rule.remove(by=None)
    again = rerun.judge_again(by=moderator)
    assert (again.looked, again.step, again.otherwise) == (0, None, 0)
    comment.refresh_from_db()
    assert (comment.state, comment.held_for, reasons_of(comment)) == ("waiting", "words", told)
    # A person's word is what it waited for.
    comment.approve(by=moderator)
    assert comment.state == "approved"


def test_what_a_person_put_back_is_not_released_by_its_writer(article, moderator):
    Site.objects.update(comments_mode="first")
    Rule.add(by=None, kind="record", number=1)
    approved(article, email="rosa@mail.example")
    comment = waiting(article, email="rosa@mail.example")
    Comment.decide_all([comment], Action.REJECT, by=moderator, reason="off topic").undo(by=moderator)
    words("casino")
    comment.refresh_from_db()
    assert comment.edit(text="The casino", seen=comment.version)
    put_back = "A moderator put it back: it waits for a person"
    assert [reasons_of(comment)[0], reasons_of(comment)[-1]] == ["Words: “casino”", put_back]
    Rule.objects.get(kind="words").remove(by=None)
    assert comment.confirm()
    comment.refresh_from_db()
    assert (comment.state, reasons_of(comment)) == ("waiting", [put_back])
    # The filter by rule finds it still.
    assert comment.held_for == "words"
    assert rerun.judge_again(by=moderator).released == 0


def test_what_waits_again_because_a_rerun_was_taken_back_is_judged_again(article, moderator):
    Site.objects.update(comments_mode="open")
    rule = words("casino")
    comment = waiting(article, text="The casino")
    rule.change(by=None, text="ferry")
    step = rerun.judge_again(by=moderator).step
    assert step is not None
    step.undo(by=moderator)
    comment.refresh_from_db()
    assert (comment.state, reasons_of(comment)) == ("waiting", ["Words: “casino”"])
    assert rerun.judge_again(by=moderator).released == 1


def test_what_is_held_after_a_person_approved_it_is_judged_again(article, moderator):
    """Put back once, it was decided on: what holds it now is a rule alone."""
    Site.objects.update(comments_mode="open")
    rule = words("casino")
    comment = waiting(article, text="The casino")
    Comment.decide_all([comment], Action.REJECT, by=moderator, reason="off topic").undo(by=moderator)
    comment.approve(by=moderator)
    comment.edit(text="The casino again", seen=comment.version)
    assert (comment.state, reasons_of(comment)) == ("waiting", ["Words: “casino”"])
    rule.remove(by=None)
    assert rerun.judge_again(by=moderator).released == 1


def test_a_confirmed_address_is_said_to_be_confirmed(article):
    Site.objects.update(comments_mode="first")
    Rule.add(by=None, kind="record", number=2)
    comment = waiting(article, email="rosa@mail.example", text="The boats")
    words("ferry")
    held = waiting(article, email="ines@mail.example", text="The ferry")
    for one in (comment, held):
        assert "First-timer: nobody confirmed the e-mail address of this comment" in reasons_of(one)
        one.confirm()
        one.refresh_from_db()
        assert one.state == "waiting"
    assert reasons_of(comment) == ["First comment of this address: a good record takes 2 approved ones"]
    assert reasons_of(held) == ["Words: “ferry”", *reasons_of(comment)]
    assert (comment.held_for, held.held_for) == ("first-timer", "words")


def test_a_confirmed_comment_says_what_a_rule_finds_in_it_now(article):
    comment = waiting(article, email="rosa@mail.example", text="The casino")
    rule = words("casino")
    comment.confirm()
    comment.refresh_from_db()
    assert (comment.state, comment.held_for, reasons_of(comment)[0]) == (
        "waiting",
        "words",
        "Words: “casino”",
    )
    assert held_by_rule()[0][rule.pk] == 1


def test_again_releases_nothing_that_a_rule_holds_for_what_was_noted_after_it(article, moderator):
    Site.objects.update(comments_mode="open")
    Rule.add(by=None, kind="honeypot")
    confirmed, changed, undone = (
        waiting(article, name=name, email=f"{name}@mail.example", is_trapped=True)
        for name in ("rosa", "ines", "otto")
    )
    confirmed.confirm()
    changed.edit(text="Other words", seen=1)
    Comment.decide_all([undone], Action.APPROVE, by=moderator).undo(by=moderator)
    assert rerun.judge_again(by=moderator).released == 0
    assert set(Comment.objects.values_list("state", "held_for")) == {("waiting", "honeypot")}


def test_a_change_keeps_the_reasons_that_a_stored_comment_does_not_tell(article, moderator):
    Site.objects.update(comments_mode="first")
    rule = words("casino")
    trap = Rule.add(by=None, kind="honeypot")
    comment = waiting(article, email="rosa@mail.example", is_trapped=True)
    comment.edit(text="The casino", seen=1)
    standing = Decision.objects.standing([comment.pk])[comment.pk]
    assert [reason.get("pk") for reason in standing.reasons] == [trap.pk, rule.pk, None]
    assert rerun.judge_again(by=moderator).otherwise == 0
    comment.edit(text="The ferry", seen=comment.version)
    assert comment.held_for == "honeypot"
    # Nor does a confirmed address release it: it is no first-timer's alone.
    Rule.add(by=None, kind="record", number=1)
    approved(article, email="rosa@mail.example")
    comment.confirm()
    assert (comment.state, comment.held_for) == ("waiting", "honeypot")
    assert rerun.judge_again(by=moderator).released == 0


def test_a_rerun_that_is_taken_back_while_it_goes_on_ends_there(login, article, moderator, monkeypatch):
    Site.objects.update(comments_mode="open")
    rule = words("ferry")
    comments = [waiting(article, text="The ferry"), waiting(base.published(slug="second"), text="The ferry")]
    rule.change(by=None, text="casino")
    judge = rerun._judge_batch

    def judge_and_take_back(*given: Any) -> None:
        judge(*given)
        if (step := Step.objects.filter(undone_at=None).first()) is not None:
            step.undo(by=moderator)

    monkeypatch.setattr(rerun, "_judge_batch", judge_and_take_back)
    told = login(moderator).post(f"{RULES}again/", follow=True).content.decode()
    assert "Somebody took this re-run back while it went on" in told
    for comment in comments:
        comment.refresh_from_db()
        assert comment.state == "waiting"
    assert Step.objects.get().number == 1


def test_an_undo_that_waited_while_a_rerun_went_on_takes_back_all_or_nothing(article, moderator, monkeypatch):
    """On PostgreSQL the re-run may add to the step between what the undo reads and the lock that it gets."""
    Site.objects.update(comments_mode="open")
    rule = words("ferry")
    late = waiting(base.published(slug="second"), text="The ferry", name="Late")
    waiting(article, text="The ferry")
    rule.change(by=None, text="casino")
    step = rerun.judge_again(by=moderator).step
    assert step is not None
    added = step.decisions.get(comment=late)
    step.decisions.filter(pk=added.pk).update(step=None)
    locked = deciding._locked

    def add_meanwhile(pks: Any) -> Any:
        Decision.objects.filter(pk=added.pk).update(step=step)
        return locked(pks)

    with monkeypatch.context() as patch:
        patch.setattr(deciding, "_locked", add_meanwhile)
        with pytest.raises(Refused, match="still going on"):
            step.undo(by=moderator)
    step.refresh_from_db()
    assert (step.undone_at, Comment.objects.filter(state="approved").count()) == (None, 2)
    # The savepoint that was rolled back held it.
    Decision.objects.filter(pk=added.pk).update(step=step)
    assert sorted(step.undo(by=moderator).moved) == sorted(Comment.objects.values_list("pk", flat=True))


def test_what_was_judged_again_is_taken_back_as_one(article, moderator):
    Site.objects.update(comments_mode="open")
    rule = words("casino\nferry")
    freed = waiting(article, text="The ferry")
    spam = waiting(article, text="casino", name="Ines")
    otherwise = waiting(article, text="casino and ferry", name="Otto")
    rule.change(by=None, text="casino")
    Rule.add(by=None, kind="pattern", text="^casino$", effect="spam")
    step = rerun.judge_again(by=moderator).step
    assert step is not None
    assert (step.number, step.decisions.count()) == (2, 2)
    assert assert_true(article) == 1
    with base.purged_keys() as purged:
        step.undo(by=moderator)
    assert (sorted(step.moved), step.left_out) == ([freed.pk, spam.pk], [])
    assert f"article-{article.pk}" in purged
    assert assert_true(article) == 0
    for comment in (freed, spam):
        comment.refresh_from_db()
        assert (comment.state, comment.held_for, comment.version) == ("waiting", "words", 3)
    # The reasons stand that it waited for, not those of what was taken back.
    assert Decision.objects.standing([spam.pk])[spam.pk].reasons[0]["rule"] == "words"
    # Where only the reasons changed, nothing is to be taken back.
    otherwise.refresh_from_db()
    assert (otherwise.version, otherwise.decisions.count()) == (1, 2)
    assert otherwise.decisions.last().version == 1
    assert Decision.objects.standing([otherwise.pk])[otherwise.pk].reasons[0]["found"] == ["casino"]


def test_where_only_reasons_change_no_step_is_offered_to_be_taken_back(article, moderator):
    rule = words("ferry\ncasino")
    waiting(article, text="casino and ferry")
    rule.change(by=None, text="casino")
    again = rerun.judge_again(by=moderator)
    assert (again.otherwise, again.step, Step.objects.count()) == (1, None, 0)
    assert rerun.judge_again(by=moderator).otherwise == 0


def test_again_tells_writers_what_is_shown_now_as_a_decision_does(article, moderator):
    Site.objects.update(comments_mode="open")
    for name in ("rosa", "ines"):
        Commenter.objects.create(
            email=f"{name}@mail.example",
            language="en",
            confirmed_at=timezone.now(),
            asked_at=timezone.now(),
        )
    answered = waiting(article, name="Rosa", email="rosa@mail.example", is_confirmed=True)
    rule = words("casino")
    freed = waiting(article, answered, name="Ines", email="ines@mail.example", text="The casino")
    held = waiting(article, name="Ines", email="ines@mail.example", text="Another casino and a ferry")
    rule.change(by=None, text="ferry")
    assert not Mail.objects.exists()
    assert rerun.judge_again(by=moderator).released == 1
    assert sorted(Mail.objects.values_list("to", "subject")) == [
        ("ines@mail.example", "Newsroom: your comment is shown"),
        ("rosa@mail.example", "Newsroom: a reply to your comment"),
    ]
    assert (freed.decisions.count(), held.decisions.count()) == (2, 2)


def test_again_goes_on_after_those_that_were_judged(login, article, moderator, monkeypatch):
    Site.objects.update(comments_mode="open")
    monkeypatch.setattr(rerun, "MOST_AGAIN", 2)
    rule = words("casino\nferry")
    kept = [waiting(article, text=f"casino {number}") for number in range(3)]
    freed = [waiting(article, text=f"ferry {number}") for number in range(2)]
    rule.change(by=None, text="casino")
    first = rerun.judge_again(by=moderator)
    assert (first.looked, first.released, first.left, first.last) == (2, 0, 3, kept[1].pk)
    client = login(moderator)
    response = client.post(f"{RULES}again/")
    assert response.headers["Location"] == f"{RULES}again/?after={kept[1].pk}"
    page = client.get(response.headers["Location"]).content.decode()
    assert "Judged again: 2. Nothing changed." in page
    assert "3 waiting comments are left" in page
    assert f'<input type="hidden" name="after" value="{kept[1].pk}">' in page
    response = client.post(f"{RULES}again/", {"after": kept[1].pk})
    assert response.headers["Location"] == f"{RULES}again/?after={freed[0].pk}"
    response = client.post(f"{RULES}again/", {"after": freed[0].pk})
    assert response.headers["Location"] == "/admin/comments/queue/"
    assert assert_true(article) == 2
    for typed in ("\0", "-1", "9" * 50, "²", str(2**63 - 1)):
        assert client.get(f"{RULES}again/", {"after": typed}).status_code == 200
        assert client.post(f"{RULES}again/", {"after": typed}).status_code == 302


def between_two_articles(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have somebody do something once a re-run is through with the first article."""
    judge, acts = rerun._judge_batch, iter([act])

    def judge_and_act(*given: Any) -> None:
        judge(*given)
        for one in acts:
            one()

    monkeypatch.setattr(rerun, "_judge_batch", judge_and_act)


def test_a_rule_saved_while_a_rerun_goes_on_counts_for_what_comes_after_it(article, moderator, monkeypatch):
    Site.objects.update(comments_mode="open")
    rule = words("casino")
    where = [article, base.published(headline="Another day"), base.published(headline="A third")]
    first, second, third = (waiting(one, text=f"The casino sells pills: {one.pk}") for one in where)
    rule.change(by=None, is_on=False)
    between_two_articles(monkeypatch, lambda: words("pills", effect="spam"))
    again = rerun.judge_again(by=moderator)
    assert (again.released, again.spam) == (1, 2)
    for comment, state in ((first, "approved"), (second, "spam"), (third, "spam")):
        comment.refresh_from_db()
        assert comment.state == state


@pytest.mark.parametrize(
    "who", [{"email": "rosa@mail.example"}, {"network": "192.0.2.0/24"}, {"network": "192.0.2.1"}]
)
def test_whoever_is_banned_while_a_rerun_goes_on_is_banned_in_what_comes_after_it(
    article, moderator, monkeypatch, who
):
    Site.objects.update(comments_mode="open")
    rule = words("casino")
    where = [article, base.published(headline="Another day")]
    his = [waiting(one, text="casino", email="rosa@mail.example", address="192.0.2.1") for one in where]
    other = waiting(where[1], text="A casino", email="ines@mail.example", address="198.51.100.1")
    rule.change(by=None, is_on=False)
    between_two_articles(monkeypatch, lambda: Ban.impose(by=moderator, reason="spam", **who))
    rerun.judge_again(by=moderator)
    for comment, state in ((his[0], "approved"), (his[1], "spam"), (other, "approved")):
        comment.refresh_from_db()
        assert comment.state == state


def test_a_step_that_dies_between_two_articles_has_the_number_that_it_did(article, moderator, monkeypatch):
    Site.objects.update(comments_mode="open")
    rule = words("ferry")
    other = base.published(headline="Another day")
    for where in (article, article, other):
        waiting(where, text=f"The ferry {where.pk}", name=f"Rosa {Comment.objects.count()}")
    rule.change(by=None, text="casino")
    told, seen = telling.tell_decisions, []

    def die(comments: Any, action: Any) -> None:
        seen.append(action)
        if len(seen) == 2:
            raise MemoryError
        told(comments, action)

    monkeypatch.setattr(telling, "tell_decisions", die)
    with pytest.raises(MemoryError):
        rerun.judge_again(by=moderator)
    step = Step.objects.get()
    assert (step.number, step.decisions.count()) == (2, 2)
    assert (assert_true(article), assert_true(other)) == (2, 0)


def test_a_trial_shows_no_comment_beyond_what_one_may_decide_on(article):
    """A role may set rules everywhere that decides on comments in one language alone."""
    user = base.person("gerd", "Moderator", languages=["de"])
    role = Group.objects.create(name="Rules")
    role.permissions.add(Permission.objects.get(codename="manage_rules"))
    Grant.objects.create(user=user, group=role)
    waiting(article, text="The casino")
    own = waiting(base.published(language="de"), text="Das Casino")
    for kind, fields in (("words", {"text": "casino"}), ("like", {"minutes": 60})):
        tried = trial.try_rule(Rule(kind=kind, **fields), by=user)
        assert tried.looked == 1, kind
    tried = trial.try_rule(Rule(kind="words", text="casino"), by=user)
    assert [found.comment.pk for found in tried.listed] == [own.pk]


@pytest.mark.django_db(transaction=True)
@override_settings(COMMENT_LIMITS=True)
def test_a_limit_holds_exactly_whoever_sends_at_once():
    Site(comments_mode="open").save()
    Rule.objects.all().delete()
    Rule.add(by=None, kind="address-limit", number=3, minutes=60)
    articles = [base.published(headline=f"Day {number}") for number in range(4)]
    barrier = Barrier(4)

    def send(number: int) -> int:
        taken = 0
        barrier.wait()
        try:
            for round_ in range(2):
                try:
                    Comment.post(
                        article=articles[number],
                        name=f"Rosa {number}",
                        text=f"Word {round_}",
                        address="192.0.2.1",
                    )
                    taken += 1
                except Refused:
                    pass
        finally:
            close_old_connections()
            connection.close()
        return taken

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(send, range(4))) == 3
    assert Comment.objects.count() == 3


# The admin


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("kind", "sent", "said"),
    [
        ("email-limit", {"number": 1, "minutes": 60}, "It would have refused 1 of the last 3 comments"),
        ("record", {"number": 1}, "1 of the last 3 comments came with a good record"),
    ],
)
def test_a_limit_and_a_record_are_tried_in_the_form(login, article, moderator, kind, sent, said):
    waiting(article, text="One.", email="ada@example.com", is_confirmed=True).approve(by=moderator)
    waiting(article, text="Two.", email="ada@example.com", is_confirmed=True)
    waiting(article, text="Three.")
    address = f"{RULES}add/?kind={kind}"
    page = login(moderator).post(address, {"name": "", "is_on": "on", "_try": "1", **sent}).content.decode()
    assert said in page
    assert ("1 of them does not tell where it came from" in page) == (kind == "email-limit")
    assert not Rule.objects.exists()


@pytest.mark.postgresql_later
def test_a_rule_is_written_tried_saved_and_opened_from_a_hold(login, article, moderator):
    held = waiting(article, text="Win at the <b>Casino</b> now")
    client = login(moderator)
    page = client.get(f"{RULES}add/").content.decode()
    assert "?kind=words" in page
    address = f"{RULES}add/?kind=words"
    sent = {"name": "Advertising", "text": "casino\r\npills", "effect": "hold", "language": "", "is_on": "on"}
    tried = client.post(address, {**sent, "_try": "1"}).content.decode()
    assert "It finds 1 of the last 1 comments" in tried
    assert "<mark>Casino</mark>" in tried
    assert "<b>Casino" not in tried
    assert not Rule.objects.exists()
    assert client.post(address, {**sent, "_save": "1"}).status_code == 302
    rule = Rule.objects.get()
    assert (rule.text, rule.name, rule.version, rule.is_on) == ("casino\npills", "Advertising", 1, True)
    assert client.get(f"{RULES}again/").status_code == 200
    assert client.post(f"{RULES}again/").status_code == 302
    held.refresh_from_db()
    assert held.held_for == "words"
    card = client.get(f"/admin/comments/queue/{held.pk}/").content.decode()
    assert f'<a href="{RULES}{rule.pk}/change/">Words: “casino” (rule “Advertising”)</a>' in card
    listed = client.get(RULES).content.decode()
    assert "Advertising" in listed
    assert '<td class="field-holds">1</td>' in listed
    page = client.get(f"{RULES}{rule.pk}/change/").content.decode()
    assert "A reason of 1 waiting comment." in page


@pytest.mark.postgresql_later
def test_the_form_says_where_a_rule_is_of_no_use_or_one_too_many(login, article, moderator, settings):
    client = login(moderator)
    settings.COMMENT_SCORERS = []
    address = f"{RULES}add/?kind=score"
    warning = "No scorer is installed (COMMENT_SCORERS): this rule finds nothing."
    assert warning in client.get(address).content.decode()
    sent = {"name": "", "number": "90", "effect": "hold", "language": "", "is_on": "on"}
    assert client.post(address, sent).status_code == 302
    score = Rule.objects.get()
    assert warning in client.get(f"{RULES}{score.pk}/change/").content.decode()
    settings.COMMENT_SCORERS = ["tests.comments.test_judging.clever"]
    assert warning not in client.get(address).content.decode()
    for kind in Rule.ONCE:
        address = f"{RULES}add/?kind={kind}"
        assert "There is one already" not in client.get(address).content.decode()
        one = Rule.add(by=None, kind=kind, number=3, name="The <first>")
        page = client.get(address).content.decode()
        link = f'<a href="{RULES}{one.pk}/change/"><bdi>The &lt;first&gt;</bdi></a>'
        assert f"There is one already: {link}" in page
        assert "There is one already" not in client.get(f"{RULES}{one.pk}/change/").content.decode()
    words("casino")
    assert "There is one already" not in client.get(f"{RULES}add/?kind=words").content.decode()


def test_the_list_names_each_kind_and_counts_no_first_timers_at_the_good_record(login, moderator):
    Site(comments_mode="first").save()
    held = waiting(base.published())
    record = Rule.objects.get(kind="record")
    reason = held.decisions.get().reasons[0]
    assert (reason["rule"], reason["pk"]) == ("first-timer", record.pk)
    client = login(moderator)
    listed = client.get(RULES).content.decode()
    assert '<td class="field-what">good record</td>' in listed
    assert '<td class="field-what"></td>' not in listed
    assert '<td class="field-holds">1</td>' not in listed
    assert "waiting comment" not in client.get(f"{RULES}{record.pk}/change/").content.decode()


def test_a_stale_form_and_a_wrong_one_come_back_with_what_was_written(login, article, moderator):
    rule = words("casino")
    client, address = login(moderator), f"{RULES}{rule.pk}/change/"
    sent = {"name": "", "text": "bets", "effect": "spam", "language": "", "is_on": "on", "seen": "1"}
    rule.change(by=None, text="pills")
    page = client.post(address, sent).content.decode()
    assert "changed meanwhile" in page
    assert ">\nbets</textarea>" in page
    assert Rule.objects.get().text == "pills"
    pattern = Rule.add(by=None, kind="pattern", text="x")
    page = client.post(f"{RULES}{pattern.pk}/change/", {**sent, "text": "((("}).content.decode()
    assert "This is no pattern that can be used" in page
    assert "<title>Error:" in page
    assert ">\n(((</textarea>" in page


@pytest.mark.parametrize(
    "text",
    [
        *("\0", "\u202ea\u0301" * 400),
        *(pytest.param(text, marks=pytest.mark.later) for text in ("\ufdd0\ufffe", "x" * 20_001)),
    ],
)
def test_nothing_that_is_typed_into_a_rule_breaks_it(login, article, moderator, text):
    sent = {
        "name": text,
        "text": text,
        "effect": "hold",
        "language": "xx",
        "number": "9" * 50,
        "minutes": "-1",
    }
    client = login(moderator)
    for kind in Rule.Kind.values:
        for button in ("_try", "_save"):
            response = client.post(f"{RULES}add/?kind={kind}", {**sent, button: "1"})
            assert response.status_code in (200, 302), kind
            if kind in ("words", "pattern"):
                sent["name"] = sent["language"] = ""
    assert client.get(RULES).status_code == 200


def test_a_rule_is_taken_away_by_its_verb(login, article, moderator):
    rule = words("casino")
    client = login(moderator)
    assert client.get(f"{RULES}{rule.pk}/delete/").status_code == 200
    assert client.post(f"{RULES}{rule.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Rule.objects.exists()
    assert LogEntry.objects.filter(verb="rule.remove").exists()
    # A hold may still lead here.
    assert client.get(f"{RULES}{rule.pk}/change/").status_code == 302


@pytest.mark.postgresql_later
def test_bans_are_listed_those_in_force_first_and_added_and_lifted(login, article, moderator):
    old = Ban.impose(by=None, reason="spam", email="ines@mail.example")
    client = login(moderator)
    sent = {"email": "", "network": "192.0.2.9/24", "reason": "spam", "ends_at": ""}
    assert client.post(f"{BANS}add/", sent).status_code == 302
    ban = Ban.objects.get(network="192.0.2.0/24")
    assert client.post(f"{BANS}{ban.pk}/change/").status_code == 302
    assert not Ban.objects.in_force().filter(pk=ban.pk).exists()
    client.get(BANS)  # it tells what was done
    page = client.get(BANS).content.decode()
    assert page.index(old.email) < page.index(ban.network)
    assert "over since" in page
    assert "over" in client.get(f"{BANS}{ban.pk}/change/").content.decode()
    for fields in (
        {"network": "nowhere"},
        {"network": ""},
        {"email": "a@b.example"},
        {"reason": ""},
        {"ends_at": "2001-01-01T10:00"},
        {"network": "\0" * 100},
    ):
        response = client.post(f"{BANS}add/", {**sent, **fields})
        assert response.status_code == 200, fields
        assert "<title>Error:" in response.content.decode()
    assert Ban.objects.count() == 2
    page = client.post(f"{BANS}add/", {**sent, "network": "", "reason": ""}).content.decode()
    assert "Give an e-mail address or a network" in page
    assert "Give a reason" in page
    listed = client.get(BANS).content.decode()
    assert "(2 total)" not in listed
    assert f'<td class="field-imposed_by"><bdi>{moderator.shown_name}</bdi></td>' in listed
    assert "Show all" not in listed
    assert "1 result (<a" in client.get(f"{BANS}?q=ines").content.decode().replace("\n", "")


def test_a_new_rule_suggests_no_number_that_it_cannot_have(login, moderator):
    client = login(moderator)
    for kind in (*Rule.LIMITS, Rule.Kind.RECORD, Rule.Kind.SCORE):
        page = client.get(f"{RULES}add/?kind={kind}").content.decode()
        assert re.search(r'<input type="number" name="number"[^>]*>', page)
        assert not re.search(r'<input type="number" name="number" value=', page), kind
    assert re.search(r'name="number" value="0"', client.get(f"{RULES}add/?kind=links").content.decode())


@pytest.mark.postgresql_later
def test_the_pages_of_rules_and_bans_are_for_who_sets_them(login, article, moderator, editor, journalist):
    rule, ban = words("casino"), Ban.impose(by=None, reason="spam", email="ines@mail.example")
    looked = [RULES, f"{RULES}{rule.pk}/change/", BANS, f"{BANS}{ban.pk}/change/"]
    changed = [f"{RULES}add/", f"{RULES}again/", f"{RULES}{rule.pk}/delete/", f"{BANS}add/"]
    german = login(base.person("gerd", "Moderator", languages=["de"]))
    for user in (login(editor), login(journalist)):
        assert {user.get(address).status_code for address in (*looked, *changed)} == {403}
    # Somebody else's ban tells of people out of his reach.
    assert [german.get(address).status_code for address in looked] == [200, 200, 200, 404]
    assert {german.get(address).status_code for address in changed} == {403}
    assert german.post(f"{RULES}{rule.pk}/change/", {"text": "x"}).status_code == 403
    assert german.post(f"{BANS}{ban.pk}/change/", {"text": "x"}).status_code == 404
    assert {login(moderator).get(address).status_code for address in (*looked, *changed)} == {200}


# Readers


@override_settings(COMMENT_LIMITS=True)
def test_a_reader_who_is_too_quick_keeps_his_text_and_is_told_when_to_come_back(client: Client, article):
    Rule.add(by=None, kind="article-limit", number=1, minutes=3)
    waiting(article)
    sent = {"name": "Rosa", "email": "", "text": "My long\nand careful words."}
    response = client.post(f"{article.path}comments/", sent)
    page = response.content.decode()
    assert response.status_code == 429
    assert 170 < int(response.headers["Retry-After"]) <= 180
    assert "<title>Error:" in page
    assert "Very many people are commenting on this article at the moment." in page
    assert "Send this one again in 3 minutes" in page
    assert "My long\nand careful words.</textarea>" in page
    assert Comment.objects.count() == 1
