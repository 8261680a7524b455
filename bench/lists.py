"""What the desk's lists cost on a large site: `python -m bench.lists`.

A database of its own is filled with articles and what hangs on them, then every list of the admin is asked for, each
filter of the articles too, in this process: queries are counted, and the processor's time is this process's and, on
PostgreSQL, that of the database's process for this connection.
"""

import argparse
import itertools
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any

from bench.scratch import scratch

MOST_QUERIES, MOST_MILLISECONDS = 20, 300
TIMES = 5
LANGUAGES = ("en", "de", "fr")
BATCH = 5_000


def main() -> int:
    """Fill, measure, print; return 0 if every list keeps within the bounds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=100_000)
    size = parser.parse_args().articles
    if size < 100:
        parser.error("--articles: at least 100.")
    with scratch("lists") as connection:
        began = time.monotonic()
        people = Filling(size).run()
        seconds = time.monotonic() - began
        print(f"{size} articles on {connection.display_name}, filled in {seconds:.0f} s\n", flush=True)
        return report(people)


class Filling:
    """A large site, stored by no verb: what a list shows of each row is there, and nothing else."""

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self) -> list[Any]:
        """Store everything; return the people whose lists are asked for."""
        from django.contrib.auth.models import Group
        from django.db import connection

        from articles import models
        from newsroom.models import Site

        Site(name="The Post", languages=list(LANGUAGES)).save()
        people = []
        for name in ("Chief", "Journalist", *(f"Writer {n}" for n in range(20))):
            user = models.User.objects.create_user(name, password="correct horse battery", is_staff=True)
            role = name if name == "Chief" else "Journalist"
            models.Grant.objects.create(user=user, group=Group.objects.get(name=role))
            people.append(user)
        self.models, self.people = models, people
        self.sections = [models.Section.objects.create() for _ in range(10)]
        for (number, section), language in itertools.product(enumerate(self.sections), LANGUAGES):
            models.SectionText.objects.create(section=section, language=language, name=f"Section {number}")
        self._named(models.Tag, models.TagText, "tag", self.size // 5)
        self._named(models.Author, models.AuthorText, "author", self.size // 50)
        self._named(models.Series, models.SeriesText, "series", self.size // 100)
        self._photos(self.size // 5)
        self._articles()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return people[:2]

    def _store(self, model: type, rows: Iterator[Any]) -> list[Any]:
        stored: list[Any] = []
        while batch := list(itertools.islice(rows, BATCH)):
            stored += model.objects.bulk_create(batch)
        return stored

    def _named(self, model: type, text: type, name: str, count: int) -> None:
        # taggit's own columns of a tag, which have to differ.
        own = ({"name": f"{name} {n}", "slug": f"{name}-{n}"} if name == "tag" else {} for n in range(count))
        rows = self._store(model, (model(**columns) for columns in own))
        words = (
            {name: row, "language": language, "name": f"{name} {number}", "slug": f"{name}-{number}"}
            for number, row in enumerate(rows)
            for language in LANGUAGES
        )
        self._store(text, (text(**fields) for fields in words))

    def _photos(self, count: int) -> None:
        models = self.models
        self._store(
            models.Photo,
            (
                models.Photo(
                    file=f"photos/{number}.jpg",
                    original_name=f"IMG_{number}.jpg",
                    digest=f"{number:064x}",
                    width=800,
                    height=600,
                    encode_at=None,
                    uploaded_by=self._person(number),
                )
                for number in range(count)
            ),
        )

    def _person(self, number: int) -> Any:
        return self.people[number % len(self.people)]

    def _articles(self) -> None:
        from django.utils import timezone

        from newsroom.models import LogEntry

        models, now = self.models, timezone.now()
        article_model, revision_model = models.Article, models.Revision
        stages = article_model.Stage.values
        stories = self._store(models.Story, (models.Story() for _ in range(self.size // 2 + 1)))

        def drafts() -> Iterator[Any]:
            for number in range(self.size):
                yield article_model(
                    # Two versions of each story.
                    story=stories[number // 2],
                    language=LANGUAGES[(number + number // 2) % 3],
                    headline=f"Story number {number} of the harbour",
                    slug=f"story-number-{number}",
                    body="<p>The first ferry left at six.</p>" * 20,
                    section=self.sections[number % 10],
                    # Of every fifth somebody is still at work.
                    stage=stages[number // 5 % 3] if number % 5 == 0 else stages[0],
                    created_by=self._person(number // 7),
                    created_at=now - timedelta(minutes=self.size - number),
                )

        rows = self._store(article_model, drafts())
        for number in (1, 2):
            revisions = self._store(
                revision_model,
                (
                    revision_model(
                        article=row,
                        number=number,
                        headline=row.headline,
                        slug=row.slug,
                        body=row.body,
                        section_id=row.section_id,
                        created_by_id=row.created_by_id,
                    )
                    for row in rows
                ),
            )
            if number == 1:
                first = revisions
        published = []
        for number, (row, revision) in enumerate(zip(rows, first, strict=True)):
            if number % 5 == 0:
                continue
            row.live_revision = revision
            # One in a thousand is to come.
            later = timedelta(days=30) if number % 1_000 == 1 else timedelta()
            row.published_at = row.first_published_at = row.created_at + later
            row.path = f"/{row.language}/2025/01/01/{row.slug}/"
            if number % 500 == 3:
                row.withdrawn_at = now
            published.append(row)
        fields = ["live_revision", "published_at", "first_published_at", "path", "withdrawn_at"]
        article_model.objects.bulk_update(published, fields, batch_size=500)
        self._store(models.Path, (models.Path(path=row.path, article=row) for row in published))
        self._store(
            LogEntry,
            (
                LogEntry(
                    verb="article.save",
                    by_id=row.created_by_id,
                    object_type="articles.article",
                    object_id=row.pk,
                    details={"revision": 1},
                )
                for row in rows
            ),
        )
        self._beside(published)

    def _beside(self, published: list[Any]) -> None:
        """Store what hangs on articles: comments, reports, redirects, sources."""
        from comments.models import Comment

        models = self.models
        self._store(
            Comment,
            (
                Comment(article=row, name="A reader", text="Well said.", state="waiting")
                for row in published[: self.size // 2]
            ),
        )
        self._store(
            models.MistakeReport,
            (
                models.MistakeReport(article=row, text="Not so.", language=row.language, fingerprint="")
                for row in published[: self.size // 20]
            ),
        )
        self._store(
            models.Path,
            (models.Path(path=f"/old/{row.pk}", target=row.path) for row in published[: self.size // 20]),
        )
        self._store(models.Source, (models.Source(name=f"Source {n}") for n in range(self.size // 20)))
        self._store(
            models.Task, (models.Task(article=row, kind="review") for row in published[: self.size // 20])
        )


def addresses(client: Any) -> dict[str, str]:
    """Return every list that somebody may see: each model's, each filter of the articles, searches, the last page."""
    from django.contrib import admin
    from django.urls import reverse

    articles = reverse("admin:articles_article_changelist")
    found = {"today": reverse("admin:index"), "articles": articles, "queue": reverse("queue:list")}
    found["schedule"] = reverse("admin:articles_article_schedule")
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found.setdefault(model._meta.verbose_name_plural, reverse(f"admin:{name}_changelist"))
    page = client.get(articles).content.decode()
    for query in dict.fromkeys(re.findall(r'<a href="(\?[^"]+)"', page)):
        found[f"articles {unescape(query)}"] = articles + unescape(query)
    for words in ("harbour 4711", "nothing like it", "story-number-77", "#4711", "/en/2025/01/01/none/"):
        found[f"articles, search: {words}"] = f"{articles}?q={words.replace('#', '%23').replace(' ', '+')}"
    return {name: address for name, address in found.items() if client.get(address).status_code == 200}


def report(people: list[Any]) -> int:
    """Ask for every list as each of these people, print a table, return 0 if all keep within the bounds."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    used = clock(connection)
    wrong = 0
    print("| list | who | queries | CPU, ms: median (min–max) | |\n| --- | --- | ---: | ---: | --- |")
    for person in people:
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(person)
        for name, address in addresses(client).items():
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            number = len(queries)  # the next request empties the list
            spent = []
            for _ in range(TIMES):
                before = used()
                client.get(address)
                spent.append((used() - before) / 1e6)
            passes = number <= MOST_QUERIES and median(spent) <= MOST_MILLISECONDS
            wrong += not passes
            figures = f"{median(spent):.0f} ({min(spent):.0f}–{max(spent):.0f})"
            verdict = "PASS" if passes else "FAIL"
            print(f"| {name} | {person} | {number} | {figures} | {verdict} |", flush=True)
    print(f"\nAt most {MOST_QUERIES} queries and {MOST_MILLISECONDS} ms: {'FAIL' if wrong else 'PASS'}")
    return 1 if wrong else 0


def clock(connection: Any) -> Callable[[], int]:
    """Return what tells how long the processor has worked for us, in nanoseconds."""
    from bench import cpu

    if connection.vendor != "postgresql":
        return time.process_time_ns
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    if not Path(f"/proc/{pid}/schedstat").exists():
        print("The database runs elsewhere: what it uses is not counted.", file=sys.stderr)
        return time.process_time_ns
    return lambda: time.process_time_ns() + cpu.nanoseconds(pid)


if __name__ == "__main__":
    sys.exit(main())
