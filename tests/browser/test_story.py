"""The whole story, once: a scraped text becomes an article that a reader comments on, in a real browser."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from articles.models import Article, User
from comments.models import Comment
from tests import base

DOCUMENT = Path(__file__).parent.parent / "data" / "conference-fr.txt"
COUNT = "{http://purl.org/rss/1.0/modules/slash/}comments"
HEADLINE = "Les ports du Nord se disputent la grande écluse d’Orveau"


@pytest.mark.later
def test_from_a_scraped_text_to_a_comment_that_counts(
    visit: Callable[..., Page],
    staff: Callable[..., Page],
    shoot: Callable[..., None],
    journalist: User,
    editor: User,
    moderator: User,
) -> None:
    section = base.section()

    # Somebody imports the text in the journalist's name; the report names what is wrong with it, line by line.
    report = StringIO()
    call_command("import_text", str(DOCUMENT), section="politique", by=journalist.username, stdout=report)
    for defect in ("Lusa.Réception", "deCarsac", "COLÈRE À SAINT-AMBRE", "14 au 16 août", "Kommentare (0)"):
        assert defect in report.getvalue()
    article = Article.objects.get()
    assert article.language == "fr"
    assert visit("/fr/").get_by_text("écluse").count() == 0, "a draft is on no page"

    # The journalist mends it in the editor.
    desk = staff(journalist, f"/admin/articles/article/{article.pk}/change/")
    shoot(desk, "story-1-draft")
    desk.fill("#id_headline", HEADLINE)
    write(desk, lambda html: mended(html))
    desk.get_by_role("button", name="Save draft").click()
    expect(desk.locator(".sheet__state")).to_contain_text("revision 2")
    shoot(desk, "story-2-mended")
    body = article.newest_revision().body
    assert "l'agence de presse portugaise Lusa.</p>" in body
    assert "<h2>Réception sur le quai des Brumes</h2>" in body
    assert "deCarsac" not in body
    assert desk.get_by_role("button", name="Publish…").count() == 0, "that is not for journalists"

    # An editor publishes it.
    desk = staff(editor, f"/admin/articles/article/{article.pk}/publish/")
    shoot(desk, "story-3-publish")
    desk.get_by_role("main").get_by_role("button", name=re.compile("Publish")).click()
    expect(desk.get_by_text("Live").first).to_be_visible()
    article.refresh_from_db()

    # A reader finds it on the front page and comments; his browser runs no script.
    reader = visit("/fr/", scripts=False, language="fr")
    reader.get_by_role("link", name=HEADLINE).first.click()
    expect(reader.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    expect(reader.locator(".comment-count").first).to_have_text("Commentaires (0)")
    assert "Kommentare" not in reader.content()
    shoot(reader, "story-4-article")
    reader.fill("[name=name]", "Ludivine")
    reader.fill("[name=text]", "Merci ! Qui paie les nouvelles vannes ?")
    reader.locator(".comment-form button:not([name])").click()
    reader.wait_for_url("**/comments/own/**")
    own = reader.url
    shoot(reader, "story-5-own")
    expect(reader.locator(".comment")).to_contain_text("Qui paie les nouvelles vannes ?")
    reader.goto(article.path)
    assert reader.get_by_text("Qui paie").count() == 0, "it waits"
    assert numbers(visit, article) == [0] * 4

    # A moderator approves it.
    queue = staff(moderator, "/admin/comments/queue/")
    expect(queue.locator(".card")).to_have_count(1)
    shoot(queue, "story-6-queue")
    queue.locator(".foot").get_by_role("button", name="Approve").click()
    expect(queue.locator(".card")).to_have_count(0)

    # Now it counts, everywhere the same.
    assert numbers(visit, article) == [1] * 4
    reader.goto(own)
    reader.locator(".comment-own a[href*='/comments/']").first.click()
    expect(reader.locator(f"#comment-{Comment.objects.get().pk}")).to_contain_text("Qui paie")
    expect(reader.locator(".comment-count").first).to_have_text("Commentaires (1)")
    shoot(reader, "story-7-counted")
    assert section.articles.get() == article


def write(page: Page, change: Callable[[str], str]) -> None:
    """Change what stands in the editor, as its source button does."""
    page.wait_for_function("() => window.CKEDITOR && CKEDITOR.instances.id_body?.status === 'ready'")
    before = page.evaluate("() => CKEDITOR.instances.id_body.getData()")
    page.evaluate(
        "html => new Promise(done => CKEDITOR.instances.id_body.setData(html, {callback: done}))",
        change(before),
    )


def mended(html: str) -> str:
    """Mend the worst: the heading glued to a sentence, the glued word, the loud heading, the cut-off end."""
    glued = re.search(r"Lusa\.\s*Réception sur le quai des Brumes</p>", html)
    assert glued, "the defect is still there: an import changes nothing in silence"
    html = html.replace(glued[0], "Lusa.</p><h2>Réception sur le quai des Brumes</h2>")
    html = html.replace("deCarsac", "de Carsac").replace("COLÈRE À SAINT-AMBRE", "Colère à Saint-Ambre")
    return html.replace(", ce qui a sans doute nouvelle méthode", ".")


def numbers(visit: Callable[..., Page], article: Article) -> list[int]:
    """Return the number of comments at the article, in the list, in the feed and in JSON-LD."""
    page = visit(article.path, scripts=False)
    at_article = page.locator(".comment-count").first.inner_text()
    data: Any = json.loads(page.locator('script[type="application/ld+json"]').first.inner_text())
    nodes = data.get("@graph", [data])
    in_data = next(node["commentCount"] for node in nodes if node.get("@type") == "NewsArticle")
    in_list = visit("/fr/", scripts=False).locator(f"#article-{article.pk} .comment-count").inner_text()
    feed = page.request.get("/fr/feed.xml").text()
    in_feed = next(ET.fromstring(feed).iter(COUNT)).text
    return [
        *(int(re.search(r"\((\d+)\)", text)[1]) for text in (at_article, in_list)),
        int(in_feed),
        int(in_data),
    ]
