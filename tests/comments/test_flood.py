"""The flood switch: where, until when, by whom, and what pages do at its end and when comments close."""

import re
from datetime import UTC, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from articles.models import Article, Section
from comments import flood
from newsroom import dates
from newsroom.models import LogEntry, Site
from newsroom.verbs import Refused
from tests import base
from tests.comments.base import approved, waiting

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def places(article: Article) -> list[flood.Place]:
    Site(comments_mode="open").save()
    return [Site.current(), article.section, article]


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize(("mode", "state"), [("slow", "approved"), ("all", "waiting"), ("closed", "")])
def test_a_switch_does_what_it_says_until_its_end_on_site_section_and_article(number, mode, state):
    article = base.published()
    elsewhere = base.published(section=base.section({"en": "Sport"}), headline="Another game")
    place = places(article)[number]
    now = timezone.now()
    assert flood.set_flood(place, by=None, mode=mode, until=now + HOUR)
    assert not flood.set_flood(place, by=None, mode=mode, until=now + HOUR)
    if state:
        assert waiting(article).state == state
    else:
        with pytest.raises(Refused):
            waiting(article)
    if number:
        assert waiting(elsewhere).state == "approved"
    with base.at(now + HOUR):
        assert waiting(article).state == "approved"


def test_a_switch_is_ended_at_once_and_the_log_says_when():
    article = base.published()
    site = places(article)[0]
    flood.set_flood(site, by=None, mode="closed", until=timezone.now() + HOUR)
    assert flood.set_flood(site, by=None, mode="")
    assert not flood.set_flood(site, by=None, mode="")
    assert waiting(article).state == "approved"
    first, last = LogEntry.objects.filter(verb="flood.set").order_by("pk")
    assert (first.details["mode"], last.details) == ("closed", {"mode": "", "until": None})


@pytest.mark.parametrize("after", [None, -HOUR, timedelta(0), timedelta(days=30, seconds=5)])
def test_a_switch_needs_an_end_in_the_next_30_days(after):
    site = places(base.published())[0]
    with pytest.raises(Refused):
        flood.set_flood(site, by=None, mode="slow", until=after if after is None else timezone.now() + after)


def test_the_strictest_of_several_counts():
    article = base.published()
    site, section, _article = places(article)
    until = timezone.now() + HOUR
    flood.set_flood(site, by=None, mode="all", until=until)
    flood.set_flood(section, by=None, mode="slow", until=until)
    commenting = Article.objects.get(pk=article.pk).commenting(Site.current())
    assert (commenting.mode, commenting.is_slow, commenting.changes_at) == ("all", True, until)


def test_who_may_switch_where(moderator, editor, journalist):
    article = base.published()
    sport = base.section({"en": "Sport"})
    site, section, _article = places(article)
    german = base.person("gerd", "Moderator", languages=["de"])
    sports = base.person("sonja", "Moderator")
    sports.grants.get().sections.set([sport])
    until = timezone.now() + HOUR
    table = {
        moderator: {site, section, article, sport},
        german: set(),
        sports: {sport},
        journalist: set(),
    }
    for user, allowed in table.items():
        for place in (site, section, article, sport):
            assert flood.may_set(user, place) == (place in allowed), (user, place)
            if place not in allowed:
                with pytest.raises(PermissionDenied):
                    flood.set_flood(place, by=user, mode="all", until=until)


def test_a_switch_purges_what_shows_the_form_at_once():
    article = base.published()
    site, section, article = places(article)
    until = timezone.now() + HOUR
    for place, keys in (
        (site, {"site"}),
        (section, {f"section-{section.pk}"}),
        (article, {f"article-{article.pk}"}),
    ):
        for mode in ("all", ""):
            with base.purged_keys() as purged:
                flood.set_flood(place, by=None, mode=mode, until=until)
            assert keys <= purged, (place, mode)


def test_every_page_with_form_or_counter_says_when_that_changes(client: Client):
    article = base.published()
    places(article)
    shown = approved(article)
    closes = article.first_published_at + timedelta(days=3)
    Site.objects.update(comments_close_after=3)
    section_list = f"/en/{article.section.texts.get(language='en').slug}/"
    for path in (article.path, f"{article.path}comments/reply/{shown.pk}/"):
        response = client.get(path)
        assert base.page_until(response) == closes, path
        assert f"section-{article.section_id}" in base.page_keys(response), path
    shown.remove(by=None, reason="no")
    # Nothing is counted now, and lists show “(0)” as long as comments are open.
    assert base.page_until(client.get(section_list)) == closes
    until = timezone.now() + HOUR
    flood.set_flood(article.section, by=None, mode="closed", until=until)
    for path in (article.path, section_list):
        assert base.page_until(client.get(path)) == until, path
    assert "comment-form" not in client.get(article.path).content.decode()
    with base.at(until):
        assert "comment-form" in client.get(article.path).content.decode()
    with base.at(closes):
        assert "comment-form" not in client.get(article.path).content.decode()


def test_who_was_typing_learns_until_when_a_switch_closes_comments(client: Client):
    article = base.published()
    approved(article)
    until = timezone.now() + HOUR
    flood.set_flood(Site.current(), by=None, mode="closed", until=until)
    flood.set_flood(article.section, by=None, mode="slow", until=until + HOUR)
    told = dates.format_moment(until, "en", UTC)
    page = client.get(article.path).content.decode()
    assert f'Comments are closed until <time datetime="{until:%Y-%m-%dT%H:%M}+00:00">{told}</time>.' in page
    words = {"name": "Rosa", "text": "Typed before it closed."}
    refused = client.post(f"{article.path}comments/", words).content.decode()
    assert f"Comments are closed here until {told}" in refused
    assert words["text"] in refused
    # Where they are closed for good nothing opens again.
    article.set_desk(by=None, embargo_until=None, comments_mode="closed")
    assert "Comments are closed.</p>" in client.get(article.path).content.decode()


def page_form(**fields: str) -> dict[str, str]:
    return {"where": "site", "mode": "closed", "hours": "1", "article": "", **fields}


def test_the_page_switches_shows_and_ends(login, moderator):
    article = base.published()
    places(article)
    client = login(moderator)
    address = "/admin/comments/flood/"
    assert "None is on" in client.get(address).content.decode()
    before = timezone.now()
    assert client.post(address, page_form()).status_code == 302
    site = Site.current()
    assert site.flood_mode == "closed"
    assert before + HOUR <= site.flood_until <= timezone.now() + HOUR
    page = client.get(address).content.decode()
    assert "The whole site" in page
    assert "End it now" in page
    assert "Flood switches that are on" in client.get("/admin/").content.decode()
    client.post(address, page_form(where="article", article=f"https://paper.example{article.path}#comments"))
    assert Article.objects.get(pk=article.pk).flood_mode == "closed"
    client.post(address, page_form(where=f"section-{article.section_id}", mode="slow"))
    assert Section.objects.get(pk=article.section_id).flood_mode == "slow"
    for name in ("site", f"section-{article.section_id}", f"article-{article.pk}"):
        assert client.post(address, {"end": name}).status_code == 302
    assert "None is on" in client.get(address).content.decode()
    assert client.post(address, {"end": "site"}).status_code == 302
    assert "Flood switches that are on" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hours": "", "until": ""}, "Say until when."),
        ({"hours": "", "until": "2001-01-01T10:00"}, "a time that is still to come"),
        ({"hours": "", "until": "2199-01-01T10:00"}, "30 days at most"),
        ({"where": "article", "article": "\0nothing"}, "No article of yours has this address"),
        ({"where": "section-0"}, "Select a valid choice"),
        # Typed, and not chosen.
        ({"article": "https://paper.example/en/2026/01/01/a/"}, "choose “One article” above"),
        ({"until": "2199-01-01T10:00"}, "Choose “Until another time” above"),
        ({"mode": "off"}, "Select a valid choice"),
        ({"hours": "5000000000"}, "Select a valid choice"),
    ],
)
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(login, moderator, fields, said):
    response = login(moderator).post("/admin/comments/flood/", page_form(**fields))
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert "<title>Error:" in page
    # Each stands at its field, which comes into view, however much is on already.
    assert "errorlist nonfield" not in page
    wrong = re.search(r'<ul class="errorlist" id="id_(\w+)_error">', page)[1]
    if wrong not in ("mode", "hours"):
        assert re.search(rf'<(input|select)[^>]* name="{wrong}"[^>]* autofocus', page)
    assert not Site.current().flood_mode


def test_who_sets_no_rules_does_not_get_to_the_page(login, journalist, editor):
    for user in (journalist, editor):
        client = login(user)
        assert client.get("/admin/comments/flood/").status_code == 403
        assert client.post("/admin/comments/flood/", page_form()).status_code == 403
    assert Client().get("/admin/comments/flood/").status_code == 302


def test_the_page_opened_for_an_article_names_none_out_of_reach(login):
    article = base.published()
    german = base.published(language="de", headline="Der Hafen")
    client = login(base.person("gerd", "Moderator", languages=["de"]))
    assert german.path in client.get(f"/admin/comments/flood/?article={german.pk}").content.decode()
    assert article.path not in client.get(f"/admin/comments/flood/?article={article.pk}").content.decode()
