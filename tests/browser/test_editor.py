"""The editor in a real browser, under the policy that its pages are served with."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from articles.models import Article
from articles.photos import add_photo, read_upload
from tests import base
from tests.articles.test_attachments import document, link_to
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
def page(staff, editor):
    """Return a page of an editor's; what goes wrong in it is in `wrong`."""
    page = staff(editor)
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and page.wrong.append(message.text))
    return page


def edit(page: Page, article: Article):
    page.goto(f"/admin/articles/article/{article.pk}/change/")
    text = page.locator(".cke_wysiwyg_div")
    expect(text).to_be_visible()
    return text


def save(page: Page) -> str:
    page.get_by_role("button", name="Save draft").first.click()
    expect(page.locator(".messagelist")).to_be_visible()
    return Article.objects.get().newest_revision().body


@pytest.mark.later
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


@pytest.mark.later
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


@pytest.mark.later
def test_nothing_hostile_runs_in_the_editor(page):
    page.add_init_script("window.hit = number => { window.struck = number }")
    edit(page, base.draft(body="".join(HOSTILE)))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.struck") is None


@pytest.mark.later
def test_without_scripts_the_text_is_a_field_of_html(staff, editor):
    article = base.draft(body="<p>First.</p>")
    page = staff(editor, f"/admin/articles/article/{article.pk}/change/", scripts=False)
    expect(page.locator("textarea[name=body]")).to_have_value("<p>First.</p>")
    page.fill("textarea[name=body]", "Just <b>words</b>")
    assert save(page) == "<p>Just <strong>words</strong></p>"


@pytest.mark.later
def test_there_is_room_to_write_and_nothing_lies_below_the_buttons(page):
    text = edit(page, base.draft(body="<p>The ferry left.</p>"))
    assert text.bounding_box()["height"] >= 300
    page.locator(".cke_button__maximize").click()
    buttons, first = page.locator(".cke_top"), text.locator("p").first
    expect(page.locator(".cke_maximized")).to_be_visible()
    assert first.bounding_box()["y"] >= buttons.bounding_box()["y"] + buttons.bounding_box()["height"]
    assert page.wrong == []


def open_link(page: Page) -> Locator:
    page.locator(".cke_button__link").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Link")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    return dialog


def select(page: Page, words: str) -> None:
    page.evaluate(
        """words => {
            const editor = CKEDITOR.instances.id_body
            editor.focus()
            const walker = document.createTreeWalker(editor.editable().$, NodeFilter.SHOW_TEXT)
            while (!walker.nextNode().data.includes(words));
            const at = walker.currentNode.data.indexOf(words)
            const range = editor.createRange()
            const text = new CKEDITOR.dom.text(walker.currentNode)
            range.setStart(text, at)
            range.setEnd(text, at + words.length)
            range.select()
        }""",
        words,
    )


@pytest.mark.later
def test_an_article_is_linked_by_keyboard_and_the_link_follows_it(page):
    target = base.published(headline="Quay is closed")
    base.published(headline="Hafen Quay", language="de", slug="hafen")
    article = base.draft(body="<p>The ferry left, as we wrote.</p>")
    edit(page, article)
    select(page, "as we wrote")
    dialog = open_link(page)
    page.keyboard.type("quay")
    options = dialog.get_by_role("option")
    expect(options).to_have_count(2)
    expect(options.first).to_contain_text("Quay is closed English · Live")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    link = f'<a href="/admin/articles/article/{target.uid}/go/">as we wrote</a>'
    assert page.evaluate(DATA).strip() == f"<p>The ferry left, {link}.</p>"
    # Opened again it names the article; another one takes its place, and the link can go.
    page.locator(".cke_wysiwyg_div a").dblclick()
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_have_value("Quay is closed")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save draft").first.click()
    expect(page.locator(".messagelist")).to_be_visible()
    assert article.newest_revision().body == f"<p>The ferry left, {link}.</p>"
    page.locator(".cke_wysiwyg_div a").dblclick()
    page.get_by_role("button", name="Remove the link").click()
    expect(page.locator(".cke_wysiwyg_div a")).to_have_count(0)
    assert page.evaluate(DATA).strip() == "<p>The ferry left, as we wrote.</p>"
    assert page.wrong == []


@pytest.mark.later
def test_any_address_is_linked_with_words_of_its_own(page):
    text = edit(page, base.draft(body="<p>The ferry left.</p>"))
    text.locator("p").click()
    page.keyboard.press("Home")
    page.keyboard.press("Control+l")
    dialog = page.get_by_role("dialog", name="Link")
    dialog.get_by_label("Or any other address").fill("example.org/timetable")
    dialog.get_by_label("Words of the link").fill("Timetable")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert save(page) == '<p><a href="https://example.org/timetable">Timetable</a>The ferry left.</p>'
    assert page.wrong == []


@pytest.mark.later
def test_the_headline_of_a_draft_is_not_put_into_a_text(page):
    base.draft(headline="Secret sale of the quay", slug="sale")
    text = edit(page, base.draft(body="<p>x</p>"))
    text.locator("p").click()
    dialog = open_link(page)
    page.keyboard.type("secret")
    expect(dialog.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Words of the link")).to_be_focused()
    expect(dialog.get_by_label("Words of the link")).to_have_value("")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("readers do not know this headline yet")
    page.keyboard.press("Escape")
    assert "Secret" not in page.evaluate(DATA)
    assert page.wrong == []


CARD = '<figure class="link-card"><a href="{}">{}</a>{}</figure>'


@pytest.mark.later
def test_a_card_is_put_into_the_text_and_changed_by_keyboard(page):
    text = edit(page, base.draft(body="<p>The ferry left.</p><p>Nobody was hurt.</p>"))
    text.locator("p").first.click()
    page.locator(".cke_button__newscard").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Link card")
    expect(dialog.get_by_label("Address of the page or the video")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Write the address, from https:// on.")
    page.keyboard.type("vimeo.com/76979871")
    page.keyboard.press("Tab")
    page.keyboard.type("The <harbour>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    # The card is selected; Enter opens it again.
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Title")).to_have_value("The <harbour>")
    dialog.get_by_label("Title").fill("The harbour")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    caption = text.locator("figcaption")
    caption.click()
    page.keyboard.type("By night")
    expect(caption).to_have_text("By night")
    assert save(page).splitlines() == [
        "<p>The ferry left.</p>",
        CARD.format("https://vimeo.com/76979871", "The harbour", "<figcaption>By night</figcaption>"),
        "<p>Nobody was hurt.</p>",
    ]
    assert page.wrong == []


FRAME = (
    '<iframe width="560" src="https://www.youtube.com/embed/abc123" title="YouTube video player"></iframe>'
)
WATCHED = CARD.format("https://www.youtube.com/watch?v=abc123", "youtube.com/watch?v=abc123", "")


@pytest.mark.later
@pytest.mark.parametrize("way", ["code as text", "markup", "source"])
def test_a_frame_becomes_a_card_whichever_way_it_comes(page, way):
    text = edit(page, base.draft(body="<p>First.</p>"))
    text.locator("p").click()
    page.evaluate(
        """([way, code]) => {
            const editor = CKEDITOR.instances.id_body
            if (way === "source") return editor.setData(`<p>First.</p>${code}`)
            const transfer = new CKEDITOR.plugins.clipboard.dataTransfer(null, editor)
            const isText = way === "code as text"
            transfer.setData(isText ? "text/plain" : "text/html", isText ? code : `<p>Seen:</p>${code}`)
            const shown = isText ? CKEDITOR.tools.htmlEncode(code) : `<p>Seen:</p>${code}`
            const type = isText ? "text" : "auto"
            editor.fire("paste", { type, dataValue: shown, method: "paste", dataTransfer: transfer })
        }""",
        [way, FRAME],
    )
    expect(text.locator("figure.link-card a")).to_be_visible()
    assert "iframe" not in page.evaluate(DATA)
    body = save(page)
    assert WATCHED in body.splitlines()
    assert "First." in body
    # Loaded again and saved, nothing is different.
    page.get_by_role("button", name="Save draft").first.click()
    expect(page.locator(".messagelist")).to_contain_text("Nothing had changed")
    assert page.wrong == []


@pytest.mark.later
def test_a_document_is_linked_by_keyboard(page):
    row = document()
    edit(page, base.draft(body="<p>See the tables.</p>"))
    select(page, "the tables")
    page.locator(".cke_button__newsdocument").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Document")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("tide")
    expect(dialog.get_by_role("option")).to_contain_text("Tide tables tides-2025.pdf")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert save(page) == f"<p>See {link_to(row)}.</p>"
    page.locator(".cke_wysiwyg_div a").dblclick()
    expect(page.get_by_role("dialog", name="Document").get_by_role("combobox")).to_have_value("Tide tables")
    assert page.wrong == []


@pytest.mark.later
def test_a_writer_sees_how_long_the_headline_is_and_how_many_words_the_text_has(page):
    text = edit(page, base.draft(headline="Ferry 🛳️", body="<p>The ferry left at dawn.</p>"))
    headline, below = page.locator("[name=headline]"), page.locator(".field--headline .field__meter")
    expect(below).to_have_text("7 of about 80 characters")
    assert below.get_attribute("id") in headline.get_attribute("aria-describedby")
    headline.fill("Ferry " * 20)
    expect(below).to_have_text("119 of about 80 characters")
    expect(below).to_have_class("field__meter field__meter--over")
    words = page.locator(".field--body .field__meter")
    expect(words).to_have_text("Words: 5")
    text.locator("p").click()
    page.keyboard.press("End")
    page.keyboard.type(" Nobody waved.")
    expect(words).to_have_text("Words: 7")
    assert page.wrong == []
