"""Django's migrate, which also empties the page cache: the rows may be others than those that pages were made of."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from newsroom import pages


class Command(migrate.Command):
    """Bring the database up to date, then remove all stored pages."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; a new database or a restored one has other rows, and no verb has said so."""
        super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"]:
            return
        try:
            store = pages.store()
            if store.keeps:
                store.discard()
        except pages.UNREADABLE as error:
            raise CommandError(
                f"The database is up to date, but stored pages cannot be removed: {error}. Readers may get old "
                "ones until `manage.py pages purge --all` has done it."
            ) from error
