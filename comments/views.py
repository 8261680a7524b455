"""What readers do with comments: post, reply, read on. Cookies are never looked at."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from articles import commented
from articles.models import Article
from articles.views import withdrawn
from comments import language, links, reading
from comments.addresses import page_url
from comments.forms import CommentForm
from comments.judging import TooMany
from comments.models import Comment, Commenter
from newsroom import pages
from newsroom.client import client_address, is_from_our_pages
from newsroom.languages import spoken
from newsroom.models import Site
from newsroom.posts import SeeOther, is_too_large
from newsroom.verbs import Refused
from newsroom.views import plain

logger = logging.getLogger(__name__)

# Seconds after which a reader may try again when the database was not there.
RETRY_AFTER = 30

View = Callable[..., HttpResponse]


def of_article(view: View) -> View:
    """Give a view the article of the path: 404 and 410 as the article answers, an old path leads to the new."""

    @wraps(view)
    def wrapped(request: HttpRequest, path: str, **kwargs: Any) -> HttpResponse:
        article = visible_at(request, path)
        if article is None:
            return gone(request, path)
        site = Site.of(request)
        banner = site.text_in(article.language).banner_changes_at()
        pages.show(request, *site.page_keys(), *article.page_keys(), until=banner)
        if article.path != f"/{path}":
            return HttpResponsePermanentRedirect(article.path + request.path_info.removeprefix(f"/{path}"))
        return view(request, article, **kwargs)

    return wrapped


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, path: str) -> HttpResponse:
    """Take a new comment. A reader who comes without one is led to the comments."""
    if request.method == "POST":
        return post(request, path)
    return first_page(request, path=path)


@of_article
def first_page(request: HttpRequest, article: Article) -> HttpResponse:
    """Lead to the first page of the comments, below the article."""
    return redirect(page_url(article, 1))


@require_safe
@of_article
def page(request: HttpRequest, article: Article, number: str) -> HttpResponse:
    """Show a page of the comments, from the second on."""
    if number == "1":
        return redirect(page_url(article, 1), permanent=True)
    return thread_page(request, reading.read(article, int(number)))


@require_safe
@of_article
def newest(request: HttpRequest, article: Article, number: str = "1") -> HttpResponse:
    """Show a page of the comments, the newest threads first."""
    return thread_page(request, reading.read(article, int(number), newest_first=True))


@require_safe
@of_article
def long_thread(request: HttpRequest, article: Article, pk: str, number: str = "1") -> HttpResponse:
    """Show how a long thread goes on; one that does not leads to where its first comment stands today."""
    found = reading.read_thread(article, int(pk), int(number))
    if found is None and number == "1" and (url := reading.url_of(article, int(pk))):
        return redirect(f"{url.partition('#')[0]}#comment-{pk}")
    return thread_page(request, found)


def thread_page(request: HttpRequest, thread: reading.ThreadPage | None) -> HttpResponse:
    """Show a page of comments. Raises Http404 if there is none."""
    if thread is None:
        raise Http404
    context = {"language": thread.article.language, "article": thread.article, "thread": thread}
    return render(request, "comments/thread.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, path: str, pk: str) -> HttpResponse:
    """Show a comment with a form to answer it, and take the answer."""
    if request.method == "POST":
        return post(request, path, answering=int(pk))
    return reply_form(request, path=path, pk=int(pk))


@of_article
def reply_form(request: HttpRequest, article: Article, pk: int) -> HttpResponse:
    """Show a comment with a form to answer it."""
    parent = get_object_or_404(Comment.objects.shown(), article=article, pk=pk)
    form = CommentForm(needs_email=Site.of(request).comments_need_email)
    return form_page(request, article, form, parent=parent)


@require_safe
def permalink(request: HttpRequest, pk: str) -> HttpResponse:
    """Lead to the page and the place where a comment stands today."""
    article = get_object_or_404(Article.objects.defer("body").filter(comments=int(pk)))
    pages.show(request, *Site.of(request).page_keys(), *article.page_keys())
    if visible_at(request, article.path[1:]) is None:
        with speaking(article.language) as answered:
            return answered(gone(request, article.path[1:]))
    url = reading.url_of(article, int(pk))
    if url is None:
        raise Http404
    return redirect(f"{url.partition('#')[0]}#comment-{pk}")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form to somebody whose address a mailed link confirms, and take what he writes."""
    try:
        commenter_id, article_id, answering = links.read_writer(token)
    except signing.SignatureExpired:
        return plain(request, "comments/link_over.html", 410)
    except signing.BadSignature as error:
        raise Http404 from error
    writer = get_object_or_404(Commenter.objects.exclude(confirmed_at=None), pk=commenter_id)
    article = get_object_or_404(Article.objects.only("path", "language"), pk=article_id)
    with speaking(article.language) as answered:
        if request.method == "POST":
            return answered(post(request, article.path[1:], answering, writer))
        visible = visible_at(request, article.path[1:])
        if visible is None:
            return answered(gone(request, article.path[1:]))
        parent = Comment.objects.shown().filter(article=visible, pk=answering).first() if answering else None
        return answered(
            form_page(request, visible, CommentForm(asks_email=False), parent=parent, writer=writer)
        )


def post(
    request: HttpRequest, path: str, answering: int | None = None, writer: Commenter | None = None
) -> HttpResponse:
    """Store a comment, below another one if it answers that; whatever refuses it gives the text back."""
    if is_too_large(request):
        return plain(request, "comments/too_large.html", 413)
    return giving_back(request, lambda: take(request, path, answering, writer))


def giving_back(request: HttpRequest, take: Callable[[], HttpResponse]) -> HttpResponse:
    """Return what `take` answers; where the database is away, 503 with the text that was sent."""
    try:
        return take()
    except (OperationalError, InterfaceError):
        logger.exception("A form of a reader could not be stored")
        response = plain(request, "comments/not_stored.html", 503, text=request.POST.get("text", ""))
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response


def take(
    request: HttpRequest, path: str, answering: int | None, writer: Commenter | None = None
) -> HttpResponse:
    """Store what the form holds and lead to its private page, or say what is in the way.

    Who sends what somebody else may have sent before is led to that comment, as every reader finds it.
    `writer` is somebody whose address the form's own address confirms.
    """
    article = visible_at(request, path)
    if article is None:
        return not_taken(request, path, request.POST.get("text", ""))
    site = Site.of(request)
    form = CommentForm(request.POST, needs_email=site.comments_need_email, asks_email=writer is None)
    parent = Comment.objects.shown().filter(article=article, pk=answering).first() if answering else None
    refuse = partial(form_page, request, article, form, parent=parent, writer=writer)
    if not is_from_our_pages(request):
        error = _(
            "This form came from another site, so nothing was stored. Is it your comment? Send it from here."
        )
        return refuse(error=error, status=403)
    if answering and not parent:
        error = _("The comment that you answer is no longer there. Sent from here, yours stands by itself.")
        return refuse(error=error, status=422)
    if not form.is_valid():
        return refuse(status=422)
    words = {"name": form.cleaned_data["name"], "text": form.cleaned_data["text"]}
    written_in = language.guess(words["text"], article.language, site.languages)
    if "preview" in request.POST and article.takes_comments(site):
        return refuse(preview=Comment(**words, language=written_in))
    try:
        comment = Comment.post(
            article=article,
            parent=parent,
            **words,
            email=writer.email if writer else form.cleaned_data["email"],
            language=written_in,
            address=client_address(request),
            is_confirmed=writer is not None,
            is_trapped=form.is_trapped,
            site=site,
        )
    except TooMany as refused:
        response = refuse(error=str(refused), status=429)
        response.headers["Retry-After"] = str(refused.retry_after)
        return response
    except Refused as refused:
        return refuse(error=str(refused), status=422)
    except ValidationError as refused:
        # The form should have said it beside the field. Whatever it let through, the text comes back.
        return refuse(error=" ".join(refused.messages), status=422)
    if not comment.is_anothers:
        return SeeOther(comment.own_url())
    return SeeOther(comment.get_absolute_url() if comment.shown else page_url(article, 1))


def form_page(
    request: HttpRequest,
    article: Article,
    form: CommentForm,
    *,
    parent: Comment | None = None,
    writer: Commenter | None = None,
    preview: Comment | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the form on a page of its own, under what is answered, and under a preview if there is one.

    What was refused comes with 422 (RFC 9110, 15.5.21): it was understood and cannot be carried out as it is, which
    400 would not say.
    """
    commenting = article.commenting(Site.of(request))
    pages.show(request, f"section-{article.section_id}", until=commenting.changes_at)
    context = {
        "language": article.language,
        "article": article,
        "form": form,
        "parent": parent,
        "writer": writer,
        "preview": preview,
        "error": error,
        "refused": bool(error or form.errors),
        "is_open": article.is_visible() and commenting.is_open,
        "opens_at": commenting.opens_at,
    }
    return render(request, "comments/comment_form.html", context, status=status)


def not_taken(request: HttpRequest, path: str, text: str) -> HttpResponse:
    """Give a text back whose article is not there (404) or withdrawn (410); say nothing of the article."""
    try:
        status = gone(request, path).status_code
    except Http404:
        status = 404
    context = {"text": text, "language": language_of(path)}
    return render(request, "comments/not_taken.html", context, status=status)


def visible_at(request: HttpRequest, path: str) -> Article | None:
    """Return the article that readers see at a path, current or old; None if there is none."""
    language = language_of(path)
    if language not in Site.of(request).languages:
        return None
    return commented.visible_at(f"/{path}", language)


def gone(request: HttpRequest, path: str) -> HttpResponse:
    """Answer 410 for what was withdrawn. Raises Http404 for all else that is not visible."""
    if language_of(path) not in Site.of(request).languages:
        raise Http404
    return withdrawn(request, language_of(path), f"/{path}")


@contextmanager
def speaking(language: str) -> Iterator[Callable[[HttpResponse], HttpResponse]]:
    """Speak an article's language at an address that has none, and yield what makes its answers say so.

    Such pages are no matter for search engines.
    """

    def answered(response: HttpResponse) -> HttpResponse:
        response.headers["Content-Language"] = language
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    with translation.override(spoken(language)):
        yield answered


def language_of(path: str) -> str:
    """Return the language that a path begins with."""
    return path.partition("/")[0]
