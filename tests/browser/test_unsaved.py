"""Whoever leaves a form with something written in it is asked first."""

import pytest

from tests import base


@pytest.fixture
def asked():
    """Return a function that collects the questions of a page, and stays there each time."""

    def of(page):
        questions = []
        page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
        return questions

    return of


@pytest.mark.later
def test_leaving_after_a_refused_save_is_asked_about(staff, editor, asked):
    base.section()
    page = staff(editor, "/admin/articles/article/add/")
    questions = asked(page)
    page.fill("[name=standfirst]", "Two sentences that took an hour.")
    page.get_by_role("button", name="Save draft").click()
    page.locator(".errornote").first.wait_for()
    page.get_by_role("link", name="Sources").first.click()
    assert questions == ["beforeunload"]
    assert page.locator("[name=standfirst]").input_value() == "Two sentences that took an hour."


def test_leaving_a_form_of_the_admin_is_asked_about_only_when_something_is_written(staff, editor, asked):
    page = staff(editor, "/admin/articles/source/add/")
    questions = asked(page)
    page.get_by_role("link", name="Tags").first.click()
    page.wait_for_url("**/admin/articles/tag/")
    assert questions == []
    page.goto("/admin/articles/source/add/")
    page.locator("[name=name]").press_sequentially("Harbour office")
    page.get_by_role("link", name="Tags").first.click()
    assert questions == ["beforeunload"]
