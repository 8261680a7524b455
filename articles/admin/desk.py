"""What waits at the desk: what comes out, what is late, one's own work, each stage, mistakes that readers report."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from articles.admin.mistakes import within_reach
from articles.models import Article, MistakeReport, Remark, Sitting, Task
from articles.schedule import schedule
from newsroom.desk import LINES, Line, Sheet, first

# What is due first stands first, what has no time last.
FIRST_DUE = F("due_at").asc(nulls_last=True)


def sheets(request: HttpRequest) -> Iterator[Sheet]:
    """Yield what waits for this user."""
    user = request.user
    editable = Article.objects.editable_by(user)
    if user.has_perm("articles.change_article") or user.has_perm("articles.edit_others"):
        yield from _schedule(editable)
        yield from _mine(request)
        drafts = editable.in_state(Article.State.DRAFT)
        yield _articles(
            _("My drafts"), drafts.filter(created_by=user), _("You have no drafts."), state="draft", mine="1"
        )
    by_stage = None
    if user.has_perm("articles.edit_others"):
        by_stage = (_("All drafts by stage"), reverse("admin:articles_article_stages"))
        yield _articles(
            _("At the copy desk"),
            drafts.filter(stage=Article.Stage.COPY_DESK),
            _("Nothing waits at the copy desk."),
            by_stage,
            state="draft",
            stage=Article.Stage.COPY_DESK.value,
        )
    if user.has_perm("articles.publish_article"):
        yield _articles(
            _("Ready to publish"),
            drafts.filter(stage=Article.Stage.READY),
            _("Nothing is ready and unpublished."),
            by_stage,
            state="draft",
            stage=Article.Stage.READY.value,
        )
    yield from _kept(Sitting.objects.waiting(user))
    if user.has_perm("articles.change_mistakereport"):
        yield _mistakes(request)


def _mine(request: HttpRequest) -> Iterator[Sheet]:
    """Yield what this user goes on with; what is late is urgent."""
    user, now = request.user, timezone.now()
    assigned = Article.objects.editable_by(user).in_work().filter(assignee=user)
    number, rows = first(assigned.order_by(FIRST_DUE, "-pk").defer("body"))
    lines = [
        Line(
            str(row),
            reverse("admin:articles_article_change", args=[row.pk]),
            row.language,
            _until(row.due_at, now),
            row.due_at,
        )
        for row in rows
    ]
    yield Sheet(
        _("Assigned to me"),
        f"{reverse('admin:articles_article_changelist')}?assigned=me",
        number,
        _("No article is assigned to you."),
        lines,
        is_urgent=any(line.at and line.at <= now for line in lines),
    )
    tasks = Task.objects.at_articles_of(user).open()
    yield from _tasks(_("My tasks"), tasks.filter(assignee=user), "mine")
    if user.has_perm("articles.edit_others"):
        yield from _tasks(_("Tasks nobody has"), tasks.filter(assignee=None), "nobody")
    number, remarks = first(Remark.objects.waiting_for(user).select_related("created_by").order_by("-pk"))
    said = [
        Line(
            row.beginning,
            row.get_absolute_url(),
            beside=row.created_by.shown_name if row.created_by else "",
            at=row.created_at,
        )
        for row in remarks
    ]
    if said:
        # No list of its own: a remark stands beside its text, and the number leads to the latest.
        yield Sheet(_("Remarks for me"), said[0].address, number, "", said)


def _tasks(title: str, tasks: QuerySet, whose: str) -> Iterator[Sheet]:
    """Yield tasks, if there are any."""
    now = timezone.now()
    number, rows = first(tasks.select_related("article").defer("article__body").order_by(FIRST_DUE, "-pk"))
    lines = [
        Line(
            f"{capfirst(row.get_kind_display())}: {row.article}",
            reverse("admin:articles_task_change", args=[row.pk]),
            row.article.language,
            _until(row.due_at, now),
            row.due_at,
        )
        for row in rows
    ]
    if lines:
        address = f"{reverse('admin:articles_task_changelist')}?whose={whose}"
        late = any(line.at and line.at <= now for line in lines)
        yield Sheet(title, address, number, "", lines, is_urgent=late)


def _until(due_at: datetime | None, now: datetime) -> str:
    if due_at is None:
        return ""
    return _("late") if due_at <= now else _("due")


def _schedule(editable: QuerySet) -> Iterator[Sheet]:
    rows = schedule(editable)
    late = [row for row in rows if row.why]
    address = reverse("admin:articles_article_schedule")
    for title, part, empty in (
        (_("Late"), late, ""),
        (_("Comes out by itself"), [row for row in rows if not row.why], _("Nothing is scheduled.")),
    ):
        if not part and not empty:
            continue
        lines = [
            Line(
                row.revision.headline,
                reverse("admin:articles_article_change", args=[row.article.pk]),
                row.article.language,
                _("changes") if row.is_update else _("first publication"),
                row.at,
            )
            for row in part[:LINES]
        ]
        yield Sheet(title, address, len(part), empty, lines, is_urgent=bool(part) and part is late)


def _articles(
    title: str, articles: QuerySet, empty: str, way: tuple[Any, str] | None = None, **query: Any
) -> Sheet:
    address = f"{reverse('admin:articles_article_changelist')}?{urlencode(query)}"
    number, newest = first(articles.order_by("-pk").only("headline", "language"))
    lines = [
        Line(str(row), reverse("admin:articles_article_change", args=[row.pk]), row.language)
        for row in newest
    ]
    return Sheet(title, address, number, empty, lines, way=way)


def _kept(waiting: QuerySet[Sitting]) -> Iterator[Sheet]:
    """Yield what this user typed and did not save, if there is any; its lines lead to where it is read."""
    number, rows = first(waiting.select_related("article").defer("article__body"))
    address = reverse("admin:articles_article_kept")
    lines = [
        Line(
            sitting.headline or (str(sitting.article) if sitting.article else _("New article")),
            f"{address}#kept-{sitting.uid}",
            sitting.language,
            at=sitting.saved_at,
        )
        for sitting in rows
    ]
    if lines:
        yield Sheet(_("Written and not saved"), address, number, "", lines)


def _mistakes(request: HttpRequest) -> Sheet:
    reports = within_reach(MistakeReport.objects.filter(state=MistakeReport.State.OPEN), request.user)
    number, rows = first(reports.order_by("-pk"))
    lines = [
        Line(
            report.text[:80],
            reverse("admin:articles_mistakereport_change", args=[report.pk]),
            report.language,
            at=report.created_at,
        )
        for report in rows
    ]
    address = (
        f"{reverse('admin:articles_mistakereport_changelist')}?state__exact={MistakeReport.State.OPEN.value}"
    )
    return Sheet(_("Mistakes that readers report"), address, number, _("No report is open."), lines)
