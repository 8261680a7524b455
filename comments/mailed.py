"""What links in our mails lead to: confirm an address, unsubscribe. A link that is only opened changes nothing.

Mail programs and virus scanners open every link; a button stands on each page, and its form sends a POST.
"""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comments import links
from comments.models import Comment, Commenter
from comments.views import giving_back, speaking
from newsroom.client import is_from_our_pages
from newsroom.posts import is_too_large
from newsroom.views import plain


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether the address of a comment is the reader's, and take his word for it."""
    if request.method == "POST":
        if is_too_large(request):
            return plain(request, "comments/too_large.html", 413)
        return giving_back(request, lambda: confirmation(request, token))
    return confirmation(request, token)


def confirmation(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address if the button was pressed, and say how it stands; 410 if the link is over."""
    try:
        commenter_id, uid = links.read_confirmation(token)
    except signing.SignatureExpired:
        return plain(request, "comments/link_over.html", 410)
    except signing.BadSignature as forged:
        raise Http404 from forged
    commenter = get_object_or_404(Commenter, pk=commenter_id)
    comment = get_object_or_404(
        Comment.objects.select_related("article").defer("article__body"), uid=uid, email=commenter.email
    )
    with speaking(comment.article.language) as answered:
        error, status = "", 200
        if request.method == "POST":
            if is_from_our_pages(request):
                comment.confirm()
            else:
                error, status = (
                    _("This form came from another site, so nothing was changed. Do it from here."),
                    403,
                )
        context = {
            "language": comment.article.language,
            "commenter": commenter,
            "article": comment.article if comment.article.is_visible() else None,
            "comment": comment,
            "is_confirmed": comment.confirmed_at is not None,
            "error": error,
        }
        return answered(render(request, "comments/confirm.html", context, status=status))


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Let a reader say that he wants no more mail, or mail again.

    Mail programs send the POST by themselves when he presses their button (RFC 8058): no page was looked at, nothing
    says where it comes from, and it is carried out at once. To subscribe again takes our page.
    """
    if request.method == "POST":
        if is_too_large(request):
            return plain(request, "comments/too_large.html", 413)
        return giving_back(request, lambda: subscription(request, token))
    return subscription(request, token)


def subscription(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails or begin them again if a button was pressed, and say how it stands."""
    try:
        commenter = get_object_or_404(Commenter, pk=links.read_unsubscriber(token))
    except signing.BadSignature as error:
        raise Http404 from error
    with speaking(commenter.language) as answered:
        if request.method == "POST":
            if "subscribe" not in request.POST:
                commenter.unsubscribe()
            elif is_from_our_pages(request):
                commenter.subscribe()
            commenter.refresh_from_db()
        context = {
            "language": commenter.language,
            "commenter": commenter,
            "is_off": commenter.unsubscribed_at is not None,
        }
        return answered(render(request, "comments/unsubscribe.html", context))
