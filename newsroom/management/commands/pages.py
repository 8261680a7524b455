"""Look into the page cache, purge what it holds, fill it."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction
from django.utils.module_loading import import_string

from newsroom import pages
from newsroom.models import LogEntry
from newsroom.pages.address import address_of
from newsroom.pages.index import PurgeAct
from newsroom.pages.store import Ledger, Store
from newsroom.pages.warm import Warmed, environ_of, warm

# How many acts `status` tells of, and how many of the newest articles in each language `warm` stores.
ACTS = 5
ARTICLES = 200


class Command(BaseCommand):
    """Tell of the page cache, purge pages, store pages."""

    help = "Look into the page cache (status), remove pages from it (purge), store what readers ask for first (warm)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name what is to be done."""
        parsers = parser.add_subparsers(dest="what", required=True, metavar="status | purge | warm")
        parsers.add_parser("status", help="where the pages lie, how many there are, what was purged last")
        purge = parsers.add_parser("purge", help="remove the pages that carry these keys, or all")
        purge.add_argument(
            "keys", nargs="*", metavar="KEY", help="the name of what pages show: article-42, front-fr"
        )
        purge.add_argument(
            "--all",
            action="store_true",
            dest="everything",
            help="all pages, as after changing the database by hand",
        )
        fill = parsers.add_parser(
            "warm", help="store front pages, sections, the newest articles, feeds and sitemaps"
        )
        fill.add_argument(
            "--articles",
            type=int,
            default=ARTICLES,
            metavar="N",
            help=f"how many of the newest articles in each language ({ARTICLES})",
        )

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        """Do it; whatever is in the way is one line."""
        try:
            store = pages.store()
            if not store.keeps:
                if what == "warm":
                    raise CommandError(f"Nothing can be stored: PAGES_STORE is {settings.PAGES_STORE}.")
                self.stdout.write(f"No pages are kept here: PAGES_STORE is {settings.PAGES_STORE}.")
            elif what == "status":
                self.status(store)
            elif what == "purge":
                self.purge(store, options["keys"], options["everything"])
            else:
                self.warm(store, options["articles"])
        except pages.UNREADABLE as error:
            raise CommandError(f"The page cache cannot be used: {error}") from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()}") from error

    def status(self, store: Store) -> None:
        """Tell what there is, what is fenced, and what was purged last."""
        for line in store.place():
            self.stdout.write(line)
        if store.ledger is not None:
            for line in told(store.ledger):
                self.stdout.write(line)

    def purge(self, store: Store, keys: list[str], everything: bool) -> None:
        """Remove pages by their keys, or all."""
        if bool(keys) == everything:
            raise CommandError("Name the keys to be purged, or say --all.")
        if everything:
            store.discard()
            self.stdout.write("All pages are purged.")
            return
        with pages.noting() as purges, transaction.atomic():
            pages.purge(keys)
        if number := sum(purge.pages for purge in purges):
            self.stdout.write(f"{count(number, 'page')} purged.")
        else:
            # Not an error: what was to be gone is not there.
            self.stdout.write(f"No stored page carries {' or '.join(keys)}.")

    def warm(self, store: Store, articles: int) -> None:
        """Store what readers ask for first."""
        if articles < 0:
            raise CommandError("--articles takes a number, 0 or more.")
        if address_of(environ_of("/robots.txt")) is None:
            raise CommandError(f"Nothing can be stored: {settings.BASE_URL} is not among ALLOWED_HOSTS.")
        addresses: Callable[[int], Iterable[str]] = import_string(settings.PAGES_WARM)
        began, became = time.monotonic(), Counter[Warmed]()
        for _path, warmed in warm(store, addresses(articles)):
            became[warmed] += 1
        if not became[Warmed.STORED] and not became[Warmed.THERE]:
            raise CommandError(
                f"Nothing could be stored of {count(became.total(), 'page')}: the log tells why."
            )
        parts = [f"{count(became[Warmed.STORED], 'page')} stored", f"{became[Warmed.THERE]} there already"]
        if became[Warmed.LEFT]:
            parts.append(f"{became[Warmed.LEFT]} not to be stored now")
        if became[Warmed.FAILED]:
            parts.append(f"{became[Warmed.FAILED]} failed (the log tells why)")
        self.stdout.write(f"{', '.join(parts)}, in {time.monotonic() - began:.1f} s.")


def told(ledger: Ledger) -> list[str]:
    """Return what the ledger tells, in lines."""
    now, numbers, acts = time.time(), ledger.numbers(), ledger.acts(ACTS)
    entries = LogEntry.objects.in_bulk({act.about for act in acts if act.about})
    lines = [
        f"Pages: {numbers['pages']}",
        f"Bytes: {numbers['bytes']:,} of {settings.PAGES_MAX_BYTES:,}",
        f"Oldest: {moment(numbers['oldest']) if numbers['oldest'] else 'none'}",
    ]
    fenced = [f"{key} for {max(0, now - at):.1f} s" for key, at in numbers["fenced"]]
    lines.append(f"Fenced: {', '.join(fenced) or 'nothing'}")
    lines.append("Purged last:" if acts else "Purged last: nothing")
    return lines + [f"  {line_of(act, entries.get(act.about or 0))}" for act in acts]


def line_of(act: PurgeAct, entry: LogEntry | None) -> str:
    """Return one act in a line."""
    fresh = sum(page.fresh_at is not None for page in act.purged)
    if entry is None:
        name = "by a command"
    else:
        name = " ".join(str(part) for part in (entry.verb, entry.object_type, entry.object_id) if part)
    took = "goes on" if act.freed_at is None else f"{1000 * (act.freed_at - act.fenced_at):.0f} ms"
    keys = ", ".join(act.keys[:3]) + (f" and {len(act.keys) - 3} more" if len(act.keys) > 3 else "")
    return f"{moment(act.fenced_at)}  {name}: {keys}; {count(act.pages, 'page')}, {fresh} stored anew; {took}"


def moment(seconds: float) -> str:
    """Return a time as a log has it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%SZ}"


def count(number: int, thing: str) -> str:
    """Return a number with what it counts."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
