"""Check the search index, and mend it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from articles.models import Article
from articles.search import check

# Faults beyond these are counted and not told one by one.
MAX_TOLD = 20


class Command(BaseCommand):
    """Compare the search index with the articles; mend what differs."""

    help = (
        "Compare the search index with the articles, and mend what is missing, superfluous or different. The site "
        "may run meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Look only, or begin anew."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="Report only; exit 1 if anything is wrong.")
        what.add_argument(
            "--rebuild", action="store_true", help="Empty it first: search finds little until the end."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through articles, then rows; say each fault and, at the end, how many there were."""
        if options["rebuild"]:
            check.clear()
        is_check = options["check"]
        counts = {"missing": 0, "superfluous": 0, "different": 0}
        total = Article.objects.count()
        with tqdm(total=total, unit="article", disable=not sys.stderr.isatty(), leave=False) as bar:
            for number, faults in check.look():
                bar.update(number)
                if faults and not is_check:
                    check.mend(faults)
                for fault in faults:
                    counts[fault.kind] += 1
                    if not options["rebuild"] and sum(counts.values()) <= MAX_TOLD:
                        bar.clear()
                        where = f"article {fault.article}" if fault.article else f"row {fault.place}"
                        self.stdout.write(f"{where}: {fault.kind}")
        found = sum(counts.values())
        told = ", ".join(f"{number} {kind}" for kind, number in counts.items())
        if options["rebuild"]:
            self.stdout.write(f"The search index is made anew: {found} of {total} articles stand in it.")
        elif not found:
            self.stdout.write(f"The search index is right: {total} articles looked at.")
        elif is_check:
            raise CommandError(f"The search index is wrong ({told}). Mend it with: manage.py search_index")
        else:
            self.stdout.write(f"The search index is mended: {told}; {total} articles looked at.")
