"""A reader reports a comment: a form on a page of its own, without script, account or cookie."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from articles.models import Article
from comments.forms import ReportForm
from comments.judging import TooMany
from comments.models import Comment, Report
from comments.views import giving_back, gone, speaking, visible_at
from newsroom import pages
from newsroom.client import client_address, is_from_our_pages
from newsroom.models import Site
from newsroom.posts import SeeOther, is_too_large
from newsroom.verbs import Refused
from newsroom.views import plain


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: str) -> HttpResponse:
    """Show the form, and take a report; what is refused comes back with the reason beside it (422)."""
    if request.method == "POST":
        if is_too_large(request):
            return plain(request, "comments/too_large.html", 413)
        return giving_back(request, lambda: answer(request, int(pk)))
    return answer(request, int(pk))


def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer in the language of the comment's article; 404 and 410 as the article answers."""
    article = get_object_or_404(Article.objects.defer("body").filter(comments=pk))
    site = Site.of(request)
    banner = site.text_in(article.language).banner_changes_at()
    pages.show(request, *site.page_keys(), *article.page_keys(), until=banner)
    with speaking(article.language) as answered:
        if visible_at(request, article.path[1:]) is None:
            return answered(gone(request, article.path[1:]))
        comment = Comment.objects.shown().filter(pk=pk).first()
        if comment is None:
            raise Http404
        comment.article = article
        if request.method == "POST":
            return answered(take(request, comment))
        return answered(page(request, comment, ReportForm()))


def take(request: HttpRequest, comment: Comment) -> HttpResponse:
    """Store a report and thank for it, or say what is in the way."""
    form = ReportForm(request.POST)
    if not is_from_our_pages(request):
        error = _(
            "This form came from another site, so nothing was stored. Is it your report? Send it from here."
        )
        return page(request, comment, form, error, 403)
    if not form.is_valid():
        return page(request, comment, form, status=422)
    try:
        Report.make(comment=comment, address=client_address(request), **form.cleaned_data)
    except TooMany as refused:
        response = page(request, comment, form, str(refused), 429)
        response.headers["Retry-After"] = str(refused.retry_after)
        return response
    except Refused as refused:
        return page(request, comment, form, str(refused), 422)
    except ValidationError as refused:
        return page(request, comment, form, " ".join(refused.messages), 422)
    return SeeOther(f"{request.path}?sent")


def page(
    request: HttpRequest, comment: Comment, form: ReportForm, error: str = "", status: int = 200
) -> HttpResponse:
    """Show the comment and the form, or thanks."""
    context = {
        "language": comment.article.language,
        "article": comment.article,
        "comment": comment,
        "form": form,
        "error": error,
        "refused": bool(error or (form.is_bound and form.errors)),
        "sent": "sent" in request.GET and not form.is_bound,
    }
    return render(request, "comments/report.html", context, status=status)
