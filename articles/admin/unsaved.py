"""The preview beside the form: the article as readers would see it with what stands in the form now.

The form is sent here by its own button into a frame of its page, or a window, named "preview"
(static/js/admin-preview.js). Nothing is saved, on no way: no revision, no tag, no source, no kept text.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from articles.admin.base import EDITOR_POLICY
from articles.admin.forms import MAX_TAG_LENGTH, MAX_TAGS, ArticleForm, Row, tag_names
from articles.admin.states import embargo_words
from articles.fields import sanitise
from articles.models import CONTENT_FIELDS, Article, Revision, Role, Source
from articles.previews import Named, Relations, library_address, previewed
from articles.slugs import slug_for
from articles.views import article_context
from newsroom.languages import spoken
from newsroom.models import Site
from newsroom.views import plain

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite, ModelAdmin
else:
    ModelAdmin = object

# How long the preview waits after the last key before it shows what was typed, in milliseconds.
REFRESH_AFTER = 1_500
# Nothing but the form's own page may hold a frame, and nothing but a preview be in it.
FORM_POLICY = {**EDITOR_POLICY, "frame-src": [SELF]}
# What is shown as it was typed even if it cannot be saved so; of all other fields only what is right.
TEXTS = (
    "kicker",
    "headline",
    "standfirst",
    "body",
    "dateline",
    "reviewed_by",
    "republished_from",
    "search_title",
    "search_description",
)


def framed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let what a view answers stand in a frame of our own form; nobody keeps it, no robot lists it."""

    @xframe_options_sameorigin
    @csp_replace({"frame-ancestors": [SELF]})
    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


class UnsavedPages(ModelAdmin):
    """The address of `ArticleAdmin` that shows what stands in its form."""

    admin_site: "AdminSite"

    def unsaved_urls(self) -> list[URLPattern]:
        """Return where the form is sent to be looked at: that of an article, and that of one not begun."""
        # Not wrapped as other pages are: a frame is told that the session is over, and not sent to the login.
        view: Any = require_POST(framed(self.unsaved_view))
        view.on_old_token = framed(old_token)
        return [
            path("<int:pk>/preview/unsaved/", view, name="articles_article_unsaved"),
            path("add/preview/unsaved/", view, name="articles_article_unsaved"),
        ]

    def unsaved_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Show the article with what stands in the form, to whoever may send that form; save nothing."""
        if not self.admin_site.has_permission(request):
            return instead(request, _("Your session has ended: log in again."), 403)
        try:
            article = self.article(request, pk) if pk is not None else None
        except Http404:
            return instead(request, _("There is no such article, or you may not see it any more."), 404)
        may = article.is_editable_by(request.user) if article else self.has_add_permission(request)
        if not may:
            return instead(request, _("You may not change this article any more."), 403)
        form = ArticleForm(request.POST, user=request.user, site=Site.of(request), article=article)
        form.is_valid()
        return page(request, form)


def unsaved_form(article: Article | None) -> dict[str, Any]:
    """Return what the form's page says of its preview."""
    args = [article.pk] if article else []
    return {
        "preview_address": reverse("admin:articles_article_unsaved", args=args),
        "preview_after": REFRESH_AFTER,
    }


def old_token(request: HttpRequest) -> HttpResponse:
    """Say that somebody has logged in anew since the form was opened (`newsroom.admin_site.csrf_failure`)."""
    return instead(request, _("You have logged in anew since this form was opened."), 403)


def instead(request: HttpRequest, reason: str, status: int) -> HttpResponse:
    """Say why there is no preview, shortly: a frame is small."""
    return plain(request, "admin/articles/article/unsaved_none.html", status, reason=reason)


def page(request: HttpRequest, form: ArticleForm) -> HttpResponse:
    """Show what stands in a bound form, checked before; what is wrong is listed above it."""
    site, article = Site.of(request), form.article
    language = form.language_code
    shown = previewed(
        article or Article(language=language, created_by=request.user),
        typed_revision(form),
        Relations(
            bylines=list(typed_bylines(form)), tags=typed_tags(form), sources=list(typed_sources(form))
        ),
    )
    # In the language of who looks; the rest of the page speaks that of the article.
    bar = render_to_string(
        "admin/articles/article/_unsaved_bar.html",
        {"errors": list(errors_of(form)), "embargo": embargo_words(article, site.zone) if article else ""},
    )
    with override(spoken(language)):
        context = article_context(request, site, shown, library_address)
        context |= {"bar": bar, "is_framed": "framed" in request.POST}
        response = render(request, "admin/articles/article/unsaved.html", context)
    response.headers["Content-Language"] = language
    return response


def typed_revision(form: ArticleForm) -> Revision:
    """Return a revision in memory with what stands in the form, as far as it can be shown."""
    revision, data = Revision(), form.cleaned_data
    for name in CONTENT_FIELDS:
        if name in data:
            setattr(revision, name, data[name])
        elif name in TEXTS:
            setattr(revision, name, str(form[name].value() or ""))
    revision.headline = " ".join(revision.headline.split())
    revision.body = sanitise(revision.body)
    revision.take_lasting_links()
    revision.slug = revision.slug or slug_for(revision.headline, form.language_code)
    return revision


def typed_bylines(form: ArticleForm) -> Iterator[tuple[Named, str]]:
    """Yield who stands in the byline, in order; by the name that was typed where there is no such author."""
    rows = [row for row in form.bylines.forms if words_in(row, "author")]
    last = len(rows) + 1
    for row in sorted(rows, key=lambda one: one.cleaned_data.get("position") or last):
        named = Named.of(row.found, form.language_code) if row.found else Named(0, words_in(row, "author"))
        yield named, row.cleaned_data.get("role") or Role.AUTHOR


def typed_tags(form: ArticleForm) -> list[Named]:
    """Return the tags, each once; by the name that was typed where there is none yet."""
    if "tags" in form.cleaned_data:
        found = form.found_tags()
    else:
        typed = str(form["tags"].value() or "")[: MAX_TAGS * MAX_TAG_LENGTH]
        found = [(name, None) for name in tag_names(typed)]
    named = [Named.of(tag, form.language_code) if tag else Named(0, name) for name, tag in found]
    return list(dict.fromkeys(named))


def typed_sources(form: ArticleForm) -> Iterator[tuple[Source, bool]]:
    """Yield the sources, each with whether readers are told; by the name that was typed where there is none yet."""
    for row in form.sources.forms:
        name = words_in(row, "name")
        if row.found or name:
            new = Source(name=name, url=row.cleaned_data.get("url", ""))
            yield row.found or new, row.cleaned_data.get("is_public", False)


def words_in(row: Row, name: str) -> str:
    """Return what was typed into a field of a row, on one line."""
    return " ".join(str(row[name].value() or "").split())


def errors_of(form: ArticleForm) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, each with the name of its field: "" where it has none."""
    for part in (form, *form.bylines.forms, *form.sources.forms):
        for name, errors in part.errors.items():
            field = part.fields.get(name)
            # A hidden field is nothing that anybody typed.
            if field is None or not field.widget.is_hidden:
                label = str(part[name].label) if field else ""
                yield from ((label, str(error)) for error in errors)
    for rows in (form.bylines, form.sources):
        yield from (("", str(error)) for error in rows.non_form_errors())
