"""The moderators' queue in a real browser: at every width, in both themes, without a script."""

from itertools import product

import pytest
from playwright.sync_api import Page

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
    spam = waiting(article, name=LONG_NAME)
    spam.mark_spam(by=None, reason=LONG_WORD * 2)
    return {
        "waiting": QUEUE,
        "approved": f"{QUEUE}?state=approved",
        "found": f"{QUEUE}?state=all&words=late&language=en",
        "comment": f"{QUEUE}{answer.pk}/",
        "spam": f"{QUEUE}{spam.pk}/",
        "table": "/admin/comments/comment/",
        "record": f"/admin/comments/comment/{spam.pk}/change/",
    }


@pytest.mark.long
def test_every_page_fits_and_is_accessible(addresses, staff, moderator, shoot, full_length):
    """At full length in three widths and both themes."""
    every = product((360, 768, 1440), (False, True))
    for width, dark in every if full_length else [(360, False), (1440, True)]:
        page = staff(moderator, width=width, dark=dark)
        for kind, address in addresses.items():
            page.goto(address)
            page.locator(".card details").evaluate_all(
                "all => all.slice(0, 2).forEach(one => one.open = true)"
            )
            shoot(page, f"queue-{kind}-{width}-{'dark' if dark else 'light'}")
            if kind != "table":
                assert page.evaluate("document.documentElement.scrollWidth") <= width, kind
            if page.locator(".queue").count():
                assert violations(page, within=".queue") == [], kind
        page.close()


def places(page: Page) -> list[list[float]]:
    """Return where the buttons of the first card begin on the page."""
    buttons = page.locator(".card").first.locator(".card__buttons > form > button, .card__buttons summary")
    return buttons.evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => [box.x + scrollX, box.y + scrollY, box.width])"
    )


@pytest.mark.parametrize("width", [360, 1440])
def test_buttons_stand_on_one_line_and_stay_there_when_one_opens(addresses, staff, moderator, width):
    page = staff(moderator, width=width)
    page.goto(addresses["waiting"])
    before = places(page)

    page.locator(".card summary", has_text="Reject…").first.click()

    assert len(before) == 3
    assert len({top for _left, top, _width in before}) == 1
    assert places(page) == before
    below = page.get_by_label("Reason").first.evaluate("one => one.getBoundingClientRect().y + scrollY")
    assert below > before[0][1] + 44
