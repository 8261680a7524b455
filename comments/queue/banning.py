"""Bans from the queue: a page that says first whom it would hit and how much he wrote."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from comments.models import MAX_REASON, Action, Ban, Comment, State, Step
from comments.queue.deciding import tell_left_out
from comments.queue.pages import around, find, for_moderators, place_of
from comments.queue.people import Person
from newsroom.forms import LineField
from newsroom.verbs import Refused

# For how many days a ban lasts; 0 is for ever.
ENDS = [
    ("1", gettext_lazy("a day")),
    ("7", gettext_lazy("a week")),
    ("30", gettext_lazy("a month")),
    ("0", gettext_lazy("for ever")),
]
WHAT = {
    "email": gettext_lazy("the e-mail address"),
    "address": gettext_lazy("the network address"),
    "network": gettext_lazy("the network around it, which others may share"),
}


class BanForm(forms.Form):
    """Whom a ban hits, until when and why, and what becomes of what he wrote."""

    what = forms.ChoiceField(label=gettext_lazy("Ban"), widget=forms.RadioSelect)
    ends = forms.ChoiceField(label=gettext_lazy("For"), choices=ENDS, initial="7", widget=forms.RadioSelect)
    reason = LineField(
        label=gettext_lazy("Reason, for your colleagues"),
        max_length=MAX_REASON,
        error_messages={
            "required": gettext_lazy("Give a reason; your colleagues will read it."),
            "max_length": gettext_lazy(
                "Shorten the reason to %(limit_value)d characters; it has %(show_value)d."
            ),
        },
    )
    reject = forms.BooleanField(required=False)
    remove = forms.BooleanField(required=False)
    # How many waited and were shown when this page was made.
    waiting = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    approved = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)
        known = {"email": person.email, "address": person.digest, "network": person.network}
        self.fields["what"].choices = [(name, words) for name, words in WHAT.items() if known[name]]
        # Of an e-mail that nobody confirmed, the owner may be somebody else.
        proved = known | {"email": person.email if person.is_confirmed else ""}
        self.fields["what"].initial = next((name for name in WHAT if proved[name]), None)


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def ban(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a ban of a comment's writer would hit, and impose it."""
    if not request.user.has_perm("comments.manage_rules"):
        raise PermissionDenied
    comment = find(request, pk)
    person, place = Person.behind(comment), place_of(request)
    if not person.is_known:
        messages.error(
            request,
            _(
                "Nobody can be banned: this comment has no e-mail, and its network address is no longer known."
            ),
        )
        return redirect(place.url_of(pk))
    his = person.among(Comment.objects.decidable_by(request.user))
    numbers = dict(his.order_by().values_list("state").annotate(Count("pk")))
    form = BanForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid() and impose(request, comment, form):
        decided: list[int] = []
        for action, state in ((Action.REJECT, State.WAITING), (Action.REMOVE, State.APPROVED)):
            if form.cleaned_data[action.value]:
                step = Comment.decide_all(
                    his.filter(state=state).only("pk", "article"),
                    action,
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                )
                tell_number(request, step, form.cleaned_data[state.value])
                decided += step.moved
        return redirect(place.list_past(decided) or place.url_of(pk))
    context = {
        **around(request),
        "title": _("Ban"),
        "comment": comment,
        "person": person,
        "place": place,
        "form": form,
        "waiting": numbers.get(State.WAITING, 0),
        "approved": numbers.get(State.APPROVED, 0),
        "total": sum(numbers.values()),
    }
    return render(request, "admin/comments/ban.html", context, status=422 if form.errors else 200)


def impose(request: HttpRequest, comment: Comment, form: BanForm) -> bool:
    """Impose the ban that the form describes; return whether it was, the form says why not."""
    days = int(form.cleaned_data["ends"])
    try:
        Ban.impose(
            by=request.user,
            reason=form.cleaned_data["reason"],
            ends_at=timezone.now() + timedelta(days=days) if days else None,
            comment=comment,
            what=form.cleaned_data["what"],
        )
    except (Refused, ValidationError) as refused:
        form.add_error(None, getattr(refused, "messages", str(refused)))
        return False
    told = _("%(name)s is banned: what he sends is marked as spam.") % {"name": comment.name}
    messages.success(request, told)
    return True


def tell_number(request: HttpRequest, step: Step, seen: int | None) -> None:
    """Tell how many comments a step was about, and that it was another number before."""
    number = len(step.moved)
    told = ngettext("%(number)d comment: %(what)s.", "%(number)d comments: %(what)s.", number)
    told %= {"number": number, "what": step.get_action_display()}
    if seen is not None and seen != number:
        told += " " + _("When you looked it was %(number)d.") % {"number": seen}
    messages.success(request, told)
    tell_left_out(request, step)
