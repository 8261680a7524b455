"""What goes out to readers, when, and how it is taken from them without a word."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.addresses import address_of
from articles.admin.forms import SiteDateTimeField
from articles.admin.verbs.base import VerbPage
from articles.admin.warnings import remarks_at, warnings_for
from articles.models import Article, Revision, User
from newsroom.models import Site
from newsroom.verbs import Refused

# A time that lies no further back was meant as "now": the form was open for a while.
MEANT_NOW = timedelta(minutes=10)


class PublishForm(forms.Form):
    """When to publish, and which revision was looked at."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    backdate = forms.BooleanField(
        label=gettext_lazy("Yes: publish at once and date it back to then"), required=False
    )

    def __init__(self, data: Any, *, article: Article, newest: Revision, site: Site) -> None:
        super().__init__(data, initial={"revision": newest.number})
        self.newest = newest
        is_visible = article.is_visible()
        scheduled = article.pending_at if is_visible else article.published_at
        self.fields["at"] = SiteDateTimeField(
            zone=site.zone,
            label=_("At"),
            required=False,
            initial=scheduled if is_visible or article.state == Article.State.SCHEDULED else None,
            help_text=_(
                "Empty: at once. A time in the future schedules it; readers keep the present text till then."
            )
            if is_visible
            else _("Empty: at once. A time in the future schedules it."),
        )
        self.is_visible = is_visible
        if is_visible or not (data and self._is_past(data)):
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
        if self.is_visible and self._is_past(self.data):
            self.add_error("at", _("That time is past. Leave it empty to publish the changes at once."))
        elif "backdate" in self.fields and not data.get("backdate"):
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
            yield _(
                "Readers see revision %(live)s now and will get revision %(number)s, at once or at the time below."
            ) % {
                "live": article.live_revision.number,
                "number": number,
            }
            if article.pending_at:
                words = {"time": self._time(article.pending_at), "number": article.pending_revision.number}
                yield (
                    _("Scheduled for %(time)s is revision %(number)s now; what you do here takes its place.")
                    % words
                )
            yield _("The article keeps its date and says when it was updated.")
        else:
            yield _("Readers will get revision %(number)s.") % {"number": number}
            if article.state == Article.State.SCHEDULED:
                words = {"time": self._time(article.published_at), "number": article.live_revision.number}
                yield _("Scheduled for %(time)s is revision %(number)s now.") % words
        slug = self.newest.slug
        yield from address_of(article, slug, language=article.language, site=self.site).sentences()
        if article.embargo_until and article.embargo_until > timezone.now():
            yield _("Embargo: nothing publishes it before %(time)s.") % {
                "time": self._time(article.embargo_until)
            }

    def is_needed(self) -> bool:
        """Return whether readers do not see the newest revision yet."""
        return not (self.article.is_visible() and self.article.live_revision_id == self.newest.pk)

    def warnings(self) -> Iterable[str]:
        """Say what is missing, or still talked about, but does not stand in the way."""
        if not self.is_needed():
            return
        yield from remarks_at(self.article)
        yield from warnings_for(self.newest)

    def context(self) -> dict[str, Any]:
        """Give the page the address of the preview."""
        return {"preview_of": self.newest}

    def run(self, data: dict[str, Any]) -> str:
        """Publish exactly the revision that was looked at."""
        at = data.get("at")
        if at and not data.get("backdate") and at <= timezone.now():
            at = None
        self.article.publish(by=self.user, at=at, revision=self.newest)
        if self.article.pending_at:
            return _("Readers get revision %(number)s: %(time)s.") % {
                "number": self.newest.number,
                "time": self._time(self.article.pending_at),
            }
        if self.article.is_visible():
            return _("Readers see revision %(number)s now.") % {"number": self.newest.number}
        return _("Scheduled for %(time)s.") % {"time": self._time(self.article.published_at)}


class CancelPending(VerbPage):
    """Let a change of the text that was scheduled not come."""

    name = "cancel-changes"
    title = button = gettext_lazy("Cancel the scheduled changes")
    impossible = gettext_lazy("No changes of this article are scheduled.")

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to publish there."""
        return user.may("articles.publish_article", article)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Only where changes wait for their time."""
        return article.pending_at is not None

    def explanation(self) -> Iterable[str]:
        """Say what stays."""
        if self.article.pending_at:
            yield _(
                "Revision %(number)s was to go out: %(time)s. It stays a draft, and readers keep the present text."
            ) % {
                "number": self.article.pending_revision.number,
                "time": self._time(self.article.pending_at),
            }

    def run(self, data: dict[str, Any]) -> str:
        """Cancel."""
        self.article.cancel_pending(by=self.user)
        return _("The scheduled changes are cancelled; readers keep the present text.")


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
            if self.article.pending_at:
                yield _("The changes that are scheduled are cancelled.")
            yield _("Its comments go with it and come back when it is published again.")
            yield _("To say in public that it was taken back, withdraw it instead.")
        else:
            yield _("The article becomes a draft again and will not come out by itself.")

    def run(self, data: dict[str, Any]) -> str:
        """Unpublish."""
        was_visible = self.article.is_visible()
        self.article.unpublish(by=self.user)
        return _("Readers no longer see it.") if was_visible else _("The schedule is cancelled.")
