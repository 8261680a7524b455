"""A draft for somebody outside of the newsroom, at an address that is a secret.

Such an answer is for one person and one moment: nothing keeps it (`no-store`, and `PAGES_NEVER_STORED`), no robot
lists it, no cookie goes along.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_safe

from articles.attachments import handed_over
from articles.html import attachment_uids
from articles.models import Article, Attachment, DraftLink, Photo, Revision
from articles.pictures import photos_of
from articles.previews import previewed
from articles.views import article_context
from newsroom import clock
from newsroom.languages import spoken
from newsroom.models import Site
from newsroom.views import media, plain

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]


def with_link(view: View) -> View:
    """Give a view the link of the token in its address, and what it shows; what shows nothing gets one calm page.

    That page is the same (404) for what ran out, was revoked, withdrawn or discarded, and for what was never a link:
    a stranger learns nothing by trying.
    """

    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        try:
            link = DraftLink.by_token(token)
            revision = link.shown_revision()
            response = view(request, link, revision, **kwargs) if revision else gone(request)
        except (DraftLink.DoesNotExist, Article.DoesNotExist):
            response = gone(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


def gone(request: HttpRequest) -> HttpResponse:
    """Say that there is nothing behind this link, in the reader's language; asks nothing of the database."""
    return plain(request, "articles/draft_gone.html", 404)


def is_open(request: HttpRequest, article: Article) -> bool:
    """Return whether everybody can read the article at its own address."""
    return article.is_visible() and article.language in Site.of(request).languages


@with_link
def show(request: HttpRequest, link: DraftLink, revision: Revision) -> HttpResponse:
    """Show the draft; once everybody may read the article, lead to it."""
    if is_open(request, link.article):
        return HttpResponseRedirect(iri_to_uri(link.article.path))
    article = previewed(link.article, revision)
    language = article.language

    def file_address(file: Photo | Attachment) -> str:
        return reverse("articles:draft-photo", args=[link.token, file.uid])

    with translation.override(spoken(language)):
        context = article_context(request, Site.of(request), article, file_address)
        embargo = article.embargo_until
        context |= {
            "alternates": {},
            # In a language that the site does not publish in nothing is open to readers.
            "related": context["related"] if language in Site.of(request).languages else [],
            "is_draft": True,
            "link": link,
            "embargo_until": embargo if embargo and embargo > clock.now() else None,
        }
        response = render(request, "articles/draft.html", context)
    response.headers["Content-Language"] = language
    if request.method == "GET":
        count(link)
    return response


@with_link
def photo(request: HttpRequest, link: DraftLink, revision: Revision, uid: UUID) -> HttpResponseBase:
    """Serve a photo or a document of the draft to whoever holds the link; all others get none before it is out."""
    if is_open(request, link.article):
        return gone(request)
    if uid in attachment_uids(revision.body):
        attachment = Attachment.objects.filter(uid=uid).first()
        return handed_over(request, attachment) if attachment else gone(request)
    own = [revision.photo_id, revision.social_photo_id]
    shown = photos_of(revision.body, link.article.language, own).get(uid)
    if shown is None:
        return gone(request)
    return media(request, shown.picture.src.removeprefix(settings.MEDIA_URL))


def count(link: DraftLink) -> None:
    """Count an opening; nobody is kept from reading because it could not be written down."""
    try:
        link.note_opening()
    except DatabaseError:
        logger.warning("The opening of draft link %s could not be written down", link.pk, exc_info=True)
