"""The page of the flood switch: what is on, one more, and an end at once."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from articles.admin.forms import SiteDateTimeField
from articles.models import Article, Section, User
from comments import flood
from comments.models.rules import MANAGE
from newsroom.commenting import Flood
from newsroom.forms import LineField, begin_at_error
from newsroom.models import Site
from newsroom.verbs import Refused

SITE, ARTICLE = "site", "article"
# How long it lasts, as one presses it in a hurry; "" is a time of one's own.
HOURS = (1, 6, 24)
_PATH = re.compile(r"/[a-z]{2,3}(?:-[a-z0-9]{2,8})?/\d{4}/\d\d/\d\d/[^/?#\s]+/")


class FloodForm(forms.Form):
    """Where, what, and until when."""

    where = forms.ChoiceField(label=gettext_lazy("Where"))
    article = LineField(
        label=gettext_lazy("Address of the article"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Only for one article: copy it from your browser."),
        widget=forms.TextInput({"dir": "ltr", "spellcheck": "false"}),
    )
    mode = forms.ChoiceField(
        label=pgettext_lazy("a flood switch", "What happens"),
        choices=Flood.choices,
        widget=forms.RadioSelect,
        initial=Flood.SLOW,
    )
    hours = forms.ChoiceField(label=gettext_lazy("For how long"), required=False, widget=forms.RadioSelect)

    def __init__(self, data: Any, *, user: User, site: Site, article: Article | None = None) -> None:
        super().__init__(data)
        self.user, self.site = user, site
        self.sections = {f"section-{row.pk}": row for row in flood.sections_of(user)}
        choices = [(name, _("Section: %(name)s") % {"name": row}) for name, row in self.sections.items()]
        if flood.may_set(user, site):
            choices.insert(0, (SITE, _("The whole site")))
        self.fields["where"].choices = [*choices, (ARTICLE, _("One article"))]
        self.fields["hours"].choices = [
            *((str(number), _("%(n)s h") % {"n": number}) for number in HOURS),
            ("", _("Until another time")),
        ]
        self.fields["hours"].initial = "1"
        self.fields["until"] = SiteDateTimeField(
            zone=site.zone,
            label=_("Until another time"),
            required=False,
            help_text=_("At most 30 days ahead. It ends by itself then."),
        )
        if article is not None:
            self.fields["where"].initial = ARTICLE
            self.fields["article"].initial = article.get_absolute_url()

    def clean(self) -> dict[str, Any]:
        """Return also the place itself and the time at which it ends."""
        data = super().clean()
        if "where" in data:
            data["place"] = self._place(data["where"], data.get("article", ""))
        # Whoever is in a hurry types the one and forgets to choose it: nobody means the whole site then, or an hour.
        if data.get("article") and data.get("where") not in (ARTICLE, None):
            self.add_error(
                "article",
                _("This is the address of an article: choose “One article” above, or empty this field."),
            )
        if data.get("hours") and data.get("until"):
            self.add_error("until", _("Choose “Until another time” above, or empty this field."))
        if data.get("hours"):
            data["ends_at"] = timezone.now() + timedelta(hours=int(data["hours"]))
        elif "until" in data and "hours" in data:
            data["ends_at"] = data["until"]
            if data["until"] is None:
                self.add_error("until", _("Say until when."))
        return data

    def _place(self, where: str, address: str) -> flood.Place | None:
        if where == SITE:
            return self.site
        if where in self.sections:
            return self.sections[where]
        found = article_at(address)
        if found is None or not flood.may_set(self.user, found):
            self.add_error("article", _("No article of yours has this address. Copy it from your browser."))
            return None
        return found


@require_http_methods(["GET", "HEAD", "POST"])
def _switch(request: HttpRequest) -> HttpResponse:
    """Show what is on, and set or end a flood switch."""
    user, site = request.user, Site.of(request)
    if not user.has_perm(MANAGE):
        raise PermissionDenied
    if request.method == "POST" and "end" in request.POST:
        return _end(request, request.POST["end"])
    data = request.POST if request.method == "POST" else None
    chosen = article_of(request.GET.get("article", ""))
    # Its address tells of an article that this user may know nothing of.
    chosen = chosen if chosen and chosen.is_visible() and flood.may_set(user, chosen) else None
    form = FloodForm(data, user=user, site=site, article=chosen)
    if form.is_bound and form.is_valid():
        place = form.cleaned_data["place"]
        try:
            flood.set_flood(
                place, by=user, mode=form.cleaned_data["mode"], until=form.cleaned_data["ends_at"]
            )
        except Refused as refused:
            # It is refused for its time alone.
            form.add_error("until", str(refused))
        else:
            messages.success(request, _("The flood switch is on: %(where)s.") % {"where": name_of(place)})
            return redirect("flood:switch")
    # What is on already may fill the window above the form.
    begin_at_error(form)
    context = {
        **admin.site.each_context(request),
        "title": _("Flood switch"),
        "form": form,
        "places": [
            (id_of(place), name_of(place), place, flood.may_set(user, place))
            for place in flood.switched_on(user)
        ],
    }
    return render(request, "admin/comments/flood.html", context, status=422 if form.errors else 200)


switch = admin.site.admin_view(_switch)


def _end(request: HttpRequest, name: str) -> HttpResponse:
    """End a flood switch now."""
    place = next((one for one in flood.switched_on(request.user) if id_of(one) == name), None)
    if place is None:
        messages.info(request, _("It was over already."))
    else:
        flood.set_flood(place, by=request.user, mode="")
        messages.success(request, _("The flood switch is off: %(where)s.") % {"where": name_of(place)})
    return redirect("flood:switch")


def id_of(place: flood.Place) -> str:
    """Return how a form names a place."""
    return SITE if isinstance(place, Site) else f"{place._meta.model_name}-{place.pk}"


def name_of(place: flood.Place) -> str:
    """Return how people call a place."""
    if isinstance(place, Site):
        return _("the whole site")
    return _("section %(name)s") % {"name": place} if isinstance(place, Section) else str(place)


def article_of(number: str) -> Article | None:
    """Return the article of an id from an address, None if there is none."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return Article.objects.defer("body").filter(pk=int(number)).first()


def article_at(address: str) -> Article | None:
    """Return the article whose path stands in an address, current or old."""
    match = _PATH.search(unquote(address))
    if match is None:
        return None
    return Article.objects.defer("body").filter(paths__path=match[0]).first()
