"""What the queue's buttons do: decide on one comment, on what is nearly the same, on several; take back; reply."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from comments.forms import MAX_NAME, DecisionForm, ReplyForm
from comments.models import MAX_REASON, TRANSITIONS, Action, Comment, Step
from comments.queue.listing import MOST_TOGETHER
from comments.queue.pages import card_page, find, for_moderators, place_of, tell_bans
from comments.queue.selection import LARGEST_ID, Seen, chosen
from newsroom.models import Site
from newsroom.plaintext import is_blank, one_line
from newsroom.verbs import Refused

# What the queue has buttons for; those that colleagues will ask about need a reason.
BUTTONS = (*TRANSITIONS, Action.KEEP)
TAKE_REASON = (Action.REJECT, Action.SPAM, Action.REMOVE)
NEED_REASON = (Action.REJECT, Action.REMOVE)
# So many of the comments that a step left out are told one by one.
MOST_TOLD = 10


@for_moderators
@require_POST
def decide(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Carry out a decision, on those that are nearly the same too if asked to, and go on at the next comment."""
    wanted = Action(action)
    comment = find(request, pk)
    place = place_of(request)
    form = form_of(request, wanted)
    if not form.is_valid():
        return card_page(request, comment, decision=wanted, form=form, status=422)
    seen = {comment.pk: Seen(form.cleaned_data["seen"], form.cleaned_data["reports"] or 0)}
    if request.POST.get("together"):
        seen = chosen(request.POST.get("alike", "").split()[: MOST_TOGETHER - 1]) | seen
    step = carry_out(request, wanted, seen, form.cleaned_data["reason"])
    tell(request, step)
    if any(left.pk == comment.pk for left in (*step.left_out, *step.still_reported)):
        return redirect(place.url_of(pk))
    return redirect(place.list_past(step.moved) or place.url_of(pk))


@for_moderators
@require_POST
def decide_chosen(request: HttpRequest, action: str) -> HttpResponse:
    """Carry out a decision on the comments that were chosen in the list."""
    wanted = Action(action)
    place = place_of(request)
    seen = chosen(request.POST.getlist("chosen")[:MOST_TOGETHER])
    form = form_of(request, wanted, seen="1")
    if not seen:
        messages.error(request, _("Choose comments in the list first."))
    elif not form.is_valid():
        for words in form.errors.get("reason", []):
            messages.error(request, words)
        return redirect(with_chosen(place.list_url or place.list_at(0), seen, request.POST.get("reason", "")))
    else:
        tell(request, carry_out(request, wanted, seen, form.cleaned_data["reason"]))
    return redirect(place.list_url or place.list_at(0))


@for_moderators
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a step back that was done on comments that this moderator may decide on."""
    step = get_object_or_404(Step, pk=min(pk, LARGEST_ID))
    reach = Comment.objects.decidable_by(request.user)
    mine = reach.filter(decisions__step=step).order_by("pk").values_list("pk", flat=True).first()
    if mine is None:
        raise Http404
    try:
        step.undo(by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    if step.moved:
        number = len(step.moved)
        told = ngettext("Taken back: %(number)d comment.", "Taken back: %(number)d comments.", number)
        messages.success(request, told % {"number": number})
        tell_bans(request, step)
    elif step.undone_at and not step.left_out:
        messages.info(request, _("That was taken back already."))
    tell_left_out(request, step)
    place = place_of(request)
    if place.selection is not None:
        return redirect(place.list_at(step.moved[0] if step.moved else place.following))
    return redirect(place.url_of(mine))


@for_moderators
@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a comment in the name of the newsroom."""
    comment = find(request, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return card_page(request, comment, reply_form=form, status=422)
    user, article, place = request.user, comment.article, place_of(request)
    # A login name is nobody's business.
    name = one_line(user.get_full_name())
    name = name if not is_blank(name) else Site.of(request).name_in(article.language)
    try:
        posted = Comment.post(
            article=article, parent=comment, by=user, name=name[:MAX_NAME], text=form.cleaned_data["text"]
        )
    except (Refused, ValidationError) as refused:
        form.add_error("text", getattr(refused, "messages", str(refused)))
        return card_page(request, comment, reply_form=form, status=422)
    messages.success(
        request,
        format_html(
            '{} <a href="{}">{}</a>', _("Your reply is shown."), posted.get_absolute_url(), _("Read it")
        ),
    )
    return redirect(place.list_at(pk) if place.selection else place.url_of(pk))


def with_chosen(url: str, seen: Iterable[int], reason: str) -> str:
    """Return the address of a list on which these comments are chosen already, and a reason is written."""
    return f"{url}&{urlencode({'chosen': ' '.join(map(str, seen)), 'reason': reason[:MAX_REASON]})}"


def form_of(request: HttpRequest, action: Action, **fields: str) -> DecisionForm:
    """Return the form that came with a button; the button of a quick reason counts before what is typed."""
    sent = request.POST.copy()
    for name, value in fields.items():
        sent[name] = value
    if quick := sent.get("quick"):
        sent["reason"] = quick
    return DecisionForm(sent, needs_reason=action in NEED_REASON)


def carry_out(request: HttpRequest, action: Action, seen: dict[int, Seen], reason: str = "") -> Step:
    """Decide on those of the comments that this moderator reaches; the others are not there for him."""
    comments = Comment.objects.decidable_by(request.user).filter(pk__in=list(seen))
    return Comment.decide_all(
        comments.only("pk", "article"),
        action,
        by=request.user,
        reason=reason if action in TAKE_REASON else "",
        seen={pk: one.version for pk, one in seen.items()},
        reports={pk: one.reports for pk, one in seen.items()},
    )


def tell(request: HttpRequest, step: Step) -> None:
    """Tell what a step did not do; what it did stands at the foot of the next page, with "Undo"."""
    if step.already:
        told = ngettext(
            "%(number)d comment was already %(what)s.",
            "%(number)d comments were already %(what)s.",
            step.already,
        )
        messages.info(request, told % {"number": step.already, "what": step.get_action_display()})
    tell_left_out(request, step)


def tell_left_out(request: HttpRequest, step: Step) -> None:
    """Tell which comments a step left as they were or with reports that nobody saw, and why."""
    left_out = [*step.left_out, *step.still_reported]
    if not left_out:
        return
    place = place_of(request)
    told = format_html_join(
        mark_safe("<br>"),
        '<a href="{}"><bdi>{}</bdi></a>: {}',
        ((place.url_of(left.pk), left.name, left.why) for left in left_out[:MOST_TOLD]),
    )
    if (more := len(left_out) - MOST_TOLD) > 0:
        words = ngettext("And %(number)d more.", "And %(number)d more.", more) % {"number": more}
        told = format_html("{}<br>{}", told, words)
    messages.error(request, told)
