"""Words beside an article: notes for readers, and why one was withdrawn."""

from typing import Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NoteQuerySet(models.QuerySet["Note"]):
    """Questions on notes."""

    def corrections(self, language: str) -> Self:
        """Return the corrections at articles of a language that readers may see, the newest first, with the article."""
        articles = apps.get_model("articles", "Article").objects.visible().in_language(language)
        return (
            # From the note on: articles are many, corrections few.
            self.filter(Exists(articles.filter(pk=OuterRef("article"))), kind=Note.Kind.CORRECTION)
            .select_related("article")
            .defer("article__body")
            .order_by("-created_at", "-pk")
        )

    def before(self, note: "Note") -> Self:
        """Return what stands after `note` in a list that is newest first."""
        return self.filter(
            Q(created_at__lt=note.created_at) | Q(pk__lt=note.pk), created_at__lte=note.created_at
        )


class Note(models.Model):
    """A dated public word at a live article."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("Correction")
        CLARIFICATION = "clarification", _("Clarification")
        UPDATE = "update", _("Update")
        EDITORS_NOTE = "editors-note", _("Editor’s note")
        REPLY = "reply", _("Right of reply")

    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="notes")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    text = models.TextField(_("text"), max_length=5000, validators=[MaxLengthValidator(5000)])
    author = models.CharField(
        _("author"), max_length=120, blank=True, help_text=_("Whose word it is; needed for a right of reply.")
    )
    created_at = models.DateTimeField(_("date"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["kind", "-created_at"], name="note_by_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"

    def clean(self) -> None:
        """Ask whose word a right of reply is."""
        super().clean()
        if self.kind == self.Kind.REPLY and not self.author:
            raise ValidationError({"author": _("Say whose reply this is.")})


class Withdrawal(models.Model):
    """Why an article was taken back; for the newsroom only, readers get a neutral notice."""

    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="withdrawals")
    reason = models.TextField(_("reason"), max_length=2000, validators=[MaxLengthValidator(2000)])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.reason[:80]
