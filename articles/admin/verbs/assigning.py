"""Who goes on with an article, and until when; what is to be done at it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.forms import SiteDateTimeField
from articles.admin.states import short_time
from articles.admin.verbs.base import VerbPage
from articles.models import Article, Task, User
from articles.models.accounts import who_may_edit
from articles.models.keep import check_due
from newsroom.forms import PlainTextField
from newsroom.models import Site
from newsroom.verbs import Refused

# So many people are offered; whoever has it already always is.
MAX_PEOPLE = 200
MAX_TEXT = 2000


class PersonField(forms.ModelChoiceField):
    """One of those who may go on with an article, or nobody."""

    def __init__(self, *, user: User, article: Article, now: User | None, **kwargs: Any) -> None:
        people = [user]
        if user.may("articles.edit_others", article):
            people = list(who_may_edit(article)[:MAX_PEOPLE])
        known = {person.pk for person in people} | {now.pk if now else None}
        super().__init__(
            User.objects.filter(pk__in=known - {None}).order_by("first_name", "last_name", "username"),
            required=False,
            empty_label=_("nobody"),
            initial=now,
            show_hidden_initial=True,
            **kwargs,
        )

    def label_from_instance(self, obj: User) -> str:
        """Return the name by which colleagues know somebody."""
        return obj.shown_name


class AssignForm(forms.Form):
    """For whom, and until when; what nobody touched is no wish, whatever was set since the form was opened."""

    def __init__(self, data: Any, *, user: User, thing: Article | Task, article: Article, site: Site) -> None:
        super().__init__(data)
        if may_assign(user, article, thing.assignee_id):
            self.fields["assignee"] = PersonField(
                user=user, article=article, now=thing.assignee, label=gettext_lazy("For whom")
            )
            self.fields["due_at"] = SiteDateTimeField(
                zone=site.zone,
                label=gettext_lazy("Due"),
                required=False,
                initial=thing.due_at,
                help_text=gettext_lazy("Empty: no time."),
                show_hidden_initial=True,
            )

    def clean_due_at(self) -> datetime | None:
        """Refuse a new time that is past, at its field."""
        due: datetime | None = self.cleaned_data["due_at"]
        try:
            check_due(due if "due_at" in self.changed_data else None, None)
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return due

    def wishes(self) -> dict[str, Any]:
        """Return what was changed, as the verbs take it."""
        return {
            name: self.cleaned_data[name]
            for name in ("assignee", "due_at")
            if name in self.fields and name in self.changed_data
        }

    def clean(self) -> dict[str, Any]:
        """Return what else stands in the form, and the wishes about who and when."""
        data = super().clean()
        if self.errors:
            return data
        rest = {name: value for name, value in data.items() if name not in ("assignee", "due_at")}
        return rest | self.wishes()


def may_assign(user: User, article: Article, assignee: int | None) -> bool:
    """Return whether somebody may take it, give it back, or give it to others."""
    try:
        article.check_may_assign(user, assignee, user)
    except PermissionDenied:
        return False
    return True


def assigned_words(thing: Article | Task, site: Site) -> str:
    """Say who has an article or a task and until when, "" if nobody has it and there is no time."""
    due = thing.due_at and short_time(thing.due_at, site.zone)
    if thing.assignee and due:
        return _("Assigned to %(who)s, due %(time)s") % {"who": thing.assignee.shown_name, "time": due}
    if thing.assignee:
        return _("Assigned to %(who)s") % {"who": thing.assignee.shown_name}
    return _("Assigned to nobody, due %(time)s") % {"time": due} if due else ""


class Assign(VerbPage):
    """Say who goes on with an article, and until when."""

    name = "assign"
    title = gettext_lazy("Assign")
    button = gettext_lazy("Assign")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask whether the user may give it to anybody, himself included."""
        return may_assign(user, article, article.assignee_id)

    def form(self, data: Any = None) -> forms.Form:
        """Return the form with who has it today."""
        return AssignForm(data, user=self.user, thing=self.article, article=self.article, site=self.site)

    def explanation(self) -> Iterable[str]:
        """Say what it does and what it does not."""
        yield _(
            "It tells colleagues who goes on with the text. Whoever gets it must be able to edit it already, and gets "
            "a mail."
        )
        if words := assigned_words(self.article, self.site):
            yield f"{words}."

    def run(self, data: dict[str, Any]) -> str:
        """Assign it."""
        self.article.assign(by=self.user, **data)
        return f"{assigned_words(self.article, self.site) or _('Assigned to nobody')}."


class TaskForm(AssignForm):
    """What is to be done."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), widget=forms.RadioSelect, initial=Task.Kind.REVIEW)
    text = PlainTextField(
        label=gettext_lazy("In words"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["kind"].choices = [(kind.value, capfirst(kind.label)) for kind in Task.Kind]


class MakeTask(VerbPage):
    """Ask for something at an article."""

    name = "task"
    title = gettext_lazy("Make a task")
    button = gettext_lazy("Make the task")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to edit others' articles there."""
        return user.may("articles.edit_others", article)

    def form(self, data: Any = None) -> forms.Form:
        """Return the form."""
        return TaskForm(
            data, user=self.user, thing=Task(article=self.article), article=self.article, site=self.site
        )

    def explanation(self) -> Iterable[str]:
        """Say where it stands then."""
        yield _(
            "It stands at the article and among the tasks, until somebody who may edit the article closes it."
        )

    def run(self, data: dict[str, Any]) -> str:
        """Make it."""
        Task.make(by=self.user, article=self.article, **data)
        return _("The task is made.")

    def address_after(self) -> str:
        """Go back to the article, where it stands."""
        return reverse("admin:articles_article_change", args=[self.article.pk])
