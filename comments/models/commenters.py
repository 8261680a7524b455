"""E-mail addresses that comments were sent with: who showed that one is his, and what he wants to be told."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.models import LANGUAGE_CODE_LENGTH
from newsroom.verbs import verb


class Commenter(models.Model):
    """An e-mail address, in its one spelling: asked to confirm, confirmed, unsubscribed."""

    email = models.EmailField(_("e-mail"), unique=True)
    language = models.CharField(_("language"), max_length=LANGUAGE_CODE_LENGTH)
    created_at = models.DateTimeField(_("first seen"), default=timezone.now)
    # At most one mail a day asks.
    asked_at = models.DateTimeField(_("asked to confirm"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True)

    class Meta:
        verbose_name = _("commenter")
        verbose_name_plural = _("commenters")
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.email

    @property
    def masked(self) -> str:
        """The address as a page shows it on which others may look: "r…@mail.example"."""
        local, _at, host = self.email.rpartition("@")
        return f"{local[:1]}…@{host}"

    def unsubscribe(self) -> bool:
        """Write to this address no more. Returns whether anything changed."""
        with verb("commenter.unsubscribe", by=None, on=self) as act:
            changed = Commenter.objects.filter(pk=self.pk, unsubscribed_at=None).update(
                unsubscribed_at=timezone.now()
            )
            if not changed:
                act.nothing()
        return bool(changed)

    def subscribe(self) -> bool:
        """Write to this address again. Returns whether anything changed."""
        with verb("commenter.subscribe", by=None, on=self) as act:
            changed = (
                Commenter.objects.filter(pk=self.pk)
                .exclude(unsubscribed_at=None)
                .update(unsubscribed_at=None)
            )
            if not changed:
                act.nothing()
        return bool(changed)
