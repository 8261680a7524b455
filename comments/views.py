"""What readers do with comments: post, reply, read on, look after their own. Cookies are never looked at."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

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

from articles.models import Article
from articles.views import withdrawn
from comments import reading
from comments.addresses import page_url
from comments.forms import CommentForm
from comments.models import Comment
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
    thread_page = reading.read(article, int(number))
    if thread_page is None:
        raise Http404
    context = {"language": article.language, "article": article, "thread": thread_page}
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
    return form_page(request, article, CommentForm(), parent=parent)


@require_safe
def permalink(request: HttpRequest, pk: str) -> HttpResponse:
    """Lead to the page and the place where a comment stands today."""
    article = get_object_or_404(Article.objects.defer("body").filter(comments=int(pk)))
    pages.show(request, *Site.of(request).page_keys(), *article.page_keys())
    if visible_at(request, article.path[1:]) is None:
        # This address has no language of its own to speak.
        with translation.override(spoken(article.language)):
            response = gone(request, article.path[1:])
        response.headers["Content-Language"] = article.language
        return response
    number = reading.page_number(article, int(pk))
    if number is None:
        raise Http404
    return redirect(f"{page_url(article, number).partition('#')[0]}#comment-{pk}")


@never_cache
@require_safe
def own(request: HttpRequest, token: str) -> HttpResponse:
    """Show a comment to its writer: what became of it, since when, and why."""
    try:
        comment = Comment.by_token(token)
    except Comment.DoesNotExist as error:
        raise Http404 from error
    article = comment.article
    language = article.language
    decision = comment.decisions.last()
    with translation.override(spoken(language)):
        heading, reason = told_to_its_writer(comment)
        context = {
            "language": language,
            "comment": comment,
            "article": article if article.is_visible() else None,
            "heading": heading,
            "reason": reason,
            "since": decision.at if decision else comment.created_at,
        }
        response = render(request, "comments/own.html", context)
    response.headers["Content-Language"] = language
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def told_to_its_writer(comment: Comment) -> tuple[str, str]:
    """Return what became of a comment, and the general reason; what a moderator wrote is for colleagues."""
    if not comment.article.is_visible():
        return _("Your comment"), _("The article that it belongs to is not available at present.")
    if comment.shown:
        return _("Your comment is shown"), _("Everybody can read it below the article.")
    return {
        Comment.State.WAITING: (
            _("Your comment is waiting"),
            _("A moderator reads each first comment before it is shown. You need not send it again."),
        ),
        Comment.State.APPROVED: (
            _("Your comment is not shown"),
            _("It was approved, but a comment that it answers is not shown, and hides what stands below it."),
        ),
        Comment.State.REMOVED: (
            _("Your comment was removed"),
            _("It was shown; a moderator took it away because it does not keep to the rules for comments."),
        ),
    }.get(
        Comment.State(comment.state),
        (
            _("Your comment is not shown"),
            _("A moderator decided against it because it does not keep to the rules for comments."),
        ),
    )


def post(request: HttpRequest, path: str, answering: int | None = None) -> HttpResponse:
    """Store a comment, below another one if it answers that; whatever refuses it gives the text back."""
    if is_too_large(request):
        return plain(request, "comments/too_large.html", 413)
    form = CommentForm(request.POST)
    try:
        return take(request, path, form, answering)
    except (OperationalError, InterfaceError):
        logger.exception("A comment could not be stored")
        response = plain(request, "comments/not_stored.html", 503, text=form.data.get("text", ""))
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response


def take(request: HttpRequest, path: str, form: CommentForm, answering: int | None) -> HttpResponse:
    """Store what the form holds and lead to its private page, or say what is in the way."""
    article = visible_at(request, path)
    if article is None:
        return not_taken(request, path, form)
    parent = Comment.objects.shown().filter(article=article, pk=answering).first() if answering else None
    if not is_from_our_pages(request):
        error = _(
            "This form came from another site, so nothing was stored. Is it your comment? Send it from here."
        )
        return form_page(request, article, form, parent=parent, error=error, status=403)
    if answering and not parent:
        error = _("The comment that you answer is no longer there. Sent from here, yours stands by itself.")
        return form_page(request, article, form, error=error, status=422)
    if not form.is_valid():
        return form_page(request, article, form, parent=parent, status=422)
    try:
        comment = Comment.post(
            article=article,
            parent=parent,
            name=form.cleaned_data["name"],
            email=form.cleaned_data["email"],
            text=form.cleaned_data["text"],
            address=client_address(request),
        )
    except Refused as refused:
        return form_page(request, article, form, parent=parent, error=str(refused), status=422)
    except ValidationError as refused:
        # The form should have said it beside the field. Whatever it let through, the text comes back.
        error = " ".join(refused.messages)
        return form_page(request, article, form, parent=parent, error=error, status=422)
    return SeeOther(comment.own_url())


def form_page(
    request: HttpRequest,
    article: Article,
    form: CommentForm,
    *,
    parent: Comment | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the form on a page of its own.

    What was refused comes with 422 (RFC 9110, 15.5.21): it was understood and cannot be carried out as it is, which
    400 would not say.
    """
    context = {
        "language": article.language,
        "article": article,
        "form": form,
        "parent": parent,
        "error": error,
        "refused": bool(error or form.errors),
        "is_open": article.takes_comments(Site.of(request)),
    }
    return render(request, "comments/comment_form.html", context, status=status)


def not_taken(request: HttpRequest, path: str, form: CommentForm) -> HttpResponse:
    """Give a text back whose article is not there (404) or withdrawn (410); say nothing of the article."""
    try:
        status = gone(request, path).status_code
    except Http404:
        status = 404
    context = {"text": form.data.get("text", ""), "language": language_of(path)}
    return render(request, "comments/not_taken.html", context, status=status)


def visible_at(request: HttpRequest, path: str) -> Article | None:
    """Return the article that readers see at a path, current or old; None if there is none."""
    language = language_of(path)
    if language not in Site.of(request).languages:
        return None
    visible = Article.objects.visible().in_language(language).defer("body")
    return visible.filter(paths__path=f"/{path}").first()


def gone(request: HttpRequest, path: str) -> HttpResponse:
    """Answer 410 for what was withdrawn. Raises Http404 for all else that is not visible."""
    if language_of(path) not in Site.of(request).languages:
        raise Http404
    return withdrawn(request, language_of(path), f"/{path}")


def language_of(path: str) -> str:
    """Return the language that a path begins with."""
    return path.partition("/")[0]
