"""The preview beside the form: it follows what is typed, and whoever types notices nothing else of it."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import FrameLocator, Page, Route, expect

from articles.admin import unsaved
from articles.models import Article, User
from newsroom.models import Site
from tests import base
from tests.articles.admin import change
from tests.browser.conftest import PASSWORD, eventually
from tests.browser.test_reading import violations

ADD = "/admin/articles/article/add/"
UNSAVED = "**/preview/unsaved/"
# A time in milliseconds that no other script waits, so that it is known whose it is.
AFTER = 151
TIMERS = """
  window.begun = window.over = 0;
  const plain = window.setTimeout;
  window.setTimeout = (act, after, ...more) => {
    if (after !== AFTER) return plain(act, after, ...more);
    window.begun += 1;
    return plain(() => { act(); window.over += 1; }, after);
  };
""".replace("AFTER", str(AFTER))
LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselanhängerverordnung"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the preview follow soon, so that nothing has to be waited for."""
    monkeypatch.setattr(unsaved, "REFRESH_AFTER", AFTER)


@pytest.fixture
def article(journalist: User) -> Article:
    return base.draft(by=journalist, body="".join(f"<p>Paragraph {n} of many.</p>" for n in range(60)))


def ready(page: Page) -> None:
    page.wait_for_function("() => window.CKEDITOR?.instances.id_body?.status === 'ready'")


def button(page: Page) -> Any:
    return page.get_by_role("button", name="Preview beside")


def panel(page: Page) -> Any:
    return page.get_by_role("region", name="Preview")


def seen(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[name=preview]")


def opened(page: Page) -> None:
    """Open the preview, and wait until something stands in it."""
    ready(page)
    button(page).click()
    expect(seen(page).locator(".preview-bar--unsaved")).to_be_visible()


@pytest.mark.later
def test_it_follows_what_is_typed_and_touches_neither_focus_nor_caret(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article), width=1440)
    ready(page)
    page.evaluate("article_form.addEventListener('submit', () => { window.wasSent = true; })")
    ways_back = page.evaluate("history.length")
    page.focus("#id_headline")
    page.keyboard.press("Home")
    # By a script's click, which moves no focus.
    button(page).evaluate("one => one.click()")
    title = seen(page).locator("h1")
    expect(title).to_have_text("Harbour reopens after the storm")
    page.keyboard.type("New: ")
    expect(title).to_have_text("New: Harbour reopens after the storm")
    page.keyboard.type("again ")
    expect(title).to_have_text("New: again Harbour reopens after the storm")
    expect(page.locator("#id_headline")).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == len("New: again ")

    # Where somebody has scrolled to in the preview, it stays.
    def scrolled() -> float:
        return seen(page).locator("html").evaluate("one => one.scrollTop")

    seen(page).locator("html").evaluate("one => one.scrollTo({ top: 600, behavior: 'instant' })")
    before = scrolled()
    body = page.locator("#cke_id_body .cke_wysiwyg_div, [contenteditable=true]").first
    body.click()
    page.keyboard.press("Control+Home")
    for words in ("One", "One two", "One two three"):
        page.keyboard.type(words.split()[-1] + " ")
        expect(seen(page).locator(".body > p").first).to_contain_text(f"{words} Paragraph 0")
        assert scrolled() == before > 0
    assert page.evaluate("document.activeElement.isContentEditable")
    assert body.inner_text().startswith("One two three Paragraph 0")
    assert page.evaluate("CKEDITOR.instances.id_body.checkDirty()")
    page.keyboard.press("Control+z")
    expect(seen(page).locator(".body > p").first).not_to_contain_text("three")

    assert article.revisions.count() == 1
    assert page.evaluate("history.length") == ways_back, "the way back is as long as before"
    assert page.evaluate("window.wasSent") is None
    questions: list[str] = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Sources").first.click()
    assert questions == ["beforeunload"], "leaving is still asked about"
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".sheet__state")).to_contain_text("revision 2")
    assert questions == ["beforeunload"]


@pytest.mark.later
def test_choices_and_rows_of_an_article_not_begun_are_followed_too(
    staff: Callable[..., Page], journalist: User
) -> None:
    section = base.section()
    page = staff(journalist, ADD, width=1440)
    opened(page)
    expect(seen(page).locator(".preview-bar")).to_contain_text("Headline: This field is required.")
    page.select_option("#id_section", str(section.pk))
    expect(seen(page).locator(".kicker")).to_have_text("Politics")
    page.fill("#id_tags", "Never seen before")
    expect(seen(page).get_by_text("Never seen before", exact=True)).to_be_visible()
    page.fill("#id_headline", "Begun")
    expect(seen(page).locator("h1")).to_have_text("Begun")
    expect(seen(page).locator(".preview-bar")).not_to_contain_text("cannot be saved")
    assert not Article.objects.exists()


@pytest.mark.later
def test_it_stands_beside_the_form_as_wide_as_the_device(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article), width=1280)
    opened(page)
    frame = page.locator("iframe[name=preview]")

    def inner() -> int:
        return seen(page).locator("html").evaluate("() => innerWidth")

    def drawn() -> dict[str, float]:
        return frame.evaluate("one => one.getBoundingClientRect().toJSON()")

    assert inner() == 390
    form = page.locator(".sheet__columns").evaluate("one => one.getBoundingClientRect().toJSON()")
    assert form["right"] <= drawn()["left"]
    panel(page).get_by_role("button", name="Desktop").click()
    expect(panel(page).get_by_role("button", name="Desktop")).to_have_attribute("aria-pressed", "true")
    assert inner() == 1280
    assert drawn()["width"] < 700, "made smaller, to fit"
    page.set_viewport_size({"width": 800, "height": 900})
    expect(page.locator(".sheet--beside")).to_have_css("display", "flex")
    page.wait_for_function(
        "() => document.querySelector('.beside__frame').getBoundingClientRect().right <= 800"
    )
    assert inner() == 1280
    bar, above = (
        page.locator(one).evaluate("one => one.getBoundingClientRect().toJSON()")
        for one in (".sheet__bar", ".sheet__columns")
    )
    assert bar["bottom"] <= drawn()["top"] < drawn()["bottom"] <= above["top"]


@pytest.mark.later
def test_it_is_opened_and_closed_by_keyboard_and_stays_open_after_a_save(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article), width=1440)
    ready(page)
    expect(button(page)).to_have_attribute("aria-expanded", "false")
    button(page).focus()
    page.keyboard.press("Enter")
    expect(seen(page).locator("h1")).to_be_visible()
    expect(button(page)).to_be_focused()
    expect(button(page)).to_have_attribute("aria-expanded", "true")
    page.locator(".beside").get_by_role("button", name="Phone").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Desktop")).to_have_attribute("aria-pressed", "true")

    # Whoever saves goes on with it.
    page.fill("#id_headline", "Saved")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".sheet__state")).to_contain_text("revision 2")
    expect(seen(page).locator("h1")).to_have_text("Saved")
    expect(page.get_by_role("button", name="Desktop")).to_have_attribute("aria-pressed", "true")

    panel(page).get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(page.locator("iframe[name=preview]")).to_have_count(0)
    expect(button(page)).to_be_focused()
    page.keyboard.press("Enter")
    panel(page).get_by_role("button", name="Phone").focus()
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    expect(button(page)).to_be_focused()
    page.reload()
    ready(page)
    expect(panel(page)).to_have_count(0)


@pytest.mark.later
def test_it_asks_once_at_a_time_and_only_while_it_is_open(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, width=1440)
    page.add_init_script(TIMERS)
    page.goto(change(article))
    held: list[Route] = []
    page.route(UNSAVED, lambda route: held.append(route))
    ready(page)
    page.fill("#id_kicker", "Not asked for")
    assert page.evaluate("window.begun") == 0, "it is closed"
    with page.expect_request(UNSAVED):
        button(page).click()
    for number in range(1, 4):
        page.fill("#id_headline", f"Headline {number}")
        page.wait_for_function(f"() => window.over === {number}")
    assert page.locator("iframe").count() == len(held) == 1, "nothing is asked before the answer is there"
    with page.expect_request(UNSAVED):
        held[0].continue_()
    expect(seen(page).locator(".kicker")).to_have_text("Not asked for")
    eventually(page, lambda: len(held) == 2)
    held[1].continue_()
    expect(seen(page).locator("h1")).to_have_text("Headline 3")
    # What is the same is not asked for again.
    begun = page.evaluate("window.begun")
    page.locator("#id_headline").dispatch_event("input")
    page.wait_for_function(f"() => window.over === {begun + 1}")
    assert page.locator("iframe").count() == 1
    panel(page).get_by_role("button", name="Close").click()
    begun = page.evaluate("window.begun")
    page.fill("#id_headline", "Closed")
    assert page.evaluate("window.begun") == begun
    assert len(held) == 2


@pytest.mark.later
def test_nothing_in_it_leads_anywhere(staff: Callable[..., Page], journalist: User, article: Article) -> None:
    page = staff(journalist, change(article), width=1440)
    opened(page)
    frame = page.locator("iframe[name=preview]")
    assert frame.get_attribute("sandbox") == "allow-same-origin"
    address = page.url
    asked: list[str] = []
    page.context.on("page", lambda other: asked.append(other.url))
    page.context.on("request", lambda one: asked.append(one.url) if one.is_navigation_request() else None)
    for link in (".colophon a", ".story__part--share a"):
        seen(page).locator(link).first.click()
        seen(page).locator(link).first.click(modifiers=["Control"])
        seen(page).locator(link).first.press("Enter")
    seen(page).locator(".comment-form textarea").fill("Typed in the preview")
    for button in seen(page).locator(".comment-form button").all():
        button.click()
    assert asked == []
    expect(seen(page).locator(".preview-bar--unsaved")).to_have_count(1)
    assert page.url == address


@pytest.mark.later
def test_a_session_that_ended_and_a_server_that_is_down_are_said_and_nothing_is_lost(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article), width=1440)
    opened(page)
    page.focus("#id_headline")
    page.route(UNSAVED, lambda route: route.abort())
    page.keyboard.press("End")
    page.keyboard.type(" one")
    expect(panel(page).get_by_role("status")).to_have_text(
        "The server does not answer. What you see is older."
    )
    expect(seen(page).locator("h1")).to_have_text("Harbour reopens after the storm")
    page.unroute(UNSAVED)
    page.keyboard.type(" two")
    expect(seen(page).locator("h1")).to_have_text("Harbour reopens after the storm one two")
    expect(panel(page).get_by_role("status")).to_have_text("")

    Session.objects.all().delete()
    page.keyboard.type(" three")
    expect(seen(page).locator("body")).to_contain_text("Your session has ended: log in again.")
    expect(page.locator("#id_headline")).to_be_focused()
    expect(page.locator("#id_headline")).to_have_value("Harbour reopens after the storm one two three")

    # Logged in anew in another tab, with another token.
    other = page.context.new_page()
    other.goto("/admin/")
    other.fill("#id_username", journalist.username)
    other.fill("#id_password", PASSWORD)
    other.press("#id_password", "Enter")
    other.wait_for_url("**/admin/")
    page.keyboard.type(" four")
    expect(seen(page).locator("h1")).to_have_text("Harbour reopens after the storm one two three four")


@pytest.mark.later
def test_without_a_script_it_opens_in_a_window(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article), scripts=False)
    page.fill("#id_headline", "Typed without a script")
    with page.expect_popup() as popup:
        button(page).click()
    expect(popup.value.locator("h1")).to_have_text("Typed without a script")
    expect(page.locator("#id_headline")).to_have_value("Typed without a script")
    expect(page.locator("iframe")).to_have_count(0)
    assert article.revisions.count() == 1


@pytest.mark.later
def test_it_fits_and_is_accessible(
    staff: Callable[..., Page],
    journalist: User,
    shoot: Callable[..., None],
    full_length: bool,
) -> None:
    Site.objects.update_or_create(pk=1, defaults={"languages": ["en", "de", "ar"]})
    german = base.draft(by=journalist, language="de", headline=f"{LONG} beschlossen", kicker="Hafen")
    arabic = base.draft(
        by=journalist,
        language="ar",
        headline="الميناء يفتح من جديد",
        body="<p>غادرت أول عبارة في السادسة.</p>",
    )
    every = list(product((360, 1280, 1440), (False, True)))
    for width, dark in every if full_length else [(360, True), (1440, False)]:
        for one in (german, arabic):
            page = staff(journalist, change(one), width=width, dark=dark)
            opened(page)
            for device in ("Desktop", "Phone"):
                panel(page).get_by_role("button", name=device).click()
                name = f"preview-{device.lower()}-{one.language}-{width}-{'dark' if dark else 'light'}"
                shoot(page, name, whole=False)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
                assert violations(page, within=".beside__bar", preload=False) == [], name
                inner = seen(page).locator("html")
                assert inner.evaluate("one => one.scrollWidth <= innerWidth"), name
            page.on("dialog", lambda dialog: dialog.accept())
            page.close()


@pytest.mark.later
def test_the_page_in_the_frame_is_accessible(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    """Alone in a window, since no script of a checker runs in the sandbox."""
    for dark in (False, True):
        page = staff(journalist, change(article), dark=dark)
        ready(page)
        page.fill("#id_kicker", "x" * 70)
        page.evaluate(
            """() => { const form = article_form.cloneNode(true); form.action = form.querySelector('[formtarget]')
            .formAction; form.target = '_self'; form.querySelector('#id_kicker').value = 'x'.repeat(70);
            window.onbeforeunload = null; document.body.append(form); form.submit(); }"""
        )
        page.on("dialog", lambda dialog: dialog.accept())
        page.wait_for_url(UNSAVED)
        expect(page.locator(".preview-bar")).to_contain_text("at most 60 characters")
        assert violations(page) == []
        page.close()
