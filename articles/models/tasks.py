"""Tasks: what is to be done at an article because something happened elsewhere, and by whom."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.keep import Keep, check_due
from articles.telling import Word, telling
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models.accounts import User
    from articles.models.articles import Article
    from articles.models.notes import Note, Withdrawal

# Open tasks at one article: more than these nobody reads.
MAX_OPEN = 100


class TaskQuerySet(models.QuerySet["Task"]):
    """Questions on tasks."""

    def open(self) -> Self:
        """Return what is still to be done."""
        return self.filter(closed_at=None)

    def at_articles_of(self, user: "User") -> Self:
        """Return the tasks at articles that this user may edit."""
        editable = apps.get_model("articles", "Article").objects.editable_by(user)
        # From the tasks on, which are few: the ids of all articles are not gathered first.
        return self.filter(Exists(editable.filter(pk=OuterRef("article"))))


class Task(models.Model):
    """Something to do at an article: from what, for whom, until when, closed by whom."""

    class Kind(models.TextChoices):
        TRANSLATE = "translate", _("translate")
        REDO = "redo", _("bring up to date")
        CORRECT = "correct", _("correct")
        REVIEW = "review", _("look at")

    article = models.ForeignKey(
        "articles.Article", models.CASCADE, related_name="tasks", verbose_name=_("article")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    # From what: another version of the story, and the note or the withdrawal there.
    source = models.ForeignKey(
        "articles.Article", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("from")
    )
    note = models.ForeignKey(
        "articles.Note",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("note"),
    )
    withdrawal = models.ForeignKey(
        "articles.Withdrawal",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("withdrawal"),
    )
    text = models.TextField(_("text"), max_length=2000, blank=True, validators=[MaxLengthValidator(2000)])
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("for whom"),
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    closed_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["article", "note"],
                name="one_task_for_a_note",
                condition=Q(note__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["article", "withdrawal"],
                name="one_task_for_a_withdrawal",
                condition=Q(withdrawal__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], name="task_open", condition=Q(closed_at=None)),
            models.Index(fields=["assignee", "-id"], name="task_of", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.article_id}"

    @property
    def is_late(self) -> bool:
        """Return whether it should have been done by now."""
        return self.closed_at is None and self.due_at is not None and self.due_at <= timezone.now()

    @classmethod
    def make(
        cls,
        *,
        by: "User | None",
        article: "Article",
        kind: str,
        source: "Article | None" = None,
        note: "Note | None" = None,
        withdrawal: "Withdrawal | None" = None,
        text: str = "",
        assignee: "User | None" = None,
        due_at: datetime | None = None,
    ) -> "Task":
        """Ask for something at an article; `source` is the version of the story that it comes from.

        Safe to call twice: a note and a withdrawal make one task at an article, whatever became of it since, and the
        same open task by hand is made once. Who may add a note or withdraw, where that stands, makes the tasks that
        follow from it; by hand it takes the permission to edit others' articles. Raises PermissionDenied otherwise,
        Refused for somebody who may not edit the article, for a time that is past and for more than MAX_OPEN open
        tasks at one article, ValidationError for a text that is too long.
        """
        about = note or withdrawal
        wanted = "articles.edit_others"
        if about is not None:
            wanted = "articles.add_note" if note else "articles.withdraw_article"
        if by is not None and not by.may(wanted, about.article if about else article):
            raise PermissionDenied
        with (
            verb("task.make", by=by, article=article.pk, kind=str(kind)) as act,
            telling(article, by) as told,
        ):
            task = cls(
                article=article,
                kind=cls.Kind(kind),
                source=source,
                note=note,
                withdrawal=withdrawal,
                text=text,
                assignee=assignee,
                due_at=due_at,
                created_by=by,
            )
            if about is None:
                # Two at once, or one press twice. What comes from a note holds other locks already, and the database
                # itself keeps it to one.
                article._lock()
            if known := task._known():
                act.nothing()
                return known
            if assignee is not None:
                article.check_assignable(assignee)
            check_due(due_at, None)
            if article.tasks.open()[:MAX_OPEN].count() >= MAX_OPEN:
                raise Refused(_("Too many tasks are open at this article: close some first."))
            task.clean_fields(exclude=["created_by", "closed_by", "assignee", "article", "source"])
            task.save()
            act.on = task
            told.tell([assignee], task._word())
        return task

    def assign(
        self,
        *,
        by: "User | None",
        assignee: "User | type[Keep] | None" = Keep,
        due_at: datetime | type[Keep] | None = Keep,
    ) -> None:
        """Say who does it, and until when; what is not given stays.

        Who may edit the article may take a task that nobody else has, and give it back; the rest takes the permission
        to edit others' articles. Raises PermissionDenied otherwise, Refused for a closed task, for somebody who may not
        edit the article and for a new time that is past.
        """
        with (
            verb("task.assign", by=by, on=self, article=self.article_id) as act,
            telling(self.article, by) as told,
        ):
            self._lock()
            whom: Any = self.assignee if assignee is Keep else assignee
            due = self.due_at if due_at is Keep else due_at
            self.article.check_may_assign(by, self.assignee_id, whom)
            is_new = whom is not None and whom.pk != self.assignee_id
            if not is_new and (self.assignee_id, self.due_at) == (whom and whom.pk, due):
                return act.nothing()
            if self.closed_at:
                raise Refused(_("This task is done: open it again first."))
            if is_new:
                self.article.check_assignable(whom)
            check_due(due, self.due_at)
            self.assignee, self.due_at = whom, due
            self.save(update_fields=["assignee", "due_at"])
            act.details.update(assignee=whom and whom.pk, due=due and due.isoformat())
            if is_new:
                told.tell([whom], self._word())

    def close(self, *, by: "User | None") -> None:
        """Say that it is done. Raises PermissionDenied if `by` may not edit the article."""
        with verb("task.close", by=by, on=self, article=self.article_id) as act:
            self._lock()
            self.article._check_editable(by)
            if self.closed_at:
                return act.nothing()
            self.closed_at, self.closed_by = timezone.now(), by
            self.save(update_fields=["closed_at", "closed_by"])

    def reopen(self, *, by: "User | None") -> None:
        """Say that it is not done after all. Raises PermissionDenied if `by` may not edit the article."""
        with verb("task.reopen", by=by, on=self, article=self.article_id) as act:
            self._lock()
            self.article._check_editable(by)
            if self.closed_at is None:
                return act.nothing()
            self.closed_at = self.closed_by = None
            self.save(update_fields=["closed_at", "closed_by"])

    def _word(self) -> Word:
        """Return what its assignee is told."""
        address = reverse("admin:articles_task_change", args=[self.pk])
        return Word(_TOLD[self.Kind(self.kind)], text=self.text, address=address, until=self.due_at)

    def _lock(self) -> None:
        """Lock the row and read it anew. Raises Refused if it went with its article."""
        try:
            self.refresh_from_db(from_queryset=Task.objects.select_for_update(no_key=True))
        except Task.DoesNotExist as error:
            raise Refused(_("This task is no longer there.")) from error

    def _known(self) -> "Task | None":
        """Return the task that this one would be a second time."""
        here = Task.objects.filter(article=self.article)
        if self.note_id or self.withdrawal_id:
            return here.filter(note=self.note, withdrawal=self.withdrawal).first()
        same = {name: getattr(self, name) for name in ("kind", "source", "text", "assignee", "due_at")}
        return here.open().filter(note=None, withdrawal=None, **same).first()


# What somebody is told who gets a task: a sentence each, for other languages say it in another order.
_TOLD = {
    Task.Kind.TRANSLATE: _("%(who)s has given you a task: translate this."),
    Task.Kind.REDO: _("%(who)s has given you a task: bring this up to date."),
    Task.Kind.CORRECT: _("%(who)s has given you a task: correct this."),
    Task.Kind.REVIEW: _("%(who)s has given you a task: look at this."),
}
