"""The moderators' queue in a real browser: at every width, in both themes, by keyboard, by touch, without a script."""

from itertools import product

import pytest
from playwright.sync_api import Page

from comments.models import Comment, Decision, Report
from tests import base
from tests.articles.readers import LONG_NAME, LONG_WORD
from tests.browser.test_reading import violations
from tests.comments.base import approved, waiting

QUEUE = "/admin/comments/queue/"


@pytest.fixture
def addresses(site: str) -> dict[str, str]:
    """Fill the queue; return the address of each kind of page of it."""
    article = base.published(headline=f"The {LONG_WORD} is in force")
    top = approved(
        article, name=LONG_NAME, text="When does the next one leave? https://example.org/timetable"
    )
    answer = waiting(article, top, name=LONG_NAME, email=f"{'w' * 50}@mail.example", text=LONG_WORD * 3)
    for name, text in (("Ines", "At six.\n\nI think."), ("יעל", "בשש בבוקר."), ("Jon", "Late again.")):
        waiting(article, name=name, text=text)
    Comment.objects.filter(name__in=["Ines", "Jon"]).exclude(pk=top.pk).update(alike=answer)
    Report.objects.create(comment=top, reason="insult", text=LONG_WORD * 3)
    Comment.objects.filter(pk=top.pk).update(open_reports=1)
    spam = waiting(article, name=LONG_NAME)
    spam.mark_spam(by=None, reason=LONG_WORD * 2)
    return {
        "waiting": QUEUE,
        "approved": f"{QUEUE}?state=approved",
        "found": f"{QUEUE}?state=all&words=late&language=en",
        "comment": f"{QUEUE}{answer.pk}/",
        "reported": f"{QUEUE}?state=reported",
        "ban": f"{QUEUE}{answer.pk}/ban/",
        "numbers": "/admin/comments/numbers/",
        "empty": f"{QUEUE}?state=removed",
        "spam": f"{QUEUE}{spam.pk}/",
        "table": "/admin/comments/comment/",
        "record": f"/admin/comments/comment/{spam.pk}/change/",
    }


@pytest.mark.later
@pytest.mark.long
def test_every_page_fits_and_is_accessible(addresses, staff, moderator, shoot, full_length):
    """At full length in three widths and both themes."""
    every = product((360, 768, 1440), (False, True))
    for width, dark in every if full_length else [(360, False), (1440, True)]:
        page = staff(moderator, width=width, dark=dark)
        for kind, address in addresses.items():
            page.goto(address)
            page.locator(".queue details, .foot details").evaluate_all(
                "all => all.forEach(one => one.open = true)"
            )
            shoot(page, f"queue-{kind}-{width}-{'dark' if dark else 'light'}")
            if kind != "table":
                assert page.evaluate("document.documentElement.scrollWidth") <= width, kind
            if page.locator(".queue").count():
                assert violations(page, within=".queue") == [], kind
        page.close()


def places(page: Page) -> list[list[float]]:
    """Return where the buttons of the foot begin in the window."""
    buttons = page.locator(".decide > button, .decide summary")
    return buttons.evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => [box.x, box.y, box.width, box.height])"
    )


@pytest.mark.later
@pytest.mark.parametrize("width", [360, 1440])
def test_buttons_stand_on_one_line_and_stay_there_whatever_is_opened_or_decided(
    addresses, staff, moderator, width
):
    page = staff(moderator, width=width)
    page.goto(addresses["waiting"])
    before = places(page)

    page.locator(".decide summary").click()

    assert len(before) == 3
    assert len({top for _left, top, _width, _height in before}) == 1
    assert all(height >= 44 for _left, _top, _width, height in before)
    assert places(page) == before
    assert page.locator(".decide [name=reason]").bounding_box()["y"] < before[0][1]
    page.locator(".decide summary").click()
    page.get_by_role("button", name="Spam", exact=True).click()
    page.wait_for_selector(".done")
    assert [place[1:2] for place in places(page)] == [place[1:2] for place in before]


def flood(number: int) -> list[Comment]:
    """Post comments that wait; every fifth is of one that is to be rejected."""
    articles = [base.published(headline=f"Harbour {place}") for place in range(3)]
    return [waiting(articles[one % 3], name=f"Reader {one}") for one in range(number)]


def left(page: Page) -> int:
    """Return how many comments wait, as the tab says it."""
    return int(page.locator(".queue__tabs a").first.locator(".queue__number").inner_text())


@pytest.mark.later
@pytest.mark.long
def test_a_moderator_clears_the_queue_by_keyboard(site, staff, moderator, full_length):
    """At full length fifty comments, as many in each of the five ways that there are."""
    comments = flood(50 if full_length else 10)
    page = staff(moderator)
    page.goto(QUEUE)
    for number, comment in enumerate(comments):
        assert page.locator(".card h2").inner_text() == comment.name
        before = len(comments) - number
        with page.expect_navigation():
            if number % 5 == 0:
                page.keyboard.press("s")
            elif number % 5 == 1:
                page.keyboard.press("r")
                page.keyboard.type("Jokes, as always: a.s.")
                page.keyboard.press("Enter")
            elif number % 5 == 2:
                page.keyboard.press("r")
                page.keyboard.press("Tab")
                page.keyboard.press("Tab")
                page.keyboard.press("Enter")
            else:
                page.keyboard.press("a")
        assert left(page) == before - 1
    states = [Comment.objects.get(pk=comment.pk).state for comment in comments]
    assert states == ["spam", "rejected", "rejected", "approved", "approved"] * (len(comments) // 5)
    reasons = set(Decision.objects.filter(action="reject").values_list("reason", flat=True))
    assert reasons == {"Jokes, as always: a.s."}
    assert page.get_by_text("Nothing waits.").is_visible()
    with page.expect_navigation():
        page.keyboard.press("u")
    assert left(page) == 1
    assert page.locator(".card h2").inner_text() == comments[-1].name


def test_keys_lead_through_the_list_and_are_never_heard_while_somebody_types(site, staff, moderator):
    comments = flood(3)
    page = staff(moderator)
    page.goto(QUEUE)
    name = page.locator(".card h2")
    for key, number in (("j", 1), ("j", 2), ("k", 1)):
        with page.expect_navigation():
            page.keyboard.press(key)
        assert name.inner_text() == comments[number].name
    for chord in ("Control+a", "Alt+a", "Meta+a", "Shift+A"):
        page.keyboard.press(chord)
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
    page.keyboard.press("r")
    page.keyboard.type("sadbojk?")
    assert page.locator(".decide [name=reason]").input_value() == "sadbojk?"
    page.keyboard.press("Escape")
    assert not page.locator(".decide__panel").is_visible()
    assert name.inner_text() == comments[1].name
    assert {comment.state for comment in Comment.objects.all()} == {"waiting"}


def test_ten_comments_are_decided_by_touch_on_a_phone(site, staff, moderator):
    comments = flood(10)
    page = staff(moderator, width=360, height=740, touch=True)
    page.goto(QUEUE)
    for number in range(10):
        with page.expect_navigation():
            if number % 3 == 2:
                page.locator(".decide summary").tap()
                if number == 2:
                    page.locator(".decide [name=reason]").fill("off topic")
                    page.locator(".decide__own button").tap()
                else:
                    page.locator(".decide__quick button").first.tap()
            else:
                page.get_by_role("button", name="Approve" if number % 3 else "Spam", exact=True).tap()
    states = [Comment.objects.get(pk=comment.pk).state for comment in comments]
    assert states == (["spam", "approved", "rejected"] * 4)[:10]
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.later
def test_everything_works_without_a_script(site, staff, moderator):
    comments = flood(4)
    page = staff(moderator, scripts=False)
    page.goto(QUEUE)
    page.get_by_role("link", name="Next").click()
    assert page.locator(".card h2").inner_text() == comments[1].name
    page.locator(".decide summary").click()
    page.locator(".decide [name=reason]").fill("off topic")
    page.locator(".decide [name=reason]").press("Enter")
    page.wait_for_selector(".done")
    assert page.locator(".card h2").inner_text() == comments[2].name
    page.get_by_role("button", name="Undo").click()
    assert page.locator(".card h2").inner_text() == comments[1].name
    for comment in comments[:2]:
        page.get_by_label(f"Choose the comment of {comment.name}").check()
    page.get_by_text("Decide on the chosen ones…").click()
    page.get_by_role("button", name="Mark chosen as spam").click()
    page.wait_for_selector(".done")
    assert left(page) == 2
    assert not page.get_by_role("button", name="Keys").is_visible()
    assert [Comment.objects.get(pk=one.pk).state for one in comments] == [
        "spam",
        "spam",
        "waiting",
        "waiting",
    ]


@pytest.mark.later
def test_on_a_phone_the_comment_is_seen_at_once_after_a_decision_and_while_one_rejects(
    site, staff, moderator, shoot
):
    article = base.published(headline="The first ferry of the day leaves the harbour before the tram comes")
    long = "Nobody asked the people who live here. " * 12
    top = approved(article, text=long)
    for number in range(8):
        waiting(article, top if number % 2 else None, name=f"Reader {number}", text=long)
    page = staff(moderator, width=360, height=740, touch=True)
    page.goto(QUEUE)
    for number in range(7):
        foot = page.locator(".foot").bounding_box()
        assert page.locator(".card").bounding_box()["y"] <= foot["y"] - 200
        assert page.locator(".card__text").bounding_box()["y"] <= foot["y"] - 60
        assert page.get_by_role("heading", level=1).count() == 1
        page.locator(".decide summary").tap()
        page.locator(".decide [name=reason]").fill(
            f"off topic: {'nothing of this is about the ferry ' * 3}{number}"
        )
        panel = page.locator(".decide__panel").bounding_box()
        assert page.locator(".decide__quick button").count() == min(number, 5)
        assert page.locator(".card__text").bounding_box()["y"] <= panel["y"] - 20
        with page.expect_navigation():
            page.locator(".decide__own button").tap()
    page.locator(".decide summary").tap()
    shoot(page, "queue-phone-reject", whole=False)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(page, within=".queue") == []
    assert violations(page, within=".foot") == []


@pytest.mark.later
def test_the_decisions_are_two_steps_of_tab_and_enter_away(site, staff, moderator):
    comments = flood(2)
    page = staff(moderator)
    page.goto(QUEUE)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "To the decisions"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(".decide summary").evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("off topic")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Comment.objects.get(pk=comments[0].pk).state == "rejected"


def test_keys_that_do_nothing_at_the_moment_say_so(site, staff, moderator):
    flood(2)
    page = staff(moderator)
    page.goto(QUEUE)
    page.keyboard.press("?")
    idle = page.locator(".keys .keys__idle")
    assert idle.locator("kbd").all_inner_texts() == ["k", "d", "t", "x", "u", "e", "b"]
    assert all(told.endswith("– not now") for told in idle.locator("dd").all_inner_texts())
    assert page.locator(".keys dd").get_by_text("not now").filter(visible=True).count() == 7
    assert violations(page, within=".keys") == []
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.wait_for_selector(".done")
    page.keyboard.press("?")
    assert "u" not in idle.locator("kbd").all_inner_texts()
    page.goto(f"{QUEUE}?state=removed")
    page.keyboard.press("?")
    assert {"j", "a", "r", "s", "o"} <= set(idle.locator("kbd").all_inner_texts())


@pytest.mark.parametrize("width", [360, 1440])
def test_whatever_opens_looks_alike_and_says_whether_it_is_open(addresses, staff, moderator, width):
    page = staff(moderator, width=width)
    page.goto(f"{addresses['waiting']}?state=approved")
    kinds = {".queue__filter", ".card__reply", ".decide__more", ".several"}
    markers = {
        kind: page.locator(f"{kind} > summary").evaluate_all(
            """all => all.map(one => [false, true].map(isOpen => {
                one.parentElement.open = isOpen;
                const style = getComputedStyle(one);
                return `${style.display} ${style.listStyleType}`;
            }))"""
        )
        for kind in kinds
    }
    assert {kind for kind, found in markers.items() if not found} == set()
    assert {state for found in markers.values() for pair in found for state in pair[:1]} == {
        "list-item disclosure-closed"
    }
    assert {pair[1] for found in markers.values() for pair in found} == {"list-item disclosure-open"}


def test_the_figure_of_the_chart_can_be_read_on_a_phone(site, staff, moderator):
    for comment in flood(3):
        comment.approve(by=moderator)
    page = staff(moderator, width=360)
    page.goto("/admin/comments/numbers/")
    figure = page.locator(".bars text")
    scale = figure.evaluate("one => one.getScreenCTM().a")
    assert scale * figure.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 12
    last = page.locator(".bars rect").last.bounding_box()
    assert last["x"] + last["width"] <= page.locator(".bars").bounding_box()["x"] + 330
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_what_was_done_can_be_read_on_a_phone_in_german(site, staff, moderator):
    article = base.published()
    for name in ("Le dixième", LONG_NAME, "Jo"):
        waiting(article, name=name)
    page = staff(moderator, width=360, height=740, touch=True, language="de")
    page.goto(QUEUE)
    for _comment in range(2):
        before = places(page)
        with page.expect_navigation():
            page.get_by_role("button", name="Freigeben").tap()
        told = page.locator(".done p").first
        assert told.inner_text().endswith("freigegeben.")
        assert told.evaluate(
            "one => one.scrollHeight <= one.clientHeight + 1 && one.scrollWidth <= one.clientWidth"
        )
        assert page.locator(".done").bounding_box()["height"] <= 45
        assert places(page) == before
