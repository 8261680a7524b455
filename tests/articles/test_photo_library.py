"""The library in the admin: focal point, replacing, several files at once, where a photo is used, ends of rights."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.admin import photos as photo_admin
from articles.admin.warnings import warnings_for
from articles.jobs import make_renditions
from articles.models import Page, PageText, Photo, Revision
from articles.photos import (
    Outdated,
    add_photo,
    articles_with,
    delete_photo,
    exchange,
    read_again,
    read_upload,
    replace_photo,
)
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.articles import readers
from tests.articles.test_metadata import AGENCY, MADE, photo_file, xmp
from tests.articles.test_photo_admin import ADD, LIST, form, picture, stored

pytestmark = [
    *(pytest.mark.django_db, pytest.mark.postgresql_later),
    pytest.mark.usefixtures("contexts"),
]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def names(photo):
    photo = Photo.objects.get(pk=photo.pk)
    return {photo.file.name, *photo.renditions.values_list("file", flat=True)}


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def change(photo):
    return f"/admin/articles/photo/{photo.pk}/change/"


def replace(photo):
    return f"/admin/articles/photo/{photo.pk}/replace/"


def changed(photo, **fields):
    data = form(upload=None, **fields)
    data |= {"texts-TOTAL_FORMS": 1, "texts-INITIAL_FORMS": 1}
    return data | {"texts-0-id": photo.text_in("en").pk, "texts-0-photo": photo.pk}


# The focal point


def test_another_focal_point_is_new_files_everywhere_at_once(
    client, login, editor, media, django_capture_on_commit_callbacks
):
    photo = stored()
    make_renditions()
    article = base.published(photo=photo, body=f"<p>x</p>{readers.figure(photo)}")
    before = names(photo)
    with base.purged_keys() as purged, django_capture_on_commit_callbacks(execute=True):
        response = login(editor).post(change(photo), changed(photo, focal_x="0.1"))
        assert before <= files(media), "the old files go when the change is sure"
    assert response.status_code == 302
    after = names(photo)
    assert not before & after
    assert files(media) == after
    assert set(photo.page_keys()) <= purged
    assert LogEntry.objects.filter(verb="photo.change", object_id=photo.pk).count() == 1
    assert Photo.objects.get().focal_x == 0.1
    for address in (article.path, "/en/"):
        page = client.get(address).text
        assert any(name in page for name in after)
        assert not any(name in page for name in before)
    make_renditions()
    assert Photo.objects.get().renditions.filter(crop="3:2", format="webp").exists()
    with django_capture_on_commit_callbacks(execute=True):
        login(editor).post(change(photo), changed(photo, focal_x="0.5"))
    assert files(media) == names(photo), "and back"


def test_other_changes_make_no_files(login, editor, media):
    photo = stored()
    before = names(photo)
    login(editor).post(change(photo), changed(photo, credit="Ida", focal_x="0.50"))
    assert Photo.objects.get().credit == "Ida"
    assert names(photo) == before == files(media)


def test_a_change_writes_no_column_but_its_own(login, editor, monkeypatch):
    # A PostgreSQL transaction may have read the row before the picture was replaced.
    photo = stored()
    get_object, newest = photo_admin.PhotoAdmin.get_object, []

    def replaced_meanwhile(*args):
        row = get_object(*args)
        newest.append(f"photos/new-{len(newest)}.jpg")
        Photo.objects.update(file=newest[-1], encode_at=None)
        return row

    monkeypatch.setattr(photo_admin.PhotoAdmin, "get_object", replaced_meanwhile)
    login(editor).post(change(photo), changed(photo, credit="Ida"))
    row = Photo.objects.get()
    assert (row.credit, row.file.name, row.encode_at) == ("Ida", newest[-1], None)


def test_a_credit_that_was_emptied_stays_empty_when_the_focal_point_moves(login, editor):
    photo = stored()
    made = read_upload(io.BytesIO(photo_file(xmp=AGENCY)))
    replace_photo(photo, made, by=None)
    assert Photo.objects.get().credit == "Jana Feld / Agency"
    login(editor).post(change(photo), changed(photo, credit="", focal_x="0.1"))
    assert (Photo.objects.get().credit, Photo.objects.get().focal_x) == ("", 0.1)


def test_a_focal_point_of_a_photo_without_its_file_is_refused(login, editor):
    photo = stored()
    default_storage.delete(photo.file.name)
    response = login(editor).post(change(photo), changed(photo, focal_x="0.1"))
    assert "cannot be cut anew" in response.text
    assert Photo.objects.get().focal_x == 0.5


def test_files_of_a_focal_point_go_when_the_words_cannot_be_saved(login, editor, media, monkeypatch):
    photo = stored()

    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(photo_admin.PhotoAdmin, "save_formset", fail)
    with pytest.raises(OSError, match="disk full"):
        login(editor).post(change(photo), changed(photo, focal_x="0.1"))
    assert files(media) == names(photo)


# Replacing


def test_a_replaced_photo_is_new_everywhere_and_keeps_its_words_and_uses(
    client, login, editor, media, django_capture_on_commit_callbacks
):
    photo = stored(credit="Jana")
    make_renditions()
    article = base.published(photo=photo)
    before, uid = names(photo), photo.uid
    with base.purged_keys() as purged, django_capture_on_commit_callbacks(execute=True):
        response = login(editor).post(replace(photo), {"upload": picture("blue", size=(900, 700))})
    assert (response.status_code, response["Location"]) == (302, change(photo))
    after = names(photo)
    assert not before & after
    assert files(media) == after
    assert set(photo.page_keys()) <= purged
    row = Photo.objects.get()
    assert (row.uid, row.credit, row.width, row.text_in("en").alt) == (uid, "Jana", 900, "A red square")
    page = client.get(article.path).text
    assert any(name in page for name in after)
    assert not any(name in page for name in before)
    entry = LogEntry.objects.get(verb="photo.replace")
    assert (entry.object_id, entry.by_id) == (photo.pk, editor.pk)
    assert entry.details == {"digest": row.digest, "former": photo.digest}
    make_renditions()
    assert row.renditions.filter(format="webp").exists()


def test_the_same_picture_again_replaces_nothing(login, editor, media):
    photo = stored()
    before = names(photo)
    assert login(editor).post(replace(photo), {"upload": picture()}).status_code == 302
    assert names(photo) == before == files(media)
    assert not LogEntry.objects.filter(verb="photo.replace").exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "required"),
        (picture(name="x.svg"), "extension"),
        (picture(name="x.jpg", format="GIF"), "no picture"),
    ],
)
def test_what_is_no_picture_replaces_nothing(login, editor, media, file, said):
    photo = stored()
    before = names(photo)
    response = login(editor).post(replace(photo), {"upload": file} if file else {})
    assert response.status_code == 200
    assert said in str(response.context["form"].errors)
    assert names(photo) == before == files(media)


def test_a_picture_of_another_photo_is_offered_instead(login, editor):
    photo, other = stored(), stored("blue")
    page = login(editor).post(replace(photo), {"upload": picture("blue")}).text
    assert f'<a href="{change(other)}">blue.jpg</a>' in page
    with pytest.raises(Refused, match="another photo"):
        replace_photo(photo, read_upload(picture("blue")), by=None)


def test_who_may_not_replaces_nothing(login, journalist, moderator):
    photo = stored()
    for user in (journalist, moderator):
        assert login(user).post(replace(photo), {"upload": picture("blue")}).status_code == 403
        with pytest.raises(PermissionDenied):
            replace_photo(photo, read_upload(picture("blue")), by=user)
    Photo.objects.update(uploaded_by=journalist)
    photo.refresh_from_db()
    assert login(journalist).post(replace(photo), {"upload": picture("blue")}).status_code == 302
    base.published(photo=photo)
    assert login(journalist).post(replace(photo), {"upload": picture("green")}).status_code == 403
    assert login(journalist).get(change(photo)).text.count("/replace/") == 0


def test_a_picture_made_with_ai_says_so_also_as_a_replacement():
    photo = stored()
    packet = xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{MADE}"')
    replace_photo(photo, read_upload(io.BytesIO(photo_file(xmp=packet))), by=None)
    assert Photo.objects.get().origin == "made"


def test_a_failure_leaves_the_old_files(media, monkeypatch):
    photo = stored()
    before = names(photo)
    save, count = default_storage.save, []

    def save_three(name, content):
        count.append(name)
        if len(count) > 3:
            raise OSError("disk full")
        return save(name, content)

    monkeypatch.setattr(default_storage, "save", save_three)
    with pytest.raises(OSError, match="disk full"):
        replace_photo(photo, read_upload(picture("blue")), by=None)
    assert names(photo) == before == files(media)


def test_what_was_read_of_a_photo_before_it_was_replaced_is_not_stored(media):
    photo = stored()
    again = read_again(photo, (0.1, 0.1))
    replace_photo(Photo.objects.get(), read_upload(picture("blue")), by=None)
    before = names(photo)
    with pytest.raises(Outdated):
        exchange(again, photo, [])
    assert names(photo) == before


def test_a_photo_deleted_after_it_was_replaced_leaves_no_files(media, django_capture_on_commit_callbacks):
    photo = stored()
    with django_capture_on_commit_callbacks(execute=True):
        replace_photo(Photo.objects.get(), read_upload(picture("blue")), by=None)
    with django_capture_on_commit_callbacks(execute=True):
        delete_photo(photo, by=None)
    assert files(media) == set()


# Several files at once


def several(*uploads, **changes):
    return form(upload=list(uploads), **changes)


def test_several_files_become_as_many_photos(login, journalist, media):
    uploads = [picture(colour, f"{colour}.jpg") for colour in ("red", "green", "blue")]
    response = login(journalist).post(ADD, several(*uploads, focal_x="0.2"), follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "3 photos were added." in response.text
    for photo in Photo.objects.all():
        assert (photo.credit, photo.focal_x, photo.uploaded_by) == ("Jana Feld", 0.2, journalist)
        assert photo.text_in("en").alt == "A red square"
        assert photo.text_in("de").decorative
        assert LogEntry.objects.filter(verb="photo.add", object_id=photo.pk, by_id=journalist.pk).count() == 1
    assert sorted(photo.original_name for photo in Photo.objects.all()) == [
        "blue.jpg",
        "green.jpg",
        "red.jpg",
    ]
    assert files(media) == set.union(*(names(photo) for photo in Photo.objects.all()))


def test_each_that_is_refused_is_named_and_the_others_are_kept(login, journalist):
    known = stored("green")
    uploads = [
        picture("red"),
        picture("green", "again.jpg"),
        picture(name="<b>odd.gif", format="GIF"),
        picture(name="odd.jpg", format="GIF"),
        picture("blue", "blue.jpg"),
        picture("blue", "twice.jpg"),
    ]
    page = login(journalist).post(ADD, several(*uploads), follow=True).text
    assert "2 photos were added." in page
    assert (
        f'“again.jpg”: This picture is in the library already: <a href="{change(known)}">green.jpg</a>'
        in page
    )
    assert "&lt;b&gt;odd.gif”: File extension" in page
    assert "“odd.jpg”: This is no picture" in page
    assert "twice.jpg”: This picture is in the library already" in page
    assert Photo.objects.count() == 3


def test_what_is_wrong_below_several_files_is_said_and_nothing_stored(login, journalist, media):
    data = several(picture("red"), picture("blue"), credit="x" * 201, **{"texts-0-alt": ""})
    response = login(journalist).post(ADD, data)
    assert response.status_code == 200
    assert "credit" in response.context["adminform"].form.errors
    assert "Describe the photo" in response.text
    assert not Photo.objects.exists()
    assert not files(media)


def test_several_files_in_the_window_of_an_article_s_form_give_it_the_first(login, journalist):
    data = several(picture("red"), picture("blue", "blue.jpg"), _popup="1")
    response = login(journalist).post(ADD + "?_popup=1", data)
    assert response.template_name[-1] == "admin/popup_response.html"
    assert Photo.objects.count() == 2
    first = Photo.objects.get(original_name="red.jpg")
    assert f'"value": "{first.pk}"' in response.context_data["popup_response_data"]


def test_several_files_need_the_permission(login, moderator):
    assert login(moderator).post(ADD, several(picture("red"), picture("blue"))).status_code == 403
    assert not Photo.objects.exists()


def test_several_files_take_no_more_than_a_request_may(login, journalist, monkeypatch):
    monkeypatch.setattr(photo_admin, "SEVERAL_SECONDS", -1)
    page = login(journalist).post(ADD, several(picture("red"), picture("blue", "blue.jpg")), follow=True).text
    assert "blue.jpg”: There was no time left for it" in page
    assert not Photo.objects.exists()


def test_one_file_without_words_takes_its_credit_from_the_file(login, journalist):
    file = io.BytesIO(photo_file(xmp=AGENCY))
    file.name = "ferry.jpg"
    data = form(upload=file, credit="", **{"texts-0-caption": ""})
    assert login(journalist).post(ADD, data).status_code == 302
    photo = Photo.objects.get()
    assert (photo.credit, photo.text_in("en").caption) == (
        "Jana Feld / Agency",
        "Ferries & rain",
    )
    page = login(journalist).get(change(photo)).text
    assert "Ferries &amp; rain · Jana Feld · Agency · © Agency" in page


def test_the_caption_in_the_file_is_proposed_for_the_words_to_be_written(login, editor):
    photo, _is_new = add_photo(read_upload(io.BytesIO(photo_file(xmp=AGENCY))), by=None)
    client = login(editor)
    page = client.get(change(photo)).text
    assert page.count("Ferries &amp; rain</textarea>") == 1
    data = form(
        upload=None, **{"texts-0-alt": "", "texts-0-caption": "Ferries & rain", "texts-1-decorative": None}
    )
    data |= {"texts-0-photo": photo.pk, "texts-1-photo": photo.pk}
    assert client.post(change(photo), data).status_code == 302
    assert not photo.texts.exists(), "a proposal alone is nothing that anybody wrote"
    assert client.post(change(photo), data | {"texts-0-alt": "A ferry"}).status_code == 302
    assert (photo.text_in("en").alt, photo.text_in("en").caption) == ("A ferry", "Ferries & rain")


# Used in


def test_a_photo_tells_where_it_is_used_and_names_no_draft_of_others(login, editor, journalist):
    photo = stored()
    live = base.published(photo=photo, headline="Live lead")
    in_text = base.published(body=readers.figure(photo), headline="Live text")
    draft = base.draft(by=editor, body=readers.figure(photo), headline="Secret draft")
    older = base.draft(by=journalist, photo=photo, headline="Own draft")
    older.save_revision(by=journalist, base=1, photo=None)
    base.draft(headline="Something else")
    page = PageText(
        page=Page.objects.create(), language="en", name="Imprint", slug="imprint", body=readers.figure(photo)
    )
    page.save()
    author = base.author("Nora Feld")
    author.photo = photo
    author.save()
    assert set(articles_with(photo)) == {live.pk, in_text.pk, draft.pk, older.pk}

    seen = login(editor).get(change(photo)).text
    for headline in ("Live lead", "Live text", "Secret draft", "Own draft", "Imprint", "Nora Feld"):
        assert headline in seen
    assert f'href="/admin/articles/article/{draft.pk}/change/"' in seen
    assert "Something else" not in seen
    seen = login(journalist).get(change(photo)).text
    assert "Secret draft" not in seen
    assert f"/article/{draft.pk}/" not in seen
    assert "1 more article" in seen
    assert all(headline in seen for headline in ("Live lead", "Live text", "Own draft"))


def test_a_photo_that_nothing_uses_says_so(login, journalist):
    assert "Nothing shows this photo." in login(journalist).get(change(stored())).text


def test_asking_where_a_photo_is_used_costs_the_same_with_many_uses(login, editor):
    photo, client = stored(), login(editor)
    base.published(photo=photo)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(change(photo)).status_code == 200
        counts.append(len(queries))
        for more in range(5):
            base.published(photo=photo, headline=f"Story {number}-{more}")
    assert counts[0] == counts[1]


def test_texts_are_searched_in_the_newest_revisions_alone(monkeypatch):
    photo = stored()
    article = base.published()
    article.save_revision(by=None, base=1, body=readers.figure(photo))
    assert articles_with(photo) == [article.pk]
    base.draft(headline="Another")
    monkeypatch.setattr("articles.photos.RECENT_REVISIONS", 1)
    assert articles_with(photo) == []


# Ends of rights


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (None, ""),
        (timedelta(days=31), ""),
        (timedelta(days=29), "end on"),
        (timedelta(seconds=-1), "have ended"),
    ],
)
@pytest.mark.parametrize("place", ["lead", "text"])
def test_publishing_warns_of_rights_that_end_soon(login, editor, ends, said, place):
    photo = stored(rights_end=ends and timezone.now() + ends)
    article = base.draft(**({"photo": photo} if place == "lead" else {"body": readers.figure(photo)}))
    told = [words for words in warnings_for(Revision.objects.get(article=article)) if "rights" in words]
    assert len(told) == bool(said)
    assert said in "".join(told)
    page = login(editor).get(f"/admin/articles/article/{article.pk}/publish/").text
    assert ("The rights to the photo" in page) == bool(said)
