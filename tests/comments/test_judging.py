"""What becomes of a comment by itself: each rule alone and with others, each mode, limits, bans, and why."""

import time
from datetime import timedelta
from itertools import cycle
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from comments import judging
from comments.models import Ban, Comment, Rule, Sketch, address_digest
from comments.models.comments import network_digest
from comments.rules import likeness, limits, patterns, scores, words
from newsroom.models import Site
from tests import base
from tests.comments.base import waiting
from tests.newsroom.test_addresses import SPELLINGS

pytestmark = pytest.mark.django_db

LONG = "The ferry to the island was late again, and nobody at the harbour could tell us why it was so."
ADDRESS = "192.0.2.17"


@pytest.fixture
def article():
    """An article where comments are open, and no rule but those of the test."""
    Site(comments_mode="open").save()
    Rule.objects.all().delete()
    return base.published()


def rule(kind: str, **fields: Any) -> Rule:
    return Rule.add(by=None, kind=kind, **fields)


def post(article, text="The ferry was late.", **fields) -> Comment:
    fields.setdefault("name", "Rosa")
    return Comment.post(article=article, text=text, **fields)


def why(comment: Comment) -> list[dict[str, Any]]:
    return comment.decisions.get().reasons


def clever(submission):
    return scores.Score(0.5 + submission.text.count("!") / 10, ["late"])


def broken(submission):
    raise RuntimeError("no model")


def mad(submission):
    return scores.Score(7.0)


# A rule of each kind that looks at what is written, a text that it finds something in, and what it says.
FINDS = {
    "links": ({"number": 1}, "See www.example.com and spam.example.org/x", "2 links, at most 1"),
    "words": (
        {"text": "casino\ncheap pills"},
        "A CASINO with cheap\npills!",
        "Words: “casino”, “cheap pills”",
    ),
    "pattern": ({"text": r"v[i1]agra"}, "Buy V1AGRA now", "Pattern, at “V1AGRA”"),
    "score": ({"number": 60}, "Late!!", "Score of 70 %, held from 60 %, for “late”"),
    "honeypot": ({}, "Anything", "A field was filled in that only programs see"),
}


@pytest.mark.parametrize("effect", ["hold", "spam"])
@pytest.mark.parametrize("kind", FINDS)
@override_settings(COMMENT_SCORERS=["tests.comments.test_judging.clever"])
def test_each_rule_by_itself_holds_or_marks_as_spam_and_says_why(article, kind, effect):
    fields, text, sentence = FINDS[kind]
    made = rule(kind, effect=effect, **fields)
    found = post(article, text, is_trapped=kind == "honeypot")
    other = post(article, "The harbour is open.")
    assert found.state == {"hold": "waiting", "spam": "spam"}[effect]
    assert (found.held_for, other.held_for, other.state) == (kind, "", "approved")
    (reason,) = why(found)
    assert reason["pk"] == made.pk
    assert judging.explain(reason).startswith(sentence)
    assert judging.address_of(reason).endswith(f"/rule/{made.pk}/change/")


@pytest.mark.parametrize("effects", ["hold hold", "hold spam", "spam hold", "spam spam"])
def test_of_two_rules_the_stronger_one_wins_and_both_are_told(article, effects):
    first, second = effects.split()
    rule("words", text="ferry", effect=first)
    rule("links", number=0, effect=second)
    comment = post(article, "The ferry: www.example.com")
    assert comment.state == ("spam" if "spam" in effects else "waiting")
    assert {reason["rule"] for reason in why(comment)} == {"words", "links"}
    strongest = {"hold spam": "links"}.get(effects, "words")
    assert (comment.held_for, why(comment)[0]["rule"]) == (strongest, strongest)


@pytest.mark.parametrize(
    ("mode", "confirmed", "word", "state", "held_for"),
    [
        ("open", False, "", "approved", ""),
        ("open", False, "hold", "waiting", "words"),
        ("open", False, "spam", "spam", "words"),
        ("first", False, "", "waiting", "first-timer"),
        ("first", True, "", "approved", ""),
        ("first", True, "hold", "waiting", "words"),
        ("first", True, "spam", "spam", "words"),
        ("first", False, "hold", "waiting", "words"),
        ("all", True, "", "waiting", "hold-all"),
        ("all", True, "spam", "spam", "words"),
        ("all", True, "hold", "waiting", "words"),
    ],
)
def test_each_mode_with_and_without_a_good_record_and_a_rule(article, mode, confirmed, word, state, held_for):
    rule("record", number=2)
    for number in range(2):
        post(article, f"The {number}th word.", email="rosa@mail.example")
    Site.objects.update(comments_mode=mode)
    if word:
        rule("words", text="ferry", effect=word)
    comment = post(article, email="rosa@mail.example", is_confirmed=confirmed)
    assert (comment.state, comment.held_for) == (state, held_for)


def test_a_good_record_takes_as_many_shown_comments_of_an_address_that_was_confirmed(article):
    rule("record", number=2)
    approved = post(article, "One.", email="rosa@mail.example")
    Site.objects.update(comments_mode="first")
    held = post(article, "Two.", email="rosa@mail.example", is_confirmed=True)
    assert judging.explain(why(held)[0]) == "1 approved comment of this address: a good record takes 2"
    unknown = post(article, "Who am I?", email="rosa@mail.example")
    assert judging.explain(why(unknown)[0]).startswith("First-timer: nobody confirmed")
    nobody = post(article, "Nobody asked me.")
    assert judging.explain(why(nobody)[0]) == "First-timer: sent without an e-mail address"
    held.approve(by=None)
    assert post(article, "Three.", email="rosa@mail.example", is_confirmed=True).shown
    assert not post(article, "Three again.", email="rosa@mail.example").shown
    approved.remove(by=None, reason="no")
    fourth = post(article, "Four.", email="rosa@mail.example", is_confirmed=True)
    # Two and three.
    assert fourth.shown
    held.remove(by=None, reason="no")
    assert post(article, "Five.", email="rosa@mail.example", is_confirmed=True).shown
    fourth.remove(by=None, reason="no")
    Comment.objects.get(text="Five.").remove(by=None, reason="no")
    assert not post(article, "Six.", email="rosa@mail.example", is_confirmed=True).shown


def test_without_a_rule_for_it_nobody_has_a_good_record(article):
    post(article, "One.", email="rosa@mail.example")
    Site.objects.update(comments_mode="first")
    held = post(article, "Two.", email="rosa@mail.example", is_confirmed=True)
    assert held.held_for == "first-timer"


def test_a_rule_that_is_off_or_of_another_language_does_nothing(article):
    rule("words", text="ferry", is_on=False)
    rule("words", text="ferry", language="fr")
    assert post(article).shown
    assert post(article, "La ferry", language="fr").held_for == "words"


@given(text=st.text(st.characters(max_codepoint=127), max_size=60))
def test_words_are_the_same_whichever_way_they_are_found(text: str) -> None:
    """The quick way is for what is ASCII only; a letter behind it sends the same text the other way."""
    from comments.rules.words import words_in

    assert [*words_in(text), "é"] == words_in(f"{text} é")


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("ass", "The class passes.", []),
        ("ass", "What an ＡＳＳ!", ["ass"]),
        ("Straße", "in der STRASSE", ["Straße"]),
        ("casino", "ca\u200bsi\u00adno", ["casino"]),
        ("casino", "ca\U000e0069si\U000e0100no", ["casino"]),
        ("casino", "c\u17b4a\u3164s\uffa0i\u115fn\U0001d173o", ["casino"]),
        ("cheap  pills", "Cheap\n pills", ["cheap pills"]),
        ("cheap pills", "cheap, good pills", []),
        ("l’eau", "de l'eau", ["l’eau"]),
        ("c++", "C++ is a language", ["c++"]),
        ("c++", "abc++", []),
        ("c++\n$$$", "nothing of both", []),
        ("赌场", "最好的赌场在这里", ["赌场"]),
        ("카지노", "최고의 카지노에서", ["카지노"]),
        ("हिन्द", "हिन्दी में", []),
        ("हिन्दी", "हिन्दी में", ["हिन्दी"]),
        ("\n \n,\n", "nothing, at all", [","]),
        ("naïve", "nai\u0308ve", ["naïve"]),
    ],
)
def test_words_are_whole_words_where_the_script_has_them(words, text, found):
    from comments.rules.words import fold, word_list, words_in

    folded = fold(text)
    assert word_list(words).found_in(folded, words_in(folded)) == found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("https://a.example/x?y=1 and http://b.example", 2),
        ("See www.a.example. And WWW.B.EXAMPLE", 2),
        ("buy at cheap-pills.com, or at sub.cheap-pills.co/now", 2),
        ("Mail rosa@mail.example.com", 0),
        ("It was late.But we went. e.g. 3.14 or 10.5.2026", 0),
        ("ｅｘａｍｐｌｅ.com", 1),
        ("почта.рф/путь", 1),
        ("", 0),
    ],
)
def test_links_are_counted_written_out_or_not(text, number):
    from comments.rules.links import links_in
    from comments.rules.words import fold

    assert len(links_in(fold(text))) == number


def test_the_same_words_at_another_article_are_a_duplicate_and_merci_is_not(article):
    made = rule("duplicate", minutes=60)
    other = base.published(headline="Another day")
    first = post(article, LONG, address="192.0.2.1", name="Ines")
    copy = post(other, f"  {LONG.upper()}!!", address="198.51.100.7")
    thanks = [
        post(where, "Merci !", address=address)
        for where, address in ((article, "192.0.2.1"), (article, "192.0.2.2"), (other, "192.0.2.3"))
    ]
    assert (first.state, copy.held_for, copy.alike_id) == ("approved", "duplicate", first.pk)
    assert [comment.shown for comment in thanks] == [True, True, True]
    assert len({comment.pk for comment in thanks}) == 3
    (reason,) = why(copy)
    assert (reason["pk"], reason["comment"]) == (made.pk, first.pk)
    assert judging.explain(reason).startswith("The same words as in a comment of ")
    # It speaks of the time, never of the person: names may be erased one day.
    assert "Ines" not in str(reason)


def test_nearly_the_same_is_found_across_articles_and_led_by_the_first(article, settings):
    # Sketches find what is so alike with 98 % of all keys.
    settings.SECRET_KEY = "a-key-with-which-they-do-find-it"
    rule("like", minutes=60)
    other = base.published(headline="Another day")
    first = post(article, LONG, address="192.0.2.1")
    near = post(other, LONG.replace("island", "mainland"), address="192.0.2.2")
    third = post(other, LONG.replace("island", "mainland").replace("harbour", "quay"), address="192.0.2.3")
    far = post(other, "The harbour is open, and the island is near. Nobody was late.", address="192.0.2.4")
    assert (near.held_for, near.alike_id, third.alike_id) == ("like", first.pk, first.pk)
    assert (far.state, far.alike_id) == ("approved", None)
    assert "Nearly the same words (" in judging.explain(why(near)[0])


def test_what_folding_makes_long_is_cut_and_read_once_for_many_comparisons(article, settings, monkeypatch):
    """One letter may become eighteen; fifty such texts are looked at for one comment, and again for the next."""
    settings.SECRET_KEY = "a-key-with-which-they-do-find-it"
    rule("like", minutes=60)
    sign = "\ufdfa"
    swollen = [f"{LONG} {sign * 2200} {number}" for number in range(6)]
    assert len(likeness.likeness_of(swollen[0]).essence) <= likeness.COMPARED
    assert len(judging.Reading(swollen[0]).likeness.essence) <= likeness.COMPARED
    for number, text in enumerate(swollen[:-1]):
        post(article, text, address=f"192.0.2.{number}")
    folded = []
    monkeypatch.setattr(likeness, "fold", lambda text: folded.append(text) or words.fold(text))
    assert post(article, swollen[-1], address="192.0.2.99").alike_id
    # Its own, and the one that was stored last: the others were compared before.
    assert len(folded) <= 2


def test_nearly_the_same_is_found_where_a_script_has_no_spaces(article):
    rule("like", minutes=60)
    text = "今天的渡轮又晚点了，港口没有人能告诉我们为什么会这样。"
    first = post(article, text, address="192.0.2.1")
    near = post(article, text.replace("今天", "昨天"), address="192.0.2.2")
    assert near.alike_id == first.pk


def test_a_likeness_is_over_after_its_time_and_when_the_address_is_forgotten(article):
    rule("like", minutes=60)
    first = post(article, LONG, address="192.0.2.1")
    assert Sketch.objects.filter(comment=first).count() == 4
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    assert post(article, f"{LONG} So.", address="192.0.2.2").shown
    Comment.objects.update(address_expires_at=timezone.now() - timedelta(seconds=1))
    Comment.objects.forget_addresses()
    assert not Sketch.objects.exists()


def test_no_sketch_is_kept_without_an_address(article):
    post(article, LONG)
    assert not Sketch.objects.exists()


@pytest.mark.parametrize(
    "ban",
    [
        {"email": "Rosa@Mail.example"},
        {"email": SPELLINGS[1]},
        {"network": "192.0.2.0/24"},
        {"network": "192.0.2.17"},
        {"network": "::ffff:192.0.2.17"},
    ],
)
def test_a_banned_person_is_spam_whatever_the_rules_say(article, ban):
    imposed = Ban.impose(by=None, reason="spam", **ban)
    banned = post(article, email="rosa@mail.example", address=ADDRESS)
    for spelling in SPELLINGS:
        again = post(article, f"From {spelling}.", email=spelling, address=ADDRESS)
        assert again.state == "spam"
    other = post(article, email="ines@mail.example", address="198.51.100.1")
    assert (banned.state, banned.held_for, other.state) == ("spam", "ban", "approved")
    (reason,) = why(banned)
    assert "banned" in judging.explain(reason)
    assert judging.address_of(reason).endswith(f"/ban/{imposed.pk}/change/")
    imposed.lift(by=None)
    assert post(article, "Again.", email="rosa@mail.example", address=ADDRESS).shown


@pytest.mark.parametrize(
    ("address", "is_banned"),
    [
        ("2001:db8:1:2::9", True),
        ("2001:db8:2::9", False),
        ("192.0.2.17", False),
        ("::ffff:192.0.2.17", False),
        ("", False),
    ],
)
def test_a_range_of_ipv6_bans_what_lies_in_it(article, address, is_banned):
    Ban.impose(by=None, reason="spam", network="2001:db8:1::/48")
    assert (post(article, address=address).state == "spam") == is_banned


def test_a_ban_that_is_over_bans_nobody(article):
    now = timezone.now()
    Ban.impose(by=None, reason="spam", network="192.0.2.0/24", ends_at=now + timedelta(hours=1))
    assert post(article, address=ADDRESS).state == "spam"
    with base.at(now + timedelta(hours=1)):
        assert post(article, "Back again.", address=ADDRESS).shown


@pytest.mark.parametrize(("what", "also"), [("address", False), ("network", True)])
@pytest.mark.parametrize(
    ("first", "again", "neighbour", "elsewhere"),
    [
        (ADDRESS, ADDRESS, "192.0.2.99", "198.51.100.99"),
        ("2001:db8:1:2::1", "2001:db8:1:2:a:b:c:d", "2001:db8:1:3::1", "2001:db8:2:2::1"),
    ],
)
def test_the_address_or_the_network_of_a_comment_is_banned_by_its_digest(
    article, moderator, what, also, first, again, neighbour, elsewhere
):
    comment = post(article, address=first)
    ban = Ban.impose(by=moderator, reason="spam", comment=comment, what=what)
    assert first not in str(vars(ban))
    assert post(article, "Again.", address=again).state == "spam"
    assert (post(article, "A neighbour.", address=neighbour).state == "spam") == also
    assert post(article, "Elsewhere.", address=elsewhere).shown


LIMITS = override_settings(COMMENT_LIMITS=True)
# Addresses of one /64, however they are written.
HOUSEHOLD = ["2001:db8:1:2::1", "2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2:a:b:c:d"]


@pytest.mark.parametrize(
    ("kind", "same", "other"),
    [
        ("address-limit", [{"address": ADDRESS}], {"address": "192.0.2.18"}),
        ("address-limit", [{"address": one} for one in HOUSEHOLD], {"address": "2001:db8:1:3::1"}),
        ("email-limit", [{"email": "rosa@mail.example"}], {"email": "ines@mail.example"}),
    ],
)
@LIMITS
def test_a_limit_lets_in_as_many_within_its_time_and_says_when_to_come_back(article, kind, same, other):
    rule(kind, number=2, minutes=10)
    elsewhere = base.published(headline="Another day")
    start, senders = timezone.now(), cycle(same)
    for seconds, where in ((0, article), (60, elsewhere)):
        with base.at(start + timedelta(seconds=seconds)):
            post(where, f"After {seconds} s.", **next(senders))
    with base.at(start + timedelta(seconds=100)):
        with pytest.raises(judging.TooMany) as refused:
            post(article, "One too many.", **next(senders))
        assert refused.value.retry_after == 500
        assert "in 9 minutes" in str(refused.value)
        assert post(article, "Of another person.", **other).shown
        assert post(article, "Of nobody known.").shown
    with base.at(start + timedelta(seconds=599)), pytest.raises(judging.TooMany):
        post(article, "Not yet.", **next(senders))
    with base.at(start + timedelta(seconds=600)):
        post(article, "At last.", **next(senders))
    assert not Comment.objects.filter(text__in=["One too many.", "Not yet."]).exists()


@LIMITS
def test_nobody_uses_up_the_limit_of_an_e_mail_by_typing_it(article):
    rule("email-limit", number=2, minutes=10)
    rosa = {"email": "rosa@mail.example"}
    for number in range(2):
        post(article, f"Typed {number}.", **rosa)
    with pytest.raises(judging.TooMany):
        post(article, "Typed once more.", **rosa)
    # Hers are confirmed, and count for who types it as well.
    for number in range(2):
        post(article, f"Hers {number}.", is_confirmed=True, **rosa)
    with pytest.raises(judging.TooMany):
        post(article, "Hers once more.", is_confirmed=True, **rosa)
    Comment.objects.filter(confirmed_at=None).update(email="ines@mail.example")
    with pytest.raises(judging.TooMany):
        post(article, "Typed again.", **rosa)


@LIMITS
def test_confirmed_comments_are_looked_for_at_a_cost_that_does_not_grow(article, monkeypatch):
    rule("email-limit", number=1, minutes=10)
    rosa = {"email": "rosa@mail.example"}
    post(article, "Hers.", is_confirmed=True, **rosa)
    with override_settings(COMMENT_LIMITS=False):
        post(article, "Typed.", **rosa)
    with pytest.raises(judging.TooMany):
        post(article, "Hers again.", is_confirmed=True, **rosa)
    monkeypatch.setattr(limits, "_LOOKED_AT", 0)
    assert post(article, "Hers again.", is_confirmed=True, **rosa).shown


@pytest.mark.parametrize(
    ("ahead", "retry_after"),
    [
        (timedelta(seconds=5), 60),
        (timedelta(seconds=59), 60),
        (timedelta(minutes=1), None),
        (timedelta(days=30), None),
    ],
)
@LIMITS
def test_a_clock_that_was_wrong_closes_no_place_for_long(article, ahead, retry_after):
    rule("article-limit", number=1, minutes=1)
    now = timezone.now()
    with base.at(now + ahead):
        post(article, "Sent ahead.")
    with base.at(now):
        if retry_after is None:
            post(article, "Let in.")
            # From here on it counts again.
            retry_after = 60
        with pytest.raises(judging.TooMany) as refused:
            post(article, "Refused.")
    assert refused.value.retry_after == retry_after


@LIMITS
def test_the_limit_of_an_article_is_for_everybody_there(article):
    rule("article-limit", number=2, minutes=1)
    post(article, "One.", address="192.0.2.1")
    post(article, "Two.", address="192.0.2.2")
    with pytest.raises(judging.TooMany):
        post(article, "Three.", address="192.0.2.3")
    assert post(base.published(headline="Another day"), "Three.", address="192.0.2.3").shown


@LIMITS
def test_the_flood_switch_slow_takes_one_comment_in_five_minutes(article):
    now = timezone.now()
    Site.objects.update(flood_mode="slow", flood_until=now + timedelta(hours=1))
    post(article, "One.", address=ADDRESS)
    post(article, "Of a household.", address=HOUSEHOLD[0])
    for fields in ({"address": ADDRESS}, {"address": HOUSEHOLD[1]}, {}):
        post(article, "Two.", name="Ines", **fields) if not fields else None
        with pytest.raises(judging.TooMany) as refused:
            post(article, "Three.", name="Ines", **fields)
        assert 290 < refused.value.retry_after <= 300
    assert post(article, "Of another person.", address="192.0.2.99", name="Ines").shown
    with base.at(now + timedelta(minutes=5, seconds=5)):
        assert post(article, "Four.", address=ADDRESS).shown
    with base.at(now + timedelta(hours=2)):
        post(article, "Five.", address="192.0.2.3")
        assert post(article, "Six.", address="192.0.2.3").shown


@LIMITS
def test_a_program_that_imports_is_not_limited_and_neither_is_a_measurement(article):
    rule("article-limit", number=1, minutes=60)
    at = timezone.now()
    for number in range(3):
        post(article, f"Imported {number}.", at=at)
    with pytest.raises(judging.TooMany):
        post(article, "Typed.")
    with override_settings(COMMENT_LIMITS=False):
        assert post(article, "Measured.").shown


@LIMITS
def test_what_is_banned_is_limited_too(article):
    rule("address-limit", number=1, minutes=60)
    Ban.impose(by=None, reason="spam", network="192.0.2.0/24")
    post(article, "One.", address=ADDRESS)
    with pytest.raises(judging.TooMany):
        post(article, "Two.", address=ADDRESS)


@override_settings(
    COMMENT_SCORERS=[
        "tests.comments.test_judging.broken",
        "nowhere.at_all",
        "tests.comments.test_judging.mad",
    ]
)
def test_a_scorer_that_fails_holds_nothing_is_logged_once_and_the_check_tells(article):
    scores._failed.clear()
    rule("score", number=1)
    with mock.patch.object(scores.logger, "exception") as logged:
        assert post(article, "One.").shown
        assert post(article, "Two.").shown
    assert logged.call_count == 3
    (error,) = scores.check_scorers(None)
    assert error.id == "comments.E001"
    assert "nowhere.at_all" in error.msg


def test_a_comment_with_all_rules_on_costs_few_queries(article):
    Rule.objects.all().delete()
    rule("address-limit", number=10, minutes=10)
    rule("email-limit", number=10, minutes=10)
    rule("article-limit", number=100, minutes=1)
    rule("record", number=2)
    rule("like", minutes=60)
    rule("duplicate", minutes=60)
    for kind, (fields, _text, _sentence) in FINDS.items():
        rule(kind, **fields)
    Ban.impose(by=None, reason="spam", network="198.51.100.0/24")
    Site.objects.update(comments_mode="first")
    post(article, LONG, address="192.0.2.1")
    submission = judging.Submission(
        article=article,
        commenting=article.commenting(Site.current()),
        name="Rosa",
        text=LONG,
        email="rosa@mail.example",
        is_confirmed=True,
        language="en",
        address=ADDRESS,
        address_digest=address_digest(ADDRESS),
        network_digest=network_digest(ADDRESS),
    )
    with LIMITS, CaptureQueriesContext(connection) as queries:
        verdict = judging.judge(submission, Comment.objects.all())
    assert {reason.rule for reason in verdict.reasons} == {"like", "duplicate", "first-timer"}
    locks = sum("pg_advisory" in query["sql"] for query in queries)
    assert len(queries) - locks <= 5
    assert len(queries) <= 7


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(", "This is no pattern that can be used: "),
        (r"(?=x)", "This is no pattern that can be used: "),
        ("x" * 2001, "This pattern has 2001 characters"),
        ("(?:a?){1000}" * 3, "This pattern would cost too much"),
        (r"\pL" * 600, "This pattern would cost too much"),
        ("\ud800", "This is no pattern that can be used: "),
    ],
)
def test_a_pattern_that_is_none_or_too_much_is_refused_in_a_sentence(db, pattern, sentence):
    with pytest.raises(ValidationError) as refused:
        rule("pattern", text=pattern)
    assert refused.value.message_dict["text"][0].startswith(sentence)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*b", "(?:a?){200}a{200}", ".*.*.*.*=.*"])
def test_a_pattern_takes_time_in_proportion_to_the_text(pattern):
    def cost(length: int) -> float:
        text = "a" * length + "!"
        patterns.find(text, pattern)
        begun = time.process_time()
        for _round in range(20):
            patterns.find(text, pattern)
        return time.process_time() - begun

    # Twice as long takes about twice as long; what tries all ways would take longer than the world is old.
    assert cost(4800) < 40 * max(cost(600), 1e-4)


def test_kinds_of_rules_ask_for_what_they_need(db):
    for kind, fields, name in (
        ("words", {"text": " \n"}, "text"),
        ("address-limit", {"number": 0}, "number"),
        ("score", {"number": 101}, "number"),
        ("record", {"number": 0}, "number"),
        ("nonsense", {}, "kind"),
    ):
        with pytest.raises(ValidationError) as refused:
            rule(kind, **fields)
        assert name in refused.value.message_dict


def test_first_timers_wait_on_a_new_site_with_its_first_rules(db):
    article = base.published()
    comment = waiting(article)
    assert comment.held_for == "first-timer"
    assert Rule.objects.count() == 8
