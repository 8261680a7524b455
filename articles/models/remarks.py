"""Remarks: what colleagues say to each other at a passage of an article; readers never see them."""

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.passages import quoted
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models.accounts import User

# More remarks than these at one article, and more answers to one, nobody reads.
MAX_OPEN = 500
MAX_ANSWERS = 100


class RemarkQuerySet(models.QuerySet["Remark"]):
    """Questions on remarks."""

    def beginnings(self) -> Self:
        """Return what others answer, not the answers."""
        return self.filter(answers=None)

    def open(self) -> Self:
        """Return the remarks that nobody has resolved; answers are no remarks of their own."""
        return self.filter(answers=None, resolved_at=None)

    def waiting_for(self, user: "User") -> Self:
        """Return the open remarks of others at articles that this user goes on with, or has begun."""
        articles = apps.get_model("articles", "Article").objects
        his = articles.editable_by(user).filter(Q(assignee=user) | Q(created_by=user))
        return self.open().exclude(created_by=user).filter(Exists(his.filter(pk=OuterRef("article"))))


class Remark(models.Model):
    """A colleague's word at a block of an article, or at the whole of it, until somebody resolves it.

    It hangs on the block's key, which the block keeps from revision to revision; `quote` is how the passage read
    then. An answer belongs to the remark that it answers, and is resolved with it.
    """

    article = models.ForeignKey(
        "articles.Article", models.CASCADE, related_name="remarks", verbose_name=_("article")
    )
    # The block as `Revision.blocks` names it, "headline" or "standfirst"; "" for the whole article.
    block = models.CharField(max_length=16, blank=True)
    quote = models.CharField(_("passage"), max_length=300, blank=True)
    answers = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replies", verbose_name=_("answers")
    )
    text = models.TextField(_("text"), max_length=2000, validators=[MaxLengthValidator(2000)])
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(answers=None) | Q(block="", quote="", resolved_at=None),
                name="answer_stands_at_its_remark",
            ),
        ]
        indexes = [
            models.Index(fields=["article"], name="remark_open", condition=Q(resolved_at=None, answers=None)),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def beginning(self) -> str:
        """How it begins, in one line."""
        return quoted(self.text)

    def get_absolute_url(self) -> str:
        """Return its place on the page of its article's remarks."""
        return f"{reverse('admin:articles_article_remarks', args=[self.article_id])}#remark-{self.pk}"

    def speakers(self) -> "set[User]":
        """Return who has spoken in this thread."""
        rows = Remark.objects.filter(Q(pk=self.pk) | Q(answers=self.pk)).select_related("created_by")
        return {row.created_by for row in rows if row.created_by}

    def resolve(self, *, by: "User | None") -> None:
        """Say that it is settled, and its answers with it.

        Raises PermissionDenied if `by` may not edit the article, Refused for an answer.
        """
        with verb("remark.resolve", by=by, on=self, article=self.article_id) as act:
            self._lock(by)
            if self.resolved_at:
                return act.nothing()
            self.resolved_at, self.resolved_by = timezone.now(), by
            self.save(update_fields=["resolved_at", "resolved_by"])

    def reopen(self, *, by: "User | None") -> None:
        """Say that it is not settled after all.

        Raises PermissionDenied if `by` may not edit the article, Refused for an answer and for too many open ones.
        """
        with verb("remark.reopen", by=by, on=self, article=self.article_id) as act:
            self._lock(by)
            if self.resolved_at is None:
                return act.nothing()
            self.article.check_room_for_remarks()
            self.resolved_at = self.resolved_by = None
            self.save(update_fields=["resolved_at", "resolved_by"])

    def _lock(self, by: "User | None") -> None:
        """Lock the article, as whoever answers does, and read the row anew."""
        self.article._lock()
        self.article._check_editable(by)
        self.refresh_from_db(fields=["resolved_at", "resolved_by", "answers"])
        if self.answers_id:
            raise Refused(_("An answer is resolved with its remark."))
