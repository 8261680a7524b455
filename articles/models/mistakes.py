"""Mistakes that readers report at articles, and what became of the reports."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.models import LANGUAGE_CODE_LENGTH


class MistakeReport(models.Model):
    """A reader's word that something in an article is wrong; answered by mail if an address was given."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")

    article = models.ForeignKey(
        "articles.Article", models.PROTECT, related_name="mistake_reports", verbose_name=_("article")
    )
    # The text that the reader saw.
    revision = models.ForeignKey("articles.Revision", models.PROTECT, null=True, related_name="+")
    text = models.TextField(_("what is wrong"), max_length=3000, validators=[MaxLengthValidator(3000)])
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(_("answer"), max_length=3000, blank=True, validators=[MaxLengthValidator(3000)])
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    # Of what was sent: the same within a while is one report.
    fingerprint = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("reported mistake")
        verbose_name_plural = _("reported mistakes")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["-id"], name="mistake_open", condition=Q(state="open")),
            models.Index(fields=["fingerprint"], name="mistake_by_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
