"""What is taken back in public, comes back, or was never out and is deleted."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.verbs.base import VerbPage
from articles.admin.verbs.notes import with_tasks
from articles.models import Article, Task, User
from newsroom.dates import own_name
from newsroom.verbs import Refused


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
        told = [own_name(version.language) for version in self.article.versions_to_tell().defer("body")]
        if told:
            yield _(
                "The whole story: every version that was published answers so, all at once, and none gets a task."
            )
            yield _(
                "This version only: the others stay as they are, and each gets the task to look at it: %(languages)s."
            ) % {"languages": ", ".join(told)}

    def run(self, data: dict[str, Any]) -> str:
        """Withdraw the story or the article."""
        if data["scope"] == "article":
            self.article.withdraw(by=self.user, reason=data["reason"])
            tasks = Task.objects.filter(withdrawal=self.article.withdrawals.first())
            return with_tasks(_("This version is withdrawn."), tasks, self.user)
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
