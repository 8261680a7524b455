import io
from datetime import UTC, datetime

import pytest
from django.test import Client
from PIL import Image

from articles.admin import photos as photo_admin
from articles.models import Photo
from articles.photos import add_photo, read_upload
from newsroom.models import LogEntry, Site
from tests import base

ADD = "/admin/articles/photo/add/"
LIST = "/admin/articles/photo/"
CHOOSE = "/admin/articles/photo/choose/"
WORDS = {"en": {"alt": "A red square", "caption": "Red all over"}}

pytestmark = [pytest.mark.postgresql_later, pytest.mark.usefixtures("contexts")]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(colour="red", name="red.jpg", size=(700, 400), format="JPEG"):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format)
    file.seek(0)
    file.name = name
    return file


def stored(colour="red", texts=WORDS, **fields):
    fields.setdefault("original_name", f"{colour}.jpg")
    photo, _ = add_photo(read_upload(picture(colour)), by=None, texts=texts, **fields)
    return photo


def form(**changes):
    """Return what the form of a new photo sends."""
    data = {"credit": "Jana Feld", "origin": "camera", "usage_terms": "", "focal_x": "0.5", "focal_y": "0.5"}
    data["rights_end"] = ""
    data |= {
        "texts-TOTAL_FORMS": 2,
        "texts-INITIAL_FORMS": 0,
        "texts-MIN_NUM_FORMS": 0,
        "texts-MAX_NUM_FORMS": 60,
    }
    data |= {"texts-0-language": "en", "texts-0-alt": "A red square", "texts-0-caption": "Red."}
    data |= {"texts-1-language": "de", "texts-1-decorative": "on"}
    data["upload"] = picture()
    return {name: value for name, value in (data | changes).items() if value is not None}


def test_a_journalist_adds_a_photo(login, journalist):
    Site(time_zone="Europe/Zurich").save()
    with base.purged_keys() as purged:
        response = login(journalist).post(ADD, form(focal_x="0.2", rights_end="2031-01-01T00:00"))
    photo = Photo.objects.get()
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert (str(photo), photo.credit, photo.focal_x, photo.uploaded_by) == (
        "red.jpg",
        "Jana Feld",
        0.2,
        journalist,
    )
    assert photo.rights_end == datetime(2030, 12, 31, 23, 0, tzinfo=UTC)
    assert photo.text_in("en").alt == "A red square"
    assert photo.text_in("de").decorative
    assert [row.width for row in photo.renditions.filter(crop="")] == [320, 640, 700]
    assert set(photo.page_keys()) <= purged
    entry = LogEntry.objects.get(verb="photo.add")
    assert (entry.by_id, entry.object_id) == (journalist.pk, photo.pk)


def test_everything_that_is_wrong_is_said_at_once(login, journalist, media):
    response = login(journalist).post(
        ADD,
        form(upload=io.BytesIO(b"no picture"), credit="x" * 201, focal_x="3", **{"texts-0-alt": ""}),
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert response.context["adminform"].form.errors.keys() == {"upload", "credit", "focal_x"}
    assert "Describe the photo, or tick “decorative”." in page
    # What was typed is still there.
    assert "Red." in page
    assert not Photo.objects.exists()
    assert not list(media.rglob("*.*"))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "required"),
        (picture(name="red.svg"), "extension"),
        (picture(name="red.html"), "extension"),
        (picture(name="red.jpg.php"), "extension"),
        (picture(name="red.gif", format="GIF"), "extension"),
        (picture(name="red.png", format="GIF"), "no picture"),
        (picture(size=(8000, 7000)), "million pixels"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(login, journalist, media, file, said):
    response = login(journalist).post(ADD, form(upload=file))
    assert said in str(response.context["adminform"].form.errors["upload"])
    assert not Photo.objects.exists()
    assert not list(media.rglob("*.*"))


def test_a_picture_that_is_there_already_is_named(login, journalist):
    photo = stored()
    response = login(journalist).post(ADD, form())
    assert f'<a href="/admin/articles/photo/{photo.pk}/change/">red.jpg</a>' in response.content.decode()
    assert Photo.objects.count() == 1


def test_saving_twice_at_once_is_no_error(login, journalist, monkeypatch):
    # Both looked before either had stored it; the database lets only one through.
    looks = [None, stored()]
    monkeypatch.setattr(photo_admin, "find_photo", lambda upload: looks.pop(0))
    response = login(journalist).post(ADD, form())
    assert looks == []
    assert Photo.objects.count() == 1
    assert response.status_code == 200
    assert "in the library already" in response.content.decode()


def test_files_go_when_the_words_cannot_be_saved(login, journalist, media, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(photo_admin.PhotoAdmin, "save_formset", fail)
    with pytest.raises(OSError, match="disk full"):
        login(journalist).post(ADD, form())
    assert not Photo.objects.exists()
    assert not list(media.rglob("*.*"))


def test_words_and_facts_of_a_photo_are_changed_as_a_verb(login, editor):
    photo = stored()
    text = photo.text_in("en")
    data = form(upload=None, credit="Somebody else")
    data |= {
        "texts-INITIAL_FORMS": 1,
        "texts-0-id": text.pk,
        "texts-0-photo": photo.pk,
        "texts-0-alt": "A square",
    }
    data["texts-1-photo"] = photo.pk
    with base.purged_keys() as purged:
        response = login(editor).post(f"/admin/articles/photo/{photo.pk}/change/", data)
    assert response.status_code == 302
    photo.refresh_from_db()
    assert (photo.credit, photo.texts.get(language="en").alt) == ("Somebody else", "A square")
    assert set(photo.page_keys()) <= purged
    assert LogEntry.objects.filter(verb="photo.change", object_id=photo.pk).count() == 1


def test_a_journalist_mends_the_words_of_her_upload_until_readers_see_it(login, journalist):
    photo = stored()
    client = login(journalist)
    address = f"/admin/articles/photo/{photo.pk}/change/"
    data = form(upload=None, credit="Jana")
    data |= {"texts-INITIAL_FORMS": 1, "texts-0-id": photo.text_in("en").pk, "texts-0-photo": photo.pk}
    data["texts-1-photo"] = photo.pk
    assert client.post(address, data).status_code == 403, "somebody else's"
    Photo.objects.update(uploaded_by=journalist)
    assert client.post(address, data).status_code == 302
    base.published(photo=photo)
    assert client.post(address, data | {"credit": "Forged"}).status_code == 403
    assert Photo.objects.get().credit == "Jana"


def test_a_forged_form_changes_no_file_and_no_uid(login, journalist):
    photo = stored()
    before = (photo.uid, photo.digest, photo.file.name, photo.width, photo.uploaded_by_id)
    data = form(upload=picture("blue")) | {"texts-TOTAL_FORMS": 0}
    data |= {"uid": "0b7e3a54-5c1d-4f7e-9a39-3f6f2d1c8b90", "digest": "x", "file": "/etc/passwd", "width": 1}
    login(journalist).post(f"/admin/articles/photo/{photo.pk}/change/", data | {"uploaded_by": journalist.pk})
    photo.refresh_from_db()
    assert (photo.uid, photo.digest, photo.file.name, photo.width, photo.uploaded_by_id) == before


def test_the_list_shows_and_finds_photos(login, journalist, django_assert_max_num_queries):
    for colour in ("red", "green", "blue"):
        stored(colour, texts={"en": {"alt": f"A {colour} square", "caption": ""}}, credit="Jana")
    client = login(journalist)
    with django_assert_max_num_queries(14):
        page = client.get(LIST).content.decode()
    assert page.count("photo-thumbnail") == 3
    found = client.get(LIST, {"q": "blue jana"}).content.decode()
    assert "blue.jpg" in found
    assert "red.jpg" not in found
    assert client.get(LIST, {"q": "\0 '\"%_\\ nothing"}).status_code == 200


def test_a_photo_in_use_is_not_deleted(login, editor):
    photo = stored()
    base.draft(body=f'<figure><img src="{photo.editor_address}" alt="b"></figure>')
    address = f"/admin/articles/photo/{photo.pk}/delete/"
    client = login(editor)
    assert "the text of an article" in client.get(address).content.decode().lower()
    client.post(address, {"post": "yes"})
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_an_editor_deletes_a_photo_that_nothing_uses(
    login, editor, media, django_capture_on_commit_callbacks
):
    photo = stored()
    with django_capture_on_commit_callbacks(execute=True):
        response = login(editor).post(f"/admin/articles/photo/{photo.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302
    assert not Photo.objects.exists()
    assert not list(media.rglob("*.*"))
    assert LogEntry.objects.filter(verb="photo.delete", object_id=photo.pk).count() == 1


def test_who_may_not_reaches_nothing(login, moderator, journalist):
    photo = stored()
    addresses = (LIST, ADD, CHOOSE, photo.editor_address, f"/admin/articles/photo/{photo.pk}/change/")
    for address in addresses:
        assert login(moderator).get(address).status_code == 403, address
        assert Client().get(address).status_code == 302, address
    assert login(moderator).post(ADD, form()).status_code == 403
    delete = f"/admin/articles/photo/{photo.pk}/delete/"
    assert login(journalist).post(delete, {"post": "yes"}).status_code == 403
    assert Photo.objects.count() == 1


# The address by which a body names a photo


@pytest.mark.parametrize(
    ("asked", "width"),
    [
        ("", 700),
        ("?width=100", 320),
        ("?width=320", 320),
        ("?width=321", 640),
        ("?width=9999", 700),
        ("?width=x", 700),
    ],
)
def test_staff_get_a_photo_about_as_wide_as_asked(login, journalist, asked, width):
    response = login(journalist).get(stored().editor_address + asked)
    served = Image.open(io.BytesIO(response.getvalue()))
    assert (served.format, served.width) == ("JPEG", width)


def test_the_file_of_a_photo_is_stored_nowhere_and_runs_nothing(login, journalist):
    response = login(journalist).get(stored().editor_address)
    assert response["Content-Type"] == "image/jpeg"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    response.close()


def test_a_photo_that_is_not_there_is_not_found(login, journalist, media):
    client = login(journalist)
    assert client.get("/admin/articles/photo/0b7e3a54-5c1d-4f7e-9a39-3f6f2d1c8b90/file/").status_code == 404
    photo = stored()
    assert client.post(photo.editor_address).status_code == 405
    for path in media.rglob("*.jpg"):
        path.unlink()
    assert client.get(photo.editor_address).status_code == 404


# The editor's choice of photos


def test_the_choice_shows_words_in_the_language_of_the_article(login, journalist):
    stored("red", texts={"en": {"alt": "A red square"}, "de": {"alt": "Ein rotes Quadrat"}}, credit="Jana")
    stored("blue", texts={"de": {"decorative": True}})
    page = login(journalist).get(CHOOSE, {"language": "de"}).content.decode()
    assert 'data-words="Ein rotes Quadrat"' in page
    assert "A red square" not in page
    assert page.count("data-decorative") == 1
    assert page.index("blue.jpg") < page.index("Ein rotes Quadrat")


def test_the_choice_is_searched_in_any_language(login, journalist):
    stored("red", texts={"de": {"alt": "Ein rotes Quadrat"}})
    client = login(journalist)
    assert "data-photo" in client.get(CHOOSE, {"q": "QUADRAT", "language": "en"}).content.decode()
    page = client.get(CHOOSE, {"q": "circle"}).content.decode()
    assert "No photo has these words." in page
    assert "data-photo" not in page


def test_the_choice_is_paged(login, journalist, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(photo_admin, "CHOICES", 2)
    newest_last = [stored(colour) for colour in ("red", "green", "blue")]
    client = login(journalist)
    with django_assert_max_num_queries(9):
        page = client.get(CHOOSE).content.decode()
    assert page.count("data-photo") == 2
    assert f'data-older="{newest_last[1].pk}"' in page
    older = client.get(CHOOSE, {"before": newest_last[1].pk}).content.decode()
    assert older.count("data-photo") == 1
    assert "data-older" not in older
    for odd in ("x", "-1", "9" * 30, "²"):
        assert client.get(CHOOSE, {"before": odd, "q": "\0", "language": odd}).status_code == 200


def test_names_and_words_are_escaped_in_list_and_choice(login, journalist):
    hostile = '"><script>hit(1)</script>'
    stored("red", original_name=hostile, credit=hostile, texts={"en": {"alt": hostile, "caption": hostile}})
    client = login(journalist)
    for address in (LIST, CHOOSE, f"/admin/articles/photo/{Photo.objects.get().pk}/change/"):
        assert "<script>hit" not in client.get(address).content.decode()
