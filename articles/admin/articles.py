"""The desk: the list of articles, the form that saves revisions, and the pages of the verbs."""

from collections.abc import Callable
from typing import Any, NamedTuple

from csp.decorators import csp_update
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override
from django.views.decorators.http import require_safe

from articles.admin import verbs
from articles.admin.article_list import (
    ArticleList,
    LanguageFilter,
    SectionFilter,
    StageFilter,
    StateFilter,
    has_newer,
    version_link,
    versions_of,
)
from articles.admin.base import EDITOR_POLICY, MAX_LISTED, VerbAdmin
from articles.admin.contents import changes_between, content_rows
from articles.admin.forms import ArticleForm
from articles.admin.preview import previewed
from articles.admin.search import find
from articles.admin.states import Standing, short_time, standing
from articles.admin.suggest import MAX_LISTED as MAX_SUGGESTED
from articles.admin.suggest import suggestions
from articles.models import Article, Revision, StaleRevision
from articles.views import article_context
from newsroom.languages import spoken
from newsroom.models import Site
from newsroom.verbs import Refused

MAX_REVISIONS_LISTED = 200
MAX_ACTION = 100


@admin.register(Article)
class ArticleAdmin(VerbAdmin):
    """Articles: lists show what is live, the form shows the newest revision and saves another."""

    list_display = (
        "title",
        "language",
        "state",
        "desk_stage",
        "section_name",
        "versions",
        "saved",
        "comments",
    )
    list_display_links = ("title",)
    list_filter = (LanguageFilter, StateFilter, StageFilter, SectionFilter)
    list_select_related = ("section", "story")
    # Django asks for a field before it shows the search; `get_search_results` does the search.
    search_fields = ("headline",)
    search_help_text = gettext_lazy(
        "Words of a newer headline, the beginning of a slug, an address of this site, or #number."
    )
    ordering = ("-pk",)
    sortable_by = ()
    actions = ("publish_selected", "unpublish_selected")
    change_list_template = "admin/articles/article/change_list.html"

    # Who may what

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return what this user may open; everything else is not found, on whatever way."""
        return Article.objects.readable_by(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the list to whoever may read articles."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Let whoever may read articles open those of `get_queryset`."""
        return request.user.has_perm("articles.view_article") or self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let whoever may begin a story begin its first article."""
        return request.user.has_perms(["articles.add_article", "articles.add_story"])

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Let writers change their own, and others' where their role reaches."""
        if obj is None:
            return request.user.has_perm("articles.change_article") or request.user.has_perm(
                "articles.edit_others"
            )
        return obj.is_editable_by(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Let drafts be discarded by whoever may change them."""
        return obj is not None and obj.is_editable_by(request.user) and verbs.Discard.is_possible(obj)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Offer the actions on several articles to whoever publishes somewhere."""
        return request.user.has_perm("articles.publish_article")

    def article(self, request: HttpRequest, pk: Any) -> Article:
        """Return the article that this user asks for. Raises Http404 if there is none for him."""
        found = self.get_object(request, str(pk))
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        return found

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Use our list."""
        return ArticleList

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple:
        """Search at a cost that does not grow with the number of articles."""
        return find(queryset, search_term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Show the list and say how far it goes."""
        return super().changelist_view(request, {"max_listed": MAX_LISTED, **(extra_context or {})})

    @admin.display(description=gettext_lazy("headline"))
    def title(self, article: Article) -> SafeString:
        """Return the live headline in its language, or the newest one of a draft."""
        return format_html('<span lang="{}">{}</span>', article.language, article.headline or article)

    @admin.display(description=gettext_lazy("state"))
    def state(self, article: Article) -> SafeString:
        """Return the state in words and colour."""
        stands = standing(article, article.shown_on.zone, newer_draft=has_newer(article))
        return format_html('<span class="state state--{}">{}</span>', stands.colour, stands.words)

    @admin.display(description=gettext_lazy("section"))
    def section_name(self, article: Article) -> str:
        """Return the section's name in the article's language."""
        return article.section.name_in(article.language) if article.section else "–"

    @admin.display(description=gettext_lazy("versions"))
    def versions(self, article: Article) -> SafeString:
        """Return the languages of the story, each a link; "+ de" where one is missing and could be begun."""
        return format_html_join(
            " · ",
            "{}",
            (
                (version_link(version),)
                for version in versions_of(article, article.shown_on, article.may_add_in)
            ),
        )

    @admin.display(description=gettext_lazy("stage"))
    def desk_stage(self, article: Article) -> str:
        """Return where the newest text stands; nothing once readers have it."""
        in_work = article.state != Article.State.LIVE or has_newer(article)
        return article.get_stage_display() if in_work else ""

    @admin.display(description=gettext_lazy("saved"))
    def saved(self, article: Article) -> str:
        """Return when somebody last saved it."""
        return short_time(article.saved_at, article.shown_on.zone)

    @admin.display(description=gettext_lazy("comments"))
    def comments(self, article: Article) -> int:
        """Return the number of comments that readers see."""
        return article.comment_count

    @admin.action(description=gettext_lazy("Publish the newest revision now…"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Publish several articles, each by the verb and its checks."""
        return self._act_on_selected(request, queryset, "publish_selected", verbs.Publish)

    @admin.action(description=gettext_lazy("Unpublish…"), permissions=["publish"])
    def unpublish_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Unpublish several articles, each by the verb and its checks."""
        return self._act_on_selected(request, queryset, "unpublish_selected", verbs.Unpublish)

    def _act_on_selected(
        self, request: HttpRequest, queryset: QuerySet, action: str, page: type[verbs.VerbPage]
    ) -> HttpResponse | None:
        articles = list(queryset.select_related("story").order_by("-pk")[: MAX_ACTION + 1])
        if len(articles) > MAX_ACTION:
            messages.error(request, _("At most %(n)s articles at once, please.") % {"n": MAX_ACTION})
            return None
        pages = [page(request, article) for article in articles]
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": self.get_action(action)[2],
                "opts": self.opts,
                "rows": (rows := [self._selected_row(request, page) for page in pages]),
                "any_left": any(row.taken for row in rows),
                "action": action,
            }
            return TemplateResponse(request, "admin/articles/article/selected.html", context)
        done = 0
        for one in pages:
            try:
                if not one.is_allowed(request.user, one.article):
                    raise PermissionDenied
                if hindrance := one.hindrance():
                    raise Refused(hindrance)
                if not one.is_needed():
                    continue
                one.run({})
            except (Refused, PermissionDenied) as refused:
                reason = str(refused) or _("You may not do that here.")
                words = {"article": one.article, "reason": reason}
                messages.error(request, _("%(article)s: %(reason)s") % words)
            else:
                done += 1
        if done:
            messages.success(
                request, ngettext("%(n)s article: done.", "%(n)s articles: done.", done) % {"n": done}
            )
        return None

    def _selected_row(self, request: HttpRequest, page: verbs.VerbPage) -> "SelectedRow":
        stands = standing(page.article, page.site.zone)
        if not page.is_allowed(request.user, page.article):
            return SelectedRow(page.article, stands, [_("You may not do that here: it is left out.")], False)
        if hindrance := page.hindrance():
            return SelectedRow(page.article, stands, [hindrance], False)
        notes = [*page.explanation(), *page.warnings()]
        if isinstance(page, verbs.Publish) and page.article.state == Article.State.SCHEDULED:
            notes.insert(0, _("It goes out now and not at its time."))
        return SelectedRow(page.article, stands, notes, page.is_needed())

    # The form

    @method_decorator(csp_update(EDITOR_POLICY))
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        """Show the newest revision in a form and save another one."""
        article = self.article(request, object_id) if object_id is not None else None
        if article is None and not self.has_add_permission(request):
            raise PermissionDenied
        if article and not article.is_editable_by(request.user):
            if request.method == "POST":
                raise PermissionDenied
            readable = article.revisions_readable_by(request.user).first()
            return self.revision_page(request, article, readable)
        form = ArticleForm(
            request.POST if request.method == "POST" else None,
            user=request.user,
            site=Site.of(request),
            article=article,
            language=request.GET.get("language", ""),
        )
        stale = None
        if form.is_bound and form.is_valid():
            try:
                saved = form.save()
            except StaleRevision as refused:
                stale = refused.newest
                stale_message = str(refused)
                form.go_on_from(stale)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return self._after_save(request, saved, base=form.cleaned_data["base"])
        context = self.form_context(request, article, form)
        if stale:
            base = article.revisions.filter(number=form.cleaned_data["base"]).first()
            context |= {
                "stale": stale,
                "stale_message": stale_message,
                "changed": changes_between(base, stale),
            }
        return TemplateResponse(request, "admin/articles/article/change_form.html", context)

    def _after_save(self, request: HttpRequest, article: Article, *, base: int | None) -> HttpResponse:
        number = article.newest_revision().number
        if number == base:
            message = _("Nothing had changed; revision %(number)s is still the newest.") % {"number": number}
        elif article.is_visible():
            message = _(
                "Saved as revision %(number)s. Readers still see revision %(live)s until you publish the changes."
            ) % {"number": number, "live": article.live_revision.number}
        elif article.state == Article.State.SCHEDULED:
            message = _(
                "Saved as revision %(number)s. Revision %(live)s is the one that goes out, until you publish again."
            ) % {"number": number, "live": article.live_revision.number}
        else:
            message = _("Saved as revision %(number)s.") % {"number": number}
        if "_preview" in request.POST:
            query = f"?revision={number}"
            return HttpResponseRedirect(reverse("admin:articles_article_preview", args=[article.pk]) + query)
        messages.success(request, message)
        if "_publish" in request.POST and verbs.Publish.is_allowed(request.user, article):
            return HttpResponseRedirect(reverse("admin:articles_article_publish", args=[article.pk]))
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def form_context(
        self, request: HttpRequest, article: Article | None, form: ArticleForm
    ) -> dict[str, Any]:
        """Return what the form's page shows beside its fields."""
        context = {
            **self.admin_site.each_context(request),
            "title": str(article) if article else _("Write an article"),
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "errors": form.error_count() if form.is_bound else 0,
            "may_publish": request.user.may("articles.publish_article", article)
            and (article is None or verbs.Publish.is_possible(article)),
            "suggested": {
                kind: suggestions(kind, "", form.language_code, limit=MAX_SUGGESTED)
                for kind in ("tags", "authors", "sources")
            },
            "lead_photo": form.lead_photo(),
            "open": form.open_panels(),
            "is_popup": False,
        }
        if article:
            context |= self.surroundings(request, article)
        return context

    def surroundings(self, request: HttpRequest, article: Article) -> dict[str, Any]:
        """Return what every page of an article shows: where it stands, its versions, what can be done."""
        site = Site.of(request)
        row = Article.objects.for_desk(request.user).get(pk=article.pk)
        may_add = request.user.languages_with("articles.add_article", site.languages)
        return {
            "opts": self.opts,
            "article": article,
            "original": article,
            "standing": standing(article, site.zone, newer_draft=has_newer(row)),
            "versions": versions_of(row, site, may_add),
            "editable": article.is_editable_by(request.user),
            "newest": article.revisions_readable_by(request.user).first(),
            "verbs": [
                page(request, article)
                for page in verbs.PAGES
                if page.is_allowed(request.user, article) and page.is_possible(article)
            ],
        }

    # Pages beside the form

    def get_urls(self) -> list[URLPattern]:
        """Give each verb its own small address, and add preview, revisions and suggestions."""
        wrap = self.admin_site.admin_view
        urls = [
            path(
                f"<int:pk>/{page.name}/",
                wrap(self.verb_view),
                {"page": page},
                name=f"articles_article_{page.name}",
            )
            for page in verbs.PAGES
        ]
        urls += [
            path(
                "<int:pk>/version/<slug:language>/", wrap(self.version_view), name="articles_article_version"
            ),
            path("<int:pk>/preview/", wrap(self.preview_view), name="articles_article_preview"),
            path(
                "<int:pk>/revision/<int:number>/", wrap(self.revision_view), name="articles_article_revision"
            ),
            path(
                "<int:pk>/revision/<int:number>/restore/",
                wrap(self.restore_view),
                name="articles_article_restore",
            ),
            path("suggest/<slug:kind>/", wrap(self.suggest_view), name="articles_article_suggest"),
        ]
        return urls + super().get_urls()

    def verb_view(self, request: HttpRequest, pk: int, page: type[verbs.VerbPage]) -> HttpResponse:
        """Show the page of a verb, or act."""
        article = self.article(request, pk)
        return self.answer(request, article, page, lambda: page(request, article))

    def version_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """Begin the story's version in a language."""
        article = self.article(request, pk)
        site = Site.of(request)
        if language not in site.languages:
            raise Http404
        if language not in request.user.languages_with("articles.add_article", site.languages):
            raise PermissionDenied
        existing = self.get_queryset(request).filter(story=article.story_id, language=language).first()
        if existing:
            return HttpResponseRedirect(reverse("admin:articles_article_change", args=[existing.pk]))
        return self.answer(
            request, article, verbs.Version, lambda: verbs.Version(request, article, language=language)
        )

    def restore_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Save an older revision as a new one."""
        article = self.article(request, pk)
        revision = self.revision_of(request, article, number)
        return self.answer(
            request, article, verbs.Restore, lambda: verbs.Restore(request, article, revision=revision)
        )

    def answer(
        self,
        request: HttpRequest,
        article: Article,
        page: type[verbs.VerbPage],
        make: Callable[[], verbs.VerbPage],
    ) -> HttpResponse:
        """Let a verb's page answer, for those who may use it."""
        if not page.is_allowed(request.user, article):
            raise PermissionDenied
        verb_page = make()

        def show(form: Any) -> HttpResponse:
            context = {
                **self.admin_site.each_context(request),
                **self.surroundings(request, article),
                "title": verb_page.title,
                "subtitle": str(article),
                "page": verb_page,
                "form": form,
                "media": self.media + form.media,
                **verb_page.context(),
            }
            return TemplateResponse(request, verb_page.template, context)

        return verb_page.answer(show)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """List the revisions that this user may read: who, when, which one is live."""
        article = self.article(request, object_id)
        rows = article.revisions_readable_by(request.user).select_related("created_by").defer("body")
        context = {
            **self.admin_site.each_context(request),
            **self.surroundings(request, article),
            "title": _("Revisions"),
            "subtitle": str(article),
            "revisions": rows[:MAX_REVISIONS_LISTED],
        }
        return TemplateResponse(request, "admin/articles/article/revisions.html", context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Discard a draft by the verb; nothing else of an article is ever deleted."""
        article = self.article(request, object_id)
        return self.verb_view(request, article.pk, verbs.Discard)

    def revision_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Show all that a revision holds."""
        article = self.article(request, pk)
        return self.revision_page(request, article, self.revision_of(request, article, number))

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
            },
        )
        with override(spoken(article.language)):
            context = {**article_context(request, Site.of(request), shown), "bar": bar}
            response = render(request, "admin/articles/article/preview.html", context)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    @method_decorator(require_safe)
    def suggest_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Suggest names while somebody types."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        names = suggestions(kind, request.GET.get("q", ""), request.GET.get("language", ""))
        if names is None:
            raise Http404
        return JsonResponse({"names": names})


class SelectedRow(NamedTuple):
    """One of several chosen articles: where it stands, what will happen or why nothing will, and whether any does."""

    article: Article
    standing: Standing
    notes: list[str]
    taken: bool
