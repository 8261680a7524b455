"""Decisions on one comment or on many, and the way back: one road, on which flags and counters stay true."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Count, F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import Article, User
from comments import judging, telling
from comments.models.comments import BATCH, Comment, store_counts
from comments.models.decisions import Decision, LeftOut, Step
from comments.models.reports import Report
from comments.models.states import HIDING, TRANSITIONS, Action, State
from newsroom.plaintext import one_line
from newsroom.verbs import Act, Refused, verb

Item = TypeVar("Item")


def decide(
    comments: Iterable[Comment],
    action: Action,
    *,
    by: User | None,
    reason: str = "",
    seen: Mapping[int, int] | None = None,
    reports: Mapping[int, int] | None = None,
) -> Step:
    """Carry out one decision on comments, in one transaction, and return it as a step, undone as one.

    `seen` gives the version of each comment that was decided on. What changed since, or cannot go from its state to
    that one, is left as it was and told in `Step.left_out`; what is so already is counted in `Step.already`. A step
    that changed nothing is not stored.

    `reports` gives how many open reports of each comment were seen, the oldest ones (none of a comment that it does
    not name): a report changes no version. Where readers may go on reading it, those that came later stay open, and
    are told in `Step.still_reported`; with a comment that is taken away all its reports close, there is nothing left
    to look at. Without `reports` all close.

    Raises PermissionDenied if `by` may not decide on one of them, ValidationError if the reason is too long.
    """
    places = {comment.pk: comment.article_id for comment in comments}
    step = Step(action=action, by=by)
    words = one_line(reason)
    Decision(action=action, reason=words, state=State.WAITING).clean_fields(exclude=["comment", "step", "by"])
    with verb(f"comment.{action.value}", by=by) as act:
        articles = _locked(places.values())
        if by is not None and not all(by.may("comments.decide_comment", one) for one in articles.values()):
            raise PermissionDenied
        moved = _movable(step, _rows(places, with_text=telling.is_told(action)), seen, reports)
        if not moved:
            act.nothing()
            return step
        step.number = len(moved)
        step.save()
        was = {comment.pk: State(comment.state) for comment in moved}
        decisions = [
            Decision(
                comment=comment,
                action=action,
                reason=words,
                was=comment.state,
                held_for=comment.held_for,
                waited=_waited(comment, step),
                step=step,
                by=by,
                at=step.at,
            )
            for comment in moved
        ]
        for comment in moved:
            if action is not Action.KEEP:
                comment.state, comment.held_for = TRANSITIONS[action][0], ""
        _close_reports(step, moved, reports)
        _store(act, articles, moved, was, decisions)
        _tell(moved, action, articles)
        if len(places) == 1:
            act.on = moved[0]
            act.details = {"article": moved[0].article_id, "changed": act.details["changed"]}
        else:
            act.on = step
    return step


def decide_by_rules(
    act: Act, article: Article, verdicts: Sequence[tuple[Comment, judging.Verdict]], step: Step
) -> None:
    """Store what the rules say now of waiting comments of one article, and add those that wait no more to a step.

    The caller holds the article's lock in the transaction of `act`, and read the comments in it. The step is stored
    with the first of its comments, and its number rises with each: it is true wherever the work breaks off; the
    caller has asked `is_taken_back` of what is stored of it. Where
    only the reasons change, nothing else does, not the version either: an undo leaves that as it is.
    """
    moved = [comment for comment, verdict in verdicts if verdict.state != comment.state]
    if moved:
        step.number += len(moved)
        step.save(update_fields=["number"] if step.pk else None)
    was = {comment.pk: State(comment.state) for comment, _verdict in verdicts}
    changed: list[Decision] = []
    same: list[Decision] = []
    for comment, verdict in verdicts:
        first = verdict.reasons[0].rule if verdict.reasons else "rules"
        is_moved = verdict.state != comment.state
        decision = Decision(
            comment=comment,
            action=judging.ACTIONS[verdict.state],
            rule=first,
            reasons=[reason.as_json() for reason in verdict.reasons],
            was=comment.state,
            state=verdict.state,
            held_for=comment.held_for,
            version=comment.version,
            step=step if is_moved else None,
        )
        (changed if is_moved else same).append(decision)
        comment.state, comment.held_for = verdict.state, first if verdict.state != State.APPROVED else ""
    # What readers reported is for a person to look at: reports stay open.
    _store(act, {article.pk: article}, moved, was, changed)
    held: dict[str, list[int]] = defaultdict(list)
    for decision in same:
        held[decision.comment.held_for].append(decision.comment_id)
    for held_for, pks in held.items():
        for batch in _batches(pks):
            Comment.objects.filter(pk__in=batch).update(held_for=held_for)
    Decision.objects.bulk_create(same)
    act.details["comments"] = [comment.pk for comment, _verdict in verdicts]
    act.details["articles"] = [article.pk]
    shown = [comment for comment in moved if comment.state == State.APPROVED]
    _tell(shown, Action.APPROVE, {article.pk: article})


def undo(step: Step, *, by: User | None) -> Step:
    """Take a step back: its comments become what they were, their reports are open again; return the step.

    What waits again by that waits for a person, whatever the rules say later: it says so beside its old reasons
    (`judging.put_back`). Not so if the step was a re-run: that took a decision of the rules back, the old reasons
    stand alone, and another re-run judges it again.

    A comment that changed since is left as it is and told in `Step.left_out`. Taken back already, it changes nothing.
    `by` has to reach all of it, also if the step is his own: raises PermissionDenied if he may decide on none of its
    comments, Refused if on some only, for a step is taken back once and as one.
    """
    step.moved, step.left_out = [], []
    with verb("comment.undo", by=by, on=step) as act:
        decisions_made = list(step.decisions.all())
        made = {decision.comment_id: decision for decision in decisions_made}
        places = dict(
            pair
            for batch in _batches(sorted(made))
            for pair in Comment.objects.filter(pk__in=batch).values_list("pk", "article")
        )
        articles = _locked(places.values())
        is_undone = is_taken_back(step)
        reached = {
            pk for pk, article in articles.items() if by is None or by.may("comments.decide_comment", article)
        }
        if not reached:
            raise PermissionDenied
        if len(reached) < len(articles):
            raise Refused(_("Part of this step lies where you may not decide: ask whoever did it."))
        if is_undone:
            act.nothing()
            return step
        if step.decisions.count() != len(decisions_made):
            # A re-run has gone on while this waited for the locks, and goes on until somebody takes it back.
            raise Refused(_("This step was still going on: take it back once more."))
        moved, changed = [], []
        for comment in _rows(places):
            if comment.version != made[comment.pk].version:
                changed.append(comment)
            else:
                moved.append(comment)
        step.left_out += _meanwhile(changed)
        if not moved:
            act.nothing()
            return step
        step.undone_at = timezone.now()
        step.save(update_fields=["undone_at"])
        was = {comment.pk: State(comment.state) for comment in moved}
        for comment in moved:
            comment.state, comment.held_for = made[comment.pk].was, made[comment.pk].held_for
        again = {} if step.action == Action.RERUN else _reasons_again(moved)
        decisions = [
            Decision(
                comment=comment,
                action=Action.UNDO,
                was=was[comment.pk],
                reasons=again.get(comment.pk, []),
                by=by,
                at=step.undone_at,
            )
            for comment in moved
        ]
        _open_reports(step, moved)
        _store(act, articles, moved, was, decisions)
        step.moved = [comment.pk for comment in moved]
    return step


def _reasons_again(comments: Sequence[Comment]) -> dict[int, list[dict[str, Any]]]:
    """Return why those of comments wait, by id, that a person puts back: what held them before, and that."""
    again: dict[int, list[dict[str, Any]]] = {}
    for batch in _batches(comment.pk for comment in comments if comment.state == State.WAITING):
        made = Decision.objects.filter(comment__in=batch, state=State.WAITING).exclude(reasons=[])
        before = {decision.comment_id: decision.reasons for decision in made.order_by("pk")}
        again |= {pk: judging.put_back(before.get(pk, [])) for pk in batch}
    return again


def is_taken_back(step: Step) -> bool:
    """Return whether somebody took a stored step back, holding its row: nobody adds to it or takes it back meanwhile.

    Whoever asks holds the locks of the articles already: in this order nobody deadlocks.
    """
    step.undone_at = (
        Step.objects.select_for_update(no_key=True).values_list("undone_at", flat=True).get(pk=step.pk)
    )
    return step.undone_at is not None


def settle(moved: Sequence[Comment], was: Mapping[int, State]) -> Counter[int]:
    """Set `shown` of comments that went from one state to another, and in the rows below them.

    The caller holds the locks of their articles, has set the new states on the objects and saves these. Returns how
    many rows changed, per article. Costs a query per level of replies and batch, however many comments moved. Relies
    on the flags being right before: then the nearest approved comment above tells whether anything above it hides.
    """
    own = {comment.pk: comment for comment in moved}
    # What hid and hides was not shown and is not, and neither is anything below it.
    concerned = [one for one in moved if not (one.state in HIDING and was[one.pk] in HIDING)]
    flipped = {one.pk for one in concerned if (one.state in HIDING) != (was[one.pk] in HIDING)}
    # Whose flag may be wrong now: parent, state, the flag as it was, article.
    open_to_question: dict[int, tuple[int | None, str, bool, int]] = {
        one.pk: (one.parent_id, one.state, one.shown, one.article_id) for one in concerned
    }
    level = sorted(flipped)
    while level:
        batch, level = level[:BATCH], level[BATCH:]
        below = Comment.objects.filter(parent__in=batch).exclude(state__in=HIDING)
        for pk, *rest in below.values_list("pk", "parent", "state", "shown", "article"):
            if pk in own and (own[pk].state in HIDING or pk in flipped):
                continue
            if pk not in own:
                open_to_question[pk] = tuple(rest)
            level.append(pk)
    lets_through = _ways_up(open_to_question, own)
    changed: Counter[int] = Counter()
    flips: dict[bool, list[int]] = {True: [], False: []}
    for pk, (parent, state, shown, article) in open_to_question.items():
        now = state == State.APPROVED and lets_through[parent]
        if now != shown:
            changed[article] += 1
            if pk in own:
                own[pk].shown = now
            else:
                flips[now].append(pk)
    for now, pks in flips.items():
        for batch in _batches(pks):
            Comment.objects.filter(pk__in=batch).update(shown=now)
    return changed


def _ways_up(
    below: Mapping[int, tuple[int | None, str, bool, int]], own: Mapping[int, Comment]
) -> dict[int | None, bool]:
    """Return of each parent of these rows whether readers get past it, None standing for the top."""
    above: dict[int, tuple[str, bool, int | None]] = {
        pk: (state, False, parent) for pk, (parent, state, _shown, _article) in below.items()
    }
    known: dict[int | None, bool] = {None: True}
    wanted = sorted({row[0] for row in below.values() if row[0] and row[0] not in below})
    while wanted:
        batch, wanted = wanted[:BATCH], wanted[BATCH:]
        rows = Comment.objects.filter(pk__in=batch).values_list("pk", "state", "shown", "parent")
        for pk, state, shown, parent in rows:
            state = own[pk].state if pk in own else state
            above[pk] = state, shown, parent
            if state == State.APPROVED:
                known[pk] = shown
            elif state == State.REMOVED and parent and parent not in above:
                wanted.append(parent)
    for start in {row[0] for row in below.values()}:
        pk, path = start, []
        while pk not in known:
            path.append(pk)
            state, _shown, parent = above[pk]
            if state in HIDING:
                known[pk] = False
            else:
                pk = parent
        known |= dict.fromkeys(path, known[pk])
    return known


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield items in lists of at most `BATCH`; databases bound what one statement may name."""
    listed = list(items)
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]


def _locked(pks: Collection[int]) -> dict[int, Article]:
    """Lock articles in the order of their ids, so that nobody deadlocks; return them without their bodies."""
    return {
        article.pk: article
        for batch in _batches(sorted(set(pks)))
        for article in Article.objects.lock().for_commenting().filter(pk__in=batch).order_by("pk")
    }


def _rows(pks: Iterable[int], *, with_text: bool = False) -> Iterator[Comment]:
    """Yield comments as they are stored now, in the order of their ids; with their texts only if they are quoted."""
    comments = Comment.objects.order_by("pk") if with_text else Comment.objects.order_by("pk").defer("text")
    for batch in _batches(sorted(pks)):
        yield from comments.filter(pk__in=batch)


def _movable(
    step: Step,
    comments: Iterable[Comment],
    seen: Mapping[int, int] | None,
    reports: Mapping[int, int] | None,
) -> list[Comment]:
    """Return the comments that this decision can be made on; note in the step what is left out, and why.

    The one place that knows what leads where.
    """
    movable, changed = [], []
    rows = list(comments)
    deleted = _deleted_by_writer(rows, step)
    for comment in rows:
        target, allowed = TRANSITIONS.get(Action(step.action), ("", tuple(State)))
        if comment.state == target or (step.action == Action.KEEP and not comment.open_reports):
            step.already += 1
        elif seen is not None and seen.get(comment.pk) != comment.version:
            changed.append(comment)
        elif step.action == Action.KEEP and reports is not None and not reports.get(comment.pk):
            step.left_out.append(_with_unseen(comment, comment.open_reports))
        elif comment.state not in allowed:
            why = _("This comment is %(state)s: that decision is not possible.")
            step.left_out.append(
                LeftOut(comment.pk, comment.name, why % {"state": comment.get_state_display()})
            )
        elif comment.pk in deleted:
            why = _("Its writer deleted this comment: it is not shown again.")
            step.left_out.append(LeftOut(comment.pk, comment.name, why))
        else:
            movable.append(comment)
    step.left_out += _meanwhile(changed)
    step.moved = [comment.pk for comment in movable]
    return movable


def _deleted_by_writer(comments: Sequence[Comment], step: Step) -> set[int]:
    """Return those of comments that their writers took back, where the step would show them again."""
    if step.action not in (Action.APPROVE, Action.RESTORE):
        return set()
    found: set[int] = set()
    # What waits was never taken back.
    for batch in _batches(comment.pk for comment in comments if comment.state != State.WAITING):
        made = Decision.objects.filter(comment__in=batch, action=Action.DELETE)
        found.update(made.values_list("comment", flat=True))
    return found


def _tell(comments: Sequence[Comment], action: Action, articles: Mapping[int, Article]) -> None:
    """Tell the writers of comments what was decided, and those whom a reply that was approved now answers."""
    for comment in comments:
        comment.article = articles[comment.article_id]
    telling.tell_decisions(comments, action)
    if action is Action.APPROVE:
        telling.tell_replies(comments)


def _meanwhile(comments: Sequence[Comment]) -> list[LeftOut]:
    """Return of comments that somebody saw in an older version what happened since, and by whom."""
    last: dict[int, Decision] = {}
    for batch in _batches([comment.pk for comment in comments]):
        for decision in Decision.objects.filter(comment__in=batch).select_related("by").order_by("pk"):
            before = last.get(decision.comment_id)
            # What the rules say of a change stands at the same moment: the change is what happened.
            if before is None or decision.at != before.at:
                last[decision.comment_id] = decision
    told = []
    for comment in comments:
        decision = last.get(comment.pk)
        if decision and decision.rule == "writer":
            why = _("This comment was %(what)s meanwhile: look at it again.") % {
                "what": decision.get_action_display()
            }
        elif decision:
            why = _("This comment was %(what)s meanwhile by %(who)s: look at it again.") % {
                "what": decision.get_action_display(),
                "who": decision.who,
            }
        else:
            why = _("This comment was changed meanwhile: look at it again.")
        told.append(LeftOut(comment.pk, comment.name, why))
    return told


def _waited(comment: Comment, step: Step) -> int | None:
    """Return for how many seconds a comment had waited when a person decides; None if it did not wait."""
    if step.by is None or step.action == Action.KEEP or comment.state != State.WAITING:
        return None
    return max(0, int((step.at - comment.created_at).total_seconds()))


def _close_reports(step: Step, comments: Sequence[Comment], seen: Mapping[int, int] | None) -> None:
    """Close the open reports of comments as somebody decided on them; the time tells later which step did.

    `seen` is how many of each he saw, see `decide`. Whoever reports holds the article's lock, as this does: between
    two versions of a comment reports are only added, so those that he saw are the oldest.
    """
    for batch in _batches(comment for comment in comments if comment.open_reports):
        open_ones: dict[int, list[int]] = defaultdict(list)
        rows = Report.objects.open().filter(comment__in=batch).order_by("pk")
        for comment_id, pk in rows.values_list("comment", "pk"):
            open_ones[comment_id].append(pk)
        closing: list[int] = []
        for comment in batch:
            found = open_ones[comment.pk]
            is_gone = comment.state != State.APPROVED
            number = len(found) if seen is None or is_gone else min(len(found), seen.get(comment.pk, 0))
            closing += found[:number]
            comment.open_reports = len(found) - number
            if comment.open_reports:
                step.still_reported.append(_with_unseen(comment, comment.open_reports))
        for part in _batches(closing):
            Report.objects.filter(pk__in=part).update(closed_at=step.at, closed_by=step.by)


def _with_unseen(comment: Comment, number: int) -> LeftOut:
    """Return what a moderator is told of a comment with reports that he did not see."""
    why = ngettext(
        "%(number)d report of this comment did not stand on your page: look at it.",
        "%(number)d reports of this comment did not stand on your page: look at them.",
        number,
    )
    return LeftOut(comment.pk, comment.name, why % {"number": number})


def _open_reports(step: Step, comments: Sequence[Comment]) -> None:
    """Open again what a step closed, but for a report whose sender has sent another since."""
    for batch in _batches(comments):
        reports = Report.objects.filter(comment__in=batch)
        sent = set(
            reports.filter(closed_at=None).exclude(address_digest="").values_list("comment", "address_digest")
        )
        closed = reports.filter(closed_at=step.at, closed_by=step.by).values_list(
            "pk", "comment", "address_digest"
        )
        again = [pk for pk, comment, digest in closed if (comment, digest) not in sent]
        for part in _batches(again):
            Report.objects.filter(pk__in=part).update(closed_at=None, closed_by=None)
        counted = reports.filter(closed_at=None).order_by().values_list("comment").annotate(Count("pk"))
        number = dict(counted)
        for comment in batch:
            comment.open_reports = number.get(comment.pk, 0)


def _store(
    act: Act,
    articles: Mapping[int, Article],
    moved: Sequence[Comment],
    was: Mapping[int, State],
    decisions: Sequence[Decision],
) -> None:
    """Store comments as they stand in memory, what follows for others and for the counters, and the decisions."""
    changed = settle(moved, was)
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for comment in moved:
        comment.version += 1
        alike[comment.state, comment.shown, comment.held_for, comment.open_reports].append(comment.pk)
    for (state, shown, held_for, reports), pks in alike.items():
        for batch in _batches(pks):
            Comment.objects.filter(pk__in=batch).update(
                state=state, shown=shown, held_for=held_for, open_reports=reports, version=F("version") + 1
            )
    for comment, decision in zip(moved, decisions, strict=True):
        decision.state, decision.version = comment.state, comment.version
    Decision.objects.bulk_create(decisions)
    for batch in _batches(sorted(changed)):
        store_counts(batch)
    act.purge(*(key for pk in changed for key in articles[pk].comment_keys()))
    act.details.update(
        comments=[comment.pk for comment in moved],
        articles=sorted({comment.article_id for comment in moved}),
        changed=changed.total(),
    )
