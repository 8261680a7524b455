"""The front pages' places that editors give to articles; the rest of a front page fills itself."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from newsroom import clock


class FrontSlotQuerySet(models.QuerySet["FrontSlot"]):
    """Questions on slots."""

    def not_over(self, language: str) -> Self:
        """Return the slots of a language that stand now or will, in order; of two at one place the newer first."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=clock.now()), article__language=language).order_by(
            "kind", "position", "-pk"
        )


class FrontSlot(models.Model):
    """A place on the front page of an article's language, for a time or until it is taken away."""

    class Kind(models.IntegerChoices):
        LEAD = 1, _("lead")
        SECOND = 2, _("second")
        PINNED = 3, _("pinned")

    article = models.ForeignKey(
        "articles.Article", models.CASCADE, related_name="slots", verbose_name=_("article")
    )
    kind = models.PositiveSmallIntegerField(_("place"), choices=Kind, default=Kind.LEAD)
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Among those of the same place; the lowest stands first.")
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True, help_text=_("Empty: at once."))
    ends_at = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until it is taken away.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = FrontSlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("place on the front page")
        verbose_name_plural = _("front page")
        ordering = ["kind", "position", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="slot_ends_after_it_begins",
                violation_error_message=_("It would end before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.article}"

    def is_open(self, at: datetime | None = None) -> bool:
        """Return whether the article has its place now."""
        now = at or clock.now()
        return (self.starts_at is None or self.starts_at <= now) and (
            self.ends_at is None or now < self.ends_at
        )

    def changes_at(self) -> datetime | None:
        """Return when the place is next taken or given up by itself, None if it never is."""
        moments = (self.starts_at, self.ends_at)
        return min((moment for moment in moments if moment and moment > clock.now()), default=None)

    def page_keys(self) -> list[str]:
        """Return the key of the front page that this is a place of."""
        return [f"front-{self.article.language}"]
