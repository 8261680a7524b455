"""What the pages of all verbs at an article share: each says what will happen, asks for what it needs, and acts on
POST only."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.admin.states import short_time, standing
from articles.models import Article, User
from newsroom.models import Site
from newsroom.verbs import Refused

# So many articles, places or revisions are offered.
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
