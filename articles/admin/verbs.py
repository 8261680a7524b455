"""The verbs at an article as pages: each says what will happen, asks for what it needs, and acts on POST only."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from articles.admin.base import without_maxlength
from articles.admin.forms import SiteDateTimeField
from articles.admin.states import short_time, standing
from articles.admin.warnings import warnings_for
from articles.models import Article, FrontSlot, Note, Revision, User
from newsroom.dates import format_date, own_name
from newsroom.models import Site
from newsroom.verbs import Refused

# A time that lies no further back was meant as "now": the form was open for a while.
MEANT_NOW = timedelta(minutes=10)
MAX_FOUND = 20


class VerbPage:
    """One verb at one article, as its page shows it."""

    name = ""  # the last part of its address
    title: Any = ""
    button: Any = ""
    form_class: type[forms.Form] = forms.Form
    template = "admin/articles/article/verb.html"
    grave = False  # its button warns by its colour
    impossible: Any = ""  # why it is not possible in other states, where there is more to say than the state

    def __init__(self, request: HttpRequest, article: Article) -> None:
        self.request, self.article, self.user = request, article, request.user
        self.site = Site.of(request)

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Return whether this user may use the verb at this article."""
        raise NotImplementedError

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Return whether the article is in a state for it; only then a button leads here."""
        return True

    def hindrance(self) -> str:
        """Return why the verb is not possible now, "" if it is: an old tab or the back button may lead here."""
        if self.is_possible(self.article):
            return ""
        return self.impossible or _("That is not possible now. Where this article stands: %(state)s.") % {
            "state": standing(self.article, self.site.zone).words
        }

    def form(self, data: Any = None) -> forms.Form:
        """Return the form of the page."""
        return self.form_class(data)

    def explanation(self) -> Iterable[str]:
        """Yield the sentences that say what will happen."""
        return ()

    def warnings(self) -> Iterable[str]:
        """Yield what the user should know first; none of it stands in the way."""
        return ()

    def run(self, data: dict[str, Any]) -> str:
        """Call the verb and return the sentence that says what was done."""
        raise NotImplementedError

    def address(self) -> str:
        """Return the address of this page."""
        return reverse(f"admin:articles_article_{self.name}", args=[self.article.pk])

    def address_after(self) -> str:
        """Return the address to go on from."""
        return reverse("admin:articles_article_change", args=[self.article.pk])

    def is_needed(self) -> bool:
        """Return whether there is anything to do; else the page has no button."""
        return True

    def is_offered(self) -> bool:
        """Return whether the page has a button: there is something to do, and it can be done now."""
        return self.is_needed() and not self.hindrance()

    def context(self) -> dict[str, Any]:
        """Return what else the template needs."""
        return {}

    def answer(self, render: Callable[[forms.Form], HttpResponse]) -> HttpResponse:
        """Show the page, or act and go on; what a verb refuses stands at the form, with nothing lost."""
        form = self.form(self.request.POST if self.request.method == "POST" else None)
        if form.is_bound and (hindrance := self.hindrance()):
            form.add_error(None, hindrance)
        elif form.is_bound and form.is_valid():
            try:
                done = self.run(form.cleaned_data)
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(self.request, done)
                return HttpResponseRedirect(self.address_after())
        return render(form)

    def _time(self, moment: Any) -> str:
        return short_time(moment, self.site.zone)


class PublishForm(forms.Form):
    """When to publish, and which revision was looked at."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    backdate = forms.BooleanField(
        label=gettext_lazy("Yes: publish at once and date it back to then"), required=False
    )

    def __init__(self, data: Any, *, article: Article, newest: Revision, site: Site) -> None:
        super().__init__(data, initial={"revision": newest.number})
        self.newest = newest
        if not article.is_visible():
            initial = article.published_at if article.state == Article.State.SCHEDULED else None
            self.fields["at"] = SiteDateTimeField(
                zone=site.zone,
                label=_("At"),
                required=False,
                initial=initial,
                help_text=_("Empty: at once. A time in the future schedules it."),
            )
        if not (data and self._is_past(data)):
            del self.fields["backdate"]
        self.order_fields(["at", "backdate"])

    def _is_past(self, data: Any) -> bool:
        try:
            at = self.fields["at"].clean(data.get("at")) if "at" in self.fields else None
        except forms.ValidationError:
            return False
        return at is not None and at < timezone.now() - MEANT_NOW

    def clean_revision(self) -> int:
        """Refuse to publish another text than the one that was looked at."""
        number = self.cleaned_data["revision"]
        if number != self.newest.number:
            self.data = self.data.copy()
            self.data["revision"] = str(self.newest.number)
            raise forms.ValidationError(
                _("%(who)s saved revision %(number)s meanwhile. Look at it, then publish.")
                % {"who": self.newest.created_by or _("Somebody"), "number": self.newest.number}
            )
        return number

    def clean(self) -> dict[str, Any]:
        """Ask again before an article is dated back."""
        data = super().clean()
        if "backdate" in self.fields and not data.get("backdate"):
            self.add_error("at", _("That time is past. Choose another, or say below that you mean it."))
        return data


class Publish(VerbPage):
    """Show the newest revision to readers, now or at a time."""

    name = "publish"
    title = gettext_lazy("Publish")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.newest = self.article.newest_revision()

    @property
    def button(self) -> str:
        """Say what the button does in this state."""
        return _("Publish changes") if self.article.is_visible() else _("Publish")

    impossible = gettext_lazy("This article is withdrawn: reinstate it first.")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to publish there."""
        return user.may("articles.publish_article", article)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """A withdrawn article is reinstated first."""
        return article.withdrawn_at is None and article.story.withdrawn_at is None

    def hindrance(self) -> str:
        """Return what is missing, too, before anybody presses the button."""
        if reason := super().hindrance():
            return reason
        try:
            self.article.check_publishable(self.newest)
        except Refused as refused:
            return str(refused)
        return ""

    def form(self, data: Any = None) -> forms.Form:
        """Return the form, with a time only for what readers do not see yet."""
        return PublishForm(data, article=self.article, newest=self.newest, site=self.site)

    def explanation(self) -> Iterable[str]:
        """Say what readers get."""
        number, article = self.newest.number, self.article
        if article.is_visible():
            if not self.is_needed():
                yield _("Readers see the newest revision already; there is nothing to publish.")
                return
            yield _("Readers see revision %(live)s now and will get revision %(number)s at once.") % {
                "live": article.live_revision.number,
                "number": number,
            }
            yield _("The article keeps its date and says when it was updated.")
            if article.slug != self.newest.slug:
                yield _("Its address changes; the old one leads to the new one.")
        else:
            yield _("Readers will get revision %(number)s.") % {"number": number}
            if article.state == Article.State.SCHEDULED:
                words = {"time": self._time(article.published_at), "number": article.live_revision.number}
                yield _("Scheduled for %(time)s is revision %(number)s now.") % words
        if article.embargo_until and article.embargo_until > timezone.now():
            yield _("Embargo: nothing publishes it before %(time)s.") % {
                "time": self._time(article.embargo_until)
            }

    def is_needed(self) -> bool:
        """Return whether readers do not see the newest revision yet."""
        return not (self.article.is_visible() and self.article.live_revision_id == self.newest.pk)

    def warnings(self) -> Iterable[str]:
        """Say what is missing but does not stand in the way."""
        return warnings_for(self.newest) if self.is_needed() else ()

    def context(self) -> dict[str, Any]:
        """Give the page the address of the preview."""
        return {"preview_of": self.newest}

    def run(self, data: dict[str, Any]) -> str:
        """Publish exactly the revision that was looked at."""
        at = data.get("at")
        if at and not data.get("backdate") and at <= timezone.now():
            at = None
        self.article.publish(by=self.user, at=at, revision=self.newest)
        if self.article.is_visible():
            return _("Readers see revision %(number)s now.") % {"number": self.newest.number}
        return _("Scheduled for %(time)s.") % {"time": self._time(self.article.published_at)}


class Unpublish(VerbPage):
    """Take the article from readers without a word, or cancel its schedule."""

    name = "unpublish"
    grave = True

    @property
    def title(self) -> str:
        """Say what it is in this state."""
        return _("Unpublish") if self.article.is_visible() else _("Cancel the schedule")

    button = title

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to publish there."""
        return user.may("articles.publish_article", article)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Only what is live or scheduled."""
        return article.published_at is not None and article.withdrawn_at is None

    def explanation(self) -> Iterable[str]:
        """Say what readers find then."""
        if self.article.is_visible():
            yield _("The article leaves every page and list at once; its address answers “not found”.")
            yield _("Its comments go with it and come back when it is published again.")
            yield _("To say in public that it was taken back, withdraw it instead.")
        else:
            yield _("The article becomes a draft again and will not come out by itself.")

    def run(self, data: dict[str, Any]) -> str:
        """Unpublish."""
        was_visible = self.article.is_visible()
        self.article.unpublish(by=self.user)
        return _("Readers no longer see it.") if was_visible else _("The schedule is cancelled.")


class WithdrawForm(forms.Form):
    """What is withdrawn, and why."""

    scope = forms.ChoiceField(
        label=gettext_lazy("What"),
        widget=forms.RadioSelect,
        initial="story",
        choices=[
            ("story", gettext_lazy("the whole story, in every language")),
            ("article", gettext_lazy("this version only")),
        ],
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("For the newsroom only; readers get a neutral notice."),
    )


class Withdraw(VerbPage):
    """Take an article or its whole story back, in public."""

    name = "withdraw"
    title = button = gettext_lazy("Withdraw")
    form_class = WithdrawForm
    grave = True

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to withdraw there."""
        return user.may("articles.withdraw_article", article)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Only what readers have seen."""
        return article.withdrawn_at is None and article.has_been_visible()

    def explanation(self) -> Iterable[str]:
        """Say what readers find then."""
        yield _("Its address says that the article was withdrawn (410), with no word of the reason.")
        yield _("It leaves every list, feed and search result at once, and so do its comments.")
        others = [own_name(version.language) for version in self.article.other_versions()]
        if others:
            yield _("Readers also see this story in: %(languages)s.") % {"languages": ", ".join(others)}

    def run(self, data: dict[str, Any]) -> str:
        """Withdraw the story or the article."""
        if data["scope"] == "article":
            self.article.withdraw(by=self.user, reason=data["reason"])
            return _("This version is withdrawn.")
        versions = Article.objects.filter(story=self.article.story_id).defer("body")
        out_of_reach = [
            own_name(version.language) for version in versions if not self.is_allowed(self.user, version)
        ]
        if out_of_reach:
            raise Refused(
                _("You may not withdraw the story in: %(languages)s. Withdraw this version only, or ask.")
                % {"languages": ", ".join(out_of_reach)}
            )
        self.article.story.withdraw(by=self.user, reason=data["reason"])
        return _("The whole story is withdrawn.")


class Reinstate(VerbPage):
    """Undo a withdrawal."""

    name = "reinstate"
    title = button = gettext_lazy("Reinstate")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to withdraw there."""
        return user.may("articles.withdraw_article", article)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Only what is withdrawn."""
        return article.withdrawn_at is not None

    def explanation(self) -> Iterable[str]:
        """Say what comes back."""
        if self.article.story.withdrawn_at:
            yield _("The whole story comes back, in every language in which it was published.")
        else:
            yield _("This version comes back as it was, at its old address, with its comments.")

    def run(self, data: dict[str, Any]) -> str:
        """Reinstate the story or the article."""
        if self.article.story.withdrawn_at:
            self.article.story.reinstate(by=self.user)
            return _("The whole story is back.")
        self.article.reinstate(by=self.user)
        return _("The article is back.")


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

    def run(self, data: dict[str, Any]) -> str:
        """Add the note."""
        note = self.article.add_note(by=self.user, **data)
        return _("%(kind)s added.") % {"kind": note.get_kind_display()}


class StageForm(forms.Form):
    """Where an article stands in the newsroom."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage"), widget=forms.RadioSelect)

    def __init__(self, data: Any, *, stages: list[Article.Stage], initial: Article.Stage) -> None:
        super().__init__(data, initial={"stage": initial})
        self.fields["stage"].choices = [(stage.value, stage.label) for stage in stages]


class SetStage(VerbPage):
    """Hand an article on."""

    name = "stage"
    title = gettext_lazy("Hand on")
    button = gettext_lazy("Set the stage")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask whether any stage is open to the user."""
        return bool(article.stages_open_to(user))

    def form(self, data: Any = None) -> forms.Form:
        """Return the form, set to the stage of today."""
        return StageForm(
            data,
            stages=self.article.stages_open_to(self.user),
            initial=self.article.Stage(self.article.stage),
        )

    def explanation(self) -> Iterable[str]:
        """Say what a stage is."""
        yield _("The stage tells colleagues who goes on with the text. Readers do not notice.")

    def run(self, data: dict[str, Any]) -> str:
        """Set the stage."""
        self.article.set_stage(data["stage"], by=self.user)
        return _("Stage: %(stage)s.") % {"stage": self.article.get_stage_display()}


class DeskForm(forms.Form):
    """What stands beside the text; what nobody touched is no wish, whatever was set since the form was opened."""

    comments_open = forms.BooleanField(
        label=gettext_lazy("Readers may comment"), required=False, show_hidden_initial=True
    )

    def __init__(self, data: Any, *, article: Article, site: Site) -> None:
        super().__init__(data, initial={"comments_open": article.comments_open})
        self.fields["embargo_until"] = SiteDateTimeField(
            zone=site.zone,
            label=_("Embargo until"),
            required=False,
            initial=article.embargo_until,
            help_text=_("No schedule and no person publishes it before. Empty: no embargo."),
            show_hidden_initial=True,
        )
        self.order_fields(["embargo_until", "comments_open"])

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
        """Say that the whole site may be closed anyway."""
        if not self.site.comments_open:
            yield _("Comments are closed on the whole site; what you set here counts once they are open.")

    def run(self, data: dict[str, Any]) -> str:
        """Set what was changed."""
        self.article.set_desk(by=self.user, **data)
        return _("Saved.")


class Version(VerbPage):
    """Begin the story's version in another language."""

    name = "version"

    def __init__(self, *args: Any, language: str) -> None:
        super().__init__(*args)
        self.language = language

    @property
    def title(self) -> str:
        """Name the language."""
        return _("Add a version: %(language)s") % {"language": own_name(self.language)}

    button = gettext_lazy("Begin the draft")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to write at all; the language is asked by `may_begin`."""
        return user.may("articles.add_article")

    def explanation(self) -> Iterable[str]:
        """Say what the draft holds."""
        yield _(
            "A draft of the same story is made and opened. The text is copied, to be translated in place."
        )
        yield _("It cannot be published while headline and text are still those of the other language.")

    def run(self, data: dict[str, Any]) -> str:
        """Make the version; from here on the page goes to it."""
        self.article = self.article.add_version(self.language, by=self.user)
        return _("The draft is here. Translate the text, then save.")


class JoinForm(forms.Form):
    """The article whose story is joined."""

    target = forms.ModelChoiceField(
        Article.objects.none(),
        label=gettext_lazy("Article"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose an article first.")},
    )

    def __init__(self, data: Any, *, found: Any, choosable: Any, site: Site) -> None:
        super().__init__(data)
        self.fields["target"].queryset = choosable
        self.fields["target"].choices = [
            (
                row.pk,
                _("%(language)s: %(headline)s (%(date)s)")
                % {
                    "language": own_name(row.language),
                    "headline": row.headline,
                    "date": format_date(row.created_at, get_language() or "en", site.zone),
                },
            )
            for row in found
        ]


class Join(VerbPage):
    """Make an article a version of another story."""

    name = "join"
    title = gettext_lazy("Join to a story")
    button = gettext_lazy("Join")
    template = "admin/articles/article/join.html"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.query = self.request.GET.get("q", "")[:200].replace("\0", "")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask whether the user may edit it, and publish if readers know it."""
        if article.first_published_at and not user.may("articles.publish_article", article):
            return False
        return article.is_editable_by(user)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """A withdrawn story is neither joined nor left."""
        return article.withdrawn_at is None and article.story.withdrawn_at is None

    def form(self, data: Any = None) -> forms.Form:
        """Offer articles in other languages, found by the search or the newest ones."""
        from articles.admin.search import find

        choosable = (
            Article.objects.readable_by(self.user)
            .exclude(language=self.article.language)
            .exclude(story=self.article.story_id)
            .filter(story__withdrawn_at=None)
            .only("pk", "story", "language", "headline", "created_at")
        )
        found = find(choosable, self.query) if self.query else choosable
        return JoinForm(data, found=found.order_by("-pk")[:MAX_FOUND], choosable=choosable, site=self.site)

    def explanation(self) -> Iterable[str]:
        """Say what joining does."""
        yield _(
            "This article becomes the version in its language of another story; "
            "readers can switch between the languages."
        )

    def context(self) -> dict[str, Any]:
        """Give the page the words of its search."""
        return {"query": self.query}

    def run(self, data: dict[str, Any]) -> str:
        """Join the story of the chosen article."""
        self.article.join(data["target"].story, by=self.user)
        return _("Joined to the story of “%(headline)s”.") % {"headline": data["target"].headline}


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


class Discard(VerbPage):
    """Delete a draft that readers never saw."""

    name = "delete"
    title = button = gettext_lazy("Delete the draft")
    grave = True

    impossible = gettext_lazy("What was published is never deleted: unpublish or withdraw it.")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask whether the user may edit it."""
        return article.is_editable_by(user)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Only what was never out nor is scheduled."""
        return article.mirrors_newest() and article.withdrawn_at is None

    def explanation(self) -> Iterable[str]:
        """Say that it is for good."""
        yield _("The draft and all its revisions are gone for good.")

    def run(self, data: dict[str, Any]) -> str:
        """Discard it."""
        self.article.discard(by=self.user)
        return _("The draft is gone.")

    def address_after(self) -> str:
        """Go on from the list."""
        return reverse("admin:articles_article_changelist")


class Restore(VerbPage):
    """Take up an older revision again."""

    name = "restore"
    title = gettext_lazy("Restore a revision")
    button = gettext_lazy("Restore")

    def __init__(self, *args: Any, revision: Revision) -> None:
        super().__init__(*args)
        self.revision = revision

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask whether the user may edit it."""
        return article.is_editable_by(user)

    def explanation(self) -> Iterable[str]:
        """Say that nothing is overwritten."""
        yield _("What revision %(number)s holds is saved as a new revision. Nothing is overwritten.") % {
            "number": self.revision.number
        }
        if self.article.is_visible():
            yield _("Readers notice nothing until it is published.")

    def run(self, data: dict[str, Any]) -> str:
        """Restore it."""
        made = self.article.restore(self.revision, by=self.user)
        return _("Restored as revision %(number)s.") % {"number": made.number}


# In the order in which buttons stand at the article.
PAGES: tuple[type[VerbPage], ...] = (
    Publish,
    Unpublish,
    AddNote,
    SetStage,
    SetDesk,
    Place,
    Join,
    Withdraw,
    Reinstate,
    Discard,
)
