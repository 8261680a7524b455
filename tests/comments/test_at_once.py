"""Many at once, in several processes: nothing is lost or doubled, and the number is true at every pause."""

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count, F
from django.test import Client

from articles.models import Article
from comments.models import Comment
from tests import base
from tests.comments.base import assert_true, numbers_for_a_reader

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_number_and_threads_stay_true_while_many_post_and_decide_at_once(environment, full_length):
    processes, threads, turns, seconds = (4, 4, 20, 3.0) if full_length else (2, 4, 2, 0.7)
    articles = [base.published(headline=headline) for headline in ("Harbour", "Ferry")]
    connection.close()
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(
                subprocess.Popen(
                    [
                        *(sys.executable, "-m", "tests.comments.churn", str(number), str(threads)),
                        *(str(article.pk) for article in articles),
                    ],
                    cwd=ROOT,
                    env={**os.environ, **environment},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for number in range(processes)
        ]
        happened: Counter[str] = Counter()
        acknowledged: set[int] = set()
        for _turn in range(turns):
            for process in crowd:
                process.stdin.write(f"{seconds}\n")
                process.stdin.flush()
            for process in crowd:
                told = json.loads(process.stdout.readline())
                happened.update(told["happened"])
                acknowledged.update(told["acknowledged"])
            assert_nothing_went_wrong(articles, acknowledged, happened)
    assert happened["acts"] > happened["refused"] > 0


def assert_nothing_went_wrong(
    articles: list[Article], acknowledged: set[int], happened: Counter[str]
) -> None:
    """Compare what is stored with what was acknowledged, and every number that there is."""
    errors = set(happened) - {"acts", "refused"}
    assert not errors, "\n".join(errors)
    assert set(Comment.objects.values_list("pk", flat=True)) == acknowledged
    doubled = Comment.objects.order_by().values("article", "fingerprint").annotate(rows=Count("pk"))
    assert not doubled.filter(rows__gt=1).exists()
    # Each decision raises the version by one: none was made on what another had just decided.
    assert not Comment.objects.annotate(rows=Count("decisions")).exclude(rows=F("version")).exists()
    for article in articles:
        number = assert_true(article)
        assert numbers_for_a_reader(Client(), article) == (f"Comments ({number:,})", number)
