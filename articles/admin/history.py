"""The revisions of an article: listed, read, compared, previewed, taken up again, kept out of the public history."""

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import override

from articles.admin import verbs
from articles.admin.comparison import Comparison, listed, pair
from articles.admin.contents import content_rows
from articles.admin.states import embargo_words, standing
from articles.models import Article, Revision
from articles.previews import library_address, previewed
from articles.views import article_context
from newsroom.languages import spoken
from newsroom.models import Site

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite, ModelAdmin
else:
    ModelAdmin = object

MAX_REVISIONS_LISTED = 200


class HistoryPages(ModelAdmin):
    """The pages of `ArticleAdmin` about what was saved before."""

    admin_site: "AdminSite"

    def history_urls(self) -> list[URLPattern]:
        """Return the addresses of these pages; Django's own leads to `history_view`."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", wrap(self.preview_view), name="articles_article_preview"),
            path("<int:pk>/compare/", wrap(self.compare_view), name="articles_article_compare"),
            path(
                "<int:pk>/revision/<int:number>/", wrap(self.revision_view), name="articles_article_revision"
            ),
            path(
                "<int:pk>/revision/<int:number>/restore/",
                wrap(self.restore_view),
                name="articles_article_restore",
            ),
            path(
                "<int:pk>/revision/<int:number>/hide/",
                wrap(self.publicity_view),
                {"page": verbs.HideRevision},
                name="articles_article_hide",
            ),
            path(
                "<int:pk>/revision/<int:number>/show/",
                wrap(self.publicity_view),
                {"page": verbs.ShowRevision},
                name="articles_article_show",
            ),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """List the revisions that this user may read: who, when, what changed, which one is live."""
        article = self.article(request, object_id)
        rows = listed(article.revisions_readable_by(request.user), MAX_REVISIONS_LISTED)
        live = article.live_revision_id
        is_ahead = bool(rows and live and rows[0].revision.pk != live)
        # Without a choice, the newest is held against the live one, else against the one before it.
        chosen_old = next((row.revision for row in rows[1:] if row.revision.pk == live or not is_ahead), None)
        context = {
            **self.admin_site.each_context(request),
            **self.surroundings(request, article),
            "title": _("Revisions"),
            "subtitle": str(article),
            "rows": rows,
            "chosen_old": chosen_old,
        }
        return TemplateResponse(request, "admin/articles/article/revisions.html", context)

    def revision_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Show all that a revision holds."""
        article = self.article(request, pk)
        return self.revision_page(request, article, self.revision_of(request, article, number))

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what differs between two revisions that this user may read; without any, what is new."""
        article = self.article(request, pk)
        readable = article.revisions_readable_by(request.user).select_related(
            "created_by", "photo", "social_photo", "section", "series"
        )
        wanted = (request.GET.get(name, "").strip() for name in ("old", "new"))
        chosen = pair(readable, article.live_revision_id, *wanted)
        if chosen is None:
            raise Http404
        comparison = None
        if chosen.old and not chosen.is_one:
            chosen.old.article = chosen.new.article = article
            comparison = Comparison(chosen.old, chosen.new)
        context = {
            **self.admin_site.each_context(request),
            **self.surroundings(request, article),
            "title": _("What differs"),
            "subtitle": str(article),
            "pair": chosen,
            "comparison": comparison,
        }
        return TemplateResponse(request, "admin/articles/article/compare.html", context)

    def revision_of(self, request: HttpRequest, article: Article, number: int) -> Revision:
        """Return a revision that this user may read. Raises Http404 for any other."""
        found = article.revisions_readable_by(request.user).filter(number=number).first()
        if found is None:
            raise Http404
        return found

    def revision_page(
        self, request: HttpRequest, article: Article, revision: Revision | None
    ) -> HttpResponse:
        """Show a revision, to read only."""
        if revision is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **self.surroundings(request, article),
            "title": str(article),
            "revision": revision,
            "rows": content_rows(revision),
        }
        return TemplateResponse(request, "admin/articles/article/revision.html", context)

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a revision (the newest unless asked) as readers would see it; never stored, never indexed."""
        article = self.article(request, pk)
        wanted = request.GET.get("revision", "")
        if wanted:
            if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
                raise Http404
            revision = self.revision_of(request, article, int(wanted))
        else:
            revision = article.revisions_readable_by(request.user).first()
        if revision is None:
            raise Http404
        shown = previewed(article, revision)
        editable = article.is_editable_by(request.user)
        # In the language of who looks; the rest of the page speaks that of the article.
        bar = render_to_string(
            "admin/articles/article/_preview_bar.html",
            {
                "article": article,
                "revision": revision,
                "standing": standing(article, Site.of(request).zone, newer_draft=None if editable else False),
                "editable": editable,
                "embargo": embargo_words(article, Site.of(request).zone),
            },
        )
        is_live = article.is_visible() and revision.pk == article.live_revision_id
        with override(spoken(article.language)):
            context = article_context(
                request, Site.of(request), shown, None if is_live else library_address
            ) | {"bar": bar}
            response = render(request, "admin/articles/article/preview.html", context)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def restore_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Save an older revision as a new one."""
        article = self.article(request, pk)
        revision = self.revision_of(request, article, number)
        return self.answer(
            request, article, verbs.Restore, lambda: verbs.Restore(request, article, revision=revision)
        )

    def publicity_view(
        self, request: HttpRequest, pk: int, number: int, page: type[verbs.HideRevision]
    ) -> HttpResponse:
        """Keep a revision out of the public history, or show it there again."""
        article = self.article(request, pk)
        revision = self.revision_of(request, article, number)
        return self.answer(request, article, page, lambda: page(request, article, revision=revision))
