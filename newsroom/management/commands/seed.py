"""Load the sample content."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.models import Origin
from newsroom.seeds.files import read_folder
from newsroom.seeds.load import PROVIDER, Result, load
from newsroom.seeds.table import SeedError

# How kinds are told, in the order of the report: one, several.
NAMES = {
    "site": ("site", "sites"),
    "section": ("section", "sections"),
    "tag": ("tag", "tags"),
    "author": ("author", "authors"),
    "page": ("page", "pages"),
    "photo": ("photo", "photos"),
    "story": ("story", "stories"),
    "article": ("article", "articles"),
    "raw text": ("raw text", "raw texts"),
    "comment": ("comment", "comments"),
}


class Command(BaseCommand):
    """Load the sample content, once."""

    help = (
        "Load the sample content from a folder of readable files, through the same verbs as real content. What is "
        "loaded already stays as it is, also where its file was changed since."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the folder."""
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.BASE_DIR / "seeds",
            help="Where the files are (default: seeds/ beside manage.py).",
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Read everything, then store what is new, then say what was done."""
        started = time.monotonic()
        try:
            seeds = read_folder(folder)
            if not Origin.objects.filter(provider=PROVIDER).exists():
                self.stdout.write("Loading the sample content …")
                self.stdout.flush()
            result = load(seeds)
        except SeedError as error:
            raise CommandError(f"The seeds cannot be loaded. {error}") from error
        self.stdout.write(_report(result, time.monotonic() - started))
        for reason in result.left_out:
            self.stdout.write(f"Left out: {reason}.")
        for key in result.changed:
            self.stdout.write(f"Changed since it was loaded, and left as it is: {key}.")


def _report(result: Result, seconds: float) -> str:
    counts = [
        f"{number} {one if number == 1 else several}"
        for kind, (one, several) in NAMES.items()
        if (number := result.loaded[kind])
    ]
    if not counts:
        return "The sample content is loaded already."
    return f"Sample content loaded in {seconds:.1f} s: {', '.join(counts)}."
