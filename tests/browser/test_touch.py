"""An editor on the way, with a phone: everything by a finger, 360 px wide."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from articles.models import User
from tests import base

PHONE = {"width": 360, "height": 740, "touch": True, "scale": 2}
# A finger's target (WCAG 2.2, 2.5.8), in CSS pixels.
LEAST = 24


def tap(target: Locator) -> None:
    """Tap on something that is large enough for a finger."""
    expect(target).to_be_visible()
    box = target.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= LEAST, (target, box)
    target.tap()


def word(page: Page, text: str) -> tuple[float, float]:
    """Return where a word stands in the editor: its middle, once it has been scrolled to."""
    return tuple(
        page.evaluate(
            """text => {
                const area = document.querySelector(".cke_editable");
                const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
                while (walker.nextNode()) {
                    const at = walker.currentNode.data.indexOf(text);
                    if (at < 0) continue;
                    const range = document.createRange();
                    range.setStart(walker.currentNode, at);
                    range.setEnd(walker.currentNode, at + text.length);
                    range.startContainer.parentElement.scrollIntoView({block: "center"});
                    const box = range.getBoundingClientRect();
                    return [box.x + box.width / 2, box.y + box.height / 2];
                }
            }""",
            text,
        )
    )


@pytest.mark.later
def test_an_editor_mends_a_typo_and_publishes_with_a_finger(
    staff: Callable[..., Page], visit: Callable[..., Page], shoot: Callable[..., None], editor: User
) -> None:
    article = base.published(body="<p>The first fery left at six.</p><p>Nobody was hurt.</p>")
    page = staff(editor, **PHONE)
    tap(page.get_by_role("link", name="Articles", exact=True).first)
    shoot(page, "touch-1-list")
    tap(page.get_by_role("link", name=article.headline).first)
    page.wait_for_url("**/change/")
    page.locator(".cke_editable").wait_for()
    shoot(page, "touch-2-form")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    page.touchscreen.tap(*word(page, "fery"))
    expect(page.locator(".cke_editable")).to_be_focused()
    # Where in the word the caret lands depends on the font: it goes to the word's end and back by a letter.
    page.keyboard.press("Control+ArrowRight")
    while "fery" not in page.evaluate(BEFORE_CARET)[-5:]:
        page.keyboard.press("ArrowLeft")
    while not page.evaluate(BEFORE_CARET).endswith("fer"):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type("r")
    expect(page.locator(".cke_editable")).to_contain_text("The first ferry left")

    tap(page.get_by_role("button", name="Publish…"))
    page.wait_for_url("**/publish/")
    shoot(page, "touch-3-publish")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    tap(page.get_by_role("main").get_by_role("button", name=re.compile("Publish")))
    expect(page.locator(".messagelist").first).to_contain_text("Readers see revision 2 now.")
    expect(visit(article.path).locator("article").first).to_contain_text("The first ferry left at six.")


BEFORE_CARET = """() => {
    const at = getSelection().getRangeAt(0);
    return at.startContainer.data?.slice(0, at.startOffset) ?? "";
}"""
