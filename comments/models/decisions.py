"""What was done to comments, why and when; added, never overwritten."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import states
from comments.models.states import Action, State

if TYPE_CHECKING:
    from articles.models import User
    from comments.models.comments import CommentQuerySet

MAX_REASON = 500
# The usual wait is told from so many decisions, and not from fewer than the other number.
USUAL_OF = 500
USUAL_FROM = 5


@dataclass(frozen=True)
class LeftOut:
    """A comment that a step left as it was, or with reports, and why, as a sentence for the moderator."""

    pk: int
    name: str
    why: str


class Step(models.Model):
    """What a moderator did in one step, to one comment or to many; undone as one."""

    action = models.CharField(_("decision"), max_length=10, choices=Action)
    number = models.PositiveIntegerField(_("comments"), default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)
    undone_at = models.DateTimeField(_("undone"), null=True)

    # What the verb tells that has just run, stored nowhere: the ids of the comments that it changed, those that it
    # left out, those that have reports which nobody saw, and how many were so already.
    moved: list[int]
    left_out: list[LeftOut]
    still_reported: list[LeftOut]
    already = 0

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["-pk"]
        default_permissions = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moved, self.left_out, self.still_reported = [], [], []

    def __str__(self) -> str:
        return str(self.get_action_display())

    def undo(self, *, by: "User | None") -> "Step":
        """Take this step back. Returns and raises what `comments.models.deciding.undo` does."""
        from comments.models import deciding  # it knows the models

        return deciding.undo(self, by=by)


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Questions on decisions."""

    def first_ones(self) -> Self:
        """Return the decisions of people on what had waited, those taken back left out."""
        return self.that_stand().filter(waited__isnull=False)

    def that_stand(self) -> Self:
        """Return the decisions whose step nobody has taken back."""
        return self.filter(step__undone_at=None)

    def within(self, comments: "CommentQuerySet") -> Self:
        """Return the decisions on these comments."""
        # All comments are asked for by no condition: then decisions answer alone.
        return (
            self.filter(comment__in=comments.order_by().values("pk")) if comments.query.where else self.all()
        )

    def standing(self, comments: Iterable[int] | models.QuerySet[Any]) -> "dict[int, Decision]":
        """Return of comments, given by id, the decision whose reasons stand: why each is what it is; one query.

        The last one with reasons that left it in the state that it is in: a change of the text or an undo that is
        noted after it without any says nothing of why. Comments that no rule ever spoke of are left out.
        """
        rows = self.filter(comment__in=comments, state=models.F("comment__state")).exclude(reasons=[])
        return {decision.comment_id: decision for decision in rows.order_by("pk")}

    def usual_wait(self) -> int | None:
        """Return for how many seconds a comment usually waits: on the usual day, by the last 500 decisions of people.

        Each day (UTC) has its median, and counts once: however many were decided on in one go, that is one day. None
        where there are fewer than five: then nothing is usual yet.
        """
        last = list(self.first_ones().order_by("-pk").values_list("at", "waited")[:USUAL_OF])
        if len(last) < USUAL_FROM:
            return None
        days: dict[date, list[int]] = defaultdict(list)
        for at, waited in last:
            days[at.date()].append(waited)
        return int(median(median(waits) for waits in days.values()))


class Decision(models.Model):
    """What a moderator or a rule did to a comment, why and when; added, never overwritten."""

    Action = states.Action

    comment = models.ForeignKey("comments.Comment", models.PROTECT, related_name="decisions")
    action = models.CharField(_("decision"), max_length=10, choices=Action)
    was = models.CharField(
        max_length=10, choices=State, blank=True, help_text="The state before; empty at first."
    )
    state = models.CharField(max_length=10, choices=State, help_text="The state that followed.")
    reason = models.CharField(_("reason"), max_length=MAX_REASON, blank=True)
    rule = models.CharField(
        max_length=20, blank=True, help_text="The kind of rule that decided; empty for a person."
    )
    # Why a rule decided, exactly: see `comments.judging.Reason`.
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    # How many seconds the comment had waited when a person first decided on it.
    waited = models.PositiveIntegerField(null=True, blank=True)
    # What an undo needs: the rule that held the comment before, and the version of it that this decision left.
    held_for = models.CharField(max_length=20, blank=True)
    version = models.PositiveIntegerField(null=True, blank=True)
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="decisions")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    at = models.DateTimeField(_("time"), default=timezone.now)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["at"], name="decision_by_time"),
            models.Index(fields=["id"], name="decision_waited", condition=models.Q(waited__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.get_action_display())

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the decision; refuse to change one."""
        if not self._state.adding:
            raise TypeError("A decision is never overwritten; make another.")
        super().save(*args, **kwargs)

    @property
    def who(self) -> str:
        """Who decided, as colleagues are told: a person's name, or the rule. Select `by` with it."""
        return str(self.by.get_full_name() or self.by.get_username()) if self.by else str(_("the system"))

    @property
    def rule_name(self) -> str:
        """The rule in words; "" if a person decided."""
        from comments.judging import name_of  # it knows the models

        return name_of(self.rule) if self.rule else ""
