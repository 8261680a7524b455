import io
import re
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from PIL import Image

from articles import photos
from articles.images import BadPicture
from articles.models import Author, Page, PageText, Photo, PhotoText, Rendition
from articles.photos import add_photo, delete_photo, is_in_use, read_upload
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base

WORDS = {"en": {"alt": "A red square", "caption": "Red."}, "de": {"decorative": True}}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(colour="red", size=(1000, 600), format="JPEG"):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format)
    file.seek(0)
    return file


def upload(colour="red", **options):
    return read_upload(picture(colour, **options))


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_upload_becomes_a_photo_with_its_files_and_words(journalist, media):
    photo, is_new = add_photo(
        upload(), by=journalist, original_name="C:\\Users\\jana\\red.jpg", credit="Jana", texts=WORDS
    )
    assert is_new
    assert (photo.width, photo.height, photo.uploaded_by, str(photo)) == (1000, 600, journalist, "red.jpg")
    assert [text.alt for text in photo.texts.order_by("language")] == ["", "A red square"]
    made = [(row.format, row.width, row.height) for row in photo.renditions.all()]
    assert made == [("jpeg", 320, 192), ("jpeg", 640, 384), ("jpeg", 960, 576), ("jpeg", 1000, 600)]
    names = [photo.file.name, *photo.renditions.values_list("file", flat=True)]
    assert files(media) == sorted(names)
    entry = LogEntry.objects.get(verb="photo.add")
    assert (entry.by_id, entry.object_id, entry.details) == (
        journalist.pk,
        photo.pk,
        {"digest": photo.digest},
    )


def test_names_of_files_cannot_be_guessed(db, settings):
    photo, _ = add_photo(upload(), by=None)
    names = {photo.file.name, *photo.renditions.values_list("file", flat=True)}
    assert len(names) == 5
    assert all(re.fullmatch(r"photos/([0-9a-f]{2})/\1[0-9a-f]{38}\.jpg", name) for name in names)
    assert not any(photo.digest[:10] in name or str(photo.uid) in name for name in names)
    made = upload().master
    name = photos._name(photo, made, "master")
    settings.SECRET_KEY = "another key of another site"
    assert photos._name(photo, made, "master") != name


def test_another_focal_point_gives_other_names(db):
    made = upload()
    photo = Photo(digest=made.digest)
    moved = Photo(digest=made.digest, focal_x=0.2)
    assert photos._name(photo, made.master, "master") != photos._name(moved, made.master, "master")


def test_the_same_picture_twice_is_one_photo(journalist, media):
    first, _ = add_photo(upload(), by=journalist, credit="Jana")
    before = files(media)
    again, is_new = add_photo(upload(), by=journalist, credit="Somebody else")
    assert (again, again.credit, is_new) == (first, "Jana", False)
    assert files(media) == before
    assert LogEntry.objects.filter(verb="photo.add").count() == 1


def test_a_transparent_picture_keeps_its_master_as_png(db):
    file = io.BytesIO()
    Image.new("RGBA", (400, 400), (255, 0, 0, 90)).save(file, "PNG")
    file.seek(0)
    photo, _ = add_photo(read_upload(file), by=None)
    assert photo.file.name.endswith(".png")
    assert {row.format for row in photo.renditions.all()} == {"jpeg"}


def test_who_may_not_adds_and_deletes_nothing(moderator, journalist, media):
    made = upload()
    with pytest.raises(PermissionDenied):
        add_photo(made, by=moderator)
    assert files(media) == []
    photo, _ = add_photo(made, by=journalist)
    with pytest.raises(PermissionDenied):
        delete_photo(photo, by=journalist)
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_a_rendition_is_made_once_and_not_changed(db):
    photo, _ = add_photo(upload(), by=None)
    rendition = photo.renditions.first()
    rendition.file.name = "photos/another.jpg"
    with pytest.raises(TypeError, match="not changed"):
        rendition.save()
    assert not Rendition.objects.filter(file="photos/another.jpg").exists()


def test_what_is_no_picture_adds_nothing(db):
    with pytest.raises(BadPicture):
        read_upload(io.BytesIO(b"<script>"))


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        ({"credit": "x" * 201}, {}),
        ({"focal_x": 1.5}, {}),
        ({"origin": "dream"}, {}),
        ({}, {"en": {"alt": "", "decorative": False}}),
        ({}, {"en": {"alt": "A square", "decorative": True}}),
    ],
)
def test_what_is_wrong_leaves_neither_rows_nor_files(db, media, fields, texts):
    with pytest.raises(ValidationError):
        add_photo(upload(), by=None, texts=texts, **fields)
    assert files(media) == []
    assert not Photo.objects.exists()
    assert not LogEntry.objects.filter(verb="photo.add").exists()


def test_a_failure_in_the_middle_leaves_neither_rows_nor_files(db, media, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(PhotoText, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        add_photo(upload(), by=None, texts=WORDS)
    assert files(media) == []
    assert not Photo.objects.exists()
    assert not Rendition.objects.exists()


def test_a_disk_that_fills_up_leaves_no_files(db, media, monkeypatch):
    save = default_storage.save
    written = []

    def save_three(name, content):
        if len(written) == 3:
            raise OSError("disk full")
        written.append(save(name, content))
        return written[-1]

    monkeypatch.setattr(default_storage, "save", save_three)
    with pytest.raises(OSError, match="disk full"):
        add_photo(upload(), by=None)
    assert len(written) == 3
    assert files(media) == []


def test_the_loser_of_two_uploads_at_once_gets_the_winner_s_photo(db, media, monkeypatch):
    made = upload()
    winner, _ = add_photo(made, by=None)
    kept = files(media)
    # The first look finds nothing yet: the winner's transaction ends between it and the loser's insertion.
    looks = [None, winner]
    monkeypatch.setattr(photos, "find_photo", lambda upload: looks.pop(0))
    photo, is_new = add_photo(made, by=None)
    assert (photo, is_new, looks) == (winner, False, [])
    assert files(media) == kept


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_are_one_photo(media):
    made = upload()
    results = []

    def add():
        try:
            results.append(add_photo(made, by=None))
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    photo = Photo.objects.get()
    assert [row for row, _is_new in results] == [photo] * 4
    assert [is_new for _row, is_new in results].count(True) == 1
    assert files(media) == sorted([photo.file.name, *photo.renditions.values_list("file", flat=True)])


def test_another_broken_rule_of_the_database_is_not_hidden(db, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError("something else")

    monkeypatch.setattr(Photo, "save", fail)
    with pytest.raises(IntegrityError, match="something else"):
        add_photo(upload(), by=None)


def test_a_photo_nobody_uses_is_deleted_with_its_files(editor, media, django_capture_on_commit_callbacks):
    photo, _ = add_photo(upload(), by=None, texts=WORDS)
    with base.purged_keys() as purged, django_capture_on_commit_callbacks(execute=True):
        delete_photo(photo, by=editor)
        # The files go when the deletion is sure.
        assert files(media)
    assert files(media) == []
    assert not Photo.objects.exists()
    assert not PhotoText.objects.exists()
    assert set(photo.page_keys()) <= purged
    entry = LogEntry.objects.get(verb="photo.delete")
    assert (entry.object_id, entry.by_id) == (photo.pk, editor.pk)
    delete_photo(photo, by=editor)
    assert LogEntry.objects.filter(verb="photo.delete").count() == 1


def lead_photo(photo):
    base.draft(photo=photo)


def in_the_text(photo):
    base.draft(body=f'<p>a</p><figure><img src="{photo.editor_address}" alt="b"></figure>')


def in_an_older_revision(photo):
    article = base.draft(body=f'<figure><img src="{photo.editor_address}" alt="b"></figure>')
    article.save_revision(by=None, base=1, body="<p>c</p>")


def on_a_static_page(photo):
    page = Page.objects.create()
    body = f'<figure><img src="{photo.editor_address}" alt="b"></figure>'
    PageText.objects.create(page=page, language="en", name="Imprint", slug="imprint", body=body)


def portrait(photo):
    Author.objects.create(photo=photo)


@pytest.mark.parametrize("use", [lead_photo, in_the_text, in_an_older_revision, on_a_static_page, portrait])
def test_a_photo_in_use_is_not_deleted(editor, media, use):
    photo, _ = add_photo(upload(), by=None)
    other, _ = add_photo(upload("blue"), by=None)
    use(photo)
    assert is_in_use(photo)
    assert not is_in_use(other)
    with pytest.raises(Refused, match="in use"):
        delete_photo(photo, by=editor)
    assert default_storage.exists(photo.file.name)
