"""The moderators' queue: what waits, what was decided, and a button for each decision. Works without scripts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Self
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from comments import search
from comments.forms import MAX_NAME, DecisionForm, ReplyForm
from comments.models import Comment, CommentQuerySet, Decision
from newsroom import dates
from newsroom.models import Site
from newsroom.plaintext import is_blank, one_line
from newsroom.verbs import Refused

PER_PAGE = 20
MAX_QUERY = 1500
# A tab counts this far and no further: counting all comments costs as much as they are many.
MAX_COUNTED = 1000
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
            words=one_line(query.get("words", ""))[: search.MAX_WORDS],
            after=int(after) if is_number(after) else 0,
        )

    @property
    def query(self) -> str:
        """The part of the address behind "?"."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    def within(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Return the comments of this language with these words, in every state."""
        if self.language:
            comments = comments.filter(article__language=self.language)
        return search.find(comments, self.words)

    def listed(self, comments: CommentQuerySet) -> CommentQuerySet:
        """Return the comments to list: what waits oldest first, everything else newest first."""
        if self.state != ALL:
            comments = comments.filter(state=self.state)
        oldest_first = self.state == Comment.State.WAITING
        if self.after:
            comments = comments.filter(**{"pk__gt" if oldest_first else "pk__lt": self.after})
        return comments.order_by("pk" if oldest_first else "-pk")


@dataclass(frozen=True)
class Place:
    """Where a moderator works: a list, if he came from one, and the comment at which he goes on there."""

    selection: Selection | None = None
    following: int = 0

    @classmethod
    def of(cls, fields: QueryDict, languages: list[str]) -> Self:
        """Return the place that an address or a form hands on."""
        if "list" not in fields:
            return cls()
        following = fields.get("following", "")
        return cls(
            selection=Selection.of(QueryDict(fields["list"][:MAX_QUERY]), languages),
            following=int(following) if is_number(following) else 0,
        )

    @property
    def query(self) -> str:
        """How an address hands it on, behind "?"."""
        if self.selection is None:
            return ""
        fields = {"list": self.selection.query, "following": self.following}
        return urlencode({name: value for name, value in fields.items() if value})

    @property
    def list_url(self) -> str:
        """Where the list is, at the comment where to go on; "" if there is none."""
        if self.selection is None:
            return ""
        anchor = f"#comment-{self.following}" if self.following else ""
        return f"{reverse('queue:list')}?{self.selection.query}{anchor}"

    def url_of(self, pk: int) -> str:
        """Return the address of a comment from which one comes back here."""
        return reverse("queue:comment", args=[pk]) + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class Tab:
    """A state with its number, leading to its list."""

    label: str
    number: str
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
    cards = [
        (one, Place(selection, where_next(listed, number))) for number, one in enumerate(listed[:PER_PAGE])
    ]
    context = {
        **around(request),
        "title": _("Comments"),
        "selection": selection,
        "tabs": tabs_of(selection, comments),
        "languages": [(code, dates.name_of(code, request.LANGUAGE_CODE)) for code in languages],
        "cards": cards,
        "more": replace(selection, after=listed[PER_PAGE - 1].pk).query if more else "",
        "beginning": replace(selection, after=0).query if selection.after else "",
        "is_filtered": bool(selection.language or selection.words),
        "search_help": search.HELP if selection.words else "",
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
    place = place_of(request)
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
        return redirect(place.url_of(pk))
    done = _("%(who)s: %(what)s.") if changed else _("%(who)s: was already %(what)s.")
    messages.success(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            sentence(done, who=format_html("<bdi>{}</bdi>", comment.name), what=chosen.label),
            place.url_of(pk),
            _("Look again"),
        ),
    )
    return redirect(place.list_url or place.url_of(pk))


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
    return redirect(place.list_url or place.url_of(pk))


def find(request: HttpRequest, pk: int) -> Comment:
    """Return a comment that this moderator may decide on. Raises Http404 for any other."""
    comments = with_what_a_card_shows(Comment.objects.decidable_by(request.user))
    return get_object_or_404(comments, pk=min(pk, LARGEST_ID))


def with_what_a_card_shows(comments: CommentQuerySet) -> CommentQuerySet:
    """Return comments with article, the comment answered, and the decisions with who made them; two queries."""
    # The body of an article is long, and twenty cards show none of it.
    decisions = Prefetch("decisions", Decision.objects.select_related("by"))
    return comments.select_related("article", "parent").defer("article__body").prefetch_related(decisions)


def around(request: HttpRequest) -> dict[str, Any]:
    """Return what every page here needs: the admin's frame, and the language that times are written in."""
    return {**admin.site.each_context(request), "language": request.LANGUAGE_CODE}


def card_page(request: HttpRequest, comment: Comment, status: int = 200, **forms: Any) -> HttpResponse:
    """Show one comment; `decision` with its `form`, or `reply_form`, are what was refused, with what was typed."""
    context = {
        **around(request),
        "title": _("Comment"),
        "comment": comment,
        "place": place_of(request),
        **forms,
    }
    return render(request, "admin/comments/comment.html", context, status=status)


def place_of(request: HttpRequest) -> Place:
    """Return where the moderator works, as the address says it or the form that he sent."""
    fields = request.POST if request.method == "POST" else request.GET
    return Place.of(fields, Site.of(request).languages)


def where_next(listed: list[Comment], number: int) -> int:
    """Return the id of the comment to go on at after the one of this number: what follows, else what is before it.

    So the page never jumps to its top. 0 if there is no other.
    """
    if number + 1 < len(listed):
        return listed[number + 1].pk
    return listed[number - 1].pk if number else 0


def is_number(text: str) -> bool:
    """Return whether a text from an address is a number that an id can be compared with."""
    return text.isascii() and text.isdigit() and len(text) < 19


def sentence(words: str, **values: str) -> SafeString:
    """Return a translated sentence with values put in, each of them escaped unless it is HTML of ours."""
    escaped = {name: conditional_escape(value) for name, value in values.items()}
    return mark_safe(conditional_escape(words) % escaped)  # noqa: S308  (every part of it is escaped)


def tabs_of(selection: Selection, comments: CommentQuerySet) -> list[Tab]:
    """Return a tab per state and one for all, with numbers that are true up to a bound; a query per state."""
    numbers = {
        state: comments.order_by().filter(state=state).values("pk")[: MAX_COUNTED + 1].count()
        for state in Comment.State
    }
    states = [(state.value, capfirst(state.label), numbers[state]) for state in Comment.State]
    states.append((ALL, _("All"), sum(numbers.values())))
    return [
        Tab(
            label,
            str(number) if number <= MAX_COUNTED else f"{MAX_COUNTED}+",
            replace(selection, state=value, after=0).query,
            value == selection.state,
        )
        for value, label, number in states
    ]
