"""The page of an article."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Page, PageText, Path, Source
from comments.models import Comment
from newsroom import pages
from newsroom.models import Site
from tests import base
from tests.articles import readers
from tests.articles.test_attachments import document, link_to
from tests.articles.test_links import link

pytestmark = pytest.mark.django_db
JULY = datetime(2025, 7, 11, 8, 42, tzinfo=UTC)


@pytest.fixture(autouse=True)
def site() -> Site:
    row = Site(name="The Post", languages=["en", "de", "fr"], time_zone="Europe/Zurich")
    row.save()
    return row


def translated(article: Article, language: str = "de", **content: object) -> Article:
    """Publish a translation of an article."""
    version = article.add_version(language, by=None)
    content.setdefault("headline", "Hafen wieder offen")
    content.setdefault("body", "<p>Die erste Fähre legte um sechs ab.</p>")
    version.save_revision(by=None, **content)
    version.publish(by=None)
    return version


@pytest.mark.postgresql_later
def test_article_stands_at_its_date_and_slug(client):
    base.published(at=JULY)

    response = client.get("/en/2025/07/11/harbour-reopens-after-the-storm/")

    assert response.status_code == 200
    assert "The first ferry left at six." in response.text


@pytest.mark.postgresql_later
def test_headline_is_the_one_h1(client):
    page = client.get(base.published().path).text

    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == ["Harbour reopens after the storm"]


@pytest.mark.postgresql_later
def test_article_says_who_when_and_where(client):
    nora, otto, claire = (base.author(name) for name in ("Nora Feld", "Otto Berg", "Claire Roux"))
    article = base.published(
        at=JULY,
        dateline="Basel",
        bylines=[(nora, "author"), (otto, "author"), (claire, "translator")],
    )

    page = client.get(article.path).text

    assert (
        '<a href="/en/author/nora-feld/">Nora Feld</a>, <a href="/en/author/otto-berg/">Otto Berg</a>' in page
    )
    assert re.search(r"Translated by</span>\s*<a href=\"/en/author/claire-roux/\">Claire Roux</a>", page)
    assert "<span>Basel</span>" in page
    assert '<time datetime="2025-07-11T10:42+02:00">11 July 2025, 10:42 CEST</time>' in page
    assert "Updated" not in page


@pytest.mark.postgresql_later
def test_update_is_told_once_readers_got_another_text(client):
    article = base.published(at=JULY)
    article.save_revision(by=None, body="<p>The second ferry left at seven.</p>")
    article.publish(by=None)

    page = client.get(article.path).text

    assert "Published <time" in page
    assert "Updated <time" in page


@pytest.mark.postgresql_later
def test_author_without_words_in_the_language_is_named_without_a_link(client):
    article = base.published(bylines=[(base.author(languages=("de",)), "author")])

    page = client.get(article.path).text

    assert "Nora Feld" in page
    assert "/author/" not in page


@pytest.mark.postgresql_later
def test_public_sources_are_told_and_internal_ones_are_not(client):
    known = Source.objects.create(
        name="Annual report 2024", url="https://example.org/report", remarks="by hand"
    )
    secret = Source.objects.create(name="A clerk who must not be named", kind="person")
    article = base.published(sources=[(known, True), (secret, False)])

    page = client.get(article.path).text

    assert '<a href="https://example.org/report">Annual report 2024</a>' in page
    assert "clerk" not in page
    assert "by hand" not in page


@pytest.mark.postgresql_later
def test_section_and_tags_lead_to_their_lists(client):
    article = base.published(kicker="Ferries", tags=[base.tag("Rail"), base.tag("Harbours")])

    page = client.get(article.path).text

    assert '<p class="kicker">Ferries</p>' in page
    assert '<a href="/en/politics/">Politics</a>' in page
    assert page.index("/en/tag/harbours/") < page.index("/en/tag/rail/")


@pytest.mark.postgresql_later
def test_lead_photo_has_alt_caption_credit_and_size(client):
    photo = readers.photo()
    article = base.published(photo=photo)

    page = client.get(article.path).text
    img = re.search(r"<img[^>]*fetchpriority[^>]*>", page)[0]

    assert 'alt="A quay at dusk"' in img
    assert 'width="960" height="720"' in img
    assert all(rendition.file.url in img for rendition in photo.renditions.all())
    assert re.search(r'<figcaption>The quay on Tuesday\s*<span class="credit">Ida Brandt</span>', page)
    assert photo.file.url not in page


@pytest.mark.postgresql_later
def test_words_of_a_photo_are_those_of_the_page(client):
    photo = readers.photo({"en": ("A quay", "The quay"), "fr": ("Un quai", "Le quai")})
    article = base.published(language="fr", photo=photo)

    page = client.get(article.path).text

    assert 'alt="Un quai"' in page
    assert "The quay" not in page


@pytest.mark.postgresql_later
def test_photo_in_the_body_gets_a_real_address(client):
    photo = readers.photo()
    article = base.published(body=f"<p>Look:</p>{readers.figure(photo, caption='By <strong>night</strong>')}")

    page = client.get(article.path).text

    assert "/admin/" not in page
    assert photo.renditions.first().file.url in page
    assert "By <strong>night</strong>" in page
    assert 'alt="A quay at dusk"' in page


@pytest.mark.postgresql_later
def test_unknown_photo_in_the_body_is_left_out(client):
    photo = readers.photo()
    body = f"<p>Look:</p>{readers.figure(photo)}<p>Nice.</p>"
    photo.uid = "00000000-0000-4000-8000-000000000000"
    photo.save()

    page = client.get(base.published(body=body).path).text

    assert "<figure" not in page
    assert "<p>Nice.</p>" in page


@pytest.mark.postgresql_later
def test_wide_table_scrolls_by_itself(client):
    article = base.published(body="<table><tbody><tr><td>7.12 m</td></tr></tbody></table>")

    page = client.get(article.path).text

    assert re.search(r'<div class="scroll" role="group" tabindex="0" aria-label="Table"><table>', page)
    assert re.search(r"</table>\s*</div>", page)


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"provenance": "original"}, ""),
        ({"provenance": "translated"}, "This text is a translation."),
        ({"provenance": "machine"}, "translated by a machine and not reviewed"),
        (
            {"provenance": "machine-reviewed", "reviewed_by": "Claire Roux"},
            "translated by a machine and reviewed by Claire Roux.",
        ),
        ({"provenance": "imported"}, "how it came into its language is not known"),
    ],
)
def test_provenance_is_told_where_the_text_is_not_original(client, content, sentence):
    page = client.get(base.published(**content).path).text

    assert ('class="provenance"' in page) == bool(sentence)
    assert sentence in page


@pytest.mark.postgresql_later
def test_translation_leads_to_what_it_was_made_from(client):
    original = base.published()
    version = translated(original)

    assert f'<a href="{original.path}" hreflang="en">' in client.get(version.path).text

    original.unpublish(by=None)

    page = client.get(version.path).text
    assert original.path not in page
    assert original.headline not in page


@pytest.mark.postgresql_later
def test_other_languages_of_the_story_are_offered_and_returned(client):
    english = base.published()
    german = translated(english)
    english.add_version("fr", by=None)

    for here, there in ((english, german), (german, english)):
        page = client.get(here.path).text
        assert f'hreflang="{there.language}" href="http://testserver{there.path}"' in page
        assert f'hreflang="{here.language}" href="http://testserver{here.path}"' in page
        assert f'<a href="{there.path}" lang="{there.language}"' in page
        assert 'hreflang="fr" href="http' not in page


def test_scheduled_version_is_told_to_nobody_and_changes_the_page_in_time(client):
    english = base.published()
    german = translated(english)
    german.unpublish(by=None)
    due = timezone.now() + timedelta(hours=3)
    german.publish(by=None, at=due)

    response = client.get(english.path)

    assert german.headline not in response.text
    assert pages.shown(response.wsgi_request).until == due


@pytest.mark.postgresql_later
def test_notes_stand_at_the_article_with_their_time(client):
    article = base.published(at=JULY)
    article.add_note(by=None, kind="correction", text="The ferry left at six, not at five.\n\nSorry.")
    article.add_note(by=None, kind="reply", text="We never sailed.", author="Harbour Ltd")

    page = client.get(article.path).text

    assert "Correction" in page
    assert "<p>The ferry left at six, not at five.</p>" in page
    assert "Harbour Ltd" in page


@pytest.mark.postgresql_later
@pytest.mark.parametrize("field", ["headline", "standfirst", "kicker", "dateline", "republished_from"])
def test_markup_in_text_stays_text(client, field):
    content = {field: "<script>alert(1)</script> & {{ 7|add:7 }}"[:60]}
    if field != "headline":
        content["headline"] = "A headline"

    page = client.get(base.published(slug="x", **content).path).text

    assert "<script>alert" not in page
    assert "{{ 7|add:7 }}"[: len("{{ 7|add")] in page


@pytest.mark.postgresql_later
def test_end_of_script_in_a_headline_does_nothing(client):
    headline = 'A "</script><img src=x onerror=alert(1)>" <!-- headline'

    page = client.get(base.published(headline=headline, slug="x").path).text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1]

    assert json.loads(block)["headline"] == headline
    assert "<img src=x" not in page
    assert page.count("<script") == 2  # the article, and the way to it


@pytest.mark.postgresql_later
def test_page_tells_other_sites_what_it_is(client):
    article = base.published(photo=readers.photo(), search_description="Ferries sail again.")

    page = client.get(article.path).text

    for name, content in {
        "og:title": article.headline,
        "og:description": "Ferries sail again.",
        "og:url": f"http://testserver{article.path}",
        "og:site_name": "The Post",
        "og:type": "article",
    }.items():
        assert f'<meta property="{name}" content="{content}">' in page
    assert re.search(r'<meta property="og:image" content="http://testserver/media/photos/[^"]+">', page)
    assert '<meta name="description" content="Ferries sail again.">' in page
    assert f'<link rel="canonical" href="http://testserver{article.path}">' in page
    assert f"<title>{article.headline} — The Post</title>" in page


@pytest.mark.postgresql_later
def test_description_without_a_standfirst_is_the_beginning_of_the_text(client):
    page = client.get(base.published(standfirst="").path).text

    assert '<meta name="description" content="The first ferry left at six.' in page


@pytest.mark.postgresql_later
def test_republished_text_names_its_first_publisher(client):
    article = base.published(republished_from="Basler Bote", canonical_url="https://bote.example/a")

    page = client.get(article.path).text

    assert '<link rel="canonical" href="https://bote.example/a">' in page
    assert '<a href="https://bote.example/a">Basler Bote</a>' in page


@pytest.mark.postgresql_later
def test_article_is_kept_out_of_search_engines_on_demand(client):
    assert '<meta name="robots" content="noindex">' in client.get(base.published(noindex=True).path).text


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("language", "label"), [("en", "Comments (2)"), ("de", "Kommentare (2)"), ("fr", "Commentaires (2)")]
)
def test_counter_speaks_the_language_of_the_page_everywhere(client, language, label):
    article = base.published(language=language)
    for name in ("Rosa", "Karl"):
        Comment.post(article=article, name=name, text="Good.").approve(by=None)

    for address in (article.path, f"/{language}/", article.get_absolute_url()):
        assert label in client.get(address).text


@pytest.mark.postgresql_later
def test_counter_stands_at_nought_while_comments_are_open(client):
    article = base.published()

    assert f'href="{article.path}#comments">Comments (0)</a>' in client.get("/en/").text

    article.set_desk(by=None, embargo_until=None, comments_mode="closed")

    for address in ("/en/", article.path):
        assert "comment-count" not in client.get(address).text


@pytest.mark.postgresql_later
def test_counter_of_closed_comments_stays_where_there_are_some(client):
    article = base.published()
    Comment.post(article=article, name="Rosa", text="Good.").approve(by=None)
    article.set_desk(by=None, embargo_until=None, comments_mode="closed")

    assert "Comments (1)" in client.get("/en/").text


@pytest.mark.postgresql_later
def test_old_address_leads_straight_to_the_newest(client):
    article = base.published(at=JULY)
    for slug in ("ferries-sail", "ferries-sail-again"):
        article.save_revision(by=None, slug=slug)
        article.publish(by=None)

    for old in ("harbour-reopens-after-the-storm", "ferries-sail"):
        response = client.get(f"/en/2025/07/11/{old}/")
        assert response.status_code == 301
        assert response.headers["Location"] == "/en/2025/07/11/ferries-sail-again/"
        assert base.page_keys(response) >= {f"article-{article.pk}"}


@pytest.mark.postgresql_later
@pytest.mark.parametrize("old", [False, True])
def test_withdrawn_article_is_gone_without_a_word_of_it(client, old):
    article = base.published()
    address = article.path
    if old:
        article.save_revision(by=None, slug="another")
        article.publish(by=None)
    article.withdraw(by=None, reason="the source recanted")

    response = client.get(address)

    assert response.status_code == 410
    assert base.page_keys(response) >= {"site", f"article-{article.pk}"}
    for word in ("Harbour", "recanted", "Ferries", "first ferry"):
        assert word not in response.text


@pytest.mark.postgresql_later
def test_draft_scheduled_and_unpublished_articles_are_not_found(client):
    later = base.published(headline="Later", at=timezone.now() + timedelta(hours=1))
    out = base.published(headline="Out")
    out.unpublish(by=None)

    assert client.get(later.path).status_code == 404
    assert client.get(out.path).status_code == 404


@pytest.mark.postgresql_later
def test_version_that_readers_never_saw_is_not_found_when_its_story_is_withdrawn(client):
    english = base.published()
    german = base.draft(language="de", headline="Hafen offen", story=english.story)
    german.publish(by=None, at=timezone.now() + timedelta(hours=1))

    english.story.withdraw(by=None, reason="x")

    assert client.get(english.path).status_code == 410
    assert client.get(german.path).status_code == 404


@pytest.mark.postgresql_later
def test_nobody_is_told_of_what_was_withdrawn_before_readers_saw_it(client):
    now = timezone.now()
    article = base.published(at=now + timedelta(hours=1))
    Article.objects.update(withdrawn_at=now)

    assert client.get(article.path).status_code == 404


def test_an_imported_address_answers_as_its_article_whatever_its_language(client):
    article = base.published(at=JULY)
    Path.objects.create(path="/de/2025/07/11/imported/", article=article)

    assert client.get("/de/2025/07/11/imported/").headers["Location"] == article.path
    article.unpublish(by=None)
    assert client.get("/de/2025/07/11/imported/").status_code == 404
    article.publish(by=None)
    article.withdraw(by=None, reason="Wrong.")
    assert client.get("/de/2025/07/11/imported/").status_code == 410


@pytest.mark.postgresql_later
def test_embargoed_article_is_not_found(client):
    article = base.published()
    Article.objects.filter(pk=article.pk).update(embargo_until=timezone.now() + timedelta(hours=1))

    assert client.get(article.path).status_code == 404
    assert article.headline not in client.get("/en/").text


def test_article_is_not_found_below_another_language_or_date(client):
    base.published(at=JULY)

    for address in ("/de/2025/07/11/", "/en/2025/07/12/", "/en/2025/7/11/"):
        assert client.get(f"{address}harbour-reopens-after-the-storm/").status_code == 404


@pytest.mark.postgresql_later
def test_newer_draft_is_not_shown(client):
    article = base.published()
    article.save_revision(by=None, headline="Secret", body="<p>Not yet.</p>", standfirst="Hush.")

    page = client.get(article.path).text

    assert "Secret" not in page
    assert "Not yet." not in page


@pytest.mark.postgresql_later
def test_article_carries_the_keys_of_what_it_shows(client):
    tag, author, photo = base.tag("Rail"), base.author(), readers.photo()
    article = base.published(tags=[tag], bylines=[(author, "author")], photo=photo)

    assert base.page_keys(client.get(article.path)) >= {
        "site",
        f"article-{article.pk}",
        f"story-{article.story_id}",
        f"section-{article.section_id}",
        f"tag-{tag.pk}",
        f"author-{author.pk}",
        f"photo-{photo.pk}",
    }


@pytest.mark.postgresql_later
def test_publishing_a_version_purges_the_others(client):
    english = base.published()
    keys = base.page_keys(client.get(english.path))

    with base.purged_keys() as purged:
        translated(english)

    assert keys & purged


@pytest.mark.postgresql_later
def test_static_page_shows_its_words(client):
    page = Page.objects.create(purpose="imprint")
    PageText.objects.create(page=page, language="en", name="Imprint", body="<p>1 Quay Street</p>")

    response = client.get("/en/page/imprint/")

    assert "<p>1 Quay Street</p>" in response.text
    assert base.page_keys(response) >= {"site", f"page-{page.pk}"}


def test_article_costs_twelve_queries_at_most_however_many_there_are(client, django_assert_max_num_queries):
    for purpose in ("privacy", "comment-rules"):
        page = Page.objects.create(purpose=purpose)
        PageText.objects.create(page=page, language="en", name=purpose, body="<p>x</p>")
    original = base.published(language="fr")
    article = translated(
        original,
        "en",
        photo=readers.photo(),
        body=f"<p>{link(original)}{link_to(document())}</p>{readers.figure(readers.photo())}"
        f"{readers.figure(readers.photo())}",
        social_photo=readers.photo(),
        tags=[base.tag(f"Tag {n}") for n in range(5)],
        bylines=[(base.author(f"Author {n}"), "author") for n in range(3)],
        sources=[(Source.objects.create(name=f"Source {n}"), True) for n in range(3)],
    )
    article.add_note(by=None, kind="update", text="x")

    for size in (10, 200):
        readers.crowd(article, size)
        for n in range(size // 20):
            Comment.post(article=article, name=f"Reader {size} {n}", text="x").approve(by=None)
        with django_assert_max_num_queries(12):
            assert client.get(article.path).status_code == 200


def test_article_reads_no_body_but_its_own(client):
    german = translated(base.published(language="fr"))
    article = translated(german, "en", headline="Harbour open", body="<p>At six.</p>")

    with CaptureQueriesContext(connection) as queries:
        assert client.get(article.path).status_code == 200

    columns = [found for query in queries for found in re.findall(r"(\w+)\"?\.\"body\"", query["sql"])]
    assert [table for table in columns if table != "articles_pagetext"] == ["articles_article"]


@pytest.mark.postgresql_later
def test_the_publisher_says_by_which_rules_it_works(client):
    for purpose in ("ethics", "corrections", "ownership", "privacy"):
        page = Page.objects.create(purpose=purpose)
        PageText.objects.create(page=page, language="en", name=purpose, body="<p>x</p>")
        PageText.objects.create(page=page, language="fr", name=f"{purpose} fr", body="<p>x</p>")

    page = client.get(base.published().path).text
    publisher = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])[
        "publisher"
    ]

    assert publisher["publishingPrinciples"] == "http://testserver/en/page/ethics/"
    assert publisher["correctionsPolicy"] == "http://testserver/en/page/corrections/"
    assert publisher["ownershipFundingInfo"] == "http://testserver/en/page/ownership/"
    assert len([value for value in publisher.values() if "/page/" in str(value)]) == 3
