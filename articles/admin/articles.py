"""The desk: the list of articles, the form that saves revisions, and the pages of the verbs."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from csp.decorators import csp_update
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.encoding import iri_to_uri
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from articles.admin import verbs
from articles.admin.article_list import (
    ArticleList,
    AssignedFilter,
    DueFilter,
    LanguageFilter,
    MineFilter,
    SectionFilter,
    StageFilter,
    StateFilter,
    has_newer,
    news_link,
    version_link,
    versions_of,
)
from articles.admin.base import CLOSED, MAX_LISTED, VerbAdmin
from articles.admin.forms import ArticleForm
from articles.admin.history import HistoryPages
from articles.admin.merging import StaleSave
from articles.admin.remarks import RemarkPages
from articles.admin.result import Result
from articles.admin.search import find
from articles.admin.sittings import SittingPages, form_sitting, kept_for
from articles.admin.stages import columns
from articles.admin.states import Standing, due_words, short_time, standing
from articles.admin.suggest import MAX_LISTED as MAX_SUGGESTED
from articles.admin.suggest import linkable, suggestions
from articles.admin.unsaved import FORM_POLICY, UnsavedPages, unsaved_form
from articles.admin.work import Work
from articles.models import Article, DraftLink, Note, StaleRevision
from articles.schedule import schedule
from newsroom.admin_site import keep, kept_fields
from newsroom.models import Site
from newsroom.verbs import Refused

MAX_ACTION = 100


@admin.register(Article)
class ArticleAdmin(HistoryPages, RemarkPages, SittingPages, UnsavedPages, VerbAdmin):
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
    list_filter = (
        MineFilter,
        AssignedFilter,
        DueFilter,
        LanguageFilter,
        StateFilter,
        StageFilter,
        SectionFilter,
    )
    list_select_related = ("section", "story", "assignee")
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
        words = format_html('<span class="state state--{}">{}</span>', stands.colour, stands.words)
        return format_html("{} {}", words, news_link(article)) if has_newer(article) else words

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
    def desk_stage(self, article: Article) -> str | SafeString:
        """Return where the newest text stands, who goes on with it and until when; what is late says so.

        Nothing once readers have it, but who has it all the same.
        """
        in_work = article.state != Article.State.LIVE or has_newer(article)
        parts = [article.assignee.shown_name if article.assignee else ""]
        parts += [due_words(article.due_at, article.shown_on.zone)] if in_work else []
        below = format_html_join("", '<span class="below">{}</span>', ((part,) for part in parts if part))
        return format_html("{}{}", article.get_stage_display() if in_work else "", below)

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

    @method_decorator(csp_update(FORM_POLICY))
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        """Show the newest revision in a form and save another one."""
        article = None
        if object_id is not None:
            try:
                article = self.article(request, object_id)
            except Http404:
                if (fields := self.written_before(request, object_id)) is None:
                    raise
                return keep(request, fields, refused=CLOSED)
        if article is None and not self.has_add_permission(request):
            raise PermissionDenied
        if article and not article.is_editable_by(request.user):
            if request.method == "POST":
                if (fields := self.written_before(request, object_id)) is None:
                    raise PermissionDenied
                return keep(request, fields, refused=CLOSED)
            readable = article.revisions_readable_by(request.user).first()
            return self.revision_page(request, article, readable)
        taken = kept_for(request, article) if request.method == "GET" and "kept" in request.GET else None
        data = request.POST if request.method == "POST" else None
        form = ArticleForm(
            taken.data() if taken else data,
            user=request.user,
            site=Site.of(request),
            article=article,
            language=request.GET.get("language", ""),
        )
        stale = None
        while form.is_bound and not taken and form.is_valid():
            try:
                saved = form.save()
            except StaleRevision as refused:
                stale = StaleSave(form, refused.newest, request.POST)
                if not stale.is_open:
                    form = stale.filled()
                if stale.is_ready:
                    continue
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                return self._after_save(request, saved, base=form.cleaned_data["base"])
            break
        context = self.form_context(request, article, form)
        context |= form_sitting(request, article, taken, form.newest.number if form.newest else None)
        if stale:
            context |= stale.context()
        return TemplateResponse(request, "admin/articles/article/change_form.html", context)

    def written_before(self, request: HttpRequest, pk: Any) -> list[tuple[str, str]] | None:
        """Return what was typed by somebody who has written at this article and may no longer; None for others."""
        own = Q(created_by=request.user) | Q(revisions__created_by=request.user)
        known = str(pk).isdecimal() and len(str(pk)) < 18 and Article.objects.filter(own, pk=pk).exists()
        return (kept_fields(request) or None) if known and request.method == "POST" else None

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
            "lead_photo": form.chosen_photo("photo"),
            "social_photo": form.chosen_photo("social_photo"),
            "result": (result := Result(form)),
            "open": (open_panels := form.open_panels()),
            "is_popup": False,
            **unsaved_form(article),
        }
        # An address that changes is seen before anybody asks for it.
        open_panels["search"] |= result.address.is_changed
        if article:
            context |= self.surroundings(request, article)
            context["work"] = Work(article, Site.of(request))
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
            "may_expunge": request.user.may("articles.expunge_article", article),
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
            path("<int:pk>/share/<int:link>/revoke/", wrap(self.revoke_view), name="articles_article_revoke"),
            *self.history_urls(),
            *self.remark_urls(),
            path("<int:pk>/notes/", wrap(self.notes_view), name="articles_article_notes"),
            path(
                "<int:pk>/notes/<int:note>/remove/",
                wrap(self.remove_note_view),
                name="articles_article_remove-note",
            ),
            *self.sitting_urls(),
            *self.unsaved_urls(),
            path("<uuid:uid>/go/", wrap(self.go_view), name="articles_article_go"),
            path("links/", wrap(self.links_view), name="articles_article_links"),
            path("schedule/", wrap(self.schedule_view), name="articles_article_schedule"),
            path("stages/", wrap(self.stages_view), name="articles_article_stages"),
            path("suggest/<slug:kind>/", wrap(self.suggest_view), name="articles_article_suggest"),
        ]
        return urls + super().get_urls()

    @method_decorator(sensitive_post_parameters("passage", "replacement"))
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

    @method_decorator(require_POST)
    def revoke_view(self, request: HttpRequest, pk: int, link: int) -> HttpResponse:
        """Revoke a link to the draft, and show the others."""
        article = self.article(request, pk)
        if not verbs.Share.is_allowed(request.user, article):
            raise PermissionDenied
        found = get_object_or_404(DraftLink.objects.select_related("article"), article=article, pk=link)
        found.revoke(by=request.user)
        messages.success(request, _("The link works no more."))
        return HttpResponseRedirect(reverse("admin:articles_article_share", args=[article.pk]) + "#links")

    @method_decorator(require_safe)
    def stages_view(self, request: HttpRequest) -> HttpResponse:
        """Show the drafts by their stages, to those who hand on others' articles."""
        if not request.user.has_perm("articles.edit_others"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Drafts by stage"),
            "opts": self.opts,
            "columns": columns(request.user, Site.of(request).zone),
            "zone": Site.of(request).zone,
        }
        return TemplateResponse(request, "admin/articles/article/stages.html", context)

    @method_decorator(require_safe)
    def notes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List the notes at an article, those that were removed too, for who may write or edit there."""
        article = self.article(request, pk)
        if not (article.is_editable_by(request.user) or verbs.AddNote.is_allowed(request.user, article)):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            **self.surroundings(request, article),
            "title": _("Notes"),
            "subtitle": str(article),
            "notes": verbs.listed_notes(article, request.user),
            "may_add": verbs.AddNote.is_allowed(request.user, article) and verbs.AddNote.is_possible(article),
        }
        return TemplateResponse(request, "admin/articles/article/notes.html", context)

    def remove_note_view(self, request: HttpRequest, pk: int, note: int) -> HttpResponse:
        """Remove a note from readers."""
        article = self.article(request, pk)
        found = get_object_or_404(Note.objects.select_related("removed_by"), article=article, pk=note)
        found.article = article
        if not found.is_removable_by(request.user):
            raise PermissionDenied
        return self.answer(
            request, article, verbs.RemoveNote, lambda: verbs.RemoveNote(request, article, note=found)
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

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Discard a draft by the verb; nothing else of an article is ever deleted."""
        article = self.article(request, object_id)
        return self.verb_view(request, article.pk, verbs.Discard)

    @method_decorator(require_safe)
    def schedule_view(self, request: HttpRequest) -> HttpResponse:
        """Show what comes out by itself of what this user may open before it does."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = schedule(Article.objects.editable_by(request.user))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Schedule"),
            "opts": self.opts,
            "late": [row for row in rows if row.why],
            "coming": [row for row in rows if not row.why],
            "zone": Site.of(request).zone,
        }
        return TemplateResponse(request, "admin/articles/article/schedule.html", context)

    @method_decorator(require_safe)
    def suggest_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Suggest names while somebody types."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        names = suggestions(kind, request.GET.get("q", ""), request.GET.get("language", ""))
        if names is None:
            raise Http404
        return JsonResponse({"names": names})

    @method_decorator(require_safe)
    def links_view(self, request: HttpRequest) -> HttpResponse:
        """Find articles that the editor can link."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = (request.GET.get(name, "") for name in ("q", "language"))
        response = JsonResponse({"rows": linkable(request.user, *asked, Site.of(request).zone)})
        response.headers["Cache-Control"] = "no-store"
        return response

    @method_decorator(require_safe)
    def go_view(self, request: HttpRequest, uid: UUID) -> HttpResponse:
        """Lead on from the address by which texts link an article: to its form, or to what readers see."""
        article = get_object_or_404(self.get_queryset(request), uid=uid)
        if not self.has_view_permission(request, article):
            raise Http404
        is_open = article.is_visible() and article.language in Site.of(request).languages
        if is_open and not article.is_editable_by(request.user):
            return HttpResponseRedirect(iri_to_uri(article.path))
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))


class SelectedRow(NamedTuple):
    """One of several chosen articles: where it stands, what will happen or why nothing will, and whether any does."""

    article: Article
    standing: Standing
    notes: list[str]
    taken: bool
