"""Link cards: what foreign frames become, on every way in, and how a card goes through all that handles a text."""

from typing import Any

import pytest
from django.test import Client

from articles.admin.comparison import counted
from articles.blocks import Block, assign_keys, likeness, split
from articles.changes import changed_parts
from articles.compare import LABELS
from articles.embeds import card_of, page_of, shortened
from articles.fields import sanitise
from articles.html import plain_text, replace_cards
from articles.merge import Version, merge
from articles.models import Revision
from articles.reading_time import reading_minutes
from newsroom.models import Site
from tests import base
from tests.articles.test_links import link


def card(href: str, title: str = "A film", words: str = "") -> str:
    """Return a card as a body holds it."""
    caption = f"<figcaption>{words}</figcaption>" if words else ""
    return f'<figure class="link-card"><a href="{href}">{title}</a>{caption}</figure>'


FILM = card("https://vimeo.com/76979871", "The harbour at night", "By Ida, <em>2024</em>")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (
            '<iframe src="https://tv.example/film/7" title="Low tide"></iframe>',
            card("https://tv.example/film/7", "Low tide"),
        ),
        (
            "<iframe src=//tv.example/film/7 ></iframe>",
            card("https://tv.example/film/7", "tv.example/film/7"),
        ),
        ('<embed src="https://www.tv.example/">', card("https://www.tv.example/", "tv.example")),
        (
            '<object data="https://tv.example/a.swf">old</object>',
            card("https://tv.example/a.swf", "tv.example/a.swf"),
        ),
        (
            '<object><param name="movie" value="https://tv.example/a"><embed src="https://tv.example/b"></object>',
            card("https://tv.example/a", "tv.example/a"),
        ),
        (
            '<video controls><source src="https://tv.example/a.mp4"><source src="https://tv.example/a.webm">No</video>',
            card("https://tv.example/a.mp4", "tv.example/a.mp4"),
        ),
        (
            '<audio src="https://tv.example/a.mp3"></audio>',
            card("https://tv.example/a.mp3", "tv.example/a.mp3"),
        ),
        (
            '<script src="https://gist.github.com/ida/1.js"></script>',
            card("https://gist.github.com/ida/1", "gist.github.com/ida/1"),
        ),
        (
            '<div class="fb-post" data-href="https://www.facebook.com/ida/posts/1"></div>',
            card("https://www.facebook.com/ida/posts/1", "facebook.com/ida/posts/1"),
        ),
        (
            '<blockquote class="twitter-tweet"><p>Low tide</p><a href="https://x.com/ida/status/1">July</a></blockquote>'
            '<script async src="https://platform.x.com/widgets.js"></script>',
            '<blockquote><p>Low tide</p><p><a href="https://x.com/ida/status/1">July</a></p></blockquote>\n'
            + card("https://x.com/ida/status/1", "x.com/ida/status/1"),
        ),
        (
            '<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/A/"></blockquote>',
            card("https://www.instagram.com/p/A/", "instagram.com/p/A"),
        ),
        (
            '<figure class="wp-block-embed"><div><iframe src="https://tv.example/7"></iframe></div>'
            "<figcaption>Seen <b>today</b></figcaption></figure>",
            card("https://tv.example/7", "tv.example/7", "Seen <strong>today</strong>"),
        ),
        (
            "<p>Before<iframe src=https://tv.example/7></iframe>after</p>",
            f"<p>Before</p>\n{card('https://tv.example/7', 'tv.example/7')}\n<p>after</p>",
        ),
        (FILM, FILM),
        # What a card holds beside its link is its words; a link without a title is named by its address.
        (
            '<figure class="link-card"><a href="https://a.example/b">https://a.example/b</a> x</figure>',
            card("https://a.example/b", "a.example/b", "x"),
        ),
        (
            '<figure class="link-card"><a href="https://a.example/"><b>T</b>itle</a><p>x</p><p>y</p></figure>',
            card("https://a.example/", "Title") + "\n<p>x</p>\n<p>y</p>",
        ),
        ('<figure class="link-card">No link</figure>', "<p>No link</p>"),
        (
            '<figure class="link-card"><a href="mailto:a@b.example">M</a></figure>',
            '<p><a href="mailto:a@b.example">M</a></p>',
        ),
        # Nothing to link.
        (
            '<iframe srcdoc="<p>x"></iframe><iframe src="javascript:alert(1)"></iframe><iframe src="/own/"></iframe>',
            "",
        ),
        (
            '<embed src="data:text/html,x"><video src="blob:https://a.example/1"></video><object data="file:///etc"></object>',
            "",
        ),
        ("<script src=https://evil.example/x.js>alert(1)</script>", ""),
    ],
)
def test_frames_become_cards(source: str, wanted: str) -> None:
    assert sanitise(source) == wanted
    assert sanitise(wanted) == wanted


@pytest.mark.parametrize(
    ("player", "page"),
    [
        ("https://www.youtube.com/embed/dQw4w9WgXcQ?rel=0", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://www.youtube.com/embed/videoseries?list=PL1", "https://www.youtube.com/playlist?list=PL1"),
        ("https://youtu.be/dQw4w9WgXcQ", "https://youtu.be/dQw4w9WgXcQ"),
        ("https://player.vimeo.com/video/76979871?h=8", "https://vimeo.com/76979871"),
        ("https://www.dailymotion.com/embed/video/x7", "https://www.dailymotion.com/video/x7"),
        ("https://geo.dailymotion.com/player.html?video=x7", "https://www.dailymotion.com/video/x7"),
        ("https://open.spotify.com/embed/episode/7a", "https://open.spotify.com/episode/7a"),
        ("https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/a/b", "https://soundcloud.com/a/b"),
        (
            "https://w.soundcloud.com/player/?url=javascript%3Aalert(1)",
            "https://w.soundcloud.com/player/?url=javascript%3Aalert(1)",
        ),
        ("https://peer.example/videos/embed/9c9d-1", "https://peer.example/videos/watch/9c9d-1"),
        ("https://social.example/@ida/1099/embed", "https://social.example/@ida/1099"),
        ("https://archive.org/embed/low-tide", "https://archive.org/details/low-tide"),
        ("https://player.twitch.tv/?video=7", "https://www.twitch.tv/videos/7"),
        (
            "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fv%2F1",
            "https://www.facebook.com/a/v/1",
        ),
        (
            "https://evil.example/https://www.youtube.com/embed/x",
            "https://evil.example/https://www.youtube.com/embed/x",
        ),
        *(
            (address, None)
            for address in ("", "x", "//", "https://", "https://[", "mailto:a@b.example", "/en/")
        ),
    ],
)
def test_players_lead_to_their_pages(player: str, page: str | None) -> None:
    assert page_of(player) == page


def test_a_player_in_a_card_is_led_on_with_its_title() -> None:
    address = "https://www.youtube.com/embed/abc"
    wanted = card("https://www.youtube.com/watch?v=abc", "youtube.com/watch?v=abc")
    assert sanitise(card(address, address)) == wanted
    assert sanitise(card(address, "Mine")) == card("https://www.youtube.com/watch?v=abc", "Mine")


def test_titles_are_short_and_say_something() -> None:
    assert card_of("iframe", {"src": "https://tv.example/7", "title": " Low \n tide "}) == (
        "https://tv.example/7",
        "Low tide",
    )
    assert card_of("iframe", {"src": "https://tv.example/7", "title": "YouTube video player"}) == (
        "https://tv.example/7",
        "tv.example/7",
    )
    assert len(shortened("https://tv.example/" + "a" * 500)) == 60
    assert sanitise(f'<iframe src="https://tv.example/" title="{"x" * 900}\x00"></iframe>').count("x") < 220


def test_thousands_of_frames_cost_little() -> None:
    body = sanitise('<div class="fb-x"><object><figure><iframe src=https://a.example/>' * 8_000)
    assert body.count("link-card") <= 8_000


# Through all that handles a text


def test_a_card_is_a_block_of_its_own_kind() -> None:
    body = sanitise(f"<p>One.</p>{FILM}<p>Two.</p>")
    assert [block.kind for block in split(body)] == ["paragraph", "card", "paragraph"]
    assert str(LABELS["card"])
    assert counted("card", 2) == "2 link cards"
    assert plain_text(body) == "One.\nThe harbour at night\nBy Ida, 2024\nTwo."
    assert reading_minutes(body) == 1


def test_a_card_is_known_by_the_page_that_it_links() -> None:
    other_words = card("https://vimeo.com/76979871", "Nightly", "Seen twice")
    assert likeness(Block("card", FILM), Block("card", other_words)) >= 0.75
    strangers = (card("https://a.example/1", "One"), card("https://b.example/2", "Two"))
    assert likeness(*(Block("card", html) for html in strangers)) == 0
    keys = assign_keys(f"{FILM}\n{strangers[0]}", [], "")
    again = assign_keys(f"{strangers[0]}\n{other_words}", keys, f"{FILM}\n{strangers[0]}")
    assert [block["key"] for block in again] == [keys[1]["key"], keys[0]["key"]]


@pytest.mark.django_db
def test_changes_of_a_card_are_compared_and_merged() -> None:
    article = base.draft(body=f"<p>One.</p>{FILM}")
    first = article.newest_revision()
    mine = Revision(article=article, body=first.body.replace("at night", "by day"), blocks=first.blocks)
    theirs = article.save_revision(by=None, body=f"<p>One, two.</p>{FILM}")
    mine.copy_field("headline", first)
    mine.copy_field("standfirst", first)
    parts = list(changed_parts(first, mine))
    assert [part.label for part in parts] == ["Link card"]
    merged = merge(*(Version(row.body, row.blocks) for row in (first, theirs)), Version(mine.body))
    assert not merged.collisions
    assert merged.settled({}).body == f"<p>One, two.</p>\n{FILM.replace('at night', 'by day')}"


@pytest.mark.django_db
def test_a_reader_sees_title_host_and_words(client: Client) -> None:
    Site(name="The Post", languages=["en"]).save()
    article = base.published(body=FILM + card("https://www.tv.example/7", "Low &amp; tide"))
    page = " ".join(client.get(article.path).text.split())
    assert (
        '<figure class="link-card"> <a href="https://vimeo.com/76979871"><span class="link-card__title">The harbour at '
        'night</span> <bdi class="link-card__host">vimeo.com</bdi></a> <figcaption>By Ida, <em>2024</em></figcaption>'
    ) in page
    assert 'Low &amp; tide</span> <bdi class="link-card__host">tv.example</bdi>' in page
    assert "<iframe" not in page
    found = client.get("/en/search/?q=night").text
    assert "The harbour at <mark>night</mark>" in found


@pytest.mark.django_db
def test_a_card_of_an_article_here_follows_it_and_goes_with_it(client: Client) -> None:
    Site(name="The Post", languages=["en"]).save()
    target = base.published(headline="Quay is closed")
    article = base.published(
        headline="Now", body=card(target.path, "Quay is closed", f"and {link(target)}") + "<p>End.</p>"
    )
    assert f'<a href="{target.path}"><span class="link-card__title">' in client.get(article.path).text
    target.unpublish(by=None)
    page = client.get(article.path).text
    assert "Quay is closed" not in page
    assert "link-card" not in page
    assert "<p>End.</p>" in page


def test_only_cards_are_replaced() -> None:
    body = f'<p>x</p>\n{FILM}\n<figure class="image"><img src="x" alt=""></figure>'
    told: list[Any] = []
    assert replace_cards(body, lambda one: told.append(one) or "!") == body.replace(FILM, "!")
    assert told == [("https://vimeo.com/76979871", "The harbour at night", "By Ida, <em>2024</em>")]
