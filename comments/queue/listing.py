"""The list beside a comment: rows, what is folded into them, and the tabs with their numbers."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Value
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from comments.models import Action, Comment, CommentQuerySet, Decision, State
from comments.queue.selection import ALL, REPORTED, Seen, Selection, named

PER_PAGE = 20
# So many comments with nearly the same words are decided on by one button; a form names each of them.
MOST_TOGETHER = 1000


@dataclass
class Row:
    """A comment in the list; `folded` is how many more with nearly the same words it stands for."""

    comment: Comment
    folded: int = 0

    @property
    def leader(self) -> int:
        """The id of the first of those with nearly the same words."""
        return self.comment.alike_id or self.comment.pk

    @property
    def named(self) -> str:
        """How a form names the comment, with what is seen of it here."""
        return named(self.comment.pk, Seen(self.comment.version, self.comment.open_reports))


@dataclass(frozen=True)
class Tab:
    """A state with its number, leading to its list."""

    label: str
    state: str
    number: int
    query: str
    is_current: bool


def rows_of(selection: Selection, comments: CommentQuerySet) -> list[Row]:
    """Return the rows of a page and one more if there is a next page.

    One query, one more for what is folded, one for what was decided on what does not wait.
    """
    fields = ("name", "text", "created_at", "state", "open_reports", "alike", "version", "language")
    listed = selection.listed(comments).only(*fields)
    if selection.state != State.WAITING:
        # What was decided on each tells what can be; of what waits all can.
        listed = listed.prefetch_related(Prefetch("decisions", Decision.objects.only("comment", "action")))
    rows = [Row(comment) for comment in listed[: PER_PAGE + 1]]
    if selection.folds:
        same = selection.of_state(comments).order_by().filter(alike__in=[row.leader for row in rows])
        numbers = dict(same.values_list("alike").annotate(Count("pk")))
        for row in rows:
            # Where the first one is no longer in this state, the row is one of those counted.
            row.folded = max(0, numbers.get(row.leader, 0) - (row.comment.alike_id is not None))
    return rows


def possible_on(rows: list[Row]) -> set[Action]:
    """Return the decisions that would be carried out on one of these rows at least."""
    return {action for row in rows for action in row.comment.possible_decisions()}


def together_with(comment: Comment, selection: Selection, comments: CommentQuerySet) -> dict[int, Seen]:
    """Return the others with nearly the same words in the same state, by id, a bounded number."""
    leader = comment.alike_id or comment.pk
    same = selection.with_(alike=leader).within(comments).filter(state=comment.state).exclude(pk=comment.pk)
    rows = same.order_by("pk").values_list("pk", "version", "open_reports")[: MOST_TOGETHER - 1]
    return {pk: Seen(*seen) for pk, *seen in rows}


def tabs_of(selection: Selection, comments: CommentQuerySet) -> tuple[list[Tab], list[Tab]]:
    """Return the tabs, and the states that are chosen within all; their true numbers cost one query."""
    states = comments.order_by().values_list("state").annotate(Count("pk"))
    reported = comments.order_by().filter(open_reports__gt=0).annotate(as_one=Value(REPORTED))
    numbers = dict(states.union(reported.values_list("as_one").annotate(Count("pk")), all=True))

    def tab(state: str, label: str, number: int, *others: str) -> Tab:
        current = selection.state in (state, *others)
        return Tab(label, state, number, selection.with_(state=state).query, current)

    rest = [State.APPROVED, State.REJECTED, State.REMOVED]
    tabs = [
        tab(State.WAITING, capfirst(State.WAITING.label), numbers.get(State.WAITING, 0)),
        tab(REPORTED, _("Reported"), numbers.pop(REPORTED, 0)),
        tab(State.SPAM, capfirst(State.SPAM.label), numbers.get(State.SPAM, 0)),
        tab(ALL, _("All"), sum(numbers.values()), *rest),
    ]
    return tabs, [tab(state, capfirst(state.label), numbers.get(state, 0)) for state in rest]
