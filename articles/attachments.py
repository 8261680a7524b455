"""The library of documents: an upload becomes an attachment, or the one that was there already; and how one is served.

A document is never shown, only handed over: whatever stands in it, no browser runs it on this site.
"""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.models import Attachment, PageText, Revision
from articles.photos import MAX_USES, NAME_LENGTH, RECENT_REVISIONS, files_removed_on_failure
from articles.slugs import slug_for
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from uuid import UUID

    from articles.models import User

FOLDER = "files"
# Programs put a few bytes before the header, and readers of PDF look this far for it (ISO 32000-1, annex H).
HEADER, WITHIN = b"%PDF-", 1024
CHUNK = 1_000_000
MAX_STEM = 80


class BadDocument(Exception):
    """A file that is not taken; its text says why."""


@dataclass(frozen=True)
class Document:
    """A file that was looked at; nothing of it is stored yet."""

    file: IO[bytes]
    name: str
    size: int
    digest: str


def read_document(file: IO[bytes], name: str) -> Document:
    """Look at an upload: a PDF by what is in it, and not too large. Raises BadDocument."""
    file.seek(0)
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := file.read(CHUNK):
        head = head or chunk[:WITHIN]
        size += len(chunk)
        if size > settings.DOCUMENT_MAX_BYTES:
            limit = settings.DOCUMENT_MAX_BYTES // 1_000_000
            raise BadDocument(_("This file is too large: at most %(limit)s MB, please.") % {"limit": limit})
        digest.update(chunk)
    if HEADER not in head:
        raise BadDocument(_("This is no PDF: save it as one, whatever its name says."))
    return Document(file, _safe_name(name), size, digest.hexdigest())


def _safe_name(name: str) -> str:
    """Return a name that is the same on every computer and in every address."""
    stem = PurePath(name.replace("\\", "/").replace("\0", "")).name
    stem = stem[:-4] if stem.lower().endswith(".pdf") else stem
    return f"{slug_for(stem, '')[:MAX_STEM].strip('-') or 'document'}.pdf"


def find_attachment(document: Document) -> Attachment | None:
    """Return the attachment that was made from the same bytes before, None if there is none."""
    return Attachment.objects.filter(digest=document.digest).first()


def add_attachment(document: Document, *, by: "User | None", title: str) -> tuple[Attachment, bool]:
    """Store a document and log it as `attachment.add`; return it and whether it is new.

    The same bytes twice are one document, returned as it is. Raises PermissionDenied if `by` may not, ValidationError
    for a title that is not right.
    """
    if by is not None and not by.may("articles.add_attachment"):
        raise PermissionDenied
    if known := find_attachment(document):
        return known, False
    try:
        with (
            files_removed_on_failure() as names,
            verb("attachment.add", by=by, digest=document.digest) as act,
        ):
            act.on = attachment = Attachment(title=title, uploaded_by=by)
            place(document, attachment, names)
    except IntegrityError:
        # Somebody else stored the same bytes in this moment.
        known = find_attachment(document)
        if known is None:
            raise
        return known, False
    return attachment, True


def place(document: Document, attachment: Attachment, names: list[str]) -> None:
    """Write the file of a document and save its row; its name is added to `names` once it is written.

    Part of a verb, inside its transaction and `files_removed_on_failure`. Raises ValidationError.
    """
    attachment.name, attachment.size, attachment.digest = document.name, document.size, document.digest
    # Keyed, as a photo's: nobody guesses where it lies.
    key = salted_hmac("articles.attachments", document.digest, algorithm="sha256").hexdigest()[:NAME_LENGTH]
    attachment.path = f"{FOLDER}/{key[:2]}/{key}.pdf"
    attachment.full_clean(exclude=["uploaded_by", "digest", "path"])
    document.file.seek(0)
    attachment.path = default_storage.save(attachment.path, File(document.file))
    names.append(attachment.path)
    attachment.save()


def delete_attachment(attachment: Attachment, *, by: "User | None") -> None:
    """Delete a document and its file, logged as `attachment.delete`.

    Raises Refused while something links it, PermissionDenied if `by` may not.
    """
    if by is not None and not by.may("articles.delete_attachment"):
        raise PermissionDenied
    with verb("attachment.delete", by=by, on=attachment, digest=attachment.digest) as act:
        stored = Attachment.objects.select_for_update().filter(pk=attachment.pk).first()
        if stored is None:
            return act.nothing()
        if is_in_use(stored):
            raise Refused(_("This document is in use: it cannot be deleted."))
        # By query: the row in memory keeps its id, which the log names.
        Attachment.objects.filter(pk=stored.pk).delete()
        transaction.on_commit(lambda: default_storage.delete(stored.path), robust=True)


def is_in_use(attachment: Attachment) -> bool:
    """Return whether an article, any revision or a page links a document.

    Searches the text of all revisions: as slow as there are many, and asked before a deletion only.
    """
    return (
        attachment.article_attachments.exists()
        or Revision.objects.filter(body__contains=attachment.editor_address).exists()
        or PageText.objects.filter(body__contains=attachment.editor_address).exists()
    )


def articles_with(attachment: Attachment) -> list[int]:
    """Return the ids of the articles that link a document, or a recent revision of which does; the newest."""
    newest = Revision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = Revision.objects.filter(pk__gt=newest - RECENT_REVISIONS)
    rows = (
        attachment.article_attachments.order_by()
        .values_list("article")
        .union(recent.filter(body__contains=attachment.editor_address).order_by().values_list("article"))
    )
    return sorted((pk for (pk,) in rows), reverse=True)[:MAX_USES]


# Serving


@require_safe
def document(request: HttpRequest, uid: "UUID", name: str) -> HttpResponseBase:
    """Hand a document to a reader while something that he may read links it.

    Each time through here: no store and no proxy keeps a document that is not to be had any more.
    """
    attachment = get_object_or_404(Attachment, uid=uid, name=name)
    if not attachment.is_public():
        raise Http404
    return handed_over(request, attachment)


def handed_over(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    """Answer with the file of a document, to be saved and not shown. Raises Http404 if it is not there."""
    etag = f'"{attachment.digest}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            file = default_storage.open(attachment.path)
        except OSError as error:
            raise Http404 from error
        response = FileResponse(
            file, as_attachment=True, filename=attachment.name, content_type="application/pdf"
        )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
