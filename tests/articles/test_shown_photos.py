"""Photos that readers see: with a visible article, while their rights last; else their files are not there."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from articles.models import Page, PageText, Photo
from articles.photos import add_photo, read_upload
from newsroom import pages
from tests import base

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def photo():
    file = io.BytesIO()
    Image.new("RGB", (700, 500), "red").save(file, "JPEG")
    file.seek(0)
    return add_photo(read_upload(file), by=None, texts={"en": {"alt": "A red field"}})[0]


def statuses(client, photo):
    """Return what the addresses of the master and of each rendition answer."""
    files = [photo.file, *(rendition.file for rendition in photo.renditions.all())]
    found = set()
    for file in files:
        response = client.get(file.url)
        response.getvalue()  # read to its end, the file is closed
        found.add(response.status_code)
    return found


def figure(photo):
    return f'<figure><img src="{photo.editor_address}" alt="b"></figure>'


# Of the first two, tests/test_nothing_leaks.py asks as well.
@pytest.mark.parametrize(
    "place", [*(pytest.param(place, marks=pytest.mark.later) for place in ("photo", "social_photo")), "body"]
)
def test_the_files_of_a_photo_are_there_while_readers_see_its_article(client, photo, place):
    article = base.draft(**{place: figure(photo) if place == "body" else photo})
    assert statuses(client, photo) == {404}, "a draft's"
    article.publish(by=None, at=timezone.now() + timedelta(days=1))
    assert statuses(client, photo) == {404}, "a scheduled one's"
    article.unpublish(by=None)
    article.publish(by=None)
    assert statuses(client, photo) == {200}
    article.withdraw(by=None, reason="x")
    assert statuses(client, photo) == {404}
    article.reinstate(by=None)
    assert statuses(client, photo) == {200}
    article.save_revision(by=None, photo=None, social_photo=None, body="<p>Without.</p>")
    assert statuses(client, photo) == {200}, "readers see the live revision"
    article.publish(by=None)
    assert statuses(client, photo) == {404}


def test_a_file_among_the_photos_that_is_of_no_photo_is_not_served(client, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/left-over.jpg").write_bytes(b"content")
    assert client.get("/media/photos/left-over.jpg").status_code == 404


def test_another_article_or_a_page_or_an_author_keeps_a_photo(client, photo):
    base.published(photo=photo, headline="One").withdraw(by=None, reason="x")
    other = base.published(body=figure(photo), headline="Two")
    assert statuses(client, photo) == {200}
    other.unpublish(by=None)
    page = PageText.objects.create(
        page=Page.objects.create(), language="en", name="About", body=figure(photo)
    )
    assert statuses(client, photo) == {200}
    page.delete()
    assert statuses(client, photo) == {404}
    author = base.author()
    author.photo = photo
    author.save()
    assert statuses(client, photo) == {200}


def test_a_photo_goes_out_when_its_rights_end(client, photo):
    Photo.objects.update(rights_end=timezone.now() + timedelta(hours=1))
    article = base.published(photo=photo, body=figure(photo))
    PageText.objects.create(page=Page.objects.create(), language="en", name="About", body=figure(photo))
    addresses = (article.path, "/en/", "/en/politics/", "/en/page/about/")
    ends = Photo.objects.get().rights_end
    for address in addresses:
        response = client.get(address)
        assert "/media/photos/" in response.text
        assert pages.shown(response.wsgi_request).until <= ends
        assert f"photo-{photo.pk}" in base.page_keys(response)

    Photo.objects.update(rights_end=timezone.now())

    for address in addresses:
        assert "/media/photos/" not in client.get(address).text
    assert statuses(client, photo) == {404}


def test_pages_of_tags_and_authors_carry_the_keys_of_their_other_languages(client):
    tag, author = base.tag("Ferries"), base.author()
    tag.texts.create(language="de", name="Fähren")
    base.published(tags=[tag], bylines=[(author, "author")])
    shown = [client.get(address) for address in ("/en/tag/ferries/", "/en/author/nora-feld/")]
    later = timezone.now() + timedelta(hours=1)
    german = base.draft(language="de", headline="Hafen", tags=[tag], bylines=[(author, "author")])
    with base.purged_keys() as purged:
        german.publish(by=None, at=later)
    for response in shown:
        assert base.page_keys(response) & purged
        assert pages.shown(client.get(response.request["PATH_INFO"]).wsgi_request).until == later


def test_a_translation_carries_the_key_of_its_original_before_that_is_out(client):
    original = base.draft()
    german = original.add_version("de", by=None)
    german.save_revision(by=None, headline="Hafen offen", body="<p>Die Fähre fuhr um sechs.</p>")
    german.publish(by=None)
    response = client.get(german.path)
    with base.purged_keys() as purged:
        original.publish(by=None, at=timezone.now() + timedelta(hours=1))
    assert f"article-{original.pk}" in base.page_keys(response) & purged
    assert pages.shown(client.get(german.path).wsgi_request).until == original.published_at


def declared(client, photo):
    """Return the keys that the answer with a photo's file declares, and when it changes by itself."""
    response = client.get(photo.file.url)
    response.getvalue()
    return base.page_keys(response), base.page_until(response)


def test_a_file_carries_the_keys_of_what_keeps_it_public(client, photo):
    article = base.published(photo=photo, headline="One")
    own = {"site", f"photo-{photo.pk}"}
    assert declared(client, photo) == ({*own, f"article-{article.pk}"}, None)
    # Of several things one is enough: while it stays, so does the photo.
    base.published(photo=photo, headline="Two")
    assert declared(client, photo)[0] == {*own, f"article-{article.pk}"}
    author = base.author()
    author.photo = photo
    author.save()
    assert declared(client, photo)[0] == {*own, *author.page_keys()}
    author.delete()
    page = Page.objects.create()
    PageText.objects.create(page=page, language="en", name="About", body=figure(photo))
    for row in photo.articles.all():
        row.unpublish(by=None)
    ends = timezone.now() + timedelta(hours=1)
    Photo.objects.update(rights_end=ends)
    assert declared(client, photo) == ({*own, *page.page_keys()}, ends)


@pytest.mark.parametrize(
    "take_back",
    [
        lambda article: article.withdraw(by=None, reason="x"),
        lambda article: article.story.withdraw(by=None, reason="x"),
        lambda article: article.unpublish(by=None),
        lambda article: (article.save_revision(by=None, photo=None), article.publish(by=None)),
    ],
    ids=["withdrawn", "with its story", "unpublished", "without the photo"],
)
def test_whatever_takes_a_photo_from_readers_purges_its_files(client, photo, take_back):
    article = base.published(photo=photo)
    keys, _until = declared(client, photo)
    with base.purged_keys() as purged:
        take_back(article)
    assert statuses(client, photo) == {404}
    assert keys & purged
