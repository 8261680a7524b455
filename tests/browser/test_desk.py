"""The desk's own pages in a real browser: readable in both themes and at each width, by keyboard too."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from articles.models import Article, Task
from articles.passages import passages
from tests import base
from tests.articles.test_attachments import document, link_to
from tests.articles.test_pending import soon, waiting
from tests.browser.test_reading import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(site: str) -> dict[str, str]:
    """Return the pages, with something on each."""
    article = waiting(
        soon(400 * 24 * 3600), headline="Hafenverwaltungsgenossenschaft beschließt Anlegestellenverordnung"
    )
    base.draft(headline="Kommt", language="de").publish(by=None, at=soon(60))
    return {
        "index": "/admin/",
        "schedule": "/admin/articles/article/schedule/",
        "publish": f"/admin/articles/article/{article.pk}/publish/",
        "cancel": f"/admin/articles/article/{article.pk}/cancel-changes/",
        "compare": f"/admin/articles/article/{article.pk}/compare/",
        "form": f"/admin/articles/article/{article.pk}/change/",
    }


@pytest.mark.later
def test_every_page_fits_and_is_accessible(
    addresses: dict[str, str],
    staff: Callable[..., Page],
    chief: Any,
    shoot: Callable[..., None],
    full_length: bool,
) -> None:
    every = list(product((360, 768, 1440), (False, True)))
    for width, dark in every if full_length else [(360, True), (1440, False)]:
        page = staff(chief, width=width, dark=dark)
        for kind, address in addresses.items():
            page.goto(address)
            shoot(page, f"desk-{kind}-{width}-{'dark' if dark else 'light'}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, kind
            if kind == "form":  # in a box of its own, which the page's width does not tell
                right = page.locator(".sheet__state .state").evaluate(
                    "one => one.getBoundingClientRect().right"
                )
                assert right <= width
                continue
            within = ".sheets" if kind == "index" else "#content"
            assert violations(page, within=within, preload=False) == [], (kind, width, dark)
        page.close()


@pytest.fixture
def work(site: str, chief: Any) -> dict[str, str]:
    """Return the pages of the work flow, with something on each: a long word, what is late, a text in Arabic."""
    long = "Hafenverwaltungsgenossenschaft beschließt Anlegestellenverordnungsdurchführungsbestimmung"
    editor = base.person("emil", "Editor")
    table = "<table><tr><td>Jahr</td><td>Zahl</td></tr></table>"
    article = base.draft(
        language="de", headline=long, body=f"<h2>Anlass</h2><p>{long}.</p>{table}<p>Mehr.</p>"
    )
    article.assign(by=editor, assignee=chief)
    newest = article.newest_revision()
    assert newest
    blocks = [passage.key for passage in passages(newest)]
    remark = article.remark(by=editor, text=f"Ist das so? {long}", block=blocks[3])
    article.remark(by=chief, text="Ja.", answers=remark)
    article.remark(by=editor, text="Weg damit?", block=blocks[-1])
    article.remark(by=editor, text="Erledigt", block="headline").resolve(by=chief)
    article.save_revision(by=None, body=f"<h2>Anlass</h2><p>{long}.</p>{table}")
    arabic = base.draft(
        language="ar", headline="الميناء يفتح من جديد", body="<p>غادرت أول عبارة في السادسة.</p>"
    )
    arabic.remark(by=editor, text="هل هذا صحيح؟", block="headline")
    task = Task.make(by=editor, article=article, kind="correct", text=f"Montag! {long}", assignee=chief)
    late = timezone.now() - timedelta(hours=2)
    Article.objects.filter(pk=article.pk).update(due_at=late)
    Task.objects.filter(pk=task.pk).update(due_at=late)
    at = f"/admin/articles/article/{article.pk}"
    return {
        "index": "/admin/",
        "list": "/admin/articles/article/",
        "stages": "/admin/articles/article/stages/",
        "remarks": f"{at}/remarks/",
        "remarks-ar": f"/admin/articles/article/{arabic.pk}/remarks/",
        "stage": f"{at}/stage/",
        "assign": f"{at}/assign/",
        "make": f"{at}/task/",
        "tasks": "/admin/articles/task/",
        "task": f"/admin/articles/task/{task.pk}/change/",
    }


@pytest.mark.later
def test_what_the_editor_opens_and_the_library_of_documents_fit_and_are_accessible(
    site: str,
    staff: Callable[..., Page],
    chief: Any,
    shoot: Callable[..., None],
    full_length: bool,
) -> None:
    row = document("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung")
    article = base.draft(headline="Ebbe", language="de", body=f"<p>Ebbe.</p><p>{link_to(row)}</p>")
    library = "/admin/articles/attachment/"
    every = list(product((360, 768, 1440), (False, True)))
    for width, dark in every if full_length else [(360, True), (1440, False)]:
        page = staff(chief, width=width, dark=dark)
        for address in (library, f"{library}add/", f"{library}{row.pk}/change/"):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            within = "#result_list" if address == library else "#content"
            assert violations(page, within=within, preload=False) == [], (address, width, dark)
        page.goto(f"/admin/articles/article/{article.pk}/change/")
        page.locator(".cke_wysiwyg_div").wait_for()
        for button in ("link", "newsdocument", "newscard"):
            page.locator(f".cke_button__{button}").click()
            dialog = page.locator("dialog[open]")
            dialog.wait_for()
            if button != "newscard":
                dialog.get_by_role("option").first.wait_for()
                page.keyboard.press("ArrowDown")
            shoot(page, f"editor-{button}-{width}-{'dark' if dark else 'light'}", whole=False)
            assert dialog.evaluate("one => one.scrollWidth <= one.clientWidth"), (button, width)
            assert violations(page, within="dialog", preload=False) == [], (button, width, dark)
            page.keyboard.press("Escape")
            dialog.wait_for(state="detached")
        page.close()


@pytest.mark.later
def test_the_pages_of_the_work_flow_fit_and_are_accessible(
    work: dict[str, str],
    staff: Callable[..., Page],
    chief: Any,
    shoot: Callable[..., None],
    full_length: bool,
) -> None:
    every = list(product((360, 768, 1440), (False, True)))
    for width, dark in every if full_length else [(360, True), (1440, False)]:
        page = staff(chief, width=width, dark=dark)
        for kind, address in work.items():
            page.goto(address)
            for summary in page.locator(".remarks__new > summary, .remarks__resolved > summary").all()[:3]:
                summary.click()
            shoot(page, f"work-{kind}-{width}-{'dark' if dark else 'light'}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, kind
            within = {"index": ".sheets", "list": "#result_list", "tasks": "#result_list"}.get(
                kind, "#content"
            )
            assert violations(page, within=within, preload=False) == [], (kind, width, dark)
        page.close()


@pytest.mark.later
def test_a_passage_is_spoken_of_answered_and_resolved_by_keyboard_alone(
    staff: Callable[..., Page], chief: Any, work: dict[str, str]
) -> None:
    page = staff(chief, width=1440)
    page.goto(work["remarks-ar"])
    page.locator(".remarks__new > summary").last.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Who says so?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/remarks/#remark-*")
    thread = page.locator(".thread", has_text="Who says so?")
    assert "غادرت" in page.locator(".remarks__place", has=thread).inner_text()
    thread.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("She does.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("She does.").wait_for()
    thread = page.locator(".thread", has_text="Who says so?")
    thread.get_by_role("button", name="Resolve: Who says so?").focus()
    page.keyboard.press("Enter")
    page.locator(".remarks__resolved").wait_for()
    assert "1 remark is open" in page.locator("#content-main").inner_text()


@pytest.mark.later
def test_a_change_is_scheduled_and_cancelled_by_keyboard_alone(
    staff: Callable[..., Page], chief: Any, addresses: dict[str, str]
) -> None:
    page = staff(chief, width=1440)
    page.goto(addresses["index"])
    page.locator(".sheets__title a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/schedule/")
    page.get_by_role("link", name="Change the time").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/publish/")
    assert page.locator("[name=at]").input_value()
    page.goto(addresses["cancel"])
    page.get_by_role("button", name="Cancel the scheduled changes").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    assert "readers keep the present text" in page.locator(".messagelist").inner_text()
