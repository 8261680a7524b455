"""The list of articles: its filters, its rows, and the languages that stand in each."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import MAX_LISTED
from articles.models import Article, Section
from newsroom.dates import own_name
from newsroom.models import Site


class LanguageFilter(admin.SimpleListFilter):
    """Articles of one language."""

    title = gettext_lazy("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the site's languages."""
        return [(code, own_name(code)) for code in Site.of(request).languages]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep the articles of the chosen language."""
        return (
            queryset.filter(language=self.value()) if self.value() in dict(self.lookup_choices) else queryset
        )


class StateFilter(admin.SimpleListFilter):
    """Articles in one state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer every state."""
        return list(Article.State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep the articles in the chosen state."""
        state = self.value()
        if state not in Article.State.values:
            return queryset
        if state == Article.State.LIVE:
            return queryset.visible()
        # What is not live is read by those only who may edit it. Fetched first, for it may be one in a million, and
        # an index finds it only while no condition joined by OR stands beside.
        order = "-published_at" if state == Article.State.SCHEDULED else "-pk"
        found = Article.objects.editable_by(request.user).in_state(state).order_by(order)
        return queryset.filter(pk__in=list(found.values_list("pk", flat=True)[:MAX_LISTED]))


class MineFilter(admin.SimpleListFilter):
    """Articles that the user began."""

    title = gettext_lazy("writer")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer one's own."""
        return [("1", _("me"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep one's own."""
        return queryset.filter(created_by=request.user) if self.value() == "1" else queryset


class AssignedFilter(admin.SimpleListFilter):
    """Articles in work that somebody has, or nobody."""

    title = gettext_lazy("assignee")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer oneself, nobody and anybody."""
        return [("me", _("me")), ("nobody", _("nobody")), ("anybody", _("anybody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep what the chosen one has to do; fetched first, as in `StateFilter`."""
        editable = Article.objects.editable_by(request.user)
        match self.value():
            case "me":
                found = editable.in_work().filter(assignee=request.user)
            case "anybody":
                found = editable.in_work().filter(assignee__isnull=False)
            case "nobody":
                # What readers have seen is done, as far as nobody has it again.
                found = editable.in_state(Article.State.DRAFT).filter(assignee=None)
            case _:
                return queryset
        return queryset.filter(pk__in=list(found.order_by("-pk").values_list("pk", flat=True)[:MAX_LISTED]))


class DueFilter(admin.SimpleListFilter):
    """Articles in work by the time until which somebody is to be done with them."""

    title = gettext_lazy("due time")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what is late, and what comes."""
        return [("late", _("late")), ("today", _("today")), ("week", _("this week"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep what is due then, on the site's clocks; a week ends on Sunday."""
        now = timezone.now()
        day = now.astimezone(Site.of(request).zone).replace(hour=0, minute=0, second=0, microsecond=0)
        # By days of the calendar, not by hours: one of them may have 23.
        match self.value():
            case "late":
                within = {"due_at__lte": now}
            case "today":
                within = {"due_at__gte": day, "due_at__lt": day + timedelta(days=1)}
            case "week":
                within = {"due_at__gte": day, "due_at__lt": day + timedelta(days=7 - day.weekday())}
            case _:
                return queryset
        found = Article.objects.editable_by(request.user).in_work().filter(**within).order_by("due_at")
        return queryset.filter(pk__in=list(found.values_list("pk", flat=True)[:MAX_LISTED]))


class StageFilter(admin.SimpleListFilter):
    """Articles at one stage."""

    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer every stage."""
        return list(Article.Stage.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep the articles at the chosen stage."""
        return queryset.filter(stage=self.value()) if self.value() in Article.Stage.values else queryset


class SectionFilter(admin.SimpleListFilter):
    """Articles of one section."""

    title = gettext_lazy("section")
    parameter_name = "section"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the sections by their names in the site's first language."""
        language = Site.of(request).default_language
        return [(str(row.pk), row.name_in(language)) for row in Section.objects.prefetch_related("texts")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Keep the articles of the chosen section."""
        return (
            queryset.filter(section=self.value()) if self.value() in dict(self.lookup_choices) else queryset
        )


class ArticleList(ChangeList):
    """The list, with what its columns show and no more queries for more articles."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet:
        """Return the articles with what the columns show."""
        return super().get_queryset(request, *args, **kwargs).for_desk(request.user)

    def get_results(self, request: HttpRequest) -> None:
        """Tell each row which site it is shown on: columns are methods that get nothing but the row."""
        super().get_results(request)
        site = Site.of(request)
        writes_in = request.user.languages_with("articles.add_article", site.languages)
        self.result_list = list(self.result_list)
        for article in self.result_list:
            article.shown_on, article.may_add_in = site, writes_in


def has_newer(row: Article) -> bool:
    """Return whether a row of `for_desk` has a newer draft than its live revision, as far as its reader may know."""
    return row.live_revision_id is not None and row.newest_id != row.live_revision_id


def news_link(article: Article) -> SafeString:
    """Return the link to what a newer draft holds that readers do not see yet."""
    return format_html(
        '<a class="news" href="{}">{}<span class="visually-hidden">: {}</span></a>',
        reverse("admin:articles_article_compare", args=[article.pk]),
        _("what is new"),
        article,
    )


class Version(NamedTuple):
    """A language of a story, as a list or a form shows it."""

    language: str
    name: str
    article: Article | None
    address: str  # empty where this user may neither open nor begin it
    is_here: bool


def versions_of(article: Article, site: Site, may_add_in: Iterable[str]) -> list[Version]:
    """Return the languages of the site and of the story; `article` comes from `for_desk()`."""
    there = {version.language: version for version in article.story.articles.all()}
    readable = {version.pk for version in article.story.readable_articles}
    versions = []
    for code in dict.fromkeys([*site.languages, *there]):
        version = there.get(code)
        address = ""
        if version and version.pk in readable:
            address = reverse("admin:articles_article_change", args=[version.pk])
        elif version is None and code in may_add_in:
            address = reverse("admin:articles_article_version", args=[article.pk, code])
        is_here = version is not None and version.pk == article.pk
        versions.append(Version(code, own_name(code), version, address, is_here))
    return versions


def version_link(version: Version) -> SafeString:
    """Return a language of a story as a row shows it: this one, a link to another, or one to begin it."""
    if version.is_here:
        return format_html("<strong>{}</strong>", version.language)
    if version.article is None:
        if not version.address:
            return format_html('<span class="quiet">{}</span>', "–")
        title = _("Add a version: %(language)s") % {"language": version.name}
        return format_html(
            '<a href="{}" title="{}">+ {}</a>',
            version.address,
            title,
            version.language,
        )
    if version.address:
        return format_html('<a href="{}" title="{}">{}</a>', version.address, version.name, version.language)
    return format_html("{}", version.language)
