"""The other languages of a story, and the older revisions of an article."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from articles.admin.verbs.base import MAX_FOUND, VerbPage
from articles.models import Article, Revision, User
from newsroom.dates import format_date, own_name
from newsroom.models import Site
from newsroom.verbs import Refused


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


class HideRevision(VerbPage):
    """Keep a revision out of the history that readers are shown."""

    name = "hide"
    title = gettext_lazy("Keep out of the public history")
    button = gettext_lazy("Keep it out")

    def __init__(self, *args: Any, revision: Revision) -> None:
        super().__init__(*args)
        self.revision = revision

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to expunge there."""
        return user.may("articles.expunge_article", article)

    def hindrance(self) -> str:
        """Return why it cannot be kept out."""
        if not self.revision.is_public:
            return _("This revision is kept out already.")
        try:
            self.revision.check_hideable(self.article)
        except Refused as refused:
            return str(refused)
        return ""

    def explanation(self) -> Iterable[str]:
        """Say what readers see then, and what they still may have."""
        yield _(
            "Readers are not shown revision %(number)s on the page of what changed any more: its neighbours are "
            "compared with each other instead. The page says that not every earlier version is shown."
        ) % {"number": self.revision.number}
        yield _("The newsroom keeps it and reads it as before. To take a passage out for good, expunge it.")
        yield _("What others copied, archived or printed while it was there is out of our reach.")

    def run(self, data: dict[str, Any]) -> str:
        """Keep it out."""
        self.article.hide_revision(self.revision, by=self.user)
        return _("Revision %(number)s is kept out of the public history.") % {"number": self.revision.number}

    def address_after(self) -> str:
        """Go back to the revisions."""
        return reverse("admin:articles_article_history", args=[self.article.pk])


class ShowRevision(HideRevision):
    """Let readers look back at a revision again."""

    name = "show"
    title = gettext_lazy("Show in the public history")
    button = gettext_lazy("Show it")

    def hindrance(self) -> str:
        """Say that readers may look at it already."""
        return _("This revision is not kept out.") if self.revision.is_public else ""

    def explanation(self) -> Iterable[str]:
        """Say what readers see then."""
        yield _("Readers can compare revision %(number)s with the next one again.") % {
            "number": self.revision.number
        }

    def run(self, data: dict[str, Any]) -> str:
        """Show it."""
        self.article.show_revision(self.revision, by=self.user)
        return _("Revision %(number)s stands in the public history again.") % {"number": self.revision.number}
