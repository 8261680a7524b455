"""The preview of search result, social card and address in an article's form, in a real browser."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from articles.models import Article, User
from tests import base
from tests.articles import readers
from tests.articles.admin import change
from tests.browser.test_reading import violations
from tests.browser.test_sitting import editor_ready

ADD = "/admin/articles/article/add/"
LONG = "The harbour of the old town opens again after the great storm of last week, and ferries sail"


@pytest.fixture
def article(editor: User) -> Article:
    """Return an article that readers know, with both pictures."""
    return base.published(
        by=editor, photo=readers.photo(), social_photo=readers.photo(), at=base.NOON, body=f"<p>{LONG}.</p>"
    )


def opened(page: Page) -> Page:
    """Open the panel, if nothing has opened it."""
    page.locator("details.panel", has=page.locator("[data-result]")).evaluate("one => (one.open = true)")
    return page


def part(page: Page, name: str) -> Locator:
    return page.locator(f"[data-result-{name}]")


def said(page: Page) -> str:
    """Return all that the preview and the address say, as the page holds it."""
    return page.evaluate(
        """() => [...document.querySelectorAll("[data-result], [data-address]")].map((one) => {
            const twin = one.cloneNode(true);
            for (const part of twin.querySelectorAll("[hidden]")) part.remove();
            return twin.innerHTML.replace(/\\s+/g, " ");
        }).join()"""
    )


@pytest.mark.parametrize(
    "content",
    [
        {"headline": f"{LONG} {LONG}", "standfirst": f"{LONG}. {LONG}."},
        {
            "standfirst": "",
            "body": "<h2>One</h2><p>Two &amp; <em>three</em>,<br>four</p><ul><li>5<ul><li>6</li></ul>7</li></ul>",
        },
        {"standfirst": "", "body": f"<p>{LONG}.</p><p>{LONG}.</p>", "noindex": True},
        {"standfirst": "W" * 300, "headline": readers.LONG_WORD * 2, "slug": "x"},
        {"search_title": "  Short ", "canonical_url": "https://bote.example/a", "section": None},
    ],
)
@pytest.mark.later
def test_the_script_says_what_the_server_said(
    staff: Callable[..., Page], editor: User, content: dict[str, Any]
) -> None:
    article = base.draft(by=editor, **content)
    page = staff(editor, change(article))
    editor_ready(page)
    by_script = said(page)
    page.route("**/admin-result.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    assert said(page) == by_script


@pytest.mark.later
def test_the_preview_follows_what_is_typed(
    staff: Callable[..., Page], editor: User, article: Article
) -> None:
    world = base.section({"en": "World"})
    page = opened(staff(editor, change(article)))
    editor_ready(page)
    page.fill("#id_headline", LONG)
    expect(part(page, "title")).to_have_text("The harbour of the old town opens again after the great…")
    expect(part(page, "card-title")).to_have_text(LONG)
    page.fill("#id_search_title", "<b>Found</b> so")
    expect(part(page, "title")).to_have_text("<b>Found</b> so")
    expect(part(page, "card-title")).to_have_text("<b>Found</b> so")
    page.fill("#id_standfirst", "")
    expect(part(page, "description")).to_have_text(f"{LONG}.")
    body = page.locator(".cke_editable")
    body.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Typed into the text. ")
    expect(part(page, "description")).to_contain_text("Typed into the text. The harbour")
    page.fill("#id_search_description", "Described")
    expect(part(page, "description")).to_have_text("Described")
    expect(part(page, "card-description")).to_have_text("Described")
    page.select_option("#id_section", str(world.pk))
    expect(part(page, "section")).to_have_text("World")
    page.check("#id_noindex")
    expect(part(page, "kept-out")).to_be_visible()
    expect(part(page, "found")).to_be_hidden()
    page.uncheck("#id_noindex")
    expect(part(page, "kept-out")).to_be_hidden()
    page.locator("#id_canonical_url").evaluate("one => (one.closest('details').open = true)")
    page.fill("#id_canonical_url", "https://bote.example/a")
    expect(part(page, "elsewhere")).to_contain_text("https://bote.example/a")


@pytest.mark.later
def test_the_card_follows_the_choice_of_pictures(
    staff: Callable[..., Page], editor: User, article: Article
) -> None:
    another = readers.photo()
    page = opened(staff(editor, change(article)))
    social, lead = (page.locator(f"[data-picture-of={name}]") for name in ("social_photo", "photo"))
    later = part(page, "later")
    expect(social).to_be_visible()
    expect(lead).to_be_hidden()

    def choose(name: str, value: int | str) -> None:
        page.evaluate(
            "([id, value]) => django.jQuery(id).val(value).trigger('change')", [f"#id_{name}", str(value)]
        )

    choose("social_photo", "")
    expect(social).to_be_hidden()
    expect(lead).to_be_visible()
    expect(later).to_be_hidden()
    choose("social_photo", another.pk)
    expect(lead).to_be_hidden()
    expect(later).to_be_visible()
    choose("social_photo", "")
    choose("photo", "")
    for one in (social, lead, later):
        expect(one).to_be_hidden()
    choose("social_photo", article.social_photo_id)
    expect(social).to_be_visible()
    expect(later).to_be_hidden()


@pytest.mark.later
def test_the_address_follows_the_slug(staff: Callable[..., Page], editor: User, article: Article) -> None:
    page = opened(staff(editor, change(article)))
    address = page.locator("[data-address]")
    before = article.slug
    expect(address).to_contain_text(article.path)
    expect(address.get_by_text("Readers with the old address")).to_be_hidden()
    page.fill("#id_slug", "ferries-sail")
    expect(address.get_by_text("Readers with the old address")).to_be_visible()
    expect(page.locator("[data-address-coming]")).to_have_text("/en/2025/07/11/ferries-sail/")
    expect(address.get_by_text("Old", exact=True)).to_be_visible()
    page.fill("#id_slug", "")
    expect(page.locator("[data-address-coming]")).to_have_text("/en/2025/07/11/…/")
    page.fill("#id_slug", before)
    expect(address.get_by_text("Readers with the old address")).to_be_hidden()
    expect(address.get_by_text("New", exact=True)).to_be_hidden()


@pytest.mark.later
def test_a_new_article_shows_its_address_as_it_gets_a_slug(staff: Callable[..., Page], editor: User) -> None:
    base.section()
    page = opened(staff(editor, ADD))
    coming = page.locator("[data-address-coming]")
    expect(coming).to_contain_text("/…/")
    page.fill("#id_headline", "Harbour reopens")
    expect(part(page, "title")).to_have_text("Harbour reopens")
    page.fill("#id_slug", "harbour")
    expect(coming).to_contain_text("/harbour/")


@pytest.mark.later
def test_nothing_of_it_needs_a_script(staff: Callable[..., Page], editor: User, article: Article) -> None:
    article.save_revision(by=None, slug="ferries-sail", search_title="Found so")
    page = opened(staff(editor, change(article), scripts=False))
    expect(part(page, "title")).to_have_text("Found so")
    expect(page.locator("[data-address]")).to_contain_text("/en/2025/07/11/ferries-sail/")
    expect(page.locator("[data-picture-of=social_photo]")).to_be_visible()


@pytest.mark.later
def test_the_panel_fits_and_is_accessible(
    staff: Callable[..., Page], chief: User, shoot: Callable[..., None], full_length: bool
) -> None:
    words: dict[str, Any] = {"photo": readers.photo(), "social_photo": readers.photo()}
    german = base.published(
        language="de", headline=f"Die {readers.LONG_WORD} gilt", at=timezone.now(), **words
    )
    german.save_revision(
        by=None, slug=readers.LONG_WORD.lower(), canonical_url=f"https://x.example/{'w' * 90}"
    )
    arabic = base.draft(
        language="ar",
        headline="الميناء يفتح من جديد",
        standfirst="غادرت أول عبارة في السادسة.",
        section=base.section({"ar": "السياسة"}),
        noindex=True,
        **words,
    )
    every = list(product((360, 1440), (False, True)))
    for width, dark in every if full_length else [(360, True), (1440, False)]:
        page = staff(chief, width=width, dark=dark)
        for kind, address in {"de": change(german), "ar": change(arabic), "new": ADD}.items():
            page.goto(address)
            opened(page)
            name = f"result-{kind}-{width}-{'dark' if dark else 'light'}"
            shoot(page, name)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            within = page.locator("details.panel", has=page.locator("[data-result]"))
            assert within.evaluate("one => one.scrollWidth <= one.clientWidth"), name
            assert violations(page, within="details:has([data-result])", preload=False) == [], name
        page.goto(f"/admin/articles/article/{german.pk}/publish/")
        shoot(page, f"result-publish-{width}-{'dark' if dark else 'light'}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page, within="#content", preload=False) == []
        page.close()
