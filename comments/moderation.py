"""The moderators' queue: what waits, what was decided, and a button for each decision. Works without scripts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from itertools import zip_longest
from typing import Any, Self
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from comments.forms import MAX_NAME, DecisionForm, ReplyForm
from comments.models import Comment, CommentQuerySet, Decision
from comments.text import one_line
from newsroom import dates
from newsroom.models import Site
from newsroom.verbs import Refused

PER_PAGE = 20
MAX_WORDS = 100
MAX_QUERY = 1500
LARGEST_ID = 2**63 - 1
ALL = "all"

Action = Decision.Action
View = Callable[..., HttpResponse]

# Every decision has a verb; those that colleagues will ask about need a reason.
BUTTONS: dict[Action, Callable[..., bool]] = {
    Action.APPROVE: Comment.approve,
    Action.REJECT: Comment.reject,
    Action.SPAM: Comment.mark_spam,
    Action.REMOVE: Comment.remove,
    Action.RESTORE: Comment.restore,
}
TAKE_REASON = (Action.REJECT, Action.SPAM, Action.REMOVE)
NEED_REASON = (Action.REJECT, Action.REMOVE)


def for_moderators(view: View) -> View:
    """Let only staff in who may decide on comments, somewhere at least; the one place that asks for it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("comments.decide_comment"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(guarded)


@dataclass(frozen=True)
class Selection:
    """Which comments the queue lists, as its address says it; whatever is no choice there is left out."""

    state: str = Comment.State.WAITING
    language: str = ""
    words: str = ""
    after: int = 0

    @classmethod
    def of(cls, query: QueryDict, languages: list[str]) -> Self:
        """Return what an address asks for."""
        state, language, after = (query.get(name, "") for name in ("state", "language", "after"))
        return cls(
            state=state if state in (*Comment.State.values, ALL) else Comment.State.WAITING,
            language=language if language in languages else "",
            words=one_line(query.get("words", ""))[:MAX_WORDS],
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0,
        )

    @property
    def query(self) -> str:
        """The part of the address behind "?"."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    def within(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Return the comments of this language with these words, in every state."""
        if self.language:
            comments = comments.filter(article__language=self.language)
        if self.words:
            found = Q(text__icontains=self.words) | Q(name__icontains=self.words)
            comments = comments.filter(found | Q(email__icontains=self.words))
        return comments

    def listed(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Return the comments to list: what waits oldest first, everything else newest first."""
        if self.state != ALL:
            comments = comments.filter(state=self.state)
        oldest_first = self.state == Comment.State.WAITING
        if self.after:
            comments = comments.filter(**{"pk__gt" if oldest_first else "pk__lt": self.after})
        return comments.order_by("pk" if oldest_first else "-pk")


@dataclass(frozen=True)
class Tab:
    """A state with its number, leading to its list."""

    label: str
    number: int
    query: str
    is_current: bool


@for_moderators
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List comments: those that wait, or those of another state, language, or with certain words."""
    languages = Site.of(request).languages
    selection = Selection.of(request.GET, languages)
    comments = selection.within(Comment.objects.decidable_by(request.user))
    listed = list(with_what_a_card_shows(selection.listed(comments))[: PER_PAGE + 1])
    more = len(listed) > PER_PAGE
    listed = listed[:PER_PAGE]
    context = {
        **around(request),
        "title": _("Comments"),
        "selection": selection,
        "tabs": tabs_of(selection, comments),
        "languages": [(code, dates.name_of(code, request.LANGUAGE_CODE)) for code in languages],
        "cards": list(zip_longest(listed, listed[1:])),
        "more": replace(selection, after=listed[-1].pk).query if more else "",
        "beginning": replace(selection, after=0).query if selection.after else "",
        "is_filtered": bool(selection.language or selection.words),
    }
    return render(request, "admin/comments/queue.html", context)


@for_moderators
@require_safe
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one comment with all that can be done to it."""
    return card_page(request, find(request, pk))


@for_moderators
@require_POST
def decide(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Carry out a decision and go back to where the moderator was."""
    chosen = Action(action)
    comment = find(request, pk)
    form = DecisionForm(request.POST, needs_reason=chosen in NEED_REASON)
    if not form.is_valid():
        return card_page(request, comment, decision=chosen, form=form, status=422)
    arguments = {"by": request.user, "seen": form.cleaned_data["seen"]}
    if chosen in TAKE_REASON:
        arguments["reason"] = form.cleaned_data["reason"]
    try:
        changed = BUTTONS[chosen](comment, **arguments)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("queue:comment", pk=pk)
    done = _("%(who)s: %(what)s.") if changed else _("%(who)s: was already %(what)s.")
    words = done % {"who": comment.name, "what": chosen.label}
    messages.success(
        request,
        format_html('{} <a href="{}">{}</a>', words, reverse("queue:comment", args=[pk]), _("Look again")),
    )
    return back(request, pk)


@for_moderators
@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a comment in the name of the newsroom."""
    comment = find(request, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return card_page(request, comment, reply_form=form, status=422)
    user, article = request.user, comment.article
    # A login name is nobody's business.
    name = user.get_full_name() or Site.of(request).name_in(article.language)
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
    return back(request, pk)


def find(request: HttpRequest, pk: int) -> Comment:
    """Return a comment that this moderator may decide on. Raises Http404 for any other."""
    comments = with_what_a_card_shows(Comment.objects.decidable_by(request.user))
    return get_object_or_404(comments, pk=min(pk, LARGEST_ID))


def with_what_a_card_shows(comments: CommentQuerySet) -> CommentQuerySet:
    """Return comments with article, the comment answered, and the decisions with who made them; two queries."""
    decisions = Prefetch("decisions", Decision.objects.select_related("by"))
    return comments.select_related("article", "parent").prefetch_related(decisions)


def around(request: HttpRequest) -> dict[str, Any]:
    """Return what every page here needs: the admin's frame, and the language that times are written in."""
    return {**admin.site.each_context(request), "language": request.LANGUAGE_CODE}


def card_page(request: HttpRequest, comment: Comment, status: int = 200, **forms: Any) -> HttpResponse:
    """Show one comment; `decision` with its `form`, or `reply_form`, are what was refused, with what was typed."""
    context = {**around(request), "title": _("Comment"), "comment": comment, **forms}
    return render(request, "admin/comments/comment.html", context, status=status)


def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead back to the list that the moderator worked on, at the comment that followed; else to the comment."""
    if "list" not in request.POST:
        return redirect("queue:comment", pk=pk)
    selection = Selection.of(QueryDict(request.POST["list"][:MAX_QUERY]), Site.of(request).languages)
    following = request.POST.get("following", "")
    anchor = f"#comment-{following}" if following.isascii() and following.isdigit() else ""
    return redirect(f"{reverse('queue:list')}?{selection.query}{anchor}")


def tabs_of(selection: Selection, comments: CommentQuerySet) -> list[Tab]:
    """Return a tab per state and one for all, with true numbers; one query."""
    numbers = dict(comments.order_by().values_list("state").annotate(Count("pk")))
    states = [(state.value, capfirst(state.label), numbers.get(state, 0)) for state in Comment.State]
    states.append((ALL, _("All"), sum(numbers.values())))
    return [
        Tab(label, number, replace(selection, state=value, after=0).query, value == selection.state)
        for value, label, number in states
    ]
