"""The private page of a comment: what became of it; its writer changes and deletes it there for ten minutes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from comments.forms import OwnForm, SeenForm
from comments.judging import TooMany
from comments.models import WRITERS_TIME, Comment, Decision
from comments.views import giving_back, speaking
from newsroom.client import is_from_our_pages
from newsroom.dates import format_duration
from newsroom.models import Site
from newsroom.posts import SeeOther, is_too_large
from newsroom.verbs import Refused
from newsroom.views import plain


@never_cache
@require_safe
def own(request: HttpRequest, token: str) -> HttpResponse:
    """Show a comment to its writer: what became of it, since when, and why."""
    comment = of_token(token)
    with speaking(comment.article.language) as answered:
        return answered(page(request, comment))


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, token: str) -> HttpResponse:
    """Change a comment for its writer. Whoever only looks here is led to the private page."""
    if request.method == "POST":
        if is_too_large(request):
            return plain(request, "comments/too_large.html", 413)
        return giving_back(request, lambda: change(request, of_token(token)))
    return SeeOther(of_token(token).own_url())


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, token: str) -> HttpResponse:
    """Delete a comment for its writer. Whoever only looks here is led to the private page, which asks him."""
    if request.method == "POST":
        if is_too_large(request):
            return plain(request, "comments/too_large.html", 413)
        return giving_back(request, lambda: take_back(request, of_token(token)))
    return SeeOther(of_token(token).own_url())


def change(request: HttpRequest, comment: Comment) -> HttpResponse:
    """Carry out a change, or say what is in the way, with everything that was typed."""
    with speaking(comment.article.language) as answered:
        form = OwnForm(request.POST, languages=languages_for(comment, Site.of(request)))
        if not is_from_our_pages(request):
            return answered(page(request, comment, form=form, error=from_elsewhere(), status=403))
        if not form.is_valid():
            return answered(page(request, comment, form=form, status=422))
        try:
            comment.edit(**form.cleaned_data)
        except TooMany as refused:
            response = page(request, again(comment), form=form, error=str(refused), status=429)
            response.headers["Retry-After"] = str(refused.retry_after)
            return answered(response)
        except Refused as refused:
            return answered(page(request, again(comment), form=form, error=str(refused), status=422))
        except ValidationError as refused:
            error = " ".join(refused.messages)
            return answered(page(request, again(comment), form=form, error=error, status=422))
        return SeeOther(comment.own_url())


def take_back(request: HttpRequest, comment: Comment) -> HttpResponse:
    """Delete the comment, or say what is in the way."""
    with speaking(comment.article.language) as answered:
        form = SeenForm(request.POST)
        if not is_from_our_pages(request):
            return answered(page(request, comment, error=from_elsewhere(), status=403))
        try:
            # Without a version nobody has looked at anything.
            comment.take_back(seen=form.cleaned_data["seen"] if form.is_valid() else 0)
        except Refused as refused:
            return answered(page(request, again(comment), error=str(refused), status=422))
        return SeeOther(comment.own_url())


def page(
    request: HttpRequest,
    comment: Comment,
    *,
    form: OwnForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the private page; with a form that was refused, what was typed stands in it however late it is."""
    article, site = comment.article, Site.of(request)
    decision = comment.decisions.last()
    now = timezone.now()
    is_editable = comment.is_editable_by_writer(now) and article.is_visible()
    is_refused = bool(error or (form and form.errors))
    if form is None and is_editable:
        form = OwnForm(
            initial={"text": comment.text, "language": comment.language},
            languages=languages_for(comment, site),
        )
    heading, reason = told_to_its_writer(comment)
    context: dict[str, Any] = {
        "language": article.language,
        "comment": comment,
        "token": comment.token(),
        "article": article if article.is_visible() else None,
        "heading": heading,
        "reason": reason,
        "since": decision.at if decision else comment.created_at,
        "wait": usual(comment),
        "form": form,
        "is_typed": bool(form and form.is_bound),
        "is_editable": is_editable,
        "is_open": article.takes_comments(site),
        "until": comment.created_at + WRITERS_TIME,
        "error": error,
        "refused": is_refused,
    }
    return render(request, "comments/own.html", context, status=status)


def told_to_its_writer(comment: Comment) -> tuple[str, str]:
    """Return what became of a comment, and the general reason; what a moderator wrote is for colleagues."""
    if comment.state == Comment.State.REMOVED and comment.is_deleted_by_writer():
        return _("You have deleted your comment"), _(
            "Nobody can read it any more, and nobody shows it again."
        )
    if not comment.article.is_visible():
        return _("Your comment"), _("The article that it belongs to is not available at present.")
    if comment.shown:
        return _("Your comment is shown"), _("Everybody can read it below the article.")
    return {
        Comment.State.WAITING: (_("Your comment is waiting"), why_it_waits(comment)),
        Comment.State.APPROVED: (
            _("Your comment is not shown"),
            _("It was approved, but a comment that it answers is not shown, and hides what stands below it."),
        ),
        Comment.State.REMOVED: (
            _("Your comment was removed"),
            _("It was shown; a moderator took it away because it does not keep to the rules for comments."),
        ),
    }.get(Comment.State(comment.state), (_("Your comment is not shown"), why_it_is_refused(comment)))


def why_it_waits(comment: Comment) -> str:
    """Return why a comment waits, in general words: which rule holds it, and what it found, is not told."""
    if comment.held_for == "first-timer":
        return _("A moderator reads each first comment before it is shown. You need not send it again.")
    if comment.held_for == "hold-all":
        return _("A moderator reads every comment here before it is shown. You need not send it again.")
    return _("A moderator reads it before it is shown. You need not send it again.")


def why_it_is_refused(comment: Comment) -> str:
    """Return why a comment is rejected or spam, in general words; nobody is said to have decided who has not."""
    if comment.held_for:
        return _("It is not shown at present, because it may not keep to the rules for comments.")
    return _("A moderator decided against it because it does not keep to the rules for comments.")


def usual(comment: Comment) -> str:
    """Return how long comments usually wait, in words; "" if this one does not wait or nobody knows.

    Nothing is said of less than a minute: nobody need wait for that, and it would be held against the newsroom.
    """
    seconds = Decision.objects.usual_wait() if comment.state == Comment.State.WAITING else None
    return "" if seconds is None or seconds < 60 else format_duration(seconds, comment.article.language)


def languages_for(comment: Comment, site: Site) -> list[str]:
    """Return the languages that a writer may choose from: the site's, and the one that the comment has."""
    return list(dict.fromkeys([*site.languages, comment.language]))


def from_elsewhere() -> str:
    """Return the sentence for a form that another site sent."""
    return _("This form came from another site, so nothing was changed. Do it from here.")


def again(comment: Comment) -> Comment:
    """Return a comment as it is stored, after a verb has refused to change it."""
    comment.refresh_from_db()
    return comment


def of_token(token: str) -> Comment:
    """Return the comment of a private address. Raises Http404 if the token is not ours."""
    try:
        return Comment.by_token(token)
    except Comment.DoesNotExist as error:
        raise Http404 from error
