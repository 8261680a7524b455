"""What search engines and other sites get of an article, and what its form says of that, and of its address, before."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.admin.warnings import warnings_for
from articles.models import Article, Path, Photo, Provenance, User
from articles.models.paths import stem_of
from articles.photos import articles_with, delete_photo
from articles.redirects import add_redirect
from newsroom.models import Site
from newsroom.verbs import Refused
from tests import base
from tests.articles import readers
from tests.articles.admin import change, fields_of, page, send, text_of
from tests.articles.test_head import json_ld, metas

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

ADD = "/admin/articles/article/add/"
LONG = "The harbour of the old town opens again after the great storm of last week, and ferries sail"


@pytest.fixture(autouse=True)
def site() -> Site:
    row = Site(name="The Post", languages=["en", "ar", "de"])
    row.save()
    return row


@pytest.fixture
def desk(editor: User, login: Callable[..., Client]) -> Client:
    return login(editor)


def result(response: HttpResponse) -> SimpleNamespace:
    """Return what the preview in the form says, part by part; None for what is hidden."""
    text = text_of(response)
    text = text[text.index("data-result ") : text.index("</details>", text.index("data-result "))]

    def part(name: str) -> str | None:
        found = re.search(rf"<(\w+)[^>]*\sdata-result-{name}(?=[\s>])([^>]*)>(.*?)</\1>", text, re.S)
        assert found, name
        said = html.unescape(re.sub(r"<[^>]+>", "", found[3]))
        return None if " hidden" in found[0].partition(">")[0] else " ".join(said.split())

    pictures = re.findall(
        r'<div class="result__picture" data-picture-of="(\w+)"( hidden)?><svg viewBox="([^"]+)"', text
    )
    return SimpleNamespace(
        title=part("title"),
        description=part("description"),
        section=part("section"),
        kept_out=part("kept-out"),
        found=part("found"),
        elsewhere=part("elsewhere"),
        card_title=part("card-title"),
        card_description=part("card-description"),
        pictures={name: (not hidden, box) for name, hidden, box in pictures},
        direction=re.findall(r'lang="(\w+)" dir="(\w+)"', text),
    )


def address(response: HttpResponse) -> list[str]:
    """Return what the form says of the address, line by line."""
    text = text_of(response)
    text = text[
        text.index('<div class="address-change"') : text.index("data-meter", text.index("data-address "))
    ]
    lines = re.findall(r"<(dt|dd|p)(?![^>]* hidden)[^>]*>(.*?)</\1>", text.partition("</div>")[0], re.S)
    return [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for _tag, line in lines]


def picture(width: int = 1280, height: int = 960, **fields: Any) -> Photo:
    row = readers.photo()
    Photo.objects.filter(pk=row.pk).update(width=width, height=height, **fields)
    return Photo.objects.get(pk=row.pk)


# For readers


def test_other_sites_get_the_picture_that_was_chosen_for_them(client: Client) -> None:
    social = readers.photo({"en": ("A boat on a card", "")}, widths=(640,))
    article = base.published(photo=readers.photo(), social_photo=social)

    text = client.get(article.path).text

    found, src = metas(text), social.renditions.get().file.url
    assert found["og:image"] == f"http://testserver{src}"
    assert (found["og:image:width"], found["og:image:height"]) == ("640", "480")
    assert found["og:image:alt"] == "A boat on a card"
    assert found["twitter:card"] == "summary_large_image"
    assert json_ld(text)[0]["image"] == [f"http://testserver{src}"]
    assert src not in text[text.index("<main") :], "readers see the lead photo"
    assert "A quay at dusk" in text[text.index("<main") :]
    assert src not in client.get("/en/").text, "and so do lists"


def test_a_picture_for_other_sites_needs_no_lead_photo(client: Client) -> None:
    text = client.get(base.published(social_photo=readers.photo()).path).text
    assert metas(text)["twitter:card"] == "summary_large_image"
    assert "og:image" in metas(text)
    assert "<img" not in text[text.index("<main") :]


def test_the_lead_photo_stands_in_when_the_rights_have_ended(client: Client) -> None:
    lead, social = readers.photo({"en": ("Lead", "")}), readers.photo({"en": ("Social", "")})
    article = base.published(photo=lead, social_photo=social)
    assert metas(client.get(article.path).text)["og:image:alt"] == "Social"
    ends = timezone.now() + timedelta(hours=1)
    Photo.objects.filter(pk=social.pk).update(rights_end=ends)
    response = client.get(article.path)
    assert base.page_until(response) <= ends
    assert f"photo-{social.pk}" in base.page_keys(response)
    Photo.objects.filter(pk=social.pk).update(rights_end=timezone.now())
    assert metas(client.get(article.path).text)["og:image:alt"] == "Lead"


def test_the_title_for_search_engines_is_that_of_the_card_too(client: Client) -> None:
    article = base.published(headline="Words on the page", search_title="Words elsewhere")
    text = client.get(article.path).text
    assert "<title>Words elsewhere — The Post</title>" in text
    assert metas(text)["og:title"] == "Words elsewhere"
    assert json_ld(text)[0]["headline"] == "Words on the page"
    assert "Words elsewhere" not in text[text.index("<main") :]


def test_such_a_picture_costs_an_article_no_query(client: Client) -> None:
    article = base.published(photo=readers.photo(), body=f"<p>a</p>{readers.figure(readers.photo())}")
    with CaptureQueriesContext(connection) as without:
        client.get(article.path)
    article.save_revision(by=None, social_photo=readers.photo())
    article.publish(by=None)
    with CaptureQueriesContext(connection) as queries:
        client.get(article.path)
    # Both have the query for what changed meanwhile, or neither.
    assert len(queries) <= 12
    assert abs(len(queries) - len(without)) <= 1


def test_a_draft_link_opens_the_picture_and_nobody_else_does(client: Client) -> None:
    social = readers.photo()
    article = base.draft(social_photo=social)
    link = article.share_draft(by=None, expires_at=timezone.now() + timedelta(days=2))
    own = f"{link.get_absolute_url()}{social.uid}/"
    response = client.get(own)
    assert b"".join(response), "read to its end, the file is closed"
    assert response.status_code == 200
    for file in (social.file, *(row.file for row in social.renditions.all())):
        assert client.get(file.url).status_code == 404
    assert "/media/photos/" not in client.get(link.get_absolute_url()).text
    link.revoke(by=None)
    assert client.get(own).status_code == 404


def test_a_picture_that_only_a_revision_names_is_in_use() -> None:
    social = readers.photo()
    article = base.draft(social_photo=social)
    article.save_revision(by=None, social_photo=None)
    assert articles_with(social) == [article.pk]
    with pytest.raises(Refused, match="in use"):
        delete_photo(social, by=None)


def test_what_such_a_picture_lacks_is_told_before_publishing() -> None:
    social = picture(original_name="card.jpg", rights_end=timezone.now() + timedelta(days=2))
    social.texts.all().delete()
    told = " ".join(warnings_for(base.draft(social_photo=social).newest_revision()))
    assert "“card.jpg” has no alternative text" in told
    assert "“card.jpg” end on" in told


# The preview in the form


def test_the_form_shows_what_search_engines_will_show(desk: Client) -> None:
    article = base.draft(headline=LONG, standfirst=f"{LONG}. {LONG}.")

    shown = result(desk.get(change(article)))

    assert shown.title == "The harbour of the old town opens again after the great…"
    assert len(shown.title) <= 60
    assert shown.description.endswith("…")
    assert 100 < len(shown.description) <= 155
    assert shown.card_title == LONG
    assert shown.card_description == f"{LONG}. {LONG}."
    assert shown.section == "Politics"
    assert "testserver › Politics › …" in shown.found
    assert (shown.kept_out, shown.elsewhere, shown.pictures) == (None, None, {})


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"search_title": "Another title", "search_description": "Another description."},
        {"standfirst": "", "body": "<h2>One</h2><p>Two &amp; <em>three</em></p><ul><li>four</li></ul>"},
        {"standfirst": "", "body": f"<p>{LONG}.</p><p>{LONG}.</p>"},
        {"standfirst": "Two\nlines"},
    ],
)
def test_preview_and_page_say_the_same(desk: Client, client: Client, content: dict[str, str]) -> None:
    article = base.published(**content)
    shown, found = result(desk.get(change(article))), metas(client.get(article.path).text)
    assert shown.card_title == html.unescape(found["og:title"])
    assert shown.card_description == " ".join(html.unescape(found["og:description"]).split())


def test_a_refused_form_shows_what_was_typed(desk: Client) -> None:
    article = base.draft(standfirst="")
    section = base.section({"en": "World"})

    response = send(
        desk,
        change(article),
        headline="",
        search_title="Typed & not saved",
        body='<script>alert(1)</script><iframe src="https://films.example/1" title="A film"></iframe><p>Typed.</p>',
        section=str(section.pk),
        noindex="on",
        canonical_url="no address",
        slug="no slug!",
    )

    assert article.revisions.count() == 1
    shown = result(response)
    assert shown.title is not None
    assert (shown.card_title, shown.card_description) == ("Typed & not saved", "A film Typed.")
    assert "Kept out of search engines" in shown.kept_out
    assert shown.found is None
    assert shown.elsewhere.endswith("no address")
    assert shown.section == "World"
    assert address(response)[1].endswith("/…/")


def test_what_is_sent_elsewhere_says_so(desk: Client) -> None:
    article = base.draft(canonical_url="https://bote.example/a", noindex=True)
    shown = result(desk.get(change(article)))
    assert shown.elsewhere.endswith("“Origin of the text”): https://bote.example/a")
    assert shown.kept_out


@pytest.mark.later
@pytest.mark.parametrize("forged", ["9" * 30, "9" * 5000, "٣", "x", "-1", "", "\0"])
def test_forged_choices_are_none(desk: Client, forged: str) -> None:
    article = base.draft(standfirst="")
    names = ("photo", "social_photo", "section", "slug", "headline", "body")
    data = fields_of(desk.get(change(article))) | dict.fromkeys(names, forged)
    response = desk.post(change(article), data)
    if response.status_code != 302:
        assert result(response).pictures == {}
    assert desk.post(ADD, data | {"language": "en"}).status_code in (200, 302)


def test_the_card_shows_the_picture_chosen_for_it_else_the_lead_photo(desk: Client) -> None:
    lead, social = picture(), picture(600, 1200, focal_x=0.5, focal_y=0)
    article = base.draft(photo=lead, social_photo=social)
    response = desk.get(change(article))
    assert result(response).pictures == {
        # The middle of the widest 16:9 around the focal point.
        "social_photo": (True, "0 12 600 314"),
        "photo": (False, "0 145 1280 670"),
    }
    text = text_of(response)
    for photo, field in ((lead, "id_photo"), (social, "id_social_photo")):
        assert f'data-photo-of="{field}" src="{photo.editor_address}?width=640"' in text
    article.save_revision(by=None, social_photo=None)
    assert list(result(desk.get(change(article))).pictures) == ["photo"]
    assert result(desk.get(change(article))).pictures["photo"][0]
    Photo.objects.update(rights_end=timezone.now())
    assert result(desk.get(change(article))).pictures == {}


def test_an_arabic_article_is_previewed_from_right_to_left(desk: Client) -> None:
    article = base.draft(
        language="ar", headline="الميناء يفتح من جديد", section=base.section({"ar": "السياسة"})
    )
    response = desk.get(change(article))
    assert result(response).direction == [("ar", "rtl")] * 2
    assert result(response).section == "السياسة"
    assert address(response)[1].endswith("/الميناء-يفتح-من-جديد/")


# The address


def stem(article: Article) -> str:
    return stem_of(article.language, timezone.now(), Site.current().zone)


def test_a_draft_shows_the_address_that_it_would_get_today(desk: Client) -> None:
    article = base.draft()
    expected = f"{stem(article)}harbour-reopens-after-the-storm/"
    assert address(desk.get(change(article))) == ["Address, if it is published today", expected]
    assert f"http://testserver{expected}" in text_of(desk.get(page(article, "publish")))
    assert not Path.objects.exists(), "looking takes nothing"
    article.publish(by=None)
    assert article.path == expected


def test_a_new_article_shows_where_it_will_stand(desk: Client) -> None:
    base.section()
    said = address(desk.get(ADD))
    assert said[1] == f"{stem_of('en', timezone.now(), Site.current().zone)}…/"
    response = send(desk, ADD, language="de", headline="Züge", canonical_url="x")
    assert address(response)[1] == f"{stem_of('de', timezone.now(), Site.current().zone)}zuege/"


def test_a_scheduled_article_shows_its_day(desk: Client) -> None:
    article = base.draft()
    article.publish(by=None, at=timezone.now() + timedelta(days=40))
    own = article.path
    assert address(desk.get(change(article))) == [
        "Address, if it comes out on the day for which it is scheduled",
        own,
    ]
    article.save_revision(by=None, slug="another")
    assert address(desk.get(change(article)))[1] == own.replace("harbour-reopens-after-the-storm", "another")


def test_another_slug_shows_both_addresses_and_where_readers_are_led(desk: Client, client: Client) -> None:
    article = base.published(at=base.NOON)
    old, new = article.path, "/en/2025/07/11/ferries-sail/"
    assert address(desk.get(change(article))) == ["Address", old]
    assert "Its address" not in text_of(desk.get(page(article, "publish")))

    send(desk, change(article), slug="ferries-sail")

    response = desk.get(change(article))
    assert address(response) == [
        *("Old", old, "New", new),
        "Readers with the old address are led to the new one, once this text is published.",
    ]
    opened = text_of(response).rpartition("Address and search engines")[0].rpartition("<details")[2]
    assert "open" in opened.partition(">")[0]
    told = re.sub(r"<[^>]+>", "", text_of(desk.get(page(article, "publish"))))
    assert (
        f"Its address changes from http://testserver{old} to http://testserver{new}; the old one leads"
        in told
    )
    article.refresh_from_db()
    article.publish(by=None)
    assert article.path == new
    assert client.get(old).headers["Location"] == new


def test_going_back_to_an_older_slug_gives_the_older_address_back(desk: Client) -> None:
    article = base.published(at=base.NOON)
    first = article.path
    article.save_revision(by=None, slug="second")
    article.publish(by=None)
    article.save_revision(by=None, slug="harbour-reopens-after-the-storm")
    assert address(desk.get(change(article)))[3] == first
    assert len(address(desk.get(change(article)))) == 5, "its own old address is not taken"
    article.publish(by=None)
    assert article.path == first


@pytest.mark.later
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("by", ["an article", "a redirect"])
def test_an_address_that_is_taken_is_said_to_get_a_number(desk: Client, known: bool, by: str) -> None:
    article = base.published(headline="One") if known else base.draft(headline="One")
    wanted = f"{stem(article)}taken/"
    if by == "an article":
        base.published(headline="Other", slug="taken")
    else:
        add_redirect(wanted, "/en/", by=None)
    article.save_revision(by=None, slug="taken")
    expected = f"{stem(article)}taken-2/"

    said = address(desk.get(change(article)))
    told = text_of(desk.get(page(article, "publish")))

    assert expected in said
    assert said[-1] == "Another page has that address already: this one gets a number behind its slug."
    assert f"http://testserver{expected}" in told
    assert said[-1] in told
    article.publish(by=None)
    assert article.path == expected
    assert "number behind" not in " ".join(address(desk.get(change(article)))), "it has it now"


def test_what_was_unpublished_keeps_its_address_for_readers_who_know_it(desk: Client) -> None:
    article = base.published(at=base.NOON)
    article.unpublish(by=None)
    article.save_revision(by=None, slug="ferries-sail")
    assert address(desk.get(change(article)))[:4] == [
        *("Old", article.path, "New", "/en/2025/07/11/ferries-sail/")
    ]
    assert "ferries-sail/" in text_of(desk.get(page(article, "publish")))


def test_what_is_foreseen_is_what_is_claimed() -> None:
    one, other = base.draft(headline="One"), base.draft(headline="Two")
    for number in ("", "-2", "-3"):
        assert Path.objects.foresee("/en/2025/07/11/", "a", other) == f"/en/2025/07/11/a{number}/"
        assert Path.objects.foresee("/en/2025/07/11/", "a") == f"/en/2025/07/11/a{number}/"
        Path.objects.create(path=f"/en/2025/07/11/a{number}/", article=one)
    assert Path.objects.foresee("/en/2025/07/11/", "a", one) == "/en/2025/07/11/a/"
    assert Path.objects.claim("/en/2025/07/11/", "a", other) == "/en/2025/07/11/a-4/"
    assert Path.objects.foresee("/en/2025/07/11/", "a", other) == "/en/2025/07/11/a-4/"


# Comparison and merge


def test_another_picture_is_compared_and_merged(desk: Client, editor: User) -> None:
    lead, first, second = readers.photo(), readers.photo(), readers.photo()
    article = base.draft(photo=lead, social_photo=first, provenance=Provenance.ORIGINAL)
    typed = fields_of(desk.get(change(article)))
    article.save_revision(by=None, social_photo=second, noindex=True)

    text = text_of(desk.get(f"{page(article, 'compare')}?old=1&new=2"))
    for photo in (first, second):
        assert photo.editor_address in text
    assert "Picture for social networks" in text

    response = desk.post(change(article), typed | {"headline": "Mine"}, follow=True)
    assert "Picture for social networks" in text_of(response)
    assert str(second.pk) == fields_of(response)["social_photo"]
    assert result(response).kept_out


def test_host_is_that_of_the_site(desk: Client, settings: Any) -> None:
    settings.BASE_URL = "https://www.post.example"
    assert urlsplit(settings.BASE_URL).netloc in result(desk.get(change(base.draft()))).found
