"""Comments in the admin: to look things up. Decisions are made in the queue, by verbs, and nowhere else."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, CommentQuerySet, Decision


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
    fields = ("at", "action", "reason", "rule_name", "by")
    readonly_fields = fields
    extra = 0

    @admin.display(description=_("rule"))
    def rule_name(self, decision: Decision) -> str:
        """The rule in words."""
        return decision.rule_name

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the decisions with who made them."""
        return super().get_queryset(request).select_related("by")


@admin.register(Comment)
class CommentAdmin(ReadOnly, admin.ModelAdmin):
    """The comments that somebody may see, with their decisions."""

    list_display = ("sent", "state", "shown", "name", "beginning", "article")
    list_filter = ("state", "shown")
    list_select_related = ("article",)
    list_per_page = 50
    search_fields = ("name", "email", "text")
    show_full_result_count = False
    view_on_site = False
    ordering = ("-pk",)
    fields = (
        ("state", "shown", "in_queue"),
        "article",
        "parent",
        ("name", "email"),
        "text",
        ("language", "created_at", "edited_at"),
        "user",
    )
    readonly_fields = ("in_queue",)
    inlines = (DecisionInline,)

    def entrance(self, request: HttpRequest) -> str:
        """Return where the admin's links lead: to the queue for those who decide, to the list for others."""
        if request.user.has_perm("comments.decide_comment"):
            return reverse("queue:list")
        return reverse("admin:comments_comment_changelist")

    def get_queryset(self, request: HttpRequest) -> CommentQuerySet:
        """Return the comments that the user's roles reach."""
        return super().get_queryset(request).readable_by(request.user)

    @admin.display(description=_("sent"), ordering="pk")
    def sent(self, comment: Comment) -> Any:
        """The time at which it came."""
        return comment.created_at

    @admin.display(description=_("comment"))
    def beginning(self, comment: Comment) -> str:
        """The first words."""
        return comment.text[:80]

    @admin.display(description=_("decide"))
    def in_queue(self, comment: Comment) -> str:
        """A link to where one decides."""
        return format_html(
            '<a href="{}">{}</a>', reverse("queue:comment", args=[comment.pk]), _("In the queue")
        )
