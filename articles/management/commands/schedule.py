"""Say what comes out by itself."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from articles.admin.states import short_time
from articles.schedule import MAX_LISTED, Due, schedule
from newsroom.models import Site


class Command(BaseCommand):
    """Tell what is due, what is late and why."""

    help = "Say which articles and which changes of articles come out by themselves: when, and what is late and why."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell it, a line each, what is due first."""
        try:
            site, rows = Site.current(), schedule()
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        for row in rows:
            self.stdout.write(self._line(row, site))
        if not rows:
            self.stdout.write("Nothing is scheduled.")
        elif len(rows) >= MAX_LISTED:
            self.stdout.write(f"Of each kind the first {MAX_LISTED} are told of.")

    def _line(self, row: Due, site: Site) -> str:
        what = "changes" if row.is_update else "article"
        line = (
            f"{short_time(row.at, site.zone)}  {what} {row.article.pk} ({row.article.language}),"
            f" revision {row.revision.number}: {row.revision.headline}"
        )
        return f"{line}  LATE: {row.why}" if row.why else line
