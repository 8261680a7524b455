"""Rules, bans and the flood switch in a real browser: accessible, no wider than a phone, and used by hand."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from comments import flood
from comments.models import Ban, Rule
from newsroom.models import Site
from tests import base
from tests.articles import readers
from tests.browser.test_reading import violations
from tests.comments.base import waiting

pytestmark = pytest.mark.browser


@pytest.mark.later
@pytest.mark.long
def test_a_rule_is_tried_and_a_flood_switched_on_a_phone(
    staff: Callable[..., Page], moderator: Any, shoot: Callable[..., None], full_length: bool
) -> None:
    article = base.published(language="de", headline=f"Die {readers.LONG_WORD} kommt")
    for text in (f"Casino! {readers.LONG_WORD}", "مرحبا casino بالعالم", "Die Fähre war spät."):
        waiting(article, text=text, name=readers.LONG_WORD[:60])
    ban = Ban.impose(
        by=moderator, reason=readers.LONG_WORD, email=f"{readers.LONG_WORD[:40]}@mail.example".lower()
    )
    flood.set_flood(article, by=None, mode="all", until=timezone.now() + timedelta(hours=1))
    for width, dark in product((360, 1440), (False, True)) if full_length else [(360, True)]:

        def hold_against(page: Page, name: str, width: int = width, dark: bool = dark) -> None:
            shoot(page, f"rules-{name}-{width}-{'dark' if dark else 'light'}")
            assert violations(page, preload=False) == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name

        page = staff(moderator, "/admin/comments/rule/add/", width=width, dark=dark)
        hold_against(page, "choose")
        page.get_by_role("link", name="Words", exact=True).click()
        page.get_by_label("Words and phrases").fill("casino")
        page.get_by_role("button", name="Try it").click()
        page.get_by_role("heading", name="It finds 2 of the last 3 comments").wait_for()
        assert page.locator("mark").count() == 2
        hold_against(page, "tried")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Re-run on the queue…").click()
        hold_against(page, "again")
        for name, address in (
            ("list", "/admin/comments/rule/"),
            ("bans", "/admin/comments/ban/"),
            ("ban", f"/admin/comments/ban/{ban.pk}/change/"),
        ):
            page.goto(address)
            hold_against(page, name)
        page.goto("/admin/comments/flood/")
        hold_against(page, "flood")
        page.get_by_label("Closed").check()
        page.get_by_role("button", name="Switch it on").click()
        page.get_by_role("button", name="End it now: the whole site").click()
        page.get_by_text("The flood switch is off").wait_for()
        assert not Site.current().flood_mode
        Rule.objects.filter(kind="words").delete()
        page.close()


def test_the_buttons_of_the_list_of_rules_leave_its_title_alone_in_german(
    staff: Callable[..., Page], moderator: Any
) -> None:
    page = staff(moderator, width=768, language="de")
    page.goto("/admin/comments/rule/")
    title, tools = page.locator("#content > h1").bounding_box(), page.locator(".object-tools").bounding_box()
    assert page.locator("#content > h1").inner_text() == "Regeln"
    assert tools["y"] >= title["y"] + title["height"] - 8


def test_what_is_wrong_with_a_pattern_stands_on_an_accessible_page(
    staff: Callable[..., Page], moderator: Any, shoot: Callable[..., None]
) -> None:
    page = staff(moderator, width=360, language="de")
    page.goto("/admin/comments/rule/add/?kind=pattern")
    page.locator("[name=text]").fill("(unclosed[")
    with page.expect_navigation():
        page.locator("[name=_save]").click()
    assert page.locator(".errorlist").count() == 1
    shoot(page, "rules-pattern-360-light")
    assert violations(page, preload=False) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
