"""Everything that a reader can do, in a browser that runs no JavaScript (promise 8)."""

import re

from playwright.sync_api import expect

from articles.models import MistakeReport
from comments.models import Comment
from tests.articles import readers


def test_a_reader_needs_no_script_for_anything(site, context):
    addresses = readers.newspaper("de")
    page = context(width=360, scripts=False, language="de").new_page()

    page.goto("/")
    expect(page).to_have_url(re.compile(r"/de/$"))
    page.goto(addresses["archive"])
    page.locator(".months a").first.click()
    page.locator(".card__headline a").first.click()
    expect(page.locator("h1.story__title")).to_be_visible()

    page.goto(addresses["search"])
    page.locator("#search-q").fill("montag")
    page.get_by_role("button", name="Suche").first.click()
    expect(page).to_have_url(re.compile(r"q=montag"))
    expect(page.locator("mark").first).to_be_visible()

    page.goto(addresses["article"])
    page.get_by_role("link", name="was sich geändert hat").click()
    expect(page.locator(".changes ins").first).to_be_visible()
    page.get_by_role("link", name="Zurück zum Artikel").click()

    page.get_by_role("link", name="Fehler melden").click()
    page.get_by_role("button", name="Meldung abschicken").click()
    expect(page.get_by_role("alert")).to_contain_text("Sagen Sie, was nicht stimmt.")
    page.get_by_label("Was stimmt nicht?").fill("Es war Mittwoch.")
    page.get_by_role("button", name="Meldung abschicken").click()
    expect(page.locator("h1")).to_have_text("Vielen Dank")
    assert MistakeReport.objects.get().text == "Es war Mittwoch."

    page.goto(addresses["article"])
    page.get_by_role("link", name="Antworten").first.click()
    page.get_by_label("Name").fill("Ines")
    page.get_by_label("Kommentar", exact=True).fill("Um sechs, glaube ich.")
    page.get_by_role("button", name="Antwort senden").click()
    expect(page.locator("h1")).to_contain_text("Ihr Kommentar wartet")
    assert Comment.objects.filter(name="Ines", parent__isnull=False).exists()
    assert page.context.cookies() == []
