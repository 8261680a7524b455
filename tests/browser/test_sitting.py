"""Somebody writes in an article's form: others are told, nothing typed is lost, a session that ends is no end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from articles.admin import sittings
from articles.models import Article, Sitting, User
from tests import base
from tests.articles.admin import change
from tests.browser.conftest import PASSWORD, eventually
from tests.browser.test_reading import violations

ADD = "/admin/articles/article/add/"
SITTING = "**/article/sitting/**"
# For a page, the server is down.
DOWN = "window.fetch = () => Promise.reject(new TypeError('down')); navigator.sendBeacon = () => false"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tabs speak often, so that nothing has to be waited for."""
    monkeypatch.setattr(sittings, "BEAT", 300)
    monkeypatch.setattr(sittings, "KEEP_AFTER", 100)
    monkeypatch.setattr(sittings, "KEEP_AT_LATEST", 400)


@pytest.fixture
def article(journalist: User) -> Article:
    return base.draft(by=journalist)


def heard(page: Page, act: Callable[[], Any]) -> None:
    """Do something, and wait until the tab was answered once more."""
    with page.expect_response(SITTING):
        act()


def opened(page: Page, act: Callable[[], Any]) -> None:
    """Open a form, and wait until it was told of others and of what was kept."""
    with page.expect_response(lambda one: '"offers":true' in (one.request.post_data or "")):
        act()
    page.wait_for_function("() => document.querySelector('form[data-heard]')")


def editor_ready(page: Page) -> None:
    page.wait_for_function("() => window.CKEDITOR?.instances.id_body?.status === 'ready'")


def present(page: Page) -> Any:
    return page.locator("[data-sitting-present]")


def kept(page: Page) -> Any:
    return page.locator("[data-sitting-kept]")


def offer(page: Page) -> Any:
    return page.locator("[data-sitting-offers] .notice")


def silent(minutes: float = 2) -> None:
    """Let the tabs that are gone without a word have been silent for so long."""
    Sitting.objects.exclude(seen_at=None).update(seen_at=timezone.now() - timedelta(minutes=minutes))


def stop(page: Page) -> None:
    """Kill a browser: not another word comes from it."""
    page.context.route("**/*", lambda route: route.abort())
    page.context.close()


def test_two_people_see_each_other_until_a_tab_is_closed(
    staff: Callable[..., Page], journalist: User, editor: User, article: Article
) -> None:
    jana = staff(journalist, change(article))
    expect(present(jana)).to_have_text("")
    emil = staff(editor, change(article))
    expect(present(emil)).to_contain_text("jana has this open since")
    expect(present(jana)).to_contain_text("emil has this open since")
    emil.close()
    expect(present(jana)).to_have_text("")


@pytest.mark.later
def test_whoever_is_alone_is_never_told_of_somebody_else(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article))
    told: list[str] = []
    for _reload in range(5):
        opened(page, page.reload)
        told.append(present(page).inner_text())
    assert told == [""] * 5, "a reload is no second tab"
    second = page.context.new_page()
    second.goto(change(article))
    expect(present(second)).to_have_text("You have this open in another tab, too.")
    expect(present(page)).to_have_text("You have this open in another tab, too.")
    second.close()
    expect(present(page)).to_have_text("")


@pytest.mark.later
def test_no_word_overtakes_the_last_one_of_a_tab(
    staff: Callable[..., Page], journalist: User, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It speaks when it goes, and not because time has passed.
    for name in ("BEAT", "KEEP_AFTER", "KEEP_AT_LATEST"):
        monkeypatch.setattr(sittings, name, 60_000)
    page = staff(journalist)
    said: list[bool] = []
    read = sittings.Word.read
    monkeypatch.setattr(
        sittings.Word, "read", lambda request: said.append((word := read(request)).closed) or word
    )
    for _time in range(3):
        opened(page, lambda: page.goto(change(article)))
        editor_ready(page)
        said.clear()
        # As when it goes on in the middle of a word, and the browser says that it is hidden now.
        page.evaluate(
            """() => {
                document.querySelector("#id_headline").dispatchEvent(new Event("input", {bubbles: true}));
                addEventListener("pagehide", () => {
                    Object.defineProperty(document, "visibilityState", {get: () => "hidden"});
                    document.dispatchEvent(new Event("visibilitychange"));
                });
            }"""
        )
        page.goto("/admin/")
        eventually(page, lambda: said)
        assert said == [True]


@pytest.mark.later
def test_a_reload_whose_goodbye_was_lost_is_no_second_tab(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article))
    page.add_init_script("navigator.sendBeacon = () => false")
    for _reload in range(2):
        opened(page, page.reload)
        assert present(page).inner_text() == ""


@pytest.mark.later
def test_text_survives_a_killed_browser_and_is_merged_with_a_colleagues(
    staff: Callable[..., Page], journalist: User, editor: User, article: Article, shoot: Callable[..., None]
) -> None:
    page = staff(journalist, change(article))
    editor_ready(page)
    page.fill("#id_headline", "Typed before the crash")
    expect(kept(page)).to_contain_text("not saved yet")
    shoot(page, "sitting-kept", whole=False)
    stop(page)
    silent()
    article.save_revision(by=editor, standfirst="By the editor.")

    page = staff(journalist, change(article))
    expect(offer(page)).to_contain_text("Typed before the crash")
    shoot(page, "sitting-offer", whole=False)
    page.get_by_role("link", name="Take it up again").click()
    expect(page.locator("#id_headline")).to_have_value("Typed before the crash")
    expect(page.locator("[data-sitting-offers]")).to_have_text("")
    shoot(page, "sitting-taken-up", whole=False)
    assert article.revisions.count() == 2
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".stale")).to_contain_text("emil saved revision 2")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".sheet__state")).to_contain_text("revision 3")
    newest = article.newest_revision()
    assert (newest.headline, newest.standfirst) == ("Typed before the crash", "By the editor.")
    opened(page, page.reload)
    expect(offer(page)).to_have_count(0)
    assert not Sitting.objects.kept().exists()


@pytest.mark.later
def test_text_of_a_crashed_tab_is_offered_at_once_in_the_same_browser(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article))
    page.fill("#id_headline", "Typed before the crash")
    expect(kept(page)).to_contain_text("not saved yet")
    page.evaluate("navigator.sendBeacon = () => false")
    fresh = page.context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.close()
    assert Sitting.objects.alive().count() == 1, "the server has not heard that it is gone"
    opened(fresh, lambda: fresh.goto(change(article)))
    expect(offer(fresh)).to_contain_text("Typed before the crash")
    expect(present(fresh)).to_have_text("")


@pytest.mark.later
def test_nothing_is_offered_of_a_tab_that_is_open(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article))
    page.fill("#id_headline", "Being typed")
    expect(kept(page)).to_contain_text("not saved yet")
    second = page.context.new_page()
    opened(second, lambda: second.goto(change(article)))
    expect(present(second)).to_have_text("You have this open in another tab, too.")
    expect(offer(second)).to_have_count(0)


@pytest.mark.later
def test_the_answer_touches_neither_text_nor_caret(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article))
    editor_ready(page)
    page.focus("#id_headline")
    page.keyboard.press("Home")
    heard(page, lambda: page.keyboard.type("New: "))
    expect(kept(page)).to_contain_text("not saved yet")
    page.keyboard.type("again ")
    expect(page.locator("#id_headline")).to_have_value("New: again Harbour reopens after the storm")
    assert page.evaluate("document.activeElement.selectionStart") == len("New: again ")

    body = page.locator("#cke_id_body .cke_wysiwyg_div, [contenteditable=true]").first
    body.click()
    page.keyboard.press("Control+Home")
    for word in ("One ", "two ", "three "):
        heard(page, lambda word=word: page.keyboard.type(word))
        heard(page, lambda: None)
    assert page.evaluate("document.activeElement.isContentEditable")
    assert "One two three The first ferry" in body.inner_text()
    assert page.evaluate("CKEDITOR.instances.id_body.checkDirty()"), "leaving is still asked about"
    page.wait_for_function("() => document.querySelector('[data-sitting-kept]').textContent")
    page.keyboard.press("Control+z")
    assert "three" not in body.inner_text(), "undo works as ever"

    def in_row() -> bool:
        fields = dict(Sitting.objects.kept().get().fields)
        return "The first ferry" in fields["body"] and "three" not in fields["body"]

    for _answer in range(50):
        if in_row():
            break
        heard(page, lambda: None)
    assert in_row()
    assert article.revisions.count() == 1


@pytest.mark.later
def test_what_was_undone_is_kept_no_longer(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, change(article))
    before = page.locator("#id_headline").input_value()
    page.fill("#id_headline", "Typed")
    expect(kept(page)).to_contain_text("not saved yet")
    page.fill("#id_headline", before)
    expect(kept(page)).to_have_text("")
    assert (
        page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('newsroom.kept')).length") == 0
    )


@pytest.mark.later
def test_a_save_that_went_through_is_offered_nowhere(
    staff: Callable[..., Page], journalist: User, editor: User, article: Article
) -> None:
    page = staff(journalist, change(article))
    page.evaluate(DOWN)
    page.fill("#id_headline", "Saved, and kept by this browser alone")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".sheet__state")).to_contain_text("revision 2")
    article.save_revision(by=editor, headline="By the editor")
    opened(page, lambda: page.goto(change(article)))
    expect(offer(page)).to_have_count(0)
    assert not Sitting.objects.kept().exists()
    assert (
        page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('newsroom.kept')).length") == 0
    )


@pytest.mark.later
def test_what_only_the_browser_has_is_offered_when_the_server_is_back(
    staff: Callable[..., Page], journalist: User, article: Article
) -> None:
    page = staff(journalist, ADD)
    page.evaluate(DOWN)
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#id_kicker", "Typed while the server was down")
    expect(kept(page)).to_contain_text("kept in this browser")
    page.goto("/admin/")
    assert not Sitting.objects.kept().exists()
    page.goto(ADD)
    expect(offer(page)).to_be_visible()
    page.get_by_role("link", name="Take it up again").click()
    expect(page.locator("#id_kicker")).to_have_value("Typed while the server was down")


@pytest.mark.later
def test_the_session_ends_while_somebody_writes_and_he_goes_on(
    staff: Callable[..., Page], journalist: User, article: Article, shoot: Callable[..., None]
) -> None:
    page = staff(journalist, change(article))
    editor_ready(page)
    page.focus("#id_headline")
    page.keyboard.press("End")
    Session.objects.all().delete()
    heard(page, lambda: page.keyboard.type(" today"))
    panel = page.get_by_role("dialog", name="Your session has ended.")
    expect(panel).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "id_headline", "nobody is torn out of his writing"
    page.keyboard.type(", or tomorrow")
    shoot(page, "sitting-login", whole=False)
    assert violations(page, within=".login-again", preload=False) == []

    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.get_by_role("button", name="log in again").click()
    expect(panel.get_by_label("Password")).to_be_focused()
    assert panel.get_by_label("Username").input_value() == "jana"
    panel.get_by_label("Password").fill("not it")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("Please enter the correct username and password")
    panel.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(panel).to_have_count(0)
    expect(kept(page)).to_contain_text("not saved yet")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".sheet__state")).to_contain_text("revision 2")
    assert article.newest_revision().headline == "Harbour reopens after the storm today, or tomorrow"


@pytest.mark.later
def test_somebody_else_logged_in_in_this_browser_gets_nothing_of_it(
    staff: Callable[..., Page], journalist: User, editor: User, article: Article
) -> None:
    page = staff(journalist, change(article))
    other = page.context.new_page()
    other.goto("/admin/")
    other.get_by_role("button", name="Log out").click()
    other.goto("/admin/login/")
    other.fill("#id_username", editor.username)
    other.fill("#id_password", PASSWORD)
    other.press("#id_password", "Enter")
    other.wait_for_url("**/admin/")
    page.fill("#id_headline", "By jana alone")
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("emil is logged in in this browser now.")
    assert not Sitting.objects.filter(user=editor).exists()
    opened(other, lambda: other.goto(change(article)))
    expect(offer(other)).to_have_count(0)
    other.close()
    panel.get_by_label("Password").fill(PASSWORD)
    panel.get_by_label("Password").press("Enter")
    expect(kept(page)).to_contain_text("not saved yet")
    assert Sitting.objects.kept().get().user == journalist


@pytest.mark.later
def test_the_words_about_it_fit_and_are_accessible(
    staff: Callable[..., Page],
    journalist: User,
    editor: User,
    article: Article,
    shoot: Callable[..., None],
) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselanhängerverordnung"
    User.objects.filter(pk=editor.pk).update(username=long[:70])
    fields = [["headline", long], ["standfirst", "Two sentences. That took an hour."]]
    for number in range(2):
        Sitting.objects.create(
            user=journalist,
            article=article,
            language="de",
            seen_at=None,
            fields=fields,
            saved_at=timezone.now() - timedelta(hours=number),
        )
    Sitting.objects.create(user=editor, article=article, language="en")
    own = Sitting.objects.kept().last()
    pages = {
        "offers": (change(article), "[data-sitting-offers]"),
        "present": (change(article), ".sheet__present"),
        "kept": ("/admin/articles/article/kept/", "#content"),
        "throw": (f"/admin/articles/article/kept/{own.uid}/", "#content"),
        "taken": (f"{change(article)}?kept={own.uid}", ".sheet > .notice"),
    }
    for width, dark in ((360, True), (1440, False)):
        page = staff(journalist, width=width, dark=dark)
        page.on("dialog", lambda dialog: dialog.accept())
        page.add_init_script(DOWN)
        for name, (address, within) in pages.items():
            page.goto(address)
            shoot(page, f"sitting-{name}-{width}-{'dark' if dark else 'light'}", whole=False)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert violations(page, within=within, preload=False) == [], (name, width, dark)
