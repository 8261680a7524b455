"""The page of numbers, and the chart as a pure function."""

import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest

from comments.models import Action, Comment, Decision
from comments.queue.chart import Day, bars, top_of
from comments.queue.numbers import COUNTED, every_day, per_action, times_of, told
from tests import base
from tests.comments.base import row, waiting

NUMBERS = "/admin/comments/numbers/"


@pytest.mark.parametrize(
    ("numbers", "top"),
    [([], 1), ([0], 1), ([1], 1), ([2], 2), ([3], 5), ([7], 10), ([11], 20), ([4999], 5000)],
)
def test_the_scale_ends_at_a_round_number(numbers, top):
    assert top_of(numbers) == top


def test_the_chart_is_a_bar_per_day_and_says_what_it_is():
    days = [Day(date(2025, 7, 1) + timedelta(days=n), number) for n, number in enumerate((0, 1, 500, 1000))]
    chart = ElementTree.fromstring(bars(days, "Decided <per> day", "1501 decisions"))
    name = "{http://www.w3.org/2000/svg}" if chart.tag.startswith("{") else ""
    assert chart.get("role") == "img"
    assert [chart.find(f"{name}{part}").text for part in ("title", "desc")] == [
        "Decided <per> day",
        "1501 decisions",
    ]
    heights = [float(bar.get("height")) for bar in chart.iter(f"{name}rect")]
    assert heights[0] == 0
    assert 0 < heights[1] < heights[2] < heights[3]
    assert heights[3] == pytest.approx(2 * heights[2], abs=0.2)
    assert "style" not in bars(days, "", "")


def test_days_without_a_decision_stand_too():
    days = every_day([(date(2025, 7, 9), "approve", 2), (date(2025, 7, 9), "spam", 1)], date(2025, 7, 10))
    assert len(days) == 30
    assert [day.number for day in days[-3:]] == [0, 3, 0]
    assert (
        dict(per_action([(date(2025, 7, 9), "approve", 2), (date(2025, 7, 8), "approve", 1)]))["Approved"]
        == 3
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (12_000, "3 h 20 min"), (200_000, "2 d 7 h")],
)
def test_a_length_of_time_is_told_in_two_units(seconds, words):
    assert told(seconds) == words


@pytest.mark.django_db
def test_half_and_nine_in_ten_are_true_ones():
    comment = row(base.published(), "approved")
    assert times_of(Decision.objects.all()) == (None, None)
    Decision.objects.bulk_create(
        Decision(comment=comment, action="approve", state="approved", waited=seconds)
        for seconds in range(1, 11)
    )
    assert times_of(Decision.objects.first_ones()) == (5, 9)


@pytest.mark.django_db
def test_the_page_tells_the_same_in_chart_and_table_and_nobodys_name(login, moderator, settings, chief):
    now = datetime(2025, 7, 11, 12, 0, tzinfo=UTC)
    article = base.published(at=now - timedelta(days=1))
    with base.at(now):
        for number in range(4):
            comment = waiting(article)
            Comment.objects.filter(pk=comment.pk).update(created_at=now - timedelta(hours=number))
            if number:
                comment.reject(by=moderator, reason="x")
    Decision.objects.filter(by=moderator).update(at=now)
    client = login(chief)
    with base.at(now + timedelta(hours=1)):
        page = client.get(NUMBERS).content.decode()
    assert re.search(r"<dt>wait now</dt><dd>1</dd>", page)
    assert "1 h 0 min" in page
    assert "3 decisions in 30 days" in page
    assert re.search(r"Friday, 11 July 2025</th><td>3</td>", page)
    assert len(re.findall(r"<rect ", page)) == 30
    assert re.search(r"Rejected</th><td>3</td>", page)
    assert "mira" not in page
    settings.COMMENT_NUMBERS_BY_PERSON = True
    with base.at(now + timedelta(hours=1)):
        assert re.search(r"<bdi>mira</bdi></th><td>3</td>", client.get(NUMBERS).content.decode())


@pytest.mark.django_db
def test_the_page_costs_few_queries_and_tells_only_what_one_reaches(
    login, moderator, django_assert_max_num_queries
):
    here, there = base.published(), base.published(language="de", headline="Der Hafen")
    comments = [waiting(article) for article in (here, there) for _comment in range(3)]
    Comment.decide_all(comments, Action.REJECT, by=moderator, reason="x")
    client = login(moderator)
    with django_assert_max_num_queries(16):
        assert "6 decisions" in client.get(NUMBERS).content.decode()
    gerd = base.person("gerd", "Moderator", languages=["de"])
    assert "3 decisions" in login(gerd).get(NUMBERS).content.decode()


@pytest.mark.django_db
def test_an_empty_site_has_numbers_too(login, moderator):
    page = login(moderator).get(NUMBERS).content.decode()
    assert page.count("<dd>–</dd>") == 3
    assert "0 decisions in 30 days" in page
    assert len(COUNTED) == 6


@pytest.mark.django_db
def test_the_oldest_is_the_one_that_was_sent_first_wherever_it_stands(login, moderator):
    article = base.published()
    first, imported = waiting(article), waiting(article)
    sent = first.created_at - timedelta(hours=20, minutes=5)
    Comment.objects.filter(pk=imported.pk).update(created_at=sent)
    with base.at(first.created_at):
        page = login(moderator).get(NUMBERS).content.decode()
    assert "<dt>the oldest has waited</dt><dd>20 h 5 min</dd>" in page


@pytest.mark.django_db
def test_what_was_taken_back_counts_as_no_decision_and_neither_does_the_undoing(login, moderator, settings):
    settings.COMMENT_NUMBERS_BY_PERSON = True
    article = base.published()
    kept, taken_back = waiting(article), waiting(article)
    kept.approve(by=moderator)
    Comment.decide_all([taken_back], Action.REJECT, by=moderator, reason="x").undo(by=moderator)
    page = login(moderator).get(NUMBERS).content.decode()
    assert "1 decisions in 30 days" in page
    assert re.search(r"Rejected</th><td>0</td>", page)
    assert re.search(r"<bdi>mira</bdi></th><td>1</td>", page)
    assert "Undone" not in page
