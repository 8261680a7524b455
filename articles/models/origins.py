"""Where imported things came from."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Origin(models.Model):
    """Where something that was imported came from; unique provider and key make "twice is once"."""

    kind = models.CharField(max_length=20, help_text="What it became: article, comment, photo, …")
    provider = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    version = models.CharField(max_length=60, blank=True)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what came in, hex.")
    at = models.DateTimeField(default=timezone.now)
    object_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("origin")
        verbose_name_plural = _("origins")
        constraints = [models.UniqueConstraint(fields=["provider", "key"], name="origin_once")]
        indexes = [models.Index(fields=["kind", "object_id"], name="origin_of_object")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.key}"
