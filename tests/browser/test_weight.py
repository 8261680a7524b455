"""What a page weighs and how soon it can be read, on a slow line."""

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from articles.jobs import make_renditions
from articles.photos import add_photo, read_upload
from tests import base

# Bytes with compression as a server sends it; a story of some 600 words.
MOST = 45 * 1024
MOST_BEFORE_SCROLLING = 150 * 1024
PARAGRAPH = (
    "<p>Der Sundrat hat die Streichung der Fahrt um 23.40 Uhr abgelehnt, mit 31 zu 30 Stimmen, und das Geld für den "
    "nächsten Winter fehlt trotzdem; {} Abgeordnete stimmten gegen ihre Fraktion, sagt die Präsidentin des Rates.</p>"
)
BODY = "".join(PARAGRAPH.format(number) for number in range(20))


def packed(client: Client, address: str) -> int:
    """Return how many bytes a file or a page takes on the line."""
    if address.startswith(settings.STATIC_URL):
        path = next(
            Path(settings.BASE_DIR / "static").rglob(re.sub(r"\.[0-9a-f]{12}\.", ".", Path(address).name))
        )
        content = path.read_bytes()
    else:
        content = client.get(address).content
    return len(content) if address.endswith(".woff2") else len(gzip.compress(content, 6))


def test_an_article_without_photos_weighs_45_kilobytes_at_most_in_six_requests(site, context, client):
    article = base.published(language="de", body=BODY)
    page = context(width=360).new_page()
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(site + article.path, wait_until="networkidle")
    assert len(asked) <= 6, asked
    weights = {address: packed(client, address) for address in asked}
    assert sum(weights.values()) <= MOST, weights


@pytest.mark.later
def test_text_is_readable_within_three_seconds_on_a_slow_line(site, context):
    article = base.published(language="de", body=BODY)
    page = context(width=360).new_page()
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000},
    )
    page.goto(site + article.path)
    painted = page.evaluate(
        """() => new Promise(done => new PerformanceObserver(list => list.getEntries().forEach(entry => {
            if (entry.name == "first-contentful-paint") done(entry.startTime)
        })).observe({ type: "paint", buffered: true }))"""
    )
    assert painted <= 3000
    assert page.locator(".body p").first.is_visible()


@pytest.mark.later
def test_with_a_lead_photo_a_phone_loads_150_kilobytes_at_most_before_scrolling(site, context, client):
    with (settings.BASE_DIR / "seeds" / "photos" / "night-ferry.jpg").open("rb") as file:
        photo, _new = add_photo(read_upload(file), by=None, texts={"de": {"alt": "Die Fähre bei Nacht"}})
    make_renditions()
    article = base.published(language="de", body=BODY, photo=photo)
    others = [base.published(language="de", headline=f"Nummer {n}", photo=photo) for n in range(3)]
    page = context(width=360, scale=2).new_page()
    got = []
    page.on("response", lambda response: got.append(response))
    page.goto(site + article.path, wait_until="networkidle")
    weights = {}
    for response in got:
        path = urlsplit(response.url).path
        is_photo = path.startswith(settings.MEDIA_URL)
        weights[path] = len(response.body()) if is_photo else packed(client, path)
    assert any(path.startswith(settings.MEDIA_URL) for path in weights)
    assert sum(weights.values()) <= MOST_BEFORE_SCROLLING, weights
    assert others
