"""The queue's pages: the list with one comment of it in its context, and the same comment by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from articles.compare import Piece, Work, word_diff
from articles.models import SectionText, User
from comments import judging, search
from comments.models import Action, Ban, Comment, CommentQuerySet, Decision, Step, Wording
from comments.models.rules import MANAGE
from comments.queue.listing import (
    MOST_TOGETHER,
    PER_PAGE,
    Row,
    possible_on,
    rows_of,
    tabs_of,
    together_with,
)
from comments.queue.people import History, Person
from comments.queue.selection import HOLDING, LARGEST_ID, Place, Seen, Selection, is_number, named
from newsroom import dates
from newsroom.models import Site

View = Callable[..., HttpResponse]

# What was done is offered to be undone from the foot of the page for so long; after that, one decides anew.
UNDONE_WITHIN = timedelta(hours=1)
# So many bans that stay are told after it.
MOST_BANS = 3
# Reasons given lately, each to be given again by one button.
QUICK_REASONS = 5
LOOKED_AT = 2_000
# Of a comment that was changed often, so many earlier texts are shown.
MOST_WORDINGS = 10
# What comparing them may cost, all of them and each, in steps of some 25 ns: whoever writes chooses what they say.
COMPARING, COMPARING_EACH = 1_500_000, 400_000
# So many of its open reports, the oldest; a decision closes those that were shown.
MOST_REPORTS = 50


def for_moderators(view: View) -> View:
    """Let only staff in who may decide on comments, somewhere at least; the one place that asks for it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("comments.decide_comment"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(guarded)


@for_moderators
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List comments, those that wait or others, and show one of them with all that can be done to it."""
    languages = Site.of(request).languages
    selection = Selection.of(request.GET, languages)
    reach = Comment.objects.decidable_by(request.user)
    comments = selection.within(reach)
    listed = rows_of(selection, comments)
    rows, more = listed[:PER_PAGE], listed[PER_PAGE:]
    tabs, states = tabs_of(selection, comments)
    context = {
        **around(request),
        "title": _("Comments"),
        "selection": selection,
        "tabs": tabs,
        "states": states,
        "languages": [(code, dates.name_of(code, request.LANGUAGE_CODE)) for code in languages],
        "sections": sections_in(request.LANGUAGE_CODE),
        "rules": [(kind, judging.name_of(kind)) for kind in HOLDING],
        "rows": rows,
        "possible": possible_on(rows),
        "chosen": {int(pk) for pk in request.GET.get("chosen", "").split() if is_number(pk)},
        "reason": request.GET.get("reason", ""),
        "more": selection_after(selection, rows) if more else "",
        "beginning": selection.with_().query if selection.after else "",
        "now": timezone.now(),
        "search_help": search.HELP if selection.words else "",
    }
    at = request.GET.get("at", "")
    wanted = int(at) if is_number(at) else 0
    listed_at = {row.comment.pk: number for number, row in enumerate(rows)}
    if wanted and wanted not in listed_at:
        wanted = stands_for(selection, comments, wanted)
        if not wanted:
            tell_gone(request, int(at))
        elif wanted not in listed_at and (part := part_from(selection, wanted)) != selection:
            return redirect(Place(part).list_at(wanted))
    number = listed_at.get(wanted, 0)
    if rows:
        place = Place(selection, where_next(listed, number))
        card = with_what_a_card_shows(reach).get(pk=rows[number].comment.pk)
        context |= {
            "before": Place(selection).list_at(rows[number - 1].comment.pk) if number else "",
            "next": (
                Place(selection).list_at(rows[number + 1].comment.pk)
                if number + 1 < len(rows)
                else context["more"] and f"{reverse('queue:list')}?{context['more']}"
            ),
            **card_context(request, card, place, bool(rows[number].folded or selection.alike)),
        }
    else:
        context |= {"place": Place(selection), **done_lately(request)}
    return render(request, "admin/comments/queue.html", context)


@for_moderators
@require_safe
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one comment with all that can be done to it."""
    return card_page(request, find(request, pk))


def stands_for(selection: Selection, comments: CommentQuerySet, pk: int) -> int:
    """Return which comment of a list a comment is, or is folded into; 0 if it is not in the list."""
    asked = selection.of_state(comments).order_by("pk")
    found = asked.filter(pk=pk).only("alike").first()
    if found and selection.folds and found.alike_id:
        found = asked.filter(Q(pk=found.alike_id) | Q(alike=found.alike_id)).only("pk").first()
    return found.pk if found else 0


def part_from(selection: Selection, pk: int) -> Selection:
    """Return the part of a list that begins with a comment."""
    return selection.with_(after=pk - 1 if selection.oldest_first else pk + 1)


def tell_gone(request: HttpRequest, pk: int) -> None:
    """Tell a moderator that the comment which he asked for is not in the list: what stands open is another."""
    messages.info(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            _("The comment that comes next here, or that you asked for, is no longer in this list."),
            reverse("queue:comment", args=[pk]),
            _("Look at it by itself"),
        ),
    )


def selection_after(selection: Selection, rows: list[Row]) -> str:
    """Return the part of the address of the page that follows these rows."""
    return selection.with_(after=rows[-1].comment.pk).query


def where_next(listed: list[Row], number: int) -> int:
    """Return the id of the comment to go on at after the one of this number: what follows, else what is before it.

    So nothing jumps after a decision. 0 if there is no other.
    """
    if number + 1 < len(listed):
        return listed[number + 1].comment.pk
    return listed[number - 1].comment.pk if number else 0


def find(request: HttpRequest, pk: int) -> Comment:
    """Return a comment that this moderator may decide on. Raises Http404 for any other."""
    comments = with_what_a_card_shows(Comment.objects.decidable_by(request.user))
    return get_object_or_404(comments, pk=min(pk, LARGEST_ID))


def with_what_a_card_shows(comments: CommentQuerySet) -> CommentQuerySet:
    """Return comments with article, comment answered, number of replies, decisions and their makers; two queries."""
    # The body of an article is long, and a card shows none of it.
    decisions = Prefetch("decisions", Decision.objects.select_related("by"))
    below = Comment.objects.filter(parent=OuterRef("pk")).order_by().values("parent")
    replies = Coalesce(Subquery(below.annotate(number=Count("pk")).values("number")), 0)
    comments = comments.select_related("article", "parent").defer("article__body")
    return comments.annotate(number_of_replies=replies).prefetch_related(decisions)


def around(request: HttpRequest) -> dict[str, Any]:
    """Return what every page here needs: the admin's frame, and the language that times are written in."""
    return {**admin.site.each_context(request), "language": request.LANGUAGE_CODE}


def place_of(request: HttpRequest) -> Place:
    """Return where the moderator works, as the address says it or the form that he sent."""
    fields = request.POST if request.method == "POST" else request.GET
    return Place.of(fields, Site.of(request).languages)


def card_page(
    request: HttpRequest, comment: Comment, status: int = 200, template: str = "comment", **forms: Any
) -> HttpResponse:
    """Show one comment; `decision` with its `form`, or `reply_form`, are what was refused, with what was typed."""
    is_together = bool(request.POST.get("together"))
    context = {
        **around(request),
        "title": _("Comment"),
        **card_context(request, comment, place_of(request), comment.alike_id is not None or is_together),
        "is_together": is_together,
        **forms,
    }
    return render(request, f"admin/comments/{template}.html", context, status=status)


@dataclass(frozen=True)
class Earlier:
    """What a comment said until a time, against what it said next."""

    wording: Wording
    pieces: list[Piece]


@dataclass(frozen=True)
class Together:
    """The others with nearly the same words, by id, with what is seen of them."""

    others: dict[int, Seen] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """How many it is with the comment itself."""
        return len(self.others) + 1

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than one step takes."""
        return self.number >= MOST_TOGETHER

    def __str__(self) -> str:
        return " ".join(named(pk, seen) for pk, seen in self.others.items())


def card_context(request: HttpRequest, comment: Comment, place: Place, is_folded: bool) -> dict[str, Any]:
    """Return what the page of one comment shows of it and around it; a bounded number of queries."""
    reach = Comment.objects.decidable_by(request.user)
    together = Together()
    # Where each comment stands for itself, those alike are decided on together all the same.
    if is_folded or (place.selection and not place.selection.folds):
        selection = place.selection or Selection(state=comment.state)
        together = Together(together_with(comment, selection, reach))
    return {
        "comment": comment,
        "place": place,
        "together": together,
        "earlier": list(earlier_texts(comment)) if comment.edited_at else [],
        "reports": list(comment.reports.open()[:MOST_REPORTS]) if comment.open_reports else [],
        "history": History.of(comment, reach),
        "can_ban": Person.behind(comment).is_known and request.user.has_perm("comments.manage_rules"),
        "quick_reasons": quick_reasons(request.user),
        "buttons": buttons_on(comment),
        "why": why(comment),
        "can_reply": comment.shown and comment.article.is_visible,
        **done_lately(request, comment),
    }


@dataclass(frozen=True)
class Button:
    """A decision with its words, its key, and whether it asks for a reason first."""

    action: Action
    words: str
    key: str
    asks: bool = False


def buttons_on(comment: Comment) -> list[Button]:
    """Return the decisions that would be carried out; first the one that asks, whose button Enter presses."""
    possible = comment.possible_decisions()
    # Nothing that readers see can be approved: there the same key keeps it.
    keep = "" if Action.APPROVE in possible else "a"
    every = [
        Button(Action.REJECT, _("Reject"), "r", asks=True),
        Button(Action.REMOVE, pgettext("a comment", "Remove"), "d", asks=True),
        Button(Action.KEEP, pgettext("despite reports", "Keep"), keep),
        Button(Action.APPROVE, _("Approve"), "a"),
        Button(Action.RESTORE, _("Restore"), "t"),
        Button(Action.SPAM, _("Spam"), "s"),
    ]
    return [
        one for one in every if one.action in possible or (one.action is Action.KEEP and comment.open_reports)
    ]


def why(comment: Comment) -> Decision | None:
    """Return the decision of the rules that holds a comment, None if a person decided."""
    return Decision.objects.standing([comment.pk]).get(comment.pk) if comment.held_for else None


def earlier_texts(comment: Comment) -> Iterator[Earlier]:
    """Yield what a comment said before, the newest first, each with what was changed in it then.

    What costs too much to compare is marked coarsely, in the worst case from the first to the last change.
    """
    wordings = list(comment.wordings.order_by("-pk")[:MOST_WORDINGS])
    work, after = Work(COMPARING, COMPARING_EACH), comment.text
    for wording in wordings:
        yield Earlier(wording, word_diff(wording.text, after, work))
        after = wording.text


def quick_reasons(user: User) -> list[str]:
    """Return the reasons that this moderator gave lately, the newest first; one query on a bounded number of decisions.

    What colleagues wrote may speak of comments that are out of his reach.
    """
    older = Decision.objects.order_by("-pk").values("pk")[LOOKED_AT : LOOKED_AT + 1]
    asking = Decision.objects.filter(
        pk__gt=Coalesce(Subquery(older), 0), action__in=[Action.REJECT, Action.REMOVE], by=user
    )
    reasons = asking.exclude(reason="").order_by().values_list("reason").annotate(newest=Max("pk"))
    return [reason for reason, _pk in reasons.order_by("-newest")[:QUICK_REASONS]]


def done_lately(request: HttpRequest, comment: Comment | None = None) -> dict[str, Any]:
    """Return what this moderator did last, if it can still be undone from here, and at what time he did it.

    No key is offered for the step before one that was taken back: pressed once more it would take back what nobody
    thinks of any more. Where he has just answered, at the open comment or at the one that he comes from, the answer is
    what he did last, and cannot be undone.
    """
    first = Decision.objects.filter(step=OuterRef("pk")).order_by("pk")
    mine = Step.objects.filter(by=request.user, undone_at=None, at__gt=timezone.now() - UNDONE_WITHIN)
    about = {name: Subquery(first.values(name)[:1]) for name in ("comment_id", "comment__name")}
    later = Step.objects.filter(by=request.user, pk__gt=OuterRef("pk"), undone_at__isnull=False)
    at = request.GET.get("at", "")
    here = [int(at) if is_number(at) else 0, comment.pk if comment else 0]
    answers = Comment.objects.filter(parent__in=here, user=request.user, created_at__gt=OuterRef("at"))
    mine = mine.exclude(Exists(answers)).annotate(is_before_undone=Exists(later), first=about["comment_id"])
    step = mine.annotate(name=about["comment__name"]).order_by("-pk").first()
    if step is None:
        return {"done": None}
    zone = timezone.get_current_timezone()
    return {"done": step, "done_at": dates.format_time(step.at, request.LANGUAGE_CODE, zone)}


def tell_bans(request: HttpRequest, step: Step) -> None:
    """Tell that the writers of comments that were taken back are banned on, and lead to where a ban is lifted."""
    if not request.user.has_perm(MANAGE):
        return
    for ban in Ban.objects.in_force().of_writers(step.moved)[:MOST_BANS]:
        told = format_html("{} <bdi>{}</bdi>", _("The ban stays:"), ban)
        if ban.may_be_lifted_by(request.user):
            address = reverse("admin:comments_ban_change", args=[ban.pk])
            told = format_html('{} <a href="{}">{}</a>', told, address, _("Lift it…"))
        messages.info(request, told)


def sections_in(language: str) -> list[tuple[int, str]]:
    """Return the sections with their names, in a language where they have one in it; one query."""
    texts = SectionText.objects.order_by("section__position", "section", "pk")
    names: dict[int, str] = {}
    for section, spoken, name in texts.values_list("section", "language", "name"):
        if section not in names or spoken == language:
            names[section] = name
    return list(names.items())
