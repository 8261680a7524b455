"""Links to a draft for somebody without an account."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import without_maxlength
from articles.admin.forms import SiteDateTimeField
from articles.admin.states import short_time
from articles.admin.verbs.base import MAX_FOUND, VerbPage
from articles.models import Article, Revision, User
from articles.models.drafts import USUAL, check_expiry
from newsroom.forms import LineField
from newsroom.models import Site
from newsroom.verbs import Refused

MAX_LINKS = 100


class ShareForm(forms.Form):
    """For whom a link to the draft is, what it shows, and until when."""

    for_whom = LineField(
        label=gettext_lazy("For whom"),
        required=False,
        max_length=100,
        help_text=gettext_lazy(
            "To tell the links apart. Only the newsroom sees it; of a source, write no more than you need."
        ),
        error_messages={
            "max_length": gettext_lazy("Shorten it to %(limit_value)d characters; it has %(show_value)d.")
        },
    )

    def __init__(self, data: Any, *, article: Article, site: Site) -> None:
        super().__init__(data)
        self.fields["expires_at"] = SiteDateTimeField(
            zone=site.zone,
            label=_("Works until"),
            initial=timezone.now() + USUAL,
            help_text=_("An hour at least, 30 days at most."),
            error_messages={"required": _("Say until when the link works.")},
        )
        newest = article.revisions.select_related("created_by").defer("body")[:MAX_FOUND]
        self.revisions = {str(row.number): row for row in newest}
        self.fields["revision"] = forms.ChoiceField(
            label=_("What it shows"),
            required=False,
            choices=[
                ("", _("always the newest revision")),
                *(
                    (
                        number,
                        _("revision %(number)s, of %(time)s, as it is")
                        % {"number": number, "time": short_time(row.created_at, site.zone)},
                    )
                    for number, row in self.revisions.items()
                ),
            ],
        )
        without_maxlength(self.fields.values())

    def clean_expires_at(self) -> datetime:
        """Refuse a time that is too near or too far, at its field."""
        expires_at: datetime = self.cleaned_data["expires_at"]
        try:
            check_expiry(expires_at)
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return expires_at

    def clean_revision(self) -> Revision | None:
        """Return the chosen revision, None for always the newest."""
        return self.revisions.get(self.cleaned_data["revision"])


class Share(VerbPage):
    """Make a link by which somebody without an account may read the draft; list those there are."""

    name = "share"
    title = gettext_lazy("Share the draft")
    button = gettext_lazy("Make a link")
    template = "admin/articles/article/share.html"

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask whether the user may edit it."""
        return article.is_editable_by(user)

    @classmethod
    def is_possible(cls, article: Article) -> bool:
        """Only what readers cannot see, and what was not taken back."""
        return not (article.is_visible() or article.withdrawn_at or article.story.withdrawn_at)

    def hindrance(self) -> str:
        """Say what to pass on instead."""
        if self.article.is_visible():
            return _("Everybody can read this article: pass its own address on.")
        return super().hindrance()

    def form(self, data: Any = None) -> forms.Form:
        """Return the form, in the site's time."""
        return ShareForm(data, article=self.article, site=self.site)

    def explanation(self) -> Iterable[str]:
        """Say who can read what then."""
        yield _(
            "Whoever has the link can read this draft without an account, until its time is over or somebody revokes "
            "it here. Other drafts stay closed."
        )
        yield _("Once the article is published, the link leads to it.")

    def warnings(self) -> Iterable[str]:
        """Say that there is an embargo."""
        if self.article.embargo_until and self.article.embargo_until > timezone.now():
            yield _("Embargo until %(time)s: the page of the draft says so.") % {
                "time": self._time(self.article.embargo_until)
            }

    def context(self) -> dict[str, Any]:
        """Give the page the links that there are, those that work first."""
        rows = self.article.draft_links.select_related("created_by", "revision").defer("revision__body")
        links = sorted(rows[:MAX_LINKS], key=lambda link: not link.is_working())
        return {"links": links}

    def run(self, data: dict[str, Any]) -> str:
        """Make the link."""
        self.article.share_draft(by=self.user, **data)
        return _("The link is made: it stands first in the list.")

    def address_after(self) -> str:
        """Stay here: the link stands in the list."""
        return f"{self.address()}#links"
