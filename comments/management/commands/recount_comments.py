"""Check or mend the number of comments at every article."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef, Q

from articles.models import Article
from comments.models import Comment


class Command(BaseCommand):
    """Work out from the comments themselves what each article should say."""

    help = (
        "Compares the number of comments that each article says, which comments are shown, their open reports and "
        "their sizes with what follows from decisions, reports and texts. --check reports and ends with 1 if "
        "anything differs; --fix mends it as well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for one of the two, so that nobody mends by accident."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--check", action="store_true", help="report differences, change nothing")
        what.add_argument("--fix", action="store_true", help="report differences and mend them")

    def handle(self, *args: Any, check: bool, fix: bool, **options: Any) -> None:
        """Go through the articles, each under its own lock.

        Raises CommandError, which ends with 1, if something differs and only was to be checked.
        """
        counted = differing = 0
        for article in _articles_with_comments():
            counted += 1
            difference = Comment.recount(article, mend=fix)
            if difference is None:
                continue
            differing += 1
            self.stdout.write(
                f"article {difference.article}: stored {difference.stored}, true {difference.true}, "
                f"{difference.flags} comments {'were' if fix else 'are'} wrongly shown or hidden, "
                f"{difference.beside} with wrong reports or size"
                f"{' (mended)' if fix else ''}"
            )
        self.stdout.write(f"{counted} articles with comments counted, {differing} differ.")
        if differing and check:
            raise CommandError("Run recount_comments --fix to mend this.", returncode=1)


def _articles_with_comments() -> Iterator[Article]:
    """Yield the articles that have or claim comments, a few at a time; bounded memory, however many there are."""
    last = 0
    while True:
        batch = list(
            Article.objects.filter(pk__gt=last)
            .filter(Q(comment_count__gt=0) | Exists(Comment.objects.filter(article=OuterRef("pk"))))
            .only("pk")
            .order_by("pk")[:500]
        )
        yield from batch
        if len(batch) < 500:
            return
        last = batch[-1].pk
