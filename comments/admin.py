"""Comments in the admin: to look things up. Decisions are made in the queue, by verbs, and nowhere else."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from articles.admin.base import VerbAdmin
from articles.templatetags.desk import when
from comments import search
from comments.models import Comment, CommentQuerySet, Decision
from comments.rules import admin as of_rules  # noqa: F401  (it registers rules and bans)


class ReadOnly:
    """Look, and nothing else."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse: comments are posted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: state changes by verbs, words not at all."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a comment is removed, its row stays."""
        return False


class DecisionInline(ReadOnly, admin.TabularInline):
    """What was decided on a comment."""

    model = Decision
    fields = ("time", "action", "reason", "rule_name", "by")
    readonly_fields = fields
    extra = 0

    @admin.display(description=_("time"))
    def time(self, decision: Decision) -> str:
        """The time on the site's clocks."""
        return when(decision.at)

    @admin.display(description=_("rule"))
    def rule_name(self, decision: Decision) -> str:
        """The rule in words."""
        return decision.rule_name

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the decisions with who made them."""
        return super().get_queryset(request).select_related("by")


@admin.register(Comment)
class CommentAdmin(ReadOnly, VerbAdmin):
    """The comments that somebody may see, with their decisions."""

    list_display = ("sent", "state", "shown", "writer", "beginning", "article")
    list_filter = ("state",)
    list_select_related = ("article",)
    # Django asks for a field before it shows the search; `get_search_results` does the search.
    search_fields = ("text",)
    search_help_text = search.HELP
    ordering = ("-pk",)
    sortable_by = ()
    actions = None
    fields = (
        "state",
        "shown",
        "in_queue",
        "article",
        "parent",
        "name",
        "email",
        "text",
        "language",
        "sent",
        "edited",
        "user",
    )
    readonly_fields = ("in_queue", "sent", "edited")
    inlines = (DecisionInline,)

    class Media:
        css = {"all": ["css/admin-queue.css"]}

    def entrance(self, request: HttpRequest) -> str:
        """Return where the admin's links lead: to the queue for those who decide, to the list for others."""
        if request.user.has_perm("comments.decide_comment"):
            return reverse("queue:list")
        return reverse("admin:comments_comment_changelist")

    def get_queryset(self, request: HttpRequest) -> CommentQuerySet:
        """Return the comments that the user's roles reach."""
        return super().get_queryset(request).readable_by(request.user).defer("article__body")

    def get_search_results(self, request: HttpRequest, queryset: CommentQuerySet, search_term: str) -> tuple:
        """Search at a cost that does not grow with the number of comments."""
        return search.find(queryset, search_term), False

    @admin.display(description=_("sent"))
    def sent(self, comment: Comment) -> str:
        """The time at which it came."""
        return when(comment.created_at)

    @admin.display(description=_("edited"))
    def edited(self, comment: Comment) -> str:
        """The time at which it was last changed."""
        return when(comment.edited_at) or "–"

    @admin.display(description=_("name"))
    def writer(self, comment: Comment) -> str:
        """The name, kept from turning the direction of what stands beside it."""
        return format_html("<bdi>{}</bdi>", comment.name)

    @admin.display(description=_("comment"))
    def beginning(self, comment: Comment) -> str:
        """The first words."""
        return format_html("<bdi>{}</bdi>", Truncator(comment.text).chars(80))

    @admin.display(description=_("decide"))
    def in_queue(self, comment: Comment) -> str:
        """A link to where one decides."""
        return format_html(
            '<a href="{}">{}</a>', reverse("queue:comment", args=[comment.pk]), _("In the queue")
        )
