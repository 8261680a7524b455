"""The site's settings in the admin."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from articles.models import User
from newsroom.models import LogEntry, Site
from tests import base
from tests.articles.admin import fields_of, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]
FORM = "/admin/newsroom/site/1/change/"


@pytest.fixture
def desk(chief: User, login: Callable) -> Client:
    return login(chief)


def picture(size: tuple[int, int], kind: str = "png", **options: object) -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", size, "navy").save(buffer, kind, **options)
    return SimpleUploadedFile(f"logo.{kind}", buffer.getvalue(), content_type=f"image/{kind}")


def test_settings_are_made_at_the_first_save_and_looking_makes_none(desk: Client) -> None:
    assert desk.get("/admin/newsroom/site/").headers["Location"] == FORM
    assert desk.get(FORM).status_code == 200
    assert not Site.objects.exists()
    with base.purged_keys() as purged:
        send(desk, FORM, name="The Harbour Post", publisher="Harbour Press")
    assert Site.objects.get().name == "The Harbour Post"
    assert purged == {"site"}
    assert LogEntry.objects.get(verb="site.change").object_id == 1


def test_words_and_menus_per_language(desk: Client) -> None:
    send(
        desk,
        FORM,
        texts__1__tagline="Nachrichten vom Hafen",
        texts__1__main_menu="Politik | /de/politik/\nWetter | https://wetter.example/",
    )
    site = Site.current()
    assert site.texts.count() == 1
    assert site.text_in("de").tagline == "Nachrichten vom Hafen"
    assert [entry.label for entry in site.text_in("de").main_entries] == ["Politik", "Wetter"]
    refused = send(desk, FORM, texts__0__main_menu="Politik | javascript:alert(1)")
    assert "no menu entry" in text_of(refused)


def test_languages_are_chosen_by_name_the_first_one_first(desk: Client) -> None:
    page = text_of(desk.get(FORM))
    assert "Italiano" in page
    send(desk, FORM, default_language="de", more_languages=["en", "de", "it", "fr"])
    assert Site.objects.get().languages == ["de", "en", "fr", "it"]
    assert "errorlist" in text_of(send(desk, FORM, default_language="xx"))


def test_language_that_readers_read_is_not_dropped(desk: Client) -> None:
    base.published(language="fr", headline="Le port rouvre")
    base.draft(language="de", headline="Der Hafen")
    refused = send(desk, FORM, more_languages=["de"])
    assert "1 article in Français is published or scheduled" in text_of(refused)
    send(desk, FORM, more_languages=["fr"])
    assert Site.objects.get().languages == ["en", "fr"]


def test_colour_that_cannot_be_read_is_refused_with_its_contrast(desk: Client) -> None:
    refused = send(desk, FORM, colour="#ffcc00")
    assert "contrast is 1.3:1" in text_of(refused)
    assert fields_of(refused)["colour"] == "#ffcc00"
    for colour in ("red", "#12345", "#12345g"):
        assert "#rrggbb" in text_of(send(desk, FORM, colour=colour))
    send(desk, FORM, colour="#1D4F7C")
    assert Site.objects.get().colour == "#1d4f7c"


def test_time_zone_is_one_that_there_is(desk: Client) -> None:
    assert "Select a valid choice" in text_of(send(desk, FORM, time_zone="Europe/Atlantis"))
    send(desk, FORM, time_zone="Europe/Zurich")
    assert Site.objects.get().time_zone == "Europe/Zurich"


def test_logo_and_icon_are_encoded_anew_and_bounded(desk: Client) -> None:
    send(desk, FORM, logo=picture((3000, 600), "jpeg", comment=b"a secret"), icon=picture((900, 900)))
    site = Site.objects.get()
    with site.logo.open() as logo:
        data = logo.read()
    assert b"a secret" not in data
    assert site.logo.name.endswith(".png")
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.size) == ("PNG", (1200, 240))
    with site.icon.open() as icon, Image.open(icon) as image:
        assert image.size == (512, 512)
    served = Client().get(site.logo.url)
    assert served.headers["Content-Type"] == "image/png"
    assert b"".join(served.streaming_content).startswith(b"\x89PNG")
    # Saved once more, the files stay; they can be taken away.
    send(desk, FORM)
    assert Site.objects.get().logo.name == site.logo.name
    desk.post(FORM, fields_of(desk.get(FORM)) | {"logo-clear": "on"})
    assert not Site.objects.get().logo


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (SimpleUploadedFile("a.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"), "no picture"),
        *(
            pytest.param(*case, marks=pytest.mark.later)
            for case in (
                (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\nbroken", "image/png"), "picture"),
                (SimpleUploadedFile("a.png", b"", "image/png"), "empty"),
                (SimpleUploadedFile("a.html", b"<html><script>", "text/html"), "no picture"),
            )
        ),
    ],
)
def test_what_is_no_picture_is_refused(desk: Client, upload: SimpleUploadedFile, words: str) -> None:
    for field in ("logo", "icon"):
        upload.seek(0)
        response = send(desk, FORM, name="Kept", **{field: upload})
        assert words in text_of(response)
        assert fields_of(response)["name"] == "Kept"
    assert not Site.objects.exists()


def test_icon_is_square(desk: Client) -> None:
    assert "300 × 200 pixels" in text_of(send(desk, FORM, icon=picture((300, 200))))
    assert "20 × 20 pixels" in text_of(send(desk, FORM, icon=picture((20, 20))))


def test_there_is_one_site(desk: Client) -> None:
    Site().save()
    assert desk.get("/admin/newsroom/site/add/").status_code == 403
    assert desk.get("/admin/newsroom/site/1/delete/").status_code == 403
    for other in ("2", "x", "9" * 30):
        response = desk.get(f"/admin/newsroom/site/{other}/change/")
        assert response.status_code == 302
        assert response.headers["Location"] == "/admin/"


def test_admin_carries_the_sites_name_and_clocks(desk: Client) -> None:
    Site(name="The Harbour Post", time_zone="Asia/Tokyo").save()
    article = base.published(at=base.NOON.replace(year=2035))
    page = text_of(desk.get(f"/admin/articles/article/{article.pk}/history/"))
    assert "The Harbour Post" in page
    assert "21:00" in page


def test_another_first_language_leaves_the_former_one_among_the_further_ones(desk: Client) -> None:
    assert Site.current().languages == ["en", "de", "fr"]
    send(desk, FORM, default_language="fr")
    assert Site.objects.get().languages == ["fr", "en", "de"]
    send(desk, FORM, default_language="de", more_languages=["fr"])
    assert Site.objects.get().languages == ["de", "fr"]
