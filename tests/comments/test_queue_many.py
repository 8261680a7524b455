"""The queue's other ways: folding, filters, several at once, taking back, reports, history, bans."""

import re
from datetime import timedelta
from difflib import SequenceMatcher
from html import unescape
from random import Random

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, User
from comments.models import Action, Ban, Comment, Decision, Report, Step
from comments.queue import deciding, listing, pages
from newsroom.models import Site
from tests import base
from tests.comments.base import approved, assert_true, row, waiting
from tests.comments.test_queue import QUEUE, listed, opened, press, said, tabs

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]


@pytest.fixture
def article() -> Article:
    return base.published()


@pytest.fixture
def desk(moderator: User, login) -> Client:
    return login(moderator)


def alike(article: Article, number: int, **fields: str) -> list[Comment]:
    """Post comments that are nearly the same."""
    first, *rest = (waiting(article, **fields) for _comment in range(number))
    Comment.objects.filter(pk__in=[one.pk for one in rest]).update(alike=first)
    return [first, *rest]


def states(comments: list[Comment]) -> list[str]:
    found = Comment.objects.in_bulk([comment.pk for comment in comments])
    return [found[comment.pk].state for comment in comments]


def html(client: Client, query: str = "") -> str:
    return unescape(client.get(QUEUE + query).content.decode())


# Folding


def test_what_is_nearly_the_same_is_one_row_with_its_number_and_a_link(desk, article):
    same, other = alike(article, 4), waiting(article)
    assert listed(desk) == [same[0].pk, other.pk]
    assert tabs(desk)["Waiting"] == 5
    page = html(desk)
    assert f'href="?state=waiting&alike={same[0].pk}">+ 3 nearly the same<' in page
    assert listed(desk, f"?alike={same[0].pk}") == [one.pk for one in same]


def test_the_next_one_stands_for_the_rest_when_the_first_is_decided(desk, article):
    same = alike(article, 4)
    same[0].approve(by=None)
    assert listed(desk) == [same[1].pk]
    assert "+ 2 nearly the same" in html(desk)
    same[2].mark_spam(by=None)
    same[3].mark_spam(by=None)
    assert "row__folded" not in html(desk)
    assert listed(desk, "?state=spam") == [same[2].pk]


def test_nothing_is_folded_below_what_a_filter_or_a_role_leaves_out(login, desk, article):
    german = base.published(language="de", headline="Der Hafen ist offen")
    first, second = waiting(article), waiting(german)
    Comment.objects.filter(pk=second.pk).update(alike=first)
    assert listed(desk) == [first.pk]
    assert listed(desk, "?language=de") == [second.pk]
    assert listed(login(base.person("gerd", "Moderator", languages=["de"]))) == [second.pk]
    assert set(listed(desk, "?state=all")) == {first.pk, second.pk}


def together(client: Client, comment: Comment) -> str:
    return re.search(r'name="alike" value="([^"]*)"', html(client, f"?at={comment.pk}"))[1]


def test_all_that_are_nearly_the_same_are_decided_by_one_button(desk, moderator, article):
    same, other = alike(article, 4), waiting(article)
    assert "All 4 together" in html(desk)
    named = together(desk, same[0])
    assert named == " ".join(f"{one.pk}:1" for one in same[1:])
    press(desk, same[0], "spam", alike=named, together="1")
    assert states([*same, other]) == ["spam"] * 4 + ["waiting"]
    step = Step.objects.get()
    assert (step.number, step.by) == (4, moderator)
    assert "4 comments: marked as spam." in " ".join(re.sub(r"<[^>]*>", "", html(desk)).split())


def test_without_the_box_only_the_one_is_decided(desk, article):
    same = alike(article, 3)
    press(desk, same[0], "spam", alike=together(desk, same[0]))
    assert states(same) == ["spam", "waiting", "waiting"]


def test_what_changed_meanwhile_among_them_is_left_out_and_told(desk, editor, article):
    same = alike(article, 3)
    named = together(desk, same[0])
    same[2].approve(by=editor)
    response = press(desk, same[0], "reject", alike=named, together="1", reason="flood")
    assert states(same) == ["rejected", "rejected", "approved"]
    assert "approved meanwhile by emil" in said(desk, response["Location"])
    assert_true(article)


def test_so_many_are_decided_by_one_button_and_no_more(desk, article, monkeypatch):
    for module in (listing, pages, deciding):
        monkeypatch.setattr(module, "MOST_TOGETHER", 3)
    same = alike(article, 5)
    named = together(desk, same[0])
    assert len(named.split()) == 2
    press(desk, same[0], "spam", alike=named + f" {same[3].pk}:1 {same[4].pk}:1", together="1")
    assert states(same) == ["spam"] * 3 + ["waiting"] * 2


def test_what_went_with_the_step_is_not_told_to_have_gone(desk, article):
    """The next of a list was decided together with the open one, or with all that a banned person wrote."""
    same, other = alike(article, 3), waiting(article)
    fields = {"list": "state=waiting&words=watches", "following": str(same[1].pk)}
    address = press(desk, same[0], "spam", alike=together(desk, same[0]), together="1", **fields)["Location"]
    assert "messagelist" not in desk.get(address).content.decode()
    his = [waiting(article, address="192.0.2.1") for _comment in range(2)]
    address = ban(desk, his[0], what="address", reject="1", waiting="2", following=str(his[1].pk))["Location"]
    told = said(desk, address)
    assert "2 comments: rejected." in told
    assert "no longer in this list" not in told
    # Where all states are listed it is there still, and one goes on at it.
    address = ban(desk, his[0], what="address", list="state=all", following=str(his[1].pk))["Location"]
    assert address.endswith(f"at={his[1].pk}")
    assert listed(desk) == [other.pk]


# Several at once


def choose(client: Client, action: str, comments: list[Comment], **fields: str):
    chosen = [f"{comment.pk}:{comment.version}" for comment in comments]
    return client.post(f"{QUEUE}chosen/{action}/", {"chosen": chosen, "list": "state=waiting"} | fields)


def test_chosen_comments_are_decided_in_one_step(desk, article):
    comments = [waiting(article) for _comment in range(4)]
    response = choose(desk, "approve", comments[:3])
    assert response["Location"] == f"{QUEUE}?state=waiting"
    assert states(comments) == ["approved"] * 3 + ["waiting"]
    assert Step.objects.get().number == 3
    assert assert_true(article) == 3


def test_who_gave_no_reason_stands_in_the_field_for_it(desk, article):
    comment = waiting(article)
    page = desk.get(choose(desk, "reject", [comment])["Location"]).content.decode()
    assert re.search(r'<input name="reason" id="several-reason"[^>]* autofocus', page)
    assert "autofocus" not in html(desk)


def test_a_reason_is_asked_for_and_so_are_comments(desk, article):
    comments = [waiting(article)]
    other = waiting(article)
    response = choose(desk, "reject", comments, list="state=waiting&language=en")
    assert "Give a reason" in said(desk, response["Location"])
    # What was chosen, and where, is there as it was.
    page = desk.get(response["Location"]).content.decode()
    assert re.findall(r'value="(\d+):\d+" checked', page) == [str(comments[0].pk)]
    assert '<details class="several" open>' in page
    assert "language=en" in response["Location"]
    assert str(other.pk) not in response["Location"]
    choose(desk, "reject", [], reason="x")
    assert "Choose comments in the list first." in said(desk, QUEUE)
    assert states(comments) == ["waiting"]


def for_chosen(client: Client, query: str) -> dict[str, bool]:
    """Return of the decisions on chosen comments whether their buttons can be pressed."""
    found = re.findall(r'formaction="[^"]*/chosen/(\w+)/"( disabled)?>', html(client, query))
    return {action: not disabled for action, disabled in found}


def test_what_can_be_done_to_none_of_the_listed_ones_cannot_be_pressed(desk, article):
    possible = {
        "waiting": {"approve", "reject", "spam"},
        "approved": {"spam"},
        "rejected": {"approve", "spam"},
        "spam": {"approve", "reject"},
        "removed": {"spam"},
    }
    for state, expected in possible.items():
        row(article, state)
        # The order stays: Enter in the reason presses the first.
        assert list(for_chosen(desk, f"?state={state}")) == ["reject", "approve", "spam"]
        assert {one for one, can in for_chosen(desk, f"?state={state}").items() if can} == expected
    assert all(for_chosen(desk, "?state=all").values())


def test_a_list_of_what_its_writers_deleted_offers_no_way_to_show_it_in_few_queries(
    desk, moderator, article, django_assert_max_num_queries
):
    comments = [approved(article) for _number in range(listing.PER_PAGE)]
    for comment in comments:
        comment.take_back(seen=comment.version)
        comment.mark_spam(by=moderator)
    with django_assert_max_num_queries(20):
        assert for_chosen(desk, "?state=spam") == {"reject": True, "approve": False, "spam": False}
    row(article, "spam")
    assert for_chosen(desk, "?state=spam")["approve"]


def test_what_is_out_of_reach_is_not_there(login, article):
    here, there = waiting(article), waiting(base.published(language="de", headline="Der Hafen"))
    client = login(base.person("gerd", "Moderator", languages=["de"]))
    choose(client, "spam", [here, there])
    assert states([here, there]) == ["waiting", "spam"]
    press(client, there, "approve", together="1", alike=f"{here.pk}:{here.version}")
    assert states([here, there]) == ["waiting", "spam"]


@pytest.mark.parametrize(
    "value", ["", "x", "1", "1:x", "²:1", "99999999999999999999:1", "-1:1", "\x00:1", "1:1:1"]
)
def test_made_up_choices_change_nothing(desk, article, value):
    comment = waiting(article)
    for action in ("approve", "spam", "keep", "restore"):
        assert desk.post(f"{QUEUE}chosen/{action}/", {"chosen": [value]}).status_code == 302
    fields = {"seen": "1", "together": "1", "alike": value}
    assert desk.post(f"{QUEUE}{comment.pk}/spam/", fields).status_code == 302
    assert Comment.objects.count() == 1


# Taking back


def undo(client: Client, step: Step, **fields: str):
    return client.post(f"{QUEUE}undo/{step.pk}/", {"list": "state=waiting"} | fields)


def test_the_last_step_is_offered_to_be_undone_and_leads_back_to_its_comment(desk, article):
    first, _second = waiting(article), waiting(article)
    press(desk, first, "spam")
    step = Step.objects.get()
    assert f'action="{QUEUE}undo/{step.pk}/"' in html(desk)
    response = undo(desk, step)
    assert response["Location"] == f"{QUEUE}?state=waiting&at={first.pk}"
    assert "Taken back: 1 comment." in said(desk, response["Location"])
    assert states([first]) == ["waiting"]
    assert opened(desk, f"?at={first.pk}") == first.pk
    assert f"undo/{step.pk}/" not in html(desk)
    undo(desk, step)
    assert "That was taken back already." in said(desk, QUEUE)


def test_only_ones_own_late_steps_are_offered(desk, editor, article):
    comment = waiting(article)
    comment.approve(by=editor)
    assert "/undo/" not in html(desk)
    press(desk, comment, "spam", seen="2")
    assert "/undo/" in html(desk)
    Step.objects.update(at=timezone.now() - timedelta(hours=2))
    assert "/undo/" not in html(desk)


def test_a_step_out_of_reach_is_not_found(login, moderator, article):
    comment = waiting(article)
    comment.mark_spam(by=moderator)
    gerd = login(base.person("gerd", "Moderator", languages=["de"]))
    assert undo(gerd, Step.objects.get()).status_code == 404
    assert gerd.post(f"{QUEUE}undo/99999999999999999999/").status_code == 404
    assert states([comment]) == ["spam"]


def key_of_undo(client: Client, query: str = "") -> bool | None:
    """Return whether the foot offers Undo by a key; None if it offers none."""
    found = re.search(r'action="[^"]*/undo/\d+/".*?<button([^>]*)>Undo', html(client, query), re.DOTALL)
    return 'data-key="u"' in found[1] if found else None


def test_undo_says_when_and_after_an_undo_the_step_before_has_no_key(desk, article):
    comments = [waiting(article) for _number in range(4)]
    press(desk, comments[0], "approve")
    at = timezone.now() - timedelta(minutes=8)
    Step.objects.update(at=at)
    press(desk, comments[1], "spam")
    assert key_of_undo(desk) is True
    earlier, last = Step.objects.order_by("pk")
    undo(desk, last)
    clock = f"{at.astimezone(Site.current().zone):%H:%M}"
    assert re.search(rf": approved\.</p>\s*<p>{clock}</p>", html(desk))
    assert key_of_undo(desk) is False
    press(desk, comments[2], "spam")
    assert key_of_undo(desk) is True
    undo(desk, Step.objects.latest("pk"))
    undo(desk, earlier)
    assert key_of_undo(desk) is None


def test_after_a_reply_no_older_step_is_offered_there(desk, article):
    answered, other = approved(article), waiting(article)
    press(desk, other, "spam")
    assert key_of_undo(desk, "?state=approved") is True
    response = press(desk, answered, "reply", text="Thank you.", list="state=approved")
    page = unescape(desk.get(response["Location"]).content.decode())
    assert "Your reply is shown." in page
    assert "/undo/" not in page
    # Nor where the list does not hold the comment that was answered.
    assert "/undo/" not in html(desk, f"?state=waiting&at={answered.pk}")
    assert key_of_undo(desk) is True
    press(desk, waiting(article), "spam")
    assert key_of_undo(desk, f"?state=approved&at={answered.pk}") is True


def test_an_undo_says_that_the_ban_stays_and_leads_to_where_it_is_lifted(desk, article):
    comments = [waiting(article, email="troll@mail.example") for _number in range(3)]
    other = waiting(article, email="rosa@mail.example")
    ban(desk, comments[0], reject="1", waiting="3")
    response = undo(desk, Step.objects.get())
    assert states(comments) == ["waiting"] * 3
    told = said(desk, response["Location"])
    imposed = Ban.objects.get()
    assert "The ban stays:" in told
    page = html(desk)
    assert "The ban stays:" not in page
    press(desk, other, "spam")
    assert "The ban stays" not in said(desk, undo(desk, Step.objects.latest("pk"))["Location"])
    press(desk, comments[0], "spam", seen="3")
    step = Step.objects.latest("pk")
    page = unescape(desk.get(undo(desk, step)["Location"]).content.decode())
    assert f'<a href="/admin/comments/ban/{imposed.pk}/change/">Lift it…</a>' in page
    imposed.lift(by=None)
    press(desk, comments[0], "spam", seen="5")
    assert "The ban stays" not in said(desk, undo(desk, Step.objects.latest("pk"))["Location"])


def test_where_words_are_looked_for_those_alike_are_decided_on_together(desk, article):
    same = alike(article, 4)
    other = approved(article)
    for one in (same[0], same[2]):
        page = html(desk, f"?words=ferry&at={one.pk}")
        assert "All 4 together" in page
        assert page.count('data-key="x"') == 1
    assert "together</span>" not in html(desk, f"?words=ferry&state=approved&at={other.pk}")
    others = " ".join(f"{one.pk}:1" for one in same[1:])
    assert f'name="alike" value="{others}"' in html(desk, f"?words=ferry&at={same[0].pk}")
    same[3].reject(by=None, reason="x")
    assert "All 3 together" in html(desk, f"?words=ferry&at={same[0].pk}")


# Reports


def test_reported_comments_have_a_tab_their_words_and_a_button_that_keeps_them(desk, article):
    first, comment = approved(article), approved(article)
    Report.objects.create(comment=comment, reason="insult", text="He calls him <b>a thief</b>.")
    Comment.objects.filter(pk=comment.pk).update(open_reports=1)
    assert tabs(desk)["Reported"] == 1
    assert listed(desk, "?state=reported") == [comment.pk]
    page = desk.get(f"{QUEUE}?state=reported").content.decode()
    assert "It insults or threatens somebody" in page
    assert "He calls him &lt;b&gt;a thief&lt;/b&gt;." in page
    comment.refresh_from_db()
    press(desk, comment, "keep", list="state=reported")
    assert tabs(desk)["Reported"] == 0
    assert states([first, comment]) == ["approved", "approved"]
    assert "No reader has reported" in html(desk, "?state=reported")


def report(comment: Comment, text: str = "") -> Report:
    """Report a comment, from an address of its own."""
    return Report.make(
        comment=comment, reason="private", text=text, address=f"192.0.2.{Report.objects.count()}"
    )


def fields_of(page: str) -> dict[str, str]:
    """Return what the form below an open comment hands on."""
    form = page[page.index('id="decide"') :].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(seen|reports|list)" value="([^"]*)"', form))


def test_keeping_closes_the_reports_that_were_seen_and_tells_of_those_that_came_since(desk, article):
    comment = approved(article)
    first, second = report(comment), report(comment)
    page = html(desk, "?state=reported")
    late = report(comment, "That is my home address.")
    response = desk.post(f"{QUEUE}{comment.pk}/keep/", fields_of(page))
    assert set(Report.objects.open()) == {late}
    told = desk.get(response["Location"]).content.decode()
    assert "1 report of this comment did not stand on your page: look at it." in told
    assert "That is my home address." in told
    assert listed(desk, "?state=reported") == [comment.pk]
    Step.objects.first().undo(by=None)
    assert set(Report.objects.open()) == {first, second, late}
    comment.refresh_from_db()
    assert comment.open_reports == 3
    press(desk, comment, "keep")
    assert not Report.objects.open().exists()


def test_a_page_without_any_report_keeps_nothing(desk, article):
    comment = approved(article)
    seen = {"seen": str(comment.version)}
    report(comment)
    desk.post(f"{QUEUE}{comment.pk}/keep/", seen)
    assert Report.objects.open().count() == 1
    assert Step.objects.first().action == "approve"
    assert "did not stand on your page" in said(desk, QUEUE)
    assert desk.post(f"{QUEUE}{comment.pk}/keep/", seen | {"reports": "x"}).status_code == 422


def test_keeping_chosen_ones_closes_the_reports_that_were_counted(desk, article):
    comments = [approved(article) for _comment in range(2)]
    for comment in comments:
        report(comment)
    chosen = re.findall(r'name="chosen" value="([^"]*)"', html(desk, "?state=reported"))
    late = report(comments[1])
    desk.post(f"{QUEUE}chosen/keep/", {"chosen": chosen, "list": "state=reported"})
    assert set(Report.objects.open()) == {late}
    assert "1 report of this comment" in said(desk, f"{QUEUE}?state=reported")
    assert listed(desk, "?state=reported") == [comments[1].pk]


def test_more_reports_than_stand_on_a_page_are_kept_page_by_page(desk, article, monkeypatch):
    monkeypatch.setattr(pages, "MOST_REPORTS", 2)
    comment = approved(article)
    for _report in range(3):
        report(comment)
    for left in (1, 0):
        desk.post(f"{QUEUE}{comment.pk}/keep/", fields_of(html(desk, "?state=reported")))
        comment.refresh_from_db()
        assert (comment.open_reports, Report.objects.open().count()) == (left, left)


@pytest.mark.parametrize("action", ["remove", "spam"])
def test_with_a_comment_that_goes_the_reports_close_that_nobody_saw(desk, article, action):
    comment = approved(article)
    report(comment)
    page = html(desk, "?state=reported")
    report(comment)
    desk.post(f"{QUEUE}{comment.pk}/{action}/", fields_of(page) | {"reason": "an address"})
    comment.refresh_from_db()
    assert (comment.shown, comment.open_reports, Report.objects.open().count()) == (False, 0, 0)
    Step.objects.first().undo(by=None)
    assert Report.objects.open().count() == 2


def test_what_is_nearly_the_same_is_kept_with_the_reports_that_it_had(desk, article):
    same = [approved(article) for _comment in range(2)]
    Comment.objects.filter(pk=same[1].pk).update(alike=same[0])
    for comment in same:
        report(comment)
    page = html(desk, f"?state=reported&at={same[0].pk}")
    named = re.search(r'name="alike" value="([^"]*)"', page)[1]
    late = report(same[1])
    press(desk, same[0], "keep", reports="1", together="1", alike=named)
    assert set(Report.objects.open()) == {late}


# Filters and context


def test_filters_by_section_rule_and_person_are_kept_in_the_address(desk, article):
    sport = base.published(section=base.section({"en": "Sport"}), headline="A goal")
    here = waiting(article, email="rosa@mail.example", address="192.0.2.1")
    there = waiting(sport, address="192.0.2.1")
    elsewhere = waiting(sport, address="192.0.2.2")
    Comment.objects.filter(pk=there.pk).update(held_for="links")
    assert listed(desk, f"?section={sport.section_id}") == [there.pk, elsewhere.pk]
    assert listed(desk, "?rule=links") == [there.pk]
    assert listed(desk, f"?person={here.pk}") == [here.pk, there.pk]
    assert tabs(desk, f"?section={sport.section_id}")["Waiting"] == 2
    query = f"?state=waiting&section={sport.section_id}&rule=first-timer"
    assert f'href="{query}&at={elsewhere.pk}"' in html(desk, query)
    assert "Some comments are left out." in html(desk, query)
    for odd in ("?person=99999", "?person=x", "?section=x", "?rule=x", "?alike=x", "?section=" + "9" * 30):
        assert desk.get(QUEUE + odd).status_code == 200


def test_an_expired_address_tells_nobody_again(desk, article):
    here, there = waiting(article, address="192.0.2.1"), waiting(article, address="192.0.2.1")
    assert listed(desk, f"?person={here.pk}") == [here.pk, there.pk]
    expired = {"address_expires_at": timezone.now() - timedelta(seconds=1)}
    Comment.objects.filter(pk=there.pk).update(**expired)
    assert listed(desk, f"?person={here.pk}") == [here.pk]
    Comment.objects.update(**expired)
    assert listed(desk, f"?person={here.pk}") == []
    assert "Nothing else from this" in html(desk)
    Comment.objects.forget_addresses()
    assert "No other comments of this person can be found" in html(desk)


def test_a_person_out_of_reach_is_nobody(login, article):
    here = waiting(article, email="rosa@mail.example")
    waiting(base.published(language="de", headline="Der Hafen"), email="rosa@mail.example")
    assert listed(login(base.person("gerd", "Moderator", languages=["de"])), f"?person={here.pk}") == []


def test_the_persons_history_is_told_in_numbers_and_last_words(desk, article):
    rosa = {"email": "rosa@mail.example", "address": "192.0.2.1"}
    for number in range(7):
        comment = waiting(article, text=f"Earlier word {number}.", **rosa)
        if number < 3:
            comment.approve(by=None)
    approved(article, email="other@mail.example", text="Somebody else.")
    comment = waiting(article, **rosa)
    page = desk.get(f"{QUEUE}{comment.pk}/").content.decode()
    part = page[page.index("Other comments of this person") :].partition("</section>")[0]
    assert re.findall(r"<strong>(\d+)</strong> (\w+)", part) == [("4", "waiting"), ("3", "approved")]
    assert [int(n) for n in re.findall(r"Earlier word (\d)", part)] == [6, 5, 4, 3, 2]
    assert "Somebody else" not in part


def test_earlier_texts_are_shown_as_what_changed(desk, article):
    comment = waiting(article, text="The boats leave at seven.")
    comment.wordings.create(text="The boats leave at eight.")
    Comment.objects.filter(pk=comment.pk).update(edited_at=timezone.now())
    page = desk.get(f"{QUEUE}{comment.pk}/").content.decode()
    diff = page[page.index("Changed by the writer") :].partition("</section>")[0]
    assert re.search(r"<del>.*eight.*</del>", diff)
    assert re.search(r"<ins>.*seven.*</ins>", diff)


@pytest.mark.parametrize("letters", ["abcdefgh ", "ab ", "!?.,;:"])
def test_a_writer_cannot_make_his_earlier_texts_dear_to_compare(desk, article, monkeypatch, letters):
    """Each page would take most of a second of the processor, as often as it is looked at."""
    chance = Random(1)
    comment = waiting(article)
    for _wording in range(20):
        comment.wordings.create(text="".join(chance.choices(letters, k=3900)))
    Comment.objects.filter(pk=comment.pk).update(edited_at=timezone.now())
    taken, find = [0], SequenceMatcher.find_longest_match

    def count(self, alo: int, ahi: int, blo: int, bhi: int):
        taken[0] += sum(1 + len(self.b2j.get(piece, ())) for piece in self.a[alo:ahi])
        return find(self, alo, ahi, blo, bhi)

    monkeypatch.setattr(SequenceMatcher, "find_longest_match", count)
    page = desk.get(f"{QUEUE}{comment.pk}/").content.decode()
    assert page.count('class="card__diff"') == pages.MOST_WORDINGS
    assert taken[0] <= 1_500_000


def test_of_a_long_text_each_word_is_marked_that_was_changed(desk, article):
    chance = Random(1)
    text = chance.choices(
        ["the", "boat", "leaves", "at", "seven", "nobody", "of", "company", "says", "why"], k=900
    )
    before = [*text]
    text[100], text[700] = "ferry", "ship"
    comment = waiting(article, text=" ".join(text))
    comment.wordings.create(text=" ".join(before))
    Comment.objects.filter(pk=comment.pk).update(edited_at=timezone.now())
    page = desk.get(f"{QUEUE}{comment.pk}/").content.decode()
    changed = re.findall(r"<ins>.*?</span>(.*?)<span", page[page.index('class="card__diff"') :])
    assert [words.strip() for words in changed] == ["ferry", "ship"]


def test_reasons_given_lately_are_offered_and_given_by_one_button(desk, article):
    press(desk, waiting(article), "reject", reason="off topic")
    comment = waiting(article)
    assert '<button name="quick" value="off topic"' in html(desk)
    press(desk, comment, "reject", reason="", quick="off topic")
    assert comment.decisions.last().reason == "off topic"


def test_the_queue_costs_as_many_queries_however_much_there_is_to_show(
    desk, moderator, article, django_assert_max_num_queries
):
    waiting(article, approved(article), email="rosa@mail.example")
    Comment.decide_all([row(article, "waiting")], Action.REJECT, by=moderator, reason="x")
    for _number in range(listing.PER_PAGE):
        alike(article, 2, email="rosa@mail.example", address="192.0.2.1")
    with django_assert_max_num_queries(20):
        assert len(listed(desk)) == listing.PER_PAGE


# Bans


@pytest.fixture
def imposed(monkeypatch):
    """Note the bans instead of imposing them."""
    bans: list[dict] = []
    monkeypatch.setattr(Ban, "impose", lambda **what: bans.append(what), raising=False)
    return bans


def ban(client: Client, comment: Comment, **fields: str):
    fields = {"what": "email", "ends": "7", "reason": "insults"} | fields
    return client.post(f"{QUEUE}{comment.pk}/ban/", {"list": "state=waiting"} | fields)


def test_a_ban_says_first_whom_it_hits_and_how_much_he_wrote(desk, article):
    comment = waiting(article, email="rosa@mail.example", address="192.0.2.1", is_confirmed=True)
    approved(article, email="rosa@mail.example", is_confirmed=True)
    page = desk.get(f"{QUEUE}{comment.pk}/ban/").content.decode()
    assert "2 comments that you may decide on are from this person." in page
    assert set(re.findall(r'name="what" value="(\w+)"', page)) == {"email", "address", "network"}
    assert re.findall(r'name="what" value="(\w+)"[^>]* checked', page) == ["email"]
    assert "Nobody confirmed" not in page + html(desk)
    assert "Reject the 1 comment that waits" in page
    assert "Remove the 1 approved comment" in page
    assert f'href="{QUEUE}{comment.pk}/ban/' in html(desk)


def test_banning_with_everything_decides_all_and_tells_the_true_number(desk, moderator, article, imposed):
    rosa = {"email": "rosa@mail.example", "is_confirmed": True}
    comments = [waiting(article, **rosa) for _comment in range(3)]
    shown = approved(article, **rosa)
    other = waiting(article, email="ines@mail.example")
    response = ban(desk, comments[0], reject="1", waiting="2")
    assert imposed[0]["comment"] == comments[0]
    assert (imposed[0]["what"], imposed[0]["reason"], imposed[0]["by"]) == ("email", "insults", moderator)
    assert timedelta(days=6) < imposed[0]["ends_at"] - timezone.now() < timedelta(days=8)
    assert states([*comments, shown, other]) == ["rejected"] * 3 + ["approved", "waiting"]
    told = said(desk, response["Location"])
    assert "3 comments: rejected. When you looked it was 2." in told
    ban(desk, comments[0], remove="1", ends="0")
    assert imposed[1]["ends_at"] is None
    assert states([shown]) == ["removed"]
    assert assert_true(article) == 0


def test_nobody_is_framed_by_who_types_his_e_mail(desk, article):
    """Insults under Rosa's address: what she wrote is neither joined with them nor taken away with them."""
    rosa = {"name": "Rosa", "email": "rosa@mail.example"}
    hers = [approved(article, is_confirmed=True, address="198.51.100.7", **rosa) for _comment in range(2)]
    typed = waiting(article, address="198.51.100.8", **rosa)
    framing = [waiting(article, address="203.0.113.5", **rosa) for _comment in range(2)]
    assert listed(desk, f"?state=all&person={framing[0].pk}") == [one.pk for one in reversed(framing)]
    assert listed(desk, f"?state=all&person={hers[0].pk}") == [one.pk for one in reversed(hers)]
    card = desk.get(f"{QUEUE}{framing[0].pk}/").content.decode()
    assert "Nobody confirmed the e-mail address" in card
    assert "<strong>1</strong> waiting" in card
    page = desk.get(f"{QUEUE}{framing[0].pk}/ban/").content.decode()
    assert "Nobody confirmed this e-mail address" in page
    assert "2 comments that you may decide on are from this person." in page
    assert re.findall(r'name="what" value="(\w+)"[^>]* checked', page) == ["address"]
    ban(desk, framing[0], what="email", reject="1", remove="1")
    assert states([*hers, typed, *framing]) == ["approved"] * 2 + ["waiting"] + ["rejected"] * 2


def test_of_an_e_mail_that_nobody_confirmed_one_comment_is_known_and_nothing_chosen(desk, article, imposed):
    comment, other = (waiting(article, email="rosa@mail.example") for _comment in range(2))
    page = desk.get(f"{QUEUE}{comment.pk}/ban/").content.decode()
    assert "1 comment that you may decide on is from this person." in page
    assert re.findall(r'name="what" value="(\w+)"', page) == ["email"]
    assert not re.findall(r'name="what" value="(\w+)"[^>]* checked', page)
    assert "no e-mail was confirmed" in desk.get(f"{QUEUE}{comment.pk}/").content.decode()
    ban(desk, comment, reject="1")
    assert imposed[0]["what"] == "email"
    assert states([comment, other]) == ["rejected", "waiting"]


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": ""},
        {"reason": "x" * 501},
        {"what": "nobody"},
        {"what": "network"},
        {"ends": "x"},
        {"waiting": "x"},
    ],
)
def test_a_ban_that_cannot_be_comes_back_with_what_was_typed(desk, article, imposed, fields):
    comment = waiting(article, email="rosa@mail.example")
    response = ban(desk, comment, **fields)
    assert response.status_code == 422
    assert "<title>Error" in response.content.decode()
    assert not imposed


def test_a_ban_without_a_reason_is_refused_in_the_language_of_whoever_bans(desk, article, imposed):
    comment = waiting(article, email="rosa@mail.example")
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    page = ban(desk, comment, reason="").content.decode()
    assert "Geben Sie eine Begründung an" in page
    assert "Give a reason" not in page


def test_bans_need_the_permission_for_them(login, editor, article, imposed):
    comment = waiting(article, email="rosa@mail.example")
    client = login(editor)
    assert client.get(f"{QUEUE}{comment.pk}/ban/").status_code == 403
    assert ban(client, comment).status_code == 403
    assert "/ban/" not in html(client)
    assert not imposed


def test_nobody_is_banned_whom_nothing_tells(desk, article, imposed):
    comment = waiting(article)
    assert ban(desk, comment).status_code == 302
    assert "Nobody can be banned" in said(desk, QUEUE)
    assert not imposed


def test_a_kept_comment_counts_as_decided_by_a_person(desk, moderator, article):
    comment = approved(article)
    Report.objects.create(comment=comment, reason="spam")
    Comment.objects.filter(pk=comment.pk).update(open_reports=1)
    comment.refresh_from_db()
    press(desk, comment, "keep")
    decision = Decision.objects.get(action="keep")
    assert (decision.by, decision.was, decision.state, decision.waited) == (
        moderator,
        "approved",
        "approved",
        None,
    )


# What colleagues wrote


def test_reasons_that_others_gave_are_offered_to_nobody(login, moderator, article):
    waiting(article).reject(by=moderator, reason="a known crank")
    german = base.published(language="de", headline="Der Hafen")
    waiting(german)
    assert "a known crank" not in html(login(base.person("gerd", "Moderator", languages=["de"])))
    waiting(article)
    assert "a known crank" in html(login(moderator))


def test_whoever_is_limited_sees_his_own_bans_only(login, moderator, article):
    Ban.impose(by=moderator, reason="Advertising.", email="rosa@mail.example")
    gerd = base.person("gerd", "Moderator", languages=["en"])
    Ban.impose(by=gerd, reason="Insults.", comment=waiting(article, email="jon@mail.example"), what="email")
    page = login(gerd).get("/admin/comments/ban/").content.decode()
    assert "jon@mail.example" in page
    assert "rosa@mail.example" not in page
    assert "rosa@mail.example" in login(moderator).get("/admin/comments/ban/").content.decode()
