"""Readers' pages in a real browser: for everybody, at every width, without a script."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from articles.models import Page, PageText, Series, SeriesText, Source
from comments.models import Comment
from newsroom.banner import set_banner
from newsroom.models import Site, SiteText
from tests import base
from tests.articles import readers

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# Sixty characters, the most that a name has, and nowhere to break.
LONG_NAME = "W" * 60
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung"
# From left to right, and from right to left.
LANGUAGES = ["de", "ar"]
NAMES = {"de": "Politik", "ar": "السياسة"}


@pytest.fixture
def newspaper(site: str) -> Callable[[str], dict[str, str]]:
    """Return a function that fills the site in a language and returns the address of one page of each kind."""

    def fill(language: str) -> dict[str, str]:
        row = Site(name="Die Post", languages=[language, "en"])
        row.save()
        section = base.section({language: NAMES[language]})
        tag, author, photo = base.tag("Rail", language), base.author(languages=(language,)), readers.photo()
        page = Page.objects.create(purpose="imprint")
        PageText.objects.create(
            page=page, language=language, name="Impressum", slug="imprint", body="<p>x</p>"
        )
        menu = f"{NAMES[language]} | {section.get_absolute_url(language)}"
        SiteText.objects.create(
            site=row,
            language=language,
            tagline="Von hier",
            main_menu=menu,
            foot_menu=f"Imprint | /{language}/page/imprint/",
        )
        series = Series.objects.create()
        SeriesText.objects.create(series=series, language=language, name=LONG_WORD)
        article = base.published(
            series=series,
            language=language,
            headline=f"Die {LONG_WORD} gilt",
            standfirst="مرحبا بالعالم" if language == "ar" else "Ab Montag.",
            body=f"<p>Eins.</p><h2>{LONG_WORD}</h2>{readers.figure(photo)}<ul><li>Zwei</li></ul><blockquote><p>Drei</p>"
            "</blockquote><table><tbody><tr><th>Pegel</th><td>7,12 m</td></tr></tbody></table>",
            section=section,
            photo=photo,
            tags=[tag],
            bylines=[(author, "author")],
            sources=[(Source.objects.create(name="Bericht", url="https://example.org/"), True)],
            slug="ordnung",
            at=timezone.now() - timedelta(minutes=5),
        )
        article.add_note(by=None, kind="correction", text="Um sechs.")
        article.save_revision(by=None, standfirst=f"{article.standfirst} {LONG_WORD}")
        article.publish(by=None)
        set_banner(row, language, by=None, text=LONG_WORD, ends=timezone.now() + timedelta(hours=1))
        first = Comment.post(article=article, name="Rosa", text=f"Gut.\n\n{LONG_WORD}")
        first.approve(by=None)
        Comment.post(article=article, name="Karl", text="Nein.", parent=first).approve(by=None)
        answered = first
        for _level in range(4):
            answered = Comment.post(article=article, name=LONG_NAME, text="Doch.", parent=answered)
            answered.approve(by=None)
        readers.crowd(article, 34)
        gone = base.published(language=language, headline="Fort", section=section, slug="fort")
        gone.withdraw(by=None, reason="x")
        return {
            "front": f"/{language}/",
            "older": f"/{language}/?before={article.pk}",
            "section": section.get_absolute_url(language),
            "tag": tag.get_absolute_url(language),
            "author": author.get_absolute_url(language),
            "page": f"/{language}/page/imprint/",
            "article": article.path,
            "reply": f"{article.path}comments/reply/{answered.pk}/",
            "own": answered.own_url(),
            "missing": f"/{language}/nothing/here/",
            "gone": gone.path,
            "search": f"/{language}/search/?q={article.standfirst.split()[0]}&tag={tag.text_in(language).slug}",
            "found-nothing": f"/{language}/search/?q=nothing+at+all&from=x",
            "archive": f"/{language}/archive/",
            "month": f"/{language}/archive/{article.published_at.astimezone(Site.current().zone):%Y/%m}/",
            "corrections": f"/{language}/corrections/",
            "discussed": f"/{language}/discussed/",
            "series": series.get_absolute_url(language),
            "changes": f"{article.path}changes/",
            "mistake": f"{article.path}mistake/",
            "empty": "/en/",
        }

    return fill


def violations(page: BrowserPage, within: str = "html") -> list[str]:
    """Return what axe finds against WCAG 2.2 AA."""
    found: list[dict[str, Any]] = Axe().run(page, context=within, options=WCAG).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_page_is_accessible(newspaper, context, shoot, full_length, language):
    """At full length in both themes and two widths; else each language in one of each."""
    addresses = newspaper(language)
    short = [(360, True)] if language == "ar" else [(1440, False)]

    for width, dark in product((360, 1440), (False, True)) if full_length else short:
        page = context(width=width, dark=dark).new_page()
        for kind, address in addresses.items():
            page.goto(address)
            assert violations(page) == [], (kind, width, dark)
            shoot(page, f"{kind}-{language}-{width}-{'dark' if dark else 'light'}")
        page.close()


@pytest.mark.parametrize("width", [320, 768])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_lost_however_narrow(newspaper, context, language, width):
    page = context(width=width, scripts=False).new_page()

    for kind, address in newspaper(language).items():
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, kind


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


def test_printed_article_is_headline_text_photo_address_and_date(newspaper, context):
    page = context(scripts=False).new_page()
    page.goto(newspaper("de")["article"])
    page.emulate_media(media="print")

    for shown in (".story__title", ".body", ".figure", ".print-address", ".byline time"):
        assert page.locator(shown).first.is_visible(), shown
    for hidden in (".comments", ".sections", ".languages", ".colophon", ".comment-count", ".skip"):
        assert not page.locator(hidden).first.is_visible(), hidden
