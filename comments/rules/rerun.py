"""The waiting comments judged again by the rules as they are now."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import groupby
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from articles.models import Article, User
from comments import judging
from comments.judging import Reading, Reason, Submission, Verdict
from comments.models import (
    BATCH,
    Action,
    Ban,
    Comment,
    CommentQuerySet,
    Decision,
    Rule,
    State,
    Step,
    deciding,
)
from comments.models.comments import NETWORK_BITS, address_digest, counts_as, network_digest
from comments.models.rules import check_everywhere
from newsroom.models import Site
from newsroom.verbs import verb

# So many waiting comments are judged again at once, the oldest; then one goes on after the last of them.
MOST_AGAIN = 5000


@dataclass
class Again:
    """What became of the waiting comments that were judged again."""

    # Of those that wait no more; None if all wait on.
    step: Step | None = None
    looked: int = 0
    released: int = 0
    spam: int = 0
    # Those that wait on, for other reasons than before.
    otherwise: int = 0
    # More than are judged at once: the id to go on after, and how many are left.
    last: int = 0
    left: int = 0
    # Somebody took the step back while it went on: nothing more was judged.
    is_stopped: bool = False


def still_held(after: int = 0) -> CommentQuerySet:
    """Return the waiting comments that a rule or a mode holds, oldest first, those after an id."""
    return Comment.objects.waiting().filter(pk__gt=after).exclude(held_for="")


def judge_again(*, by: User | None, after: int = 0) -> Again:
    """Judge the waiting comments again that a rule or a mode holds, as one step of a moderator; return what became.

    What a rule marks as spam now is spam; what no rule and no mode holds any more is shown, and its writer told; what
    is held otherwise has its new reasons. What a person put back into the queue waits for a person; what waits again
    because a re-run was taken back is judged again. Of many the oldest after the id `after` are judged. Each article
    is done in transactions of its own; if somebody takes the step back meanwhile, it goes no further. Raises
    PermissionDenied if `by` may not set rules everywhere.
    """
    check_everywhere(by)
    rows = list(still_held(after).values_list("article", "pk")[: MOST_AGAIN + 1])
    again = Again()
    if len(rows) > MOST_AGAIN:
        del rows[MOST_AGAIN:]
        again.last = rows[-1][1]
        again.left = still_held(again.last).count()
    step = Step(action=Action.RERUN, by=by)
    for article_id, pks in _batches(rows):
        _judge_batch(article_id, pks, again, step)
        if again.is_stopped:
            again.left = 0
            break
    again.step = step if step.number else None
    return again


def _batches(rows: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Yield of pairs of an article and a comment, both ids, each article with its comments, at most `BATCH` at once."""
    for article_id, of_article in groupby(sorted(rows), key=lambda row: row[0]):
        pks = [pk for _article, pk in of_article]
        for start in range(0, len(pks), BATCH):
            yield article_id, pks[start : start + BATCH]


def _judge_batch(article_id: int, pks: list[int], again: Again, step: Step) -> None:
    """Judge waiting comments of one article again, in one transaction, by the rules and bans that there are then."""
    with verb("comment.rerun", by=step.by) as act:
        article = Article.objects.lock().for_commenting().get(pk=article_id)
        act.on = article
        if step.pk and deciding.is_taken_back(step):
            again.is_stopped = True
            return act.nothing()
        comments = list(still_held().filter(pk__in=pks))
        standing = Decision.objects.standing([comment.pk for comment in comments])
        why = {pk: decision.reasons for pk, decision in standing.items()}
        comments = [comment for comment in comments if not judging.is_put_back(why.get(comment.pk, []))]
        again.looked += len(comments)
        if not article.is_visible():
            return act.nothing()
        commenting = article.commenting(Site.current())
        approved = _approved_of({comment.email for comment in comments if comment.email})
        # A run takes a while: what somebody saves meanwhile counts for what comes after it.
        rules, bans = list(Rule.objects.filter(is_on=True)), _Bans(comments)
        verdicts = []
        for comment in comments:
            comment.article = article
            submission = Submission.of(comment, commenting, at=comment.created_at)
            before = why.get(comment.pk, [])
            verdict = _verdict(submission, before, rules, approved.get(comment.email, 0), bans)
            if verdict.state == State.WAITING and _are_same(verdict.reasons, before):
                continue
            verdicts.append((comment, verdict))
        if not verdicts:
            return act.nothing()
        deciding.decide_by_rules(act, article, verdicts, step)
        states = Counter(verdict.state for _comment, verdict in verdicts)
        again.released += states[State.APPROVED]
        again.spam += states[State.SPAM]
        again.otherwise += states[State.WAITING]


def _verdict(
    submission: Submission, before: list[dict[str, Any]], rules: list[Rule], approved: int, bans: "_Bans"
) -> Verdict:
    """Return what the rules say of a stored comment now, `before` being the reasons that stand."""
    if (ban := bans.of(submission)) is not None:
        return Verdict(State.SPAM, [ban])
    reading = Reading(submission.text)
    now = submission.at or timezone.now()
    kept = {stored["pk"]: Reason(**stored) for stored in before if stored["rule"] in judging.KEPT}
    found: list[tuple[Rule, Reason]] = []
    for rule in rules:
        reason = kept.get(rule.pk)
        if reason is None and rule.kind not in judging.KEPT and judging.speaks_of(rule, submission):
            reason = judging.finding(rule, submission, reading, [], now)
        if reason is not None:
            found.append((rule, reason))
    return Verdict(*judging.verdict_of(submission, found, rules, approved))


def _are_same(reasons: list[Reason], before: list[dict[str, Any]]) -> bool:
    """Return whether reasons are those stored before, in whatever order: after a change of the text it is another."""
    return len(reasons) == len(before) and all(reason.as_json() in before for reason in reasons)


def _approved_of(emails: set[str]) -> dict[str, int]:
    """Return how many comments of each e-mail address readers see; one query."""
    shown = Comment.objects.shown().filter(email__in=emails).exclude(email="")
    return dict(shown.order_by().values("email").annotate(number=Count("pk")).values_list("email", "number"))


class _Bans:
    """The bans in force that some stored comments may fall under; one query."""

    def __init__(self, comments: Collection[Comment]) -> None:
        # Which comments a typed range finds its digests tell; what is known of nobody is empty.
        concerned = ~Q(network="")
        for name in ("email", "address_digest", "network_digest"):
            concerned |= Q(**{f"{name}__in": {getattr(comment, name) for comment in comments} - {""}})
        bans = Ban.objects.in_force().filter(concerned)
        self._in_force = {known: ban for ban in bans for known in _known_by(ban)}

    def of(self, submission: Submission) -> Reason | None:
        """Return the ban that a stored comment falls under, as far as it tells."""
        for name in ("email", "address_digest", "network_digest"):
            if ban := self._in_force.get((name, getattr(submission, name))):
                return Reason("ban", ban.pk, found=[str(ban.what), *([ban.network] if ban.network else [])])
        return None


def _known_by(ban: Ban) -> Iterator[tuple[str, str]]:
    """Yield what of a stored comment tells that it falls under a ban: the name of a field, and its value.

    Of a typed range that is known if it is what counts as one address, or as wide as the networks whose digests are
    kept.
    """
    for name in ("email", "address_digest", "network_digest"):
        if value := getattr(ban, name):
            yield name, value
    if ban.network:
        network = ip_network(ban.network)
        first = str(network.network_address)
        if network == ip_network(counts_as(first)):
            yield "address_digest", address_digest(first)
        elif network.prefixlen == NETWORK_BITS[network.version]:
            yield "network_digest", network_digest(first)
