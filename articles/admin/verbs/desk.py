"""What stands beside the text: stage, embargo, comments, a place on the front page."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.forms import SiteDateTimeField
from articles.admin.verbs.assigning import MAX_TEXT, AssignForm, assigned_words
from articles.admin.verbs.base import MAX_FOUND, VerbPage
from articles.models import Article, FrontSlot, User
from newsroom.commenting import LONGEST_OPEN, Mode
from newsroom.forms import PlainTextField
from newsroom.models import Site


class StageForm(AssignForm):
    """Where an article stands in the newsroom, who goes on with it, and a word to him."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage"), widget=forms.RadioSelect)
    text = PlainTextField(
        label=gettext_lazy("A word about it"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("It stands among the remarks at the whole article."),
    )

    def __init__(self, data: Any, *, stages: list[Article.Stage], article: Article, **kwargs: Any) -> None:
        super().__init__(data, thing=article, article=article, **kwargs)
        self.fields["stage"].choices = [(stage.value, stage.label) for stage in stages]
        self.fields["stage"].initial = article.stage
        self.order_fields(["stage", "assignee", "due_at", "text"])


class SetStage(VerbPage):
    """Hand an article on."""

    name = "stage"
    title = gettext_lazy("Hand on")
    button = gettext_lazy("Hand it on")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask whether any stage is open to the user."""
        return bool(article.stages_open_to(user))

    def form(self, data: Any = None) -> forms.Form:
        """Return the form, set to the stage of today."""
        return StageForm(
            data,
            stages=self.article.stages_open_to(self.user),
            article=self.article,
            user=self.user,
            site=self.site,
        )

    def explanation(self) -> Iterable[str]:
        """Say what a stage is."""
        yield _("The stage tells colleagues who goes on with the text. Readers do not notice.")

    def run(self, data: dict[str, Any]) -> str:
        """Hand it on, all at once."""
        self.article.hand_on(by=self.user, **data)
        said = [_("Stage: %(stage)s.") % {"stage": self.article.get_stage_display()}]
        if {"assignee", "due_at"} & set(data) and (words := assigned_words(self.article, self.site)):
            said.append(f"{words}.")
        return " ".join(said)


class DeskForm(forms.Form):
    """What stands beside the text; what nobody touched is no wish, whatever was set since the form was opened."""

    comments_mode = forms.ChoiceField(
        label=gettext_lazy("Comments"), required=False, show_hidden_initial=True
    )
    comments_close_after = forms.IntegerField(
        label=gettext_lazy("Comments close after"),
        required=False,
        min_value=1,
        max_value=LONGEST_OPEN,
        help_text=gettext_lazy("Days after publication. Empty: as the section or the site says."),
        show_hidden_initial=True,
    )

    def __init__(self, data: Any, *, article: Article, site: Site) -> None:
        names = ("comments_mode", "comments_close_after")
        super().__init__(data, initial={name: getattr(article, name) for name in names})
        self.fields["comments_mode"].choices = [("", _("As the section or the site says")), *Mode.choices]
        self.fields["embargo_until"] = SiteDateTimeField(
            zone=site.zone,
            label=_("Embargo until"),
            required=False,
            initial=article.embargo_until,
            help_text=_("No schedule and no person publishes it before. Empty: no embargo."),
            show_hidden_initial=True,
        )
        self.order_fields(["embargo_until", *names])

    def clean(self) -> dict[str, Any]:
        """Return what was changed."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.changed_data}


class SetDesk(VerbPage):
    """Set embargo and comments."""

    name = "desk"
    title = gettext_lazy("Embargo and comments")
    button = gettext_lazy("Save")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to publish there."""
        return user.may("articles.publish_article", article)

    def form(self, data: Any = None) -> forms.Form:
        """Return the form with what is set today."""
        return DeskForm(data, article=self.article, site=self.site)

    def explanation(self) -> Iterable[str]:
        """Say what counts where nothing is set here."""
        wider = (
            self.article.section
            if self.article.section_id and self.article.section.comments_mode
            else self.site
        )
        yield _("Without a word here: %(mode)s.") % {"mode": wider.get_comments_mode_display()}

    def run(self, data: dict[str, Any]) -> str:
        """Set what was changed."""
        self.article.set_desk(by=self.user, **data)
        return _("Saved.")


class PlaceForm(forms.Form):
    """A place on the front page, and for how long."""

    kind = forms.TypedChoiceField(
        label=gettext_lazy("Place"),
        choices=FrontSlot.Kind.choices,
        coerce=int,
        widget=forms.RadioSelect,
        initial=FrontSlot.Kind.LEAD,
    )
    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        min_value=0,
        max_value=1000,
        initial=0,
        help_text=gettext_lazy("Among those of the same place; the lowest stands first."),
    )

    def __init__(self, data: Any, *, site: Site) -> None:
        super().__init__(data)
        self.fields["starts_at"] = SiteDateTimeField(
            zone=site.zone,
            label=gettext_lazy("From"),
            required=False,
            help_text=gettext_lazy("Empty: at once."),
        )
        self.fields["ends_at"] = SiteDateTimeField(
            zone=site.zone,
            label=gettext_lazy("Until"),
            required=False,
            help_text=gettext_lazy("Empty: until it is taken away."),
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a time that ends before it begins, or that is over."""
        data = super().clean()
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if ends_at and ends_at <= (starts_at or timezone.now()):
            self.add_error("ends_at", _("It would end before it begins."))
        return data


class Place(VerbPage):
    """Give an article a place on the front page."""

    name = "place"
    title = gettext_lazy("Front page")
    button = gettext_lazy("Put it there")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to arrange the front page there."""
        return user.may("articles.arrange_front", article)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Anything that readers see or may see one day."""
        return article.withdrawn_at is None

    def form(self, data: Any = None) -> forms.Form:
        """Return the form, in the site's time."""
        return PlaceForm(data, site=self.site)

    def explanation(self) -> Iterable[str]:
        """Say how the front page fills itself, and which places the article has."""
        yield _(
            "The front page fills itself by date and section. What is put there stands before that: one lead, two "
            "seconds; what is pinned stands first in the part of its section."
        )
        if not self.article.is_visible():
            yield _("It stands there once readers may see it.")
        for slot in self.article.slots.all()[:MAX_FOUND]:
            if slot.is_open() or slot.changes_at():
                yield _("It has this place now or soon: %(place)s.") % {"place": slot.get_kind_display()}

    def run(self, data: dict[str, Any]) -> str:
        """Give it the place."""
        slot = self.article.place_on_front(by=self.user, **data)
        return _("On the front page: %(place)s.") % {"place": slot.get_kind_display()}
