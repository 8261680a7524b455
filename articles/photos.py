"""The photo library: an upload becomes a photo with its renditions, or the photo that was there already.

What readers' pages show of a photo stands in `articles.pictures`.
"""

import io
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from articles.images import (
    CROPS,
    JPEG_ONLY,
    BadPicture,
    Encoded,
    Picture,
    encode_master,
    encode_renditions,
    metadata_of,
    newer_formats,
    read_picture,
)
from articles.metadata import Metadata
from articles.models import PageText, Photo, PhotoText, Rendition, Revision
from newsroom.models import Site
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models import User

FOLDER = "photos"
EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp", "avif": "avif"}
# 160 bits of a keyed digest: nobody guesses the name of a file.
NAME_LENGTH = 40
# How many uses of a photo are told, and in how many of the newest revisions its address is looked for.
MAX_USES = 1_000
RECENT_REVISIONS = 5_000


@dataclass(frozen=True)
class Upload:
    """A picture that was read and encoded; nothing of it is stored yet."""

    digest: str
    master: Encoded
    renditions: list[Encoded]
    focal: tuple[float, float] = (0.5, 0.5)
    metadata: Metadata = field(default_factory=Metadata)


def read_upload(file: IO[bytes], focal: tuple[float, float] = (0.5, 0.5)) -> Upload:
    """Decode an upload and encode all that is made from it, cut around the focal point. Raises BadPicture.

    Takes a second or two: call it before a transaction begins.
    """
    picture = read_picture(file)
    renditions = list(_encode_all(picture, focal))
    return Upload(picture.digest, encode_master(picture), renditions, focal, picture.metadata)


def read_again(photo: Photo, focal: tuple[float, float]) -> Upload:
    """Encode a photo anew, cut around another focal point; its master stays. Raises BadPicture, OSError.

    Takes a second or two: call it before a transaction begins.
    """
    with default_storage.open(photo.file.name) as file:
        data = file.read()
    picture = read_picture(io.BytesIO(data))
    format = "png" if photo.file.name.endswith(".png") else "jpeg"
    master = Encoded(format, *picture.image.size, data)
    return Upload(photo.digest, master, list(_encode_all(picture, focal)), focal, picture.metadata)


def _encode_all(
    picture: Picture,
    focal: tuple[float, float],
    there: Container[tuple[str, str]] = (),
    newer: tuple[str, ...] = (),
) -> Iterator[Encoded]:
    """Encode a picture in all crops and sizes, but for the crops that are `there` in a format already."""
    for crop, widths in CROPS.items():
        formats = ("jpeg",) if crop in JPEG_ONLY else ("jpeg", *newer)
        missing = [format for format in formats if (crop, format) not in there]
        if missing:
            yield from encode_renditions(picture, widths, formats=missing, crop=crop, focal=focal)


def words_in_file(photo: Photo) -> Metadata:
    """Return what the file of a stored photo says; nothing where it cannot be read. Decodes no pixels."""
    try:
        with default_storage.open(photo.file.name) as file:
            return metadata_of(file)
    except OSError:
        return Metadata()


def find_photo(upload: Upload) -> Photo | None:
    """Return the photo that was made from the same file before, None if there is none."""
    return Photo.objects.filter(digest=upload.digest).first()


def add_photo(
    upload: Upload,
    *,
    by: "User | None",
    texts: Mapping[str, Mapping[str, Any]] | None = None,
    **fields: Any,
) -> tuple[Photo, bool]:
    """Store a photo with its files and log it as `photo.add`; return it and whether it is new.

    `fields` are those of Photo; `texts` gives its words by language: {"en": {"alt": …, "caption": …}}. The same
    file twice is one photo, returned as it is. Raises PermissionDenied if `by` may not, ValidationError for
    fields or words that are not right.
    """
    if by is not None and not by.may("articles.add_photo"):
        raise PermissionDenied
    if known := find_photo(upload):
        return known, False
    try:
        return _store(upload, by, texts or {}, fields), True
    except IntegrityError:
        # Somebody else stored the same picture in this moment.
        known = find_photo(upload)
        if known is None:
            raise
        return known, False


def _store(
    upload: Upload, by: "User | None", texts: Mapping[str, Mapping[str, Any]], fields: Mapping[str, Any]
) -> Photo:
    with files_removed_on_failure() as names, verb("photo.add", by=by, digest=upload.digest) as act:
        act.on = photo = Photo(uploaded_by=by, **fields)
        place(upload, photo, names)
        for language, words in texts.items():
            text = PhotoText(photo=photo, language=language, **words)
            text.full_clean()
            text.save()
        fill_captions(photo, upload.metadata)
    return photo


def fill_facts(photo: Photo, metadata: Metadata) -> None:
    """Take credit and origin from the file where the uploader left them as they were."""
    photo.credit = photo.credit or metadata.credit_line()
    if photo.origin == Photo.Origin.CAMERA and metadata.origin:
        photo.origin = metadata.origin


def fill_captions(photo: Photo, metadata: Metadata) -> None:
    """Take the caption from the file where the uploader left it empty; part of a verb.

    It goes to the language that the file names, else to the site's own, else to the only one with words.
    """
    if not metadata.description:
        return
    texts = {text.language: text for text in photo.texts.filter(decorative=False)}
    language = metadata.language.partition("-")[0].lower() or Site.current().default_language
    if language not in texts and not metadata.language and len(texts) == 1:
        language = next(iter(texts))
    text = texts.get(language)
    if text and not text.caption:
        text.caption = metadata.description
        text.full_clean()
        text.save(update_fields=["caption"])


def may_change(user: "User", photo: Photo) -> bool:
    """Return whether a user may change a photo: by his role, or his own upload until readers see it."""
    if user.may("articles.change_photo"):
        return True
    return user.may("articles.add_photo") and photo.uploaded_by_id == user.pk and not photo.is_public()


def replace_photo(photo: Photo, upload: Upload, *, by: "User | None", original_name: str = "") -> None:
    """Give a photo another picture, logged as `photo.replace`; its words, credit, rights and uses stay.

    Raises PermissionDenied if `by` may not, Refused for a picture that is another photo of the library.
    """
    if by is not None and not may_change(by, photo):
        raise PermissionDenied
    with files_removed_on_failure() as names, verb("photo.replace", by=by, on=photo) as act:
        photo.refresh_from_db(from_queryset=Photo.objects.select_for_update())
        if photo.digest == upload.digest:
            return act.nothing()
        if find_photo(upload):
            raise Refused(_("This picture is in the library already, as another photo."))
        act.details |= {"digest": upload.digest, "former": photo.digest}
        photo.original_name = original_name or photo.original_name
        fill_facts(photo, upload.metadata)
        exchange(upload, photo, names)
        act.purge(*photo.page_keys())


def exchange(upload: Upload, photo: Photo, names: list[str]) -> None:
    """Give a photo new files, under new names; the old ones go once that is sure.

    Part of a verb, as `place`. Raises Outdated if the photo was replaced since it was read.
    """
    stored = Photo.objects.select_for_update().get(pk=photo.pk)
    if stored.digest != photo.digest:
        raise Outdated
    old = [stored.file.name, *stored.renditions.values_list("file", flat=True)]
    stored.renditions.all().delete()
    place(upload, photo, names)
    _remove_after_commit(old)


def _remove_after_commit(names: list[str]) -> None:
    def remove() -> None:
        for name in names:
            default_storage.delete(name)

    # Robust: the change is made by then, whatever the storage says.
    transaction.on_commit(remove, robust=True)


def place(upload: Upload, photo: Photo, names: list[str]) -> None:
    """Write the files of a photo and save its rows; each name is added to `names` once it is written.

    Part of a verb, inside its transaction and `files_removed_on_failure`. Raises ValidationError.
    """
    photo.digest = upload.digest
    photo.width, photo.height = upload.master.width, upload.master.height
    photo.encode_at, photo.encode_tries = timezone.now(), 0
    if photo._state.adding:
        fill_facts(photo, upload.metadata)
    # Folders on somebody's computer are nobody's business.
    photo.original_name = PurePath(photo.original_name.replace("\\", "/")).name[:200]
    photo.full_clean(exclude=["file", "digest", "uploaded_by"])
    photo.file.name = _write(photo, upload.master, "master", names)
    photo.save()
    # Where it was cut around another point, the background process cuts it anew.
    made = [file for file in upload.renditions if not file.crop or upload.focal == photo.focal]
    _store_renditions(photo, made, names)


def _store_renditions(photo: Photo, made: Iterable[Encoded], names: list[str]) -> None:
    """Write files, and the rows that name them after that."""
    Rendition.objects.bulk_create(
        Rendition(
            photo=photo,
            crop=file.crop,
            format=file.format,
            width=file.width,
            height=file.height,
            file=_write(photo, file, "rendition", names),
        )
        for file in made
    )


def _write(photo: Photo, made: Encoded, use: str, names: list[str]) -> str:
    names.append(default_storage.save(_name(photo, made, use), ContentFile(made.data)))
    return names[-1]


@contextmanager
def files_removed_on_failure() -> Iterator[list[str]]:
    """Give a list for the names of files; if the block fails, with its transaction, the files go too."""
    names: list[str] = []
    try:
        yield names
    except BaseException:
        for name in names:
            default_storage.delete(name)
        raise


def delete_photo(photo: Photo, *, by: "User | None") -> None:
    """Delete a photo, its words and its files, logged as `photo.delete`.

    Raises Refused while something uses it, PermissionDenied if `by` may not.
    """
    if by is not None and not by.may("articles.delete_photo"):
        raise PermissionDenied
    with verb("photo.delete", by=by, on=photo, digest=photo.digest) as act:
        # Locked and read anew: it may just have been replaced, the background process may be about to add files.
        stored = Photo.objects.select_for_update().filter(pk=photo.pk).first()
        if stored is None:
            return act.nothing()
        if is_in_use(photo):
            raise Refused(_("This photo is in use: it cannot be deleted."))
        names = [stored.file.name, *stored.renditions.values_list("file", flat=True)]
        # By query: the row in memory keeps its id, which the log names.
        Photo.objects.filter(pk=photo.pk).delete()
        act.purge(*photo.page_keys())
        _remove_after_commit(names)


class Outdated(Exception):
    """What was encoded is of no use: the photo was replaced, moved, deleted, or another process took over."""


def encode_missing(photo: Photo) -> list[Encoded]:
    """Encode what a photo lacks: crops, and each size in newer formats where that is smaller than its JPEG.

    Takes seconds: call it outside transactions. Raises BadPicture if it cannot be done, OSError of the storage.
    """
    with default_storage.open(photo.file.name) as file:
        master = io.BytesIO(file.read())
    rows = list(photo.renditions.all())
    there = {(row.crop, row.format) for row in rows}
    sizes = {(row.crop, row.width): row.file.size for row in rows if row.format == "jpeg"}
    made = []
    try:
        picture = read_picture(master)
        for file in _encode_all(picture, photo.focal, there, newer_formats()):
            if file.format == "jpeg":
                sizes[file.crop, file.width] = len(file.data)
            elif len(file.data) >= sizes.get((file.crop, file.width), 0):
                continue
            made.append(file)
    except BadPicture:
        raise
    except Exception as error:
        # Encoders say with OSError, too, what is no fault of the storage.
        raise BadPicture(f"{type(error).__name__}: {error}") from error
    return made


def add_renditions(photo: Photo, made: list[Encoded]) -> None:
    """Store what `encode_missing` made, logged as `photo.renditions`; the pages that show the photo are purged.

    Raises Outdated, and leaves no file, if the photo is another one than `photo`, as it was read, by now.
    """
    with files_removed_on_failure() as names, verb("photo.renditions", by=None, on=photo) as act:
        as_read = {name: getattr(photo, name) for name in ("digest", "focal_x", "focal_y", "encode_at")}
        if not Photo.objects.select_for_update().filter(pk=photo.pk, **as_read).exists():
            raise Outdated
        _store_renditions(photo, made, names)
        Photo.objects.filter(pk=photo.pk).update(encode_at=None, encode_tries=0)
        if not made:
            return act.nothing()
        act.details["made"] = len(made)
        act.purge(*photo.page_keys())


def is_in_use(photo: Photo) -> bool:
    """Return whether an article, any revision, an author or a page shows a photo.

    Searches the text of all revisions: as slow as there are many, and asked before a deletion only.
    """
    return (
        photo.leading.exists()
        or photo.authors.exists()
        or Revision.objects.filter(photo=photo).exists()
        or Revision.objects.filter(social_photo=photo).exists()
        or Revision.objects.filter(body__contains=photo.editor_address).exists()
        or PageText.objects.filter(body__contains=photo.editor_address).exists()
    )


def articles_with(photo: Photo) -> list[int]:
    """Return the ids of the articles that show a photo, or a revision of which does; the newest, MAX_USES at most.

    The text of revisions is searched in the newest ones alone, where drafts are: this is asked with each look at a
    photo and must not grow with the archive. What readers see, lead photos and those for social
    networks are found by their indexes.
    """
    newest = Revision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = Revision.objects.filter(pk__gt=newest - RECENT_REVISIONS)
    kinds = [
        photo.leading.values_list("pk"),
        photo.articles.values_list("pk"),
        Revision.objects.filter(photo=photo).values_list("article"),
        Revision.objects.filter(social_photo=photo).values_list("article"),
        recent.filter(body__contains=photo.editor_address).values_list("article"),
    ]
    kinds = [kind.order_by() for kind in kinds]
    rows = kinds[0].union(*kinds[1:])
    return sorted((pk for (pk,) in rows), reverse=True)[:MAX_USES]


def _name(photo: Photo, made: Encoded, use: str) -> str:
    """Name a file by what it holds, keyed: a replaced photo or another focal point has new names."""
    content = (
        f"{photo.digest}:{photo.focal_x:.4f}:{photo.focal_y:.4f}:{use}:{made.crop}:{made.format}:{made.width}"
    )
    digest = salted_hmac("articles.photos", content, algorithm="sha256").hexdigest()[:NAME_LENGTH]
    return f"{FOLDER}/{digest[:2]}/{digest}.{EXTENSIONS[made.format]}"
