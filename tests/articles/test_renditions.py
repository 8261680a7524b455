"""Files made of photos: crops around the focal point, newer formats by the background process, and what pages name."""

import io
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from functools import cache

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from PIL import Image, ImageDraw, features

from articles import images, jobs, photos
from articles.images import BadPicture, cut
from articles.jobs import make_renditions
from articles.models import Article, Photo, Rendition
from articles.photos import Outdated, add_photo, add_renditions, delete_photo, encode_missing, read_upload
from articles.pictures import picture_of
from newsroom.models import LogEntry
from tests import base
from tests.articles import readers

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]
NEWER = images.newer_formats()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(size=(1400, 900), spot=None):
    """Draw something soft (newer formats are smaller there), with a red spot where one is wanted."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    if spot:
        x, y = size[0] * spot[0], size[1] * spot[1]
        ImageDraw.Draw(image).ellipse((x - 40, y - 40, x + 40, y + 40), fill="red")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    file.seek(0)
    return file


@cache
def upload(focal, options):
    """Encode each picture once for all tests: that is where their time goes."""
    return read_upload(picture(**dict(options)), focal)


def stored(focal=(0.5, 0.5), **options):
    fields = {"focal_x": focal[0], "focal_y": focal[1], "texts": {"en": {"alt": "A field"}}}
    return add_photo(upload(focal, tuple(options.items())), by=None, **fields)[0]


def sizes(photo, **which):
    return [(row.width, row.height) for row in photo.renditions.filter(**which)]


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def names(photo):
    return sorted([photo.file.name, *photo.renditions.values_list("file", flat=True)])


def without_newest(photo):
    """Take a photo back to what an older release stored: whole JPEGs alone."""
    for row in photo.renditions.exclude(crop="", format="jpeg"):
        default_storage.delete(row.file.name)
        row.delete()


# Crops


@pytest.mark.parametrize(
    ("size", "crop", "focal", "box"),
    [
        ((300, 200), "3:2", (0, 0), (0, 0, 300, 200)),
        ((600, 200), "3:2", (0.5, 0.5), (150, 0, 450, 200)),
        ((600, 200), "3:2", (0.3, 0.9), (30, 0, 330, 200)),
        ((600, 200), "3:2", (0, 0), (0, 0, 300, 200)),
        ((600, 200), "3:2", (1, 1), (300, 0, 600, 200)),
        ((160, 400), "16:9", (0.5, 0.25), (0, 55, 160, 145)),
        ((160, 400), "16:9", (0.5, 1), (0, 310, 160, 400)),
        ((1, 4000), "16:9", (0.5, 0.5), (0, 2000, 1, 2001)),
        ((4000, 1), "3:2", (1, 0), (3998, 0, 4000, 1)),
    ],
)
def test_a_crop_is_as_large_as_can_be_around_the_focal_point(size, crop, focal, box):
    assert cut(size, crop, focal) == box


@pytest.mark.parametrize(
    "spot", [(0.9, 0.5), *(pytest.param(spot, marks=pytest.mark.later) for spot in ((0.1, 0.5), (0.5, 0.5)))]
)
def test_what_matters_is_in_every_crop(spot):
    photo = stored(spot, size=(2400, 800), spot=spot)
    for row in photo.renditions.exclude(crop=""):
        with row.file.open() as file:
            colours = Image.open(file).convert("RGB").getcolors(maxcolors=2**24)
        assert any(red > 200 and green < 60 and blue < 60 for _n, (red, green, blue) in colours), row


def test_crops_are_made_at_upload_beside_the_whole():
    photo = stored()
    assert sizes(photo, crop="3:2") == [(320, 213), (640, 427), (960, 640), (1280, 853)]
    assert sizes(photo, crop="16:9") == [(1200, 675)]
    assert sizes(photo, crop="") == [(320, 206), (640, 411), (960, 617), (1280, 823), (1400, 900)]
    small = stored(size=(500, 800))
    assert sizes(small, crop="16:9") == [(500, 281)], "nothing is enlarged"


def test_crops_around_another_point_than_the_stored_one_are_left_to_the_background_process(media):
    made = read_upload(picture(), (0.1, 0.1))
    photo, _ = add_photo(made, by=None, focal_x=0.9)
    assert set(photo.renditions.values_list("crop", flat=True)) == {""}
    make_renditions()
    assert sizes(photo, crop="16:9") == [(1200, 675)]
    assert files(media) == names(photo)


# Newer formats


def test_newer_formats_are_made_where_they_are_smaller(media):
    photo = stored()
    with base.purged_keys() as purged:
        assert make_renditions() == 1
    assert set(photo.page_keys()) <= purged, "stored pages name the new files"
    made = {(row.crop, row.width, row.format): row for row in photo.renditions.all()}
    assert {key[2] for key in made} == {"jpeg", *NEWER}
    for (crop, width, format), row in made.items():
        with row.file.open() as file:
            image = Image.open(file)
            assert (image.format.lower(), image.size) == (format, (row.width, row.height))
        if format != "jpeg":
            assert crop != "16:9", "other sites take a JPEG"
            assert row.file.size < made[crop, width, "jpeg"].file.size
    assert files(media) == names(photo)
    entry = LogEntry.objects.get(verb="photo.renditions")
    assert (entry.object_id, entry.by_id) == (photo.pk, None)


@pytest.mark.later
def test_what_is_larger_than_the_jpeg_is_not_kept(monkeypatch):
    monkeypatch.setitem(images.OPTIONS, "webp", {"lossless": True})
    photo = stored()
    make_renditions()
    assert not photo.renditions.filter(format="webp").exists()
    assert make_renditions() == 0, "and not tried again"


def test_without_avif_in_pillow_there_is_webp(monkeypatch):
    monkeypatch.setattr(features, "check", lambda name: name != "avif")
    photo = stored()
    make_renditions()
    assert set(photo.renditions.values_list("format", flat=True)) == {"jpeg", "webp"}


def test_running_twice_makes_nothing_twice(media):
    photo = stored()
    make_renditions()
    before = files(media), photo.renditions.count()
    assert make_renditions() == 0
    Photo.objects.update(encode_at=timezone.now())
    assert make_renditions() == 1
    assert (files(media), photo.renditions.count()) == before
    assert LogEntry.objects.filter(verb="photo.renditions").count() == 1


def test_nothing_to_do_costs_one_query(django_assert_num_queries):
    stored()
    make_renditions()
    with django_assert_num_queries(1):
        make_renditions()


def test_old_photos_get_their_crops():
    photo = stored()
    without_newest(photo)
    make_renditions()
    assert sizes(photo, crop="16:9") == [(1200, 675)]
    assert sizes(photo, crop="3:2", format="jpeg") == [(320, 213), (640, 427), (960, 640), (1280, 853)]
    assert len({row.file.name for row in photo.renditions.all()}) == photo.renditions.count()


def test_a_photo_that_cannot_be_encoded_is_logged_once(caplog):
    broken, whole = stored(), stored(size=(700, 700))
    default_storage.delete(broken.file.name)
    default_storage.save(broken.file.name, io.BytesIO(b"no picture"))
    with caplog.at_level(logging.ERROR, "articles.photos"):
        assert make_renditions() == 1
        assert make_renditions() == 0
    assert [record.args[0] for record in caplog.records] == [broken.pk]
    assert whole.renditions.filter(format="webp").exists(), "the others do not wait for it"
    assert picture_of(broken, broken.renditions.all()).srcset


@pytest.mark.parametrize("error", [OSError("encoder error -2"), ValueError("x"), MemoryError()])
def test_an_encoder_that_fails_is_not_tried_for_ever(caplog, monkeypatch, error):
    photo = stored()

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(photos, "encode_renditions", fail)
    with caplog.at_level(logging.ERROR, "articles.photos"):
        assert [make_renditions(), make_renditions()] == [0, 0]
    assert len(caplog.records) == 1
    assert Photo.objects.get(pk=photo.pk).encode_at is None


def test_a_photo_without_its_master_is_left_as_it_is(caplog):
    photo = stored()
    default_storage.delete(photo.file.name)
    with caplog.at_level(logging.ERROR, "articles.photos"):
        assert make_renditions() == 0
    assert len(caplog.records) == 1
    assert Photo.objects.get().encode_at is None


def test_who_is_killed_in_the_middle_leaves_no_row_without_file(media, monkeypatch):
    photo = stored()
    before = names(photo)
    save = default_storage.save
    written = []

    class Killed(BaseException):
        """Nothing that anybody catches."""

    def save_three(name, content):
        if len(written) == 3:
            raise Killed
        written.append(save(name, content))
        return written[-1]

    monkeypatch.setattr(default_storage, "save", save_three)
    # Who is killed clears nothing away.
    monkeypatch.setattr(default_storage, "delete", lambda name: None)
    with pytest.raises(Killed):
        make_renditions()
    assert names(photo) == before, "no page names what is not there"
    assert len(files(media)) == len(before) + 3
    monkeypatch.undo()
    assert make_renditions() == 0, "it waits a little first"
    Photo.objects.update(encode_at=timezone.now())
    assert make_renditions() == 1
    assert set(names(photo)) <= set(files(media))
    assert photo.renditions.filter(format="webp").count() > 5


def test_a_full_disk_leaves_no_files_and_the_photo_comes_again(media, monkeypatch):
    photo = stored()
    before = files(media)

    def fail(*args, **kwargs):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", fail)
        with pytest.raises(OSError, match="disk full"):
            make_renditions()
    assert files(media) == before
    due = Photo.objects.get(pk=photo.pk).encode_at
    assert timezone.now() < due < timezone.now() + timedelta(minutes=2)


def test_a_photo_that_kills_every_process_is_given_up(caplog):
    photo = stored()
    Photo.objects.update(encode_tries=jobs.MAX_TRIES)
    with caplog.at_level(logging.ERROR, "articles.photos"):
        assert make_renditions() == 0
    assert "given up" in caplog.text
    assert Photo.objects.get(pk=photo.pk).encode_at is None


def test_one_run_is_short(monkeypatch):
    for side in (300, 301, 302):
        stored(size=(side, side))
    monkeypatch.setattr(jobs, "BUDGET", 0.000001)
    assert make_renditions() <= 1


@pytest.mark.parametrize("change", [{"focal_x": 0.1}, {"digest": "0" * 64}, {"encode_at": None}])
def test_what_was_made_of_a_photo_that_changed_meanwhile_is_thrown_away(media, change):
    photo = stored()
    made = encode_missing(photo)
    before = files(media)
    Photo.objects.update(**change)
    with pytest.raises(Outdated):
        add_renditions(photo, made)
    assert files(media) == before
    assert names(photo) == before


def test_what_was_made_of_a_photo_deleted_meanwhile_is_thrown_away(media, django_capture_on_commit_callbacks):
    photo = stored()
    made = encode_missing(photo)
    with django_capture_on_commit_callbacks(execute=True):
        delete_photo(photo, by=None)
    with pytest.raises(Outdated):
        add_renditions(photo, made)
    assert files(media) == []


def test_two_processes_do_not_take_the_same_photo():
    stored()
    assert jobs._taken()
    assert jobs._taken() is None


# What pages name


def rendition(width, format="jpeg", crop=""):
    name = f"photos/{format}{crop}-{width}"
    return Rendition(width=width, height=width // 2, format=format, crop=crop, file=name)


def test_a_crop_that_is_not_there_yet_is_the_whole():
    photo = Photo(width=900, height=450, file="photos/master")
    whole = [rendition(320), rendition(960)]
    assert picture_of(photo, whole, "3:2") == picture_of(photo, whole)
    both = [*whole, rendition(640, crop="3:2")]
    assert picture_of(photo, both, "3:2").src == "/media/photos/jpeg3:2-640".replace(":", "%3A")
    assert "3%3A2" not in picture_of(photo, both).srcset


def test_a_newer_format_without_the_widest_size_is_not_named():
    photo = Photo(width=900, height=450, file="photos/master")
    rows = [rendition(320, "avif"), rendition(320), rendition(960), rendition(960, "webp")]
    assert [type for type, _srcset in picture_of(photo, rows).sources] == ["image/webp"]


def named(page):
    """Return the names of the photo files in a page."""
    return set(re.findall(r"/media/(photos/[^\s\",]+)", page))


def test_pages_name_only_files_that_are_there_before_and_after_the_background_process(client, media):
    photo = stored()
    article = base.published(photo=photo, body=f"<p>x</p>{readers.figure(photo)}")
    for formats in ({"jpg"}, {"jpg", *NEWER}):
        found = {
            address: named(client.get(address).text) for address in (article.path, "/en/", "/en/politics/")
        }
        assert set.union(*found.values()) <= set(files(media))
        assert {name.rpartition(".")[2] for name in found["/en/"]} == formats
        cards = set(photo.renditions.filter(crop="3:2").values_list("file", flat=True))
        assert found["/en/"] == found["/en/politics/"] == cards
        whole = photo.renditions.exclude(crop="3:2").values_list("file", flat=True)
        assert found[article.path] == set(whole), "the article shows the whole photo, and links the wide one"
        make_renditions()


def test_other_sites_get_a_wide_jpeg_of_1200_pixels(client):
    photo = stored()
    make_renditions()
    page = client.get(base.published(photo=photo).path).text
    wide = photo.renditions.get(crop="16:9")
    assert f'<meta property="og:image" content="http://testserver{wide.file.url}">' in page
    assert '<meta property="og:image:width" content="1200">' in page
    assert '<meta property="og:image:height" content="675">' in page
    assert '<meta property="og:image:alt" content="A field">' in page
    assert f'"image": ["http://testserver{wide.file.url}"]' in page


def test_the_first_photo_is_loaded_at_once_and_the_others_when_they_come_near(client):
    lead, inline = stored(), stored(size=(700, 700))
    page = client.get(base.published(photo=lead, body=f"<p>x</p>{readers.figure(inline)}").path).text
    first, second = re.findall(r"<img [^>]*/media/photos/[^>]*>", page)
    assert 'fetchpriority="high"' in first
    assert "loading" not in first
    assert 'loading="lazy"' in second
    assert all(re.search(r' width="\d+" height="\d+"', img) and "sizes=" in img for img in (first, second))


def test_a_list_costs_the_same_with_all_files(django_assert_num_queries):
    for side in (400, 401, 402):
        base.published(photo=stored(size=(side, side)), headline=f"Story {side}")
    make_renditions()
    with django_assert_num_queries(2):
        listed = list(Article.objects.visible().for_listing())
        cards = [picture_of(row.photo, row.photo.renditions.all(), "3:2") for row in listed]
    assert {round(card.width / card.height, 2) for card in cards} == {1.5}
    rows = [rendition for row in listed for rendition in row.photo.renditions.all()]
    assert {row.crop for row in rows} == {"3:2"}, "what cards do not show is not fetched"


def test_every_file_goes_with_the_photo(client):
    photo = stored()
    article = base.published(photo=photo)
    make_renditions()
    urls = [row.file.url for row in photo.renditions.all()]
    for url in urls:
        response = client.get(url)
        assert response["Content-Type"] in ("image/jpeg", "image/webp", "image/avif")
        response.getvalue()
    article.withdraw(by=None, reason="x")
    assert {client.get(url).status_code for url in urls} == {404}


def test_bad_picture_is_what_the_job_catches():
    photo = stored()
    default_storage.delete(photo.file.name)
    default_storage.save(photo.file.name, io.BytesIO(b""))
    with pytest.raises(BadPicture):
        encode_missing(photo)


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_make_each_file_once(media):
    for side in (300, 301, 302):
        stored(size=(side, side))
    done, errors = [], []

    def work():
        try:
            done.append(make_renditions())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(done) == 3
    assert LogEntry.objects.filter(verb="photo.renditions").count() == 3
    assert files(media) == sorted(name for photo in Photo.objects.all() for name in names(photo))


KILLED = """
import os, signal
import django
django.setup()
from django.core.files.storage import default_storage
from articles.jobs import make_renditions
save, written = default_storage.save, []
def save_three(name, content):
    if len(written) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    written.append(save(name, content))
    return written[-1]
default_storage.save = save_three
make_renditions()
"""


@pytest.mark.later
@pytest.mark.only_sqlite  # the process finds the database of the tests by its path
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_leaves_what_the_next_one_mends(media, settings, tmp_path):
    settings.MEDIA_ROOT = media = tmp_path / "media"
    photo = stored()
    before = names(photo)
    there = {
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "VAR_DIR": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-c", KILLED], env=os.environ | there, check=False)
    assert done.returncode == -signal.SIGKILL
    assert names(photo) == before
    assert len(files(media)) == len(before) + 3
    Photo.objects.update(encode_at=timezone.now())
    assert make_renditions() == 1
    assert set(names(photo)) <= set(files(media))
    assert photo.renditions.filter(format="webp").exists()
