"""A passage taken out of everything that is kept of an article: looked for first, then taken out."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from articles.admin.base import without_maxlength
from articles.admin.contents import label_of
from articles.admin.verbs.base import VerbPage
from articles.expunction import MAX_LENGTH, Excerpt, Passage
from articles.models import Article, User
from articles.models.expunctions import Elsewhere, Kept, check_passage, elsewhere, kept
from newsroom.forms import LineField, PlainTextField
from newsroom.verbs import Refused

# So many rows, and places in each, stand on the page before it is done; all of them are counted.
MAX_ROWS = 60
MAX_PLACES = 3


class ExpungeForm(forms.Form):
    """What is taken out, what stands there instead, and why."""

    passage = PlainTextField(
        label=gettext_lazy("Passage"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea({"rows": 4, "autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
        help_text=gettext_lazy(
            "Paste it as readers see it. Links, italics and line breaks in it do not matter; capital letters do."
        ),
        error_messages={"required": gettext_lazy("Paste the passage.")},
    )
    replacement = LineField(
        label=gettext_lazy("What stands there instead"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Empty: […]"),
    )
    reason = PlainTextField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("For the newsroom only, and kept: say it without the passage."),
        error_messages={"required": gettext_lazy("Say why, without the passage.")},
    )
    # Which passage was looked for, and what was found: only that is taken out.
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without_maxlength(self.fields.values())


class FoundRow(NamedTuple):
    """A row that holds the passage, as the page shows it."""

    name: str
    revision: int | None
    parts: str
    excerpts: list[Excerpt]
    more: bool


class Expunge(VerbPage):
    """Take a passage out of everything that is kept: the first press looks where it stands, the second does it."""

    name = "expunge"
    title = gettext_lazy("Expunge a passage")
    button = gettext_lazy("Look where it stands")
    form_class = ExpungeForm
    template = "admin/articles/article/expunge.html"

    def __init__(self, request: HttpRequest, article: Article) -> None:
        super().__init__(request, article)
        self.found: list[Kept] = []
        self.passage: Passage | None = None

    @classmethod
    def is_allowed(cls, user: User, article: Article) -> bool:
        """Ask for the permission to expunge there."""
        return user.may("articles.expunge_article", article)

    def explanation(self) -> Iterable[str]:
        """Say what it takes out, and what it cannot reach."""
        yield _(
            "The passage is taken out of the article and of all that is kept of it: every revision, notes, remarks, "
            "tasks, reported mistakes, what somebody typed and has not saved, search. It cannot be undone."
        )
        yield _("First you are shown where it stands. Nothing is taken out before you press a second time.")
        yield _(
            "Readers’ comments are looked at in the moderators’ queue. Backups that were made before hold the passage "
            "until they expire: tell whoever keeps them. So may search engines and archives of others."
        )

    @method_decorator(sensitive_variables())
    def answer(self, render: Callable[[forms.Form], HttpResponse]) -> HttpResponse:
        """Show the form; then where the passage stands; then take it out, if that is still what was shown."""
        form = self.form(self.request.POST if self.request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            data = form.cleaned_data
            try:
                if done := self._take_out_or_look(data):
                    messages.success(self.request, done)
                    return HttpResponseRedirect(self.address_after())
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                form.data = form.data.copy()  # type: ignore[union-attr]
                form.data["seen"] = self._seen()
        response = render(form)
        response.headers["Cache-Control"] = "no-store"
        return response

    @sensitive_variables()
    def _take_out_or_look(self, data: dict[str, Any]) -> str:
        """Take the passage out if it was looked for and that is pressed, else look; return what was done, or ""."""
        passage = Passage(data["passage"], data["replacement"])
        check_passage(passage, data["reason"])
        known = self.article.expunctions.filter(digest=passage.digest).exists()
        self.passage, self.found = passage, list(kept(self.article, passage))
        if not self.found and not (known and "_confirm" in self.request.POST):
            raise Refused(_("This passage stands nowhere in this article: check how it is written."))
        if "_confirm" not in self.request.POST or (self.found and data["seen"] != self._seen()):
            return ""
        self.article.expunge(
            by=self.user,
            passage=data["passage"],
            reason=data["reason"],
            replacement=data["replacement"],
        )
        return _("The passage is taken out, for good.")

    def _seen(self) -> str:
        """Return what tells this passage, found as it is, from any other."""
        if self.passage is None:
            return ""
        told = [self.passage.digest, self.passage.mark]
        told += [f"{one.kind} {one.row.pk} {' '.join(one.fields)}" for one in self.found]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    @property
    def was_looked(self) -> bool:
        """Tell whether the page shows where the passage stands."""
        return bool(self.found)

    def context(self) -> dict[str, Any]:
        """Give the page what was found, here and elsewhere; it is asked when the page is made."""
        return {"looked": self.looked}

    def looked(self) -> "Looked | None":
        """Return what was found, None before it was looked for."""
        if not self.found or self.passage is None:
            return None
        beside = elsewhere(self.article, self.passage)
        readable = set(
            Article.objects.readable_by(self.user)
            .filter(story=self.article.story_id)
            .values_list("pk", flat=True)
        )
        return Looked(
            rows=list(self._rows()),
            more=max(len(self.found) - MAX_ROWS, 0),
            revisions=sum(one.kind == "revision" for one in self.found),
            others=sum(one.kind not in ("revision", "article") for one in self.found),
            beside=beside,
            readable=readable,
        )

    def _rows(self) -> Iterator[FoundRow]:
        assert self.passage  # noqa: S101  (asked by `looked`)
        for one in self.found[:MAX_ROWS]:
            excerpts = []
            for excerpt in one.excerpts(self.passage):
                excerpts.append(excerpt)
                if len(excerpts) > MAX_PLACES:
                    break
            is_content = one.kind in ("article", "revision")
            yield FoundRow(
                name=_("What is live, or listed") if one.kind == "article" else _named(one.row),
                revision=getattr(one.row, "number", None) if one.kind == "revision" else None,
                parts=", ".join(label_of(name) for name in one.fields) if is_content else "",
                excerpts=excerpts[:MAX_PLACES],
                more=len(excerpts) > MAX_PLACES,
            )


class Looked(NamedTuple):
    """What the page shows of where a passage stands."""

    rows: list[FoundRow]
    more: int
    revisions: int
    others: int
    beside: Elsewhere
    readable: set[int]


def _named(row: Model) -> str:
    return capfirst(row._meta.verbose_name)
