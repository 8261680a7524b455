"""Words beside an article: notes for readers, and why one was withdrawn."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.tasks import Task
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models.accounts import User


class NoteQuerySet(models.QuerySet["Note"]):
    """Questions on notes. Whatever readers see of them begins with `shown()`, always."""

    def shown(self) -> Self:
        """Return the notes that nobody has removed."""
        return self.filter(removed_at=None)

    def corrections(self, language: str) -> Self:
        """Return the corrections at articles of a language that readers may see, the newest first, with the article."""
        articles = apps.get_model("articles", "Article").objects.visible().in_language(language)
        return (
            # From the note on: articles are many, corrections few.
            self.shown()
            .filter(Exists(articles.filter(pk=OuterRef("article"))), kind=Note.Kind.CORRECTION)
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

    # What a note of a kind asks of the other versions of the story; what is not named here asks nothing: an editor's
    # note speaks of this version alone.
    ASKS: ClassVar[dict[str, str]] = {
        Kind.CORRECTION: Task.Kind.CORRECT,
        Kind.CLARIFICATION: Task.Kind.CORRECT,
        Kind.REPLY: Task.Kind.CORRECT,
        Kind.UPDATE: Task.Kind.REDO,
    }

    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="notes")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    text = models.TextField(_("text"), max_length=5000, validators=[MaxLengthValidator(5000)])
    author = models.CharField(
        _("author"), max_length=120, blank=True, help_text=_("Whose word it is; needed for a right of reply.")
    )
    created_at = models.DateTimeField(_("date"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # Taken away again: readers see it no more. Why is for the newsroom only.
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    removal_reason = models.TextField(
        _("reason"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)], editable=False
    )

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

    @property
    def is_reply(self) -> bool:
        """Return whether it is somebody else's word, and not the newsroom's."""
        return self.kind == self.Kind.REPLY

    def is_removable_by(self, user: "User") -> bool:
        """Return whether this user may remove it: somebody else's word is taken back by who may withdraw."""
        wanted = "articles.withdraw_article" if self.is_reply else "articles.delete_note"
        return user.may(wanted, self.article)

    def remove(self, *, by: "User | None", reason: str) -> None:
        """Take the note from readers at once; the newsroom keeps it, with who did it, when and why.

        Safe to call twice: the first reason stays. Raises Refused without a reason, ValidationError for one that is too
        long, PermissionDenied if `by` may not remove this note.
        """
        if by is not None and not self.is_removable_by(by):
            raise PermissionDenied
        with verb("note.remove", by=by, on=self, article=self.article_id, kind=str(self.kind)) as act:
            # The article first, as every verb at it does: the page would show the note of a moment ago.
            self.article._lock()
            self.refresh_from_db()
            if self.removed_at:
                return act.nothing()
            if not reason.strip():
                raise Refused(_("Say why the note is removed; readers are not told."))
            self.removed_at, self.removed_by, self.removal_reason = timezone.now(), by, reason
            self.clean_fields(exclude=["removed_by", "created_by"])
            self.save(update_fields=["removed_at", "removed_by", "removal_reason"])
            act.purge(*self.page_keys())

    def page_keys(self) -> list[str]:
        """Return the keys of the pages that show this note."""
        return [*self.article.page_keys(), f"corrections-{self.article.language}"]


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
