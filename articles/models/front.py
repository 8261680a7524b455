"""The front pages' places that editors give to articles; the rest of a front page fills itself."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FrontSlotQuerySet(models.QuerySet["FrontSlot"]):
    """Questions on slots."""

    def open(self, language: str, at: datetime | None = None) -> Self:
        """Return the slots of a language that stand now, in order: lead, seconds, pinned, the latest made first."""
        now = at or timezone.now()
        return self.filter(
            Q(starts_at=None) | Q(starts_at__lte=now),
            Q(ends_at=None) | Q(ends_at__gt=now),
            article__language=language,
        ).order_by("kind", "position", "-pk")

    def next_change(self, language: str) -> datetime | None:
        """Return when a slot of a language next comes or goes by itself, None if none does."""
        now = timezone.now()
        of_language = self.filter(article__language=language)
        moments = of_language.aggregate(
            begins=models.Min("starts_at", filter=Q(starts_at__gt=now)),
            ends=models.Min("ends_at", filter=Q(ends_at__gt=now)),
        )
        return min((moment for moment in moments.values() if moment), default=None)


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
        verbose_name_plural = _("places on the front page")
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

    def page_keys(self) -> list[str]:
        """Return the key of the front page that this is a place of."""
        return [f"front-{self.article.language}"]
