"""What the moderators' queue costs when it is full: `python -m bench.queue`.

A database of its own is filled with comments that wait, then the queue's first page is asked for, decisions are sent
to it one by one, and a thousand comments are rejected at once, in this process: queries are counted, and the
processor's time is this process's and, on PostgreSQL, that of the database's process for this connection.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench.scratch import scratch

# A filter counts what it leaves in every state: that has no index, and may take longer than the first page.
FILTERED_MILLISECONDS = 300
MOST_QUERIES, PAGE_MILLISECONDS, DECISION_MILLISECONDS, STEP_SECONDS = 20, 150, 50, 5
TIMES = 15
AT_ONCE, ARTICLES = 1_000, 100
BATCH = 5_000
# Every tenth comment is nearly the same as one before it, every tenth was approved, every hundredth is reported.
LEADERS = 50


def main() -> int:
    """Fill, measure, print; return 0 if everything keeps within the bounds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--comments", type=int, default=100_000)
    size = parser.parse_args().comments
    if size < 3 * AT_ONCE:
        parser.error(f"--comments: at least {3 * AT_ONCE}.")
    with scratch("queue") as connection:
        began = time.monotonic()
        moderator = fill(size)
        seconds = time.monotonic() - began
        print(f"{size} comments wait on {connection.display_name}, filled in {seconds:.0f} s\n", flush=True)
        return report(moderator)


def fill(size: int) -> Any:
    """Store comments by no verb: what the queue shows of each is there, and nothing else; return a moderator."""
    from django.contrib.auth.models import Group
    from django.db import connection
    from django.utils import timezone

    from articles.models import Article, Grant, Section, SectionText, User
    from comments.models import Comment, Decision
    from newsroom.models import Site

    Site(name="The Post", languages=["en", "de"]).save()
    user = User.objects.create_user("moderator", password="correct horse battery", is_staff=True)
    Grant.objects.create(user=user, group=Group.objects.get(name="Moderator"))
    section = Section.objects.create()
    SectionText.objects.create(section=section, language="en", name="World")
    articles = []
    for number in range(ARTICLES):
        article = Article.start(
            by=None,
            language="en",
            headline=f"Story number {number}",
            standfirst="Ferries leave again.",
            body="<p>The first ferry left at six.</p>" * 20,
            section=section,
        )
        article.publish(by=None)
        articles.append(article)
    now = timezone.now()

    def comment(number: int) -> Comment:
        return Comment(
            article=articles[number % ARTICLES],
            state="waiting",
            held_for="first-timer",
            name=f"Reader {number % 997}",
            email=f"reader{number % 997}@mail.example" if number % 3 == 0 else "",
            text=f"The ferry was late again, for the {number}th time, and nobody at the pier knew why. " * 3,
            size=240,
            language="en",
            address_digest=f"{number % 1999:064x}",
            address_expires_at=now + timedelta(days=7),
            created_at=now - timedelta(seconds=size - number),
        )

    leaders = Comment.objects.bulk_create(comment(number) for number in range(LEADERS))

    def others() -> Iterator[Comment]:
        for number in range(LEADERS, size):
            one = comment(number)
            if number % 10 == 0:
                one.alike = leaders[number // 10 % LEADERS]
            yield one
        for number in range(size // 10):
            one = comment(number)
            one.state, one.shown, one.held_for = "approved", True, ""
            one.open_reports = int(number % 10 == 0)
            yield one

    rows = others()
    while batch := [one for one, _ in zip(rows, range(BATCH), strict=False)]:
        Comment.objects.bulk_create(batch)
    reason = [{"rule": "first-timer"}]
    waiting = Comment.objects.filter(state="waiting").values_list("pk", flat=True)
    decisions = (
        Decision(comment_id=pk, action="hold", rule="first-timer", reasons=reason, state="waiting")
        for pk in waiting.iterator()
    )
    while batch := [one for one, _ in zip(decisions, range(BATCH), strict=False)]:
        Decision.objects.bulk_create(batch)
    for article in articles:
        Comment.recount(article)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
    return user


class Bounds:
    """Print what was measured, a line of a table each, and remember whether all of it passed."""

    def __init__(self) -> None:
        self.failed = 0
        print("| what | queries | found: median (min–max) | bound | |\n| --- | ---: | ---: | --- | --- |")

    def line(self, what: str, queries: int, found: list[float], bound: float, unit: str) -> None:
        """Hold one thing against its bound; a page and a decision against the number of queries too."""
        passes = median(found) <= bound and (unit == "s" or queries <= MOST_QUERIES * 2)
        if what.startswith("page"):
            passes = passes and queries <= MOST_QUERIES
        self.failed += not passes
        digits = 2 if unit == "s" else 0
        told = f"{median(found):.{digits}f} ({min(found):.{digits}f}–{max(found):.{digits}f}) {unit}"
        print(
            f"| {what} | {queries} | {told} | ≤ {bound} {unit} | {'PASS' if passes else 'FAIL'} |", flush=True
        )


def report(moderator: Any) -> int:
    """Ask for pages, decide, reject a thousand; return 0 if all keeps within the bounds."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench.lists import clock
    from comments.models import Action, Comment

    used = clock(connection)
    bounds = Bounds()
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(moderator)
    queue = "/admin/comments/queue/"
    some = Comment.objects.filter(state="waiting").exclude(email="")[100]
    pages = {
        "page: waiting": queue,
        "page: after 1,000": f"{queue}?after={some.pk + AT_ONCE}",
        "page: reported": f"{queue}?state=reported",
        "page: all": f"{queue}?state=all",
        "page: a language": f"{queue}?language=en",
        "page: a rule": f"{queue}?rule=first-timer",
        "page: a person": f"{queue}?person={some.pk}",
        "page: words": f"{queue}?words=ferry",
        "page: numbers": "/admin/comments/numbers/",
    }
    for what, address in pages.items():
        assert client.get(address).status_code == 200, address
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        number, spent = len(queries), []
        for _ in range(TIMES):
            before = used()
            client.get(address)
            spent.append((used() - before) / 1e6)
        is_filtered = what in ("page: a language", "page: a rule")
        bounds.line(what, number, spent, FILTERED_MILLISECONDS if is_filtered else PAGE_MILLISECONDS, "ms")
    for action in ("approve", "reject", "spam"):
        spent = []
        with CaptureQueriesContext(connection) as queries:
            decide(client, queue, action)
        number = len(queries)
        for _ in range(TIMES):
            before = used()
            decide(client, queue, action)
            spent.append((used() - before) / 1e6)
        bounds.line(f"decision: {action}", number, spent, DECISION_MILLISECONDS, "ms")
    for action, state in ((Action.REJECT, "waiting"), (Action.APPROVE, "waiting")):
        pks = list(Comment.objects.filter(state=state).order_by("pk").values_list("pk", "version")[:AT_ONCE])
        with CaptureQueriesContext(connection) as queries:
            began = time.monotonic()
            comments = Comment.objects.filter(pk__in=[pk for pk, _version in pks]).only("pk", "article")
            step = Comment.decide_all(comments, action, by=moderator, reason="flood", seen=dict(pks))
            seconds = time.monotonic() - began
        assert step.number == AT_ONCE, step.left_out
        bounds.line(
            f"{action.value} {AT_ONCE} on {ARTICLES} articles", len(queries), [seconds], STEP_SECONDS, "s"
        )
        began = time.monotonic()
        step.undo(by=moderator)
        bounds.line(f"…and undo it ({action.value})", 0, [time.monotonic() - began], STEP_SECONDS, "s")
    print(f"\nThe queue keeps within its bounds: {'FAIL' if bounds.failed else 'PASS'}")
    return 1 if bounds.failed else 0


def decide(client: Any, queue: str, action: str) -> None:
    """Send one decision on a comment that waits, as its button does."""
    from comments.models import Comment

    comment = Comment.objects.filter(state="waiting").order_by("-pk").only("pk", "version").first()
    fields = {"seen": comment.version, "reason": "off topic", "list": "state=waiting"}
    assert client.post(f"{queue}{comment.pk}/{action}/", fields).status_code == 302
    comment.refresh_from_db(fields=["state"])
    assert comment.state != "waiting", Path(queue)


if __name__ == "__main__":
    sys.exit(main())
