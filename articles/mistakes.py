"""A reader reports a mistake in an article: a form on a page of its own, without script, account or cookie."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from articles.models import Article, MistakeReport
from articles.views import withdrawn
from newsroom import pages
from newsroom.client import is_from_our_pages
from newsroom.forms import LineField, OptionalEmailField, PlainTextField
from newsroom.mail import is_set_up
from newsroom.models import Site
from newsroom.posts import SeeOther, is_too_large
from newsroom.verbs import Refused

MAX_TEXT = 3000
MAX_NAME = 80


class MistakeForm(forms.Form):
    """What is wrong, and who says so if he wants to; stands on stored pages, so it has no token."""

    text = PlainTextField(
        label=gettext_lazy("What is wrong?"),
        max_length=MAX_TEXT,
        help_text=gettext_lazy("The sentence as it stands, and what is right. A source helps."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": gettext_lazy("Say what is wrong."),
            "max_length": gettext_lazy(
                "Shorten the text to %(limit_value)d characters; it has %(show_value)d."
            ),
        },
    )
    name = LineField(
        label=gettext_lazy("Name (optional)"),
        required=False,
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "max_length": gettext_lazy(
                "Shorten the name to %(limit_value)d characters; it has %(show_value)d."
            ),
        },
    )
    email = OptionalEmailField(
        label=gettext_lazy("E-mail (optional)"),
        help_text=gettext_lazy("For our answer. It is deleted once we have answered."),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="your-%s", use_required_attribute=False)
        if not is_set_up():
            # Nobody can be answered: nobody is asked for an address.
            del self.fields["email"]
        for field in self.fields.values():
            # Browsers cut a longer text without a word, we say so and keep it.
            field.widget.attrs.pop("maxlength", None)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, language: str, **date_and_slug: str) -> HttpResponse:
    """Show the form, and take a report; what is refused comes back with the reason beside it (422)."""
    if request.method == "POST" and is_too_large(request):
        return _page(request, None, language, MistakeForm(), _("That is too much: nothing was read."), 413)
    path = request.path_info.removesuffix("mistake/")
    site = Site.of(request)
    if language not in site.languages:
        raise Http404
    article = Article.objects.visible().in_language(language).filter(paths__path=path).defer("body").first()
    form = MistakeForm(request.POST if request.method == "POST" else None)
    if article is None:
        if form.is_bound:
            return _page(request, None, language, form, _("This article is no longer there."), 404)
        return withdrawn(request, language, path)
    pages.show(
        request,
        *site.page_keys(),
        *article.page_keys(),
        until=site.text_in(language).banner_changes_at(),
    )
    if not form.is_bound:
        if article.path != path:
            return HttpResponsePermanentRedirect(f"{article.path}mistake/")
        return _page(request, article, language, form)
    return _take(request, article, form)


def _take(request: HttpRequest, article: Article, form: MistakeForm) -> HttpResponse:
    language = article.language
    if not is_from_our_pages(request):
        error = _(
            "This form came from another site, so nothing was stored. Is it your text? Send it from here."
        )
        return _page(request, article, language, form, error, 403)
    if not form.is_valid():
        return _page(request, article, language, form, status=422)
    try:
        MistakeReport.send(article, **form.cleaned_data)
    except Refused as refused:
        return _page(request, article, language, form, str(refused), 422)
    return SeeOther(f"{article.path}mistake/?sent")


def _page(
    request: HttpRequest,
    article: Article | None,
    language: str,
    form: MistakeForm,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "language": language,
        "article": article,
        "form": form,
        "error": error,
        "refused": bool(error or (form.is_bound and form.errors)),
        "sent": "sent" in request.GET and not form.is_bound,
    }
    return render(request, "articles/mistake.html", context, status=status)
