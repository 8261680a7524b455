"""The dated public words at an article."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.admin.base import without_maxlength
from articles.admin.verbs.base import VerbPage
from articles.models import Article, Note, Task, User
from newsroom.dates import own_name

MAX_NOTES = 200


class NoteForm(forms.ModelForm):
    """A dated public word."""

    class Meta:
        model = Note
        fields = ("kind", "text", "author")
        widgets = {"text": forms.Textarea({"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Typed text that is too long is refused with a word, not cut off by the browser.
        without_maxlength(self.fields.values())


class AddNote(VerbPage):
    """Add a correction or another public word at a live article."""

    name = "note"
    title = gettext_lazy("Add a note")
    button = gettext_lazy("Add the note")
    form_class = NoteForm

    impossible = gettext_lazy("Notes stand at live articles: publish this one first.")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to add notes there."""
        return user.may("articles.add_note", article)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Notes stand at live articles."""
        return article.is_visible()

    def explanation(self) -> Iterable[str]:
        """Say where the note stands."""
        yield _("Readers see it at the article at once, with its date. The text above it does not change.")
        yield _("A right of reply stands there as somebody else’s word: quoted, with the name and the date.")
        versions = [own_name(row.language) for row in self.article.versions_to_tell().defer("body")]
        if versions:
            yield _(
                "Each other version of the story gets a task, unless it is an editor’s note: %(versions)s."
            ) % {"versions": ", ".join(versions)}

    def run(self, data: dict[str, Any]) -> str:
        """Add the note."""
        note = self.article.add_note(by=self.user, **data)
        done = _("%(kind)s added.") % {"kind": note.get_kind_display()}
        return with_tasks(done, note.tasks.all(), self.user)


def with_tasks(done: str, tasks: QuerySet[Task], user: User) -> str | SafeString:
    """Return what was done, and which versions of the story were asked to follow, with links to what he may open."""
    rows = list(tasks.select_related("article").defer("article__body").order_by("article__language"))
    if not rows:
        return done
    open_to_user = set(
        Article.objects.readable_by(user)
        .filter(pk__in=[row.article_id for row in rows])
        .values_list("pk", flat=True)
    )
    versions = format_html_join(
        ", ",
        "{}",
        (
            (
                format_html(
                    '<a href="{}">{}</a>',
                    reverse("admin:articles_article_change", args=[row.article_id]),
                    own_name(row.article.language),
                )
                if row.article_id in open_to_user
                else own_name(row.article.language),
            )
            for row in rows
        ),
    )
    made = ngettext("%(n)s task for another version:", "%(n)s tasks for other versions:", len(rows))
    return format_html("{} {} {}.", done, made % {"n": len(rows)}, versions)


def listed_notes(article: Article, user: User) -> list[Note]:
    """Return the notes of an article, the newest first, each with whether this user may remove it as `removable`."""
    notes = list(article.notes.select_related("created_by", "removed_by")[:MAX_NOTES])
    for note in notes:
        note.article = article
        note.removable = note.removed_at is None and note.is_removable_by(user)
    return notes


class RemoveForm(forms.Form):
    """Why a note is removed."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("For the newsroom only; readers are not told."),
        error_messages={"required": gettext_lazy("Say why the note is removed; readers are not told.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without_maxlength(self.fields.values())


class RemoveNote(VerbPage):
    """Take a note from readers; it stays in the newsroom's list."""

    name = "remove-note"
    title = button = gettext_lazy("Remove the note")
    form_class = RemoveForm
    template = "admin/articles/article/remove_note.html"
    grave = True

    def __init__(self, *args: Any, note: Note) -> None:
        super().__init__(*args)
        self.note = note
        self.note.article = self.article

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Leave it to the note: whose word it is decides."""
        return True

    def hindrance(self) -> str:
        """Say that somebody was quicker."""
        return _("This note is removed already.") if self.note.removed_at else ""

    def explanation(self) -> Iterable[str]:
        """Say what happens to it."""
        yield _(
            "Readers see it no more, at once: not at the article, among the corrections, in their feed or in search "
            "engines’ data. The newsroom keeps it, with your name and your reason."
        )
        if self.note.kind == Note.Kind.CORRECTION:
            yield _(
                "A correction that was wrong is better corrected by another one than taken away without a word."
            )

    def context(self) -> dict[str, Any]:
        """Give the page the note."""
        return {"note": self.note}

    def run(self, data: dict[str, Any]) -> str:
        """Remove it."""
        self.note.remove(by=self.user, reason=data["reason"])
        return _("%(kind)s removed.") % {"kind": self.note.get_kind_display()}

    def address_after(self) -> str:
        """Go back to the list."""
        return reverse("admin:articles_article_notes", args=[self.article.pk])
