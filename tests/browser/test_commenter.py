"""A reader at his comment, in a real browser: previews, errs, sends, changes, deletes, reports."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from comments.models import Comment, Report
from tests import base
from tests.browser.test_reading import violations

SEND, PREVIEW = ".comment-form button:not([name])", ".comment-form button[name=preview]"


@pytest.mark.parametrize(("width", "dark"), [(360, True), pytest.param(1280, False, marks=pytest.mark.later)])
def test_a_reader_previews_sends_changes_and_deletes_with_every_page_accessible(
    visit: Callable[..., Page], site: str, width: int, dark: bool
) -> None:
    article = base.published()
    page = visit(article.path, width=width, dark=dark)
    trap = page.locator(".comment-form__subject").bounding_box()
    assert trap, "it is there for programs"
    assert trap["width"] * trap["height"] <= 1, "and people do not see it"

    # The enter key sends; what is refused says so first, and has the focus.
    page.fill("[name=email]", "rosa@mail.example")
    page.fill("[name=text]", "The ferry was full.")
    page.press("[name=email]", "Enter")
    expect(page).to_have_title("Error: Comment on “Harbour reopens after the storm” — Newsroom")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("[name=text]")).to_have_value("The ferry was full.")
    assert violations(page) == []
    page.locator(".error-summary a").click()
    expect(page.locator("[name=name]")).to_be_focused()

    page.fill("[name=name]", "Rosa")
    page.click(PREVIEW)
    expect(page.locator(".comment-preview")).to_be_focused()
    expect(page.locator(".comment-preview .comment__text")).to_have_text("The ferry was full.")
    expect(page.locator("[name=email]")).to_have_value("rosa@mail.example")
    assert violations(page) == []
    assert not Comment.objects.exists()

    page.click(SEND)
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    page.get_by_text("Change it", exact=True).click()
    assert violations(page) == []
    page.fill("[name=text]", "The ferry was full, and late.")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator(".comment__text")).to_have_text("The ferry was full, and late.")
    expect(page.locator(".comment__edited")).to_be_visible()

    page.get_by_text("Delete it", exact=True).click()
    assert violations(page) == []
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.locator("h1")).to_have_text("You have deleted your comment")
    assert violations(page) == []
    assert page.context.cookies() == []


def test_a_reader_without_scripts_reports_a_comment(visit: Callable[..., Page], site: str) -> None:
    article = base.published()
    comment = Comment.post(article=article, name="Karl", text="He is a fool.")
    comment.approve(by=None)
    page = visit(article.path, scripts=False, width=360, touch=True)
    page.get_by_role("link", name="Report the comment by Karl").click()
    page.get_by_role("button", name="Send the report").click()
    page.get_by_role("link", name="Choose what is wrong").click()
    page.get_by_label("It insults or threatens somebody").check()
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("h1")).to_have_text("Thank you")
    assert Report.objects.get().comment == comment
