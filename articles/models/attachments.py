"""Attachments: documents that articles link, which readers get as downloads and never as pages."""

import uuid

from django.apps import apps
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.editor import ATTACHMENT_PATH
from newsroom.models import Site


class Attachment(models.Model):
    """A document in the library (PDF). Its address cannot be guessed; readers get it while an article shows it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200, validators=[MaxLengthValidator(200)])
    # Where the file lies below MEDIA_ROOT, and what it is called when it is saved.
    path = models.CharField(max_length=120, unique=True, editable=False)
    name = models.CharField(_("file name"), max_length=120, editable=False)
    size = models.PositiveIntegerField(_("bytes"), editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def editor_address(self) -> str:
        """The address by which a text links this document; it answers staff only."""
        return ATTACHMENT_PATH.format(uid=self.uid)

    def get_absolute_url(self) -> str:
        """Return the path under which readers get it, while something that they may read links it."""
        return f"{settings.MEDIA_URL}files/{self.uid}/{self.name}"

    def is_public(self) -> bool:
        """Return whether readers may have this: an article that they may read links it, or a page of the house."""
        visible = apps.get_model("articles", "Article").objects.visible()
        linking = visible.filter(article_attachments__attachment=self, language__in=Site.current().languages)
        texts = apps.get_model("articles", "PageText").objects.filter(body__contains=self.editor_address)
        return linking.exists() or texts.exists()


class ArticleAttachment(models.Model):
    """A document that the live text of an article links."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="article_attachments")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="article_attachments")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["article", "attachment"], name="attachment_once_per_article"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}/{self.attachment_id}"
