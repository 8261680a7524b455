"""The editor in a real browser, under the policy that its pages are served with."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from articles.models import Article
from articles.photos import add_photo, read_upload
from tests import base
from tests.articles.test_fields import HOSTILE
from tests.articles.test_tidy import WORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DATA = "CKEDITOR.instances.id_body.getData()"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def photo():
    file = io.BytesIO()
    Image.new("RGB", (700, 400), "teal").save(file, "JPEG")
    file.seek(0)
    words = {"en": {"alt": "A teal wall"}}
    return add_photo(read_upload(file), by=None, original_name="wall.jpg", credit="Jana", texts=words)[0]


@pytest.fixture
def page(chromium, live_server, editor, monkeypatch):
    # Playwright keeps an event loop in this thread, which Django would take for an asynchronous view.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=live_server.url)
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda message: message.type == "error" and page.wrong.append(message.text))
        page.goto("/admin/login/")
        page.fill("[name=username]", editor.username)
        page.fill("[name=password]", "correct horse battery")
        page.click("[type=submit]")
        yield page
        browser.close()


def edit(page: Page, article: Article):
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    text = page.locator(".cke_wysiwyg_div")
    expect(text).to_be_visible()
    return text


def save(page: Page) -> str:
    page.get_by_role("button", name="Save draft").first.click()
    expect(page.locator(".messagelist")).to_be_visible()
    return Article.objects.get().newest_revision().body


def test_a_photo_of_the_library_is_put_into_the_text_by_keyboard(page, photo):
    text = edit(page, base.draft(body="<p>The ferry left.</p><p>Nobody was hurt.</p>"))
    assert text.get_attribute("aria-label") == "Text"
    assert text.get_attribute("lang") == "en"
    text.locator("p").first.click()
    page.locator(".cke_button__newsphoto").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Choose a photo")
    expect(dialog.get_by_label("Search the library")).to_be_focused()
    page.keyboard.type("teal")
    expect(dialog.get_by_role("status")).to_have_text("1 photo found")
    dialog.get_by_role("button", name="A teal wall").focus()
    page.keyboard.press("Enter")
    words = page.get_by_label("Alternative text in this article")
    expect(words).to_be_focused()
    assert words.get_attribute("placeholder") == "A teal wall"
    page.keyboard.type("The wall <at> noon")
    page.keyboard.press("Tab")
    page.keyboard.press("R")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    # The photo is selected; Enter opens what was said of it.
    page.keyboard.press("Enter")
    expect(page.get_by_label("Alternative text in this article")).to_have_value("The wall <at> noon")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    caption = text.locator("figcaption")
    caption.click()
    expect(caption).to_be_focused()
    page.keyboard.type("At noon")
    expect(caption).to_have_text("At noon")
    assert save(page).splitlines() == [
        "<p>The ferry left.</p>",
        f'<figure class="image align-right"><img src="{photo.editor_address}" alt="The wall &lt;at&gt; noon">'
        "<figcaption>At noon</figcaption></figure>",
        "<p>Nobody was hurt.</p>",
    ]
    assert page.wrong == []


def test_a_photo_in_the_text_comes_back_as_it_was(page, photo):
    body = (
        f'<figure class="image align-left"><img src="{photo.editor_address}" alt="A"></figure>\n'
        '<p lang="de">Ein <q lang="fr">mot</q>, <sub>unten</sub>.</p>\n<ol start="3"><li>c</li></ol>'
    )
    text = edit(page, base.draft(body=body))
    expect(text.locator("figure img")).to_have_js_property("naturalWidth", 700)
    text.locator("p").click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    assert save(page) == body.replace(".</p>", ".!</p>")
    assert page.wrong == []


def test_what_word_pastes_is_clean_before_and_after_saving(page):
    text = edit(page, base.draft(body="<p>First.</p>"))
    text.locator("p").click()
    page.keyboard.press("End")
    page.evaluate(
        """html => {
            const editor = CKEDITOR.instances.id_body
            const transfer = new CKEDITOR.plugins.clipboard.dataTransfer(null, editor)
            transfer.setData("text/html", html)
            const paste = { type: "auto", dataValue: html, method: "paste", dataTransfer: transfer }
            editor.fire("paste", paste)
        }""",
        WORD,
    )
    expect(text.locator("h2")).to_have_text("The ferry is back")
    shown = page.evaluate(DATA)
    assert not [
        foreign for foreign in ("Mso", "style=", "lang=", "<img", "<o:p", "<font") if foreign in shown
    ]
    body = save(page)
    assert "<ul><li>two crossings a day<ul><li>one by night</li></ul></li><li>no cars</li></ul>" in body
    assert "<h2>The ferry is back</h2>" in body


def test_nothing_hostile_runs_in_the_editor(page):
    page.add_init_script("window.hit = number => { window.struck = number }")
    edit(page, base.draft(body="".join(HOSTILE)))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.struck") is None


def test_without_scripts_the_text_is_a_field_of_html(chromium, live_server, editor, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    article = base.draft(body="<p>First.</p>")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=live_server.url, java_script_enabled=False)
        page.goto(f"/admin/login/?next=/admin/articles/article/{article.pk}/change/")
        page.fill("[name=username]", editor.username)
        page.fill("[name=password]", "correct horse battery")
        page.click("[type=submit]")
        expect(page.locator("textarea[name=body]")).to_have_value("<p>First.</p>")
        page.fill("textarea[name=body]", "Just <b>words</b>")
        assert save(page) == "<p>Just <strong>words</strong></p>"
        browser.close()


def test_there_is_room_to_write_and_nothing_lies_below_the_buttons(page):
    text = edit(page, base.draft(body="<p>The ferry left.</p>"))
    assert text.bounding_box()["height"] >= 300
    page.locator(".cke_button__maximize").click()
    buttons, first = page.locator(".cke_top"), text.locator("p").first
    expect(page.locator(".cke_maximized")).to_be_visible()
    assert first.bounding_box()["y"] >= buttons.bounding_box()["y"] + buttons.bounding_box()["height"]
    assert page.wrong == []


def test_the_link_dialog_offers_what_is_kept(page):
    text = edit(page, base.draft(body="<p>The ferry left.</p>"))
    text.locator("p").click()
    page.locator(".cke_button__link").click()
    dialog = page.locator(".cke_dialog")
    expect(dialog).to_be_visible()
    kinds, protocols = dialog.locator("select").nth(0), dialog.locator("select").nth(1)
    assert [name.strip() for name in kinds.locator("option").all_inner_texts()] == ["URL", "E-mail"]
    assert {option.get_attribute("value") for option in protocols.locator("option").all()} == {
        "https://",
        "http://",
        "",
    }
    assert page.wrong == []
