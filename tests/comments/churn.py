"""One process of readers and moderators who post and decide at random; test_at_once.py starts several.

    python -m tests.comments.churn SEED THREADS ARTICLE…

Each line "SECONDS" on standard input is answered, after that time, by a line of JSON that says what happened.
"""

import json
import random
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from articles.models import Article  # noqa: E402
from comments.models import Comment  # noqa: E402
from newsroom.verbs import Refused  # noqa: E402

# A few words that everybody sends, so that the same comment arrives twice at once.
COMMON = ["Merci !", "Danke."]


def act(chance: random.Random, articles: list[Article], serial: str) -> int | None:
    """Do one thing at random; return the id of a comment that was acknowledged."""
    article = chance.choice(articles)
    known = list(Comment.objects.filter(article=article).order_by("-pk").values_list("pk", flat=True)[:12])
    if not known or chance.random() < 0.35:
        shown = Comment.objects.shown().filter(article=article).order_by("-pk")[:6]
        parent = chance.choice([None, *shown])
        if chance.random() < 0.5:
            words = {"name": "Rosa", "text": chance.choice(COMMON), "address": "192.0.2.1"}
        else:
            words = {"name": "Ines", "text": f"Number {serial}.", "address": "192.0.2.2"}
        return Comment.post(article=article, parent=parent, **words).pk
    comment = Comment.objects.get(pk=chance.choice(known))
    seen = comment.version if chance.random() < 0.3 else None
    decision = chance.choice(
        ["approve", "approve", "approve", "reject", "mark_spam", "remove", "restore", "restore"]
    )
    reason: dict[str, Any] = {"reason": "off topic"} if decision in ("reject", "remove") else {}
    getattr(comment, decision)(by=None, seen=seen, **reason)
    return None


def work(seed: str, seconds: float, articles: list[Article]) -> tuple[Counter[str], list[int]]:
    """Act until the time is over; return what happened how often, and the comments that were acknowledged."""
    chance = random.Random(seed)
    happened: Counter[str] = Counter()
    acknowledged = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        happened["acts"] += 1
        try:
            if pk := act(chance, articles, f"{seed}-{happened['acts']}"):
                acknowledged.append(pk)
        except Refused:
            happened["refused"] += 1
        except Exception:
            happened[traceback.format_exc()] += 1
    connection.close()
    return happened, acknowledged


def main() -> None:
    """Answer each line of standard input."""
    seed, threads, *ids = sys.argv[1:]
    articles = list(Article.objects.filter(pk__in=ids))
    connection.close()
    for turn, line in enumerate(sys.stdin):
        with ThreadPoolExecutor(int(threads)) as pool:
            runs = [
                pool.submit(work, f"{seed}-{turn}-{thread}", float(line), articles)
                for thread in range(int(threads))
            ]
            happened: Counter[str] = Counter()
            acknowledged = []
            for run in runs:
                counted, pks = run.result()
                happened += counted
                acknowledged += pks
        print(json.dumps({"happened": happened, "acknowledged": acknowledged}), flush=True)


if __name__ == "__main__":
    main()
