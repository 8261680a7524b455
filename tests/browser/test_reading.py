"""Readers' pages in a real browser: for everybody, at every width, without a script."""

import os
import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from tests import base
from tests.articles import readers
from tests.comments.base import approved

# Of what passes axe would describe every element.
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}


@pytest.fixture
def newspaper(site: str) -> Callable[[str], dict[str, str]]:
    """Return a function that fills the site in a language and returns the address of one page of each kind."""
    return readers.newspaper


def violations(page: BrowserPage, within: str = "html", *, preload: bool = True) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA.

    Without `preload` it does not make the style sheets that others import its own, which our policy refuses; Django's
    forms have such ones. Only the rule on locked orientation asks for them.
    """
    options = {**WCAG, "preload": preload}
    found: list[dict[str, Any]] = Axe().run(page, context=within, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


@pytest.mark.long
@pytest.mark.parametrize("language", readers.LANGUAGES if os.environ.get("LONG") else ["ar"])
def test_every_kind_of_page_is_accessible(newspaper, context, shoot, full_length, language):
    """At full length in both themes and two widths; else in Arabic, dark and as narrow as it gets."""
    addresses = newspaper(language)
    for width, dark in product((360, 1440), (False, True)) if full_length else [(320, True)]:
        page = context(width=width, dark=dark).new_page()
        for kind, address in addresses.items():
            page.goto(address)
            assert violations(page) == [], (kind, width, dark)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (kind, width)
            shoot(page, f"{kind}-{language}-{width}-{'dark' if dark else 'light'}")
        page.close()


def test_the_times_of_replies_are_large_enough_for_a_finger(site, context):
    article = base.published(language="de", headline="Der Hafen ist wieder offen")
    parent = approved(article, name="Annegret P.", language="de")
    for name in ("Jo", "Hinnerk Voss", "Bibliothekarin im Ruhestand"):
        approved(article, parent, name=name, language="de")
    page = context(width=360, touch=True, language="de").new_page()
    page.goto(article.path)
    heights = page.locator(".comment__time").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert len(heights) == 4
    assert min(heights) >= 24
    assert violations(page, within=".comments") == []


@pytest.mark.later
@pytest.mark.parametrize("language", readers.LANGUAGES)
def test_nothing_is_lost_however_narrow(newspaper, context, language):
    addresses = newspaper(language)
    for width in (320, 768):
        page = context(width=width, scripts=False).new_page()
        for kind, address in addresses.items():
            page.goto(address)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (kind, width)
        page.close()


@pytest.mark.later
def test_article_takes_six_requests_and_does_not_move(newspaper, context):
    address = newspaper("de")["article"]
    page = context(width=360).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.moved += e.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )

    page.goto(address, wait_until="networkidle")

    assert len([url for url in asked if "/media/" not in url]) <= 6
    assert page.evaluate("window.moved") <= 0.01


def test_sections_open_without_a_script(newspaper, context):
    page = context(width=360, scripts=False).new_page()
    page.goto(newspaper("de")["front"])
    link = page.get_by_role("navigation", name="Ressorts").get_by_role("link")

    assert not link.is_visible()
    page.locator(".sections summary").click()
    link.click()

    expect(page).to_have_url(re.compile(r"/de/politik/$"))


def test_keyboard_reaches_the_text_first(newspaper, context):
    page = context().new_page()
    page.goto(newspaper("de")["article"])

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


@pytest.mark.later
def test_printed_article_is_headline_text_photo_address_and_date(newspaper, context):
    page = context(scripts=False).new_page()
    page.goto(newspaper("de")["article"])
    page.emulate_media(media="print")

    for shown in (".story__title", ".body", ".figure", ".print-address", ".byline time"):
        assert page.locator(shown).first.is_visible(), shown
    for hidden in (".comments", ".sections", ".languages", ".colophon", ".comment-count", ".skip"):
        assert not page.locator(hidden).first.is_visible(), hidden
