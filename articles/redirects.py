"""Addresses that lead elsewhere: given by editors, imported from an old site; and those that readers miss.

A redirect is a row of Path with a target. It leads straight to where its target ends: no chains, no loops.
"""

import csv
import io
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import MissedAddress, Path
from newsroom.models import validate_address
from newsroom.verbs import Refused, verb

if TYPE_CHECKING:
    from articles.models import Article, User

logger = logging.getLogger(__name__)

PAGE_KEY = "redirects"
MAX_PATH = 300
# What a file may hold: lines, and characters.
MAX_ROWS = 5_000
MAX_FILE = 2_000_000

# How many missed addresses are kept, in memory and in the table, and how often a process writes them down, in seconds.
MAX_MISSED = 1_000
WRITE_EVERY = 30.0
FORGET_RARE = timedelta(days=7)
FORGET = timedelta(days=90)
# What may hold a secret of somebody, or is nobody's business.
_SECRET = (
    *("/admin/", "/preview/", "/appeal/"),
    *("/comments/own/", "/comments/as/", "/comments/confirm/", "/comments/unsubscribe/"),
)


def normal(address: str) -> str:
    """Return an address of ours as it is looked for: the decoded path, and the query as it stands.

    A whole address of this site is taken for its path. Raises ValidationError for anything else.
    """
    address = address.strip()
    base = urlsplit(settings.BASE_URL)
    parts = urlsplit(address)
    if parts.netloc and parts.netloc.lower() == base.netloc.lower():
        address = parts._replace(scheme="", netloc="").geturl() or "/"
    address = address.partition("#")[0]
    path, mark, query = address.partition("?")
    path = unquote(path)
    if not path.startswith("/") or path.startswith(("//", "/\\")) or "\0" in path or not path.isprintable():
        raise ValidationError(_("Write the old address as a path of this site: /2019/old-page.html"))
    if len(path + mark + query) > MAX_PATH:
        raise ValidationError(_("This address is too long; 300 characters are kept."))
    return path + mark + query


def add_redirect(old: str, new: str, *, by: "User | None") -> Path:
    """Let an old address lead to a new one, a path of ours or an http(s) address; said again it is changed.

    What leads to the old address leads to the new one from now on. Raises ValidationError for what is no address,
    Refused for one that an article has or that would lead to itself, PermissionDenied if `by` may not.
    """
    if by is not None and not by.may("articles.add_path"):
        raise PermissionDenied
    old, new = normal(old), new.strip()
    validate_address(new)
    if len(new) > 500:
        raise ValidationError(_("This address is too long; 500 characters are kept."))
    with verb("redirect.add", by=by) as act:
        row = Path.objects.select_for_update().filter(path=old).first() or Path(path=old)
        if row.pk and not row.is_given:
            raise Refused(_("An article has this address already: %(path)s") % {"path": old})
        article, target = _end_of(new)
        if target.partition("#")[0] == old:
            raise Refused(_("That would lead to itself: %(path)s") % {"path": old})
        if row.pk and (row.article, row.target) == (article, target):
            act.nothing()
            return row
        row.article, row.target, row.is_given = article, target, True
        row.save()
        # What led here leads on.
        led_here = Q(target=old) | Q(target__startswith=f"{old}#")
        Path.objects.filter(led_here, is_given=True).update(article=article, target=target)
        act.on = row
        act.purge(PAGE_KEY)
        MissedAddress.objects.filter(path=old).delete()
    return row


def _end_of(target: str) -> "tuple[Article | None, str]":
    """Return where an address leads in the end: an article, or an address that leads nowhere else."""
    try:
        path = normal(target)
    except ValidationError:  # another site's
        return None, target
    known = find(*path.partition("?")[::2])
    if known is None:
        _address, mark, fragment = target.partition("#")
        return None, path + mark + fragment
    return (known.article, "") if known.article_id else (None, known.target)


def remove_redirect(row: Path, *, by: "User | None") -> None:
    """Take a redirect away. Raises Refused for an article's own address, PermissionDenied if `by` may not."""
    if by is not None and not by.may("articles.delete_path"):
        raise PermissionDenied
    with verb("redirect.remove", by=by, on=row) as act:
        found = Path.objects.select_for_update().filter(pk=row.pk).first()
        if found is None:
            return act.nothing()
        if not found.is_given:
            raise Refused(_("An article has this address already: %(path)s") % {"path": found.path})
        Path.objects.filter(pk=found.pk).delete()
        act.purge(PAGE_KEY)


def find(path: str, query: str) -> Path | None:
    """Return the row of an address that is no page: with its query or without, with a slash at its end or without.

    `path` is decoded, `query` as it was sent. One query.
    """
    wanted = [path, path[:-1] if path.endswith("/") else f"{path}/"]
    if query:
        wanted = [f"{address}?{query}" for address in wanted] + wanted
    rows = Path.objects.select_related("article").defer("article__body").filter(path__in=wanted)
    found = {row.path: row for row in rows}
    return next((found[address] for address in wanted if address in found), None)


@dataclass(frozen=True)
class Wrong:
    """A line of a file that was not taken, and why."""

    number: int
    line: str
    reason: str


def import_redirects(text: str, *, by: "User | None") -> tuple[int, list[Wrong]]:
    """Add a redirect for each line "old,new" (or with semicolons or tabs); return how many, and what was not taken.

    A first line of names is passed over. Raises Refused for too large a file, PermissionDenied if `by` may not.
    """
    if len(text) > MAX_FILE:
        raise Refused(_("This file is too large: give it in parts of 5,000 lines."))
    lines = text.lstrip("\ufeff").splitlines()
    if len(lines) > MAX_ROWS:
        raise Refused(_("This file is too large: give it in parts of 5,000 lines."))
    taken, wrong = 0, []
    for number, line, cells in _rows(lines):
        if len(cells) != 2:
            wrong.append(
                Wrong(number, line, _("A line holds two addresses: the old one, a comma, the new one."))
            )
            continue
        try:
            add_redirect(cells[0], cells[1], by=by)
        except ValidationError as error:
            wrong.append(Wrong(number, line, " ".join(error.messages)))
        except Refused as refused:
            wrong.append(Wrong(number, line, str(refused)))
        else:
            taken += 1
    return taken, wrong


def _rows(lines: list[str]) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the lines that hold something: number, text, cells."""
    first = next((line for line in lines if line.strip()), "")
    separator = next((sign for sign in "\t;," if sign in first), ",")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=separator), [])]
        except csv.Error:  # a cell without end
            cells = []
        if number == 1 and cells and not cells[0].startswith(("/", "http")):
            continue  # names of columns
        yield number, line, cells


# Missed addresses


class MissedCounter:
    """Counts missed addresses in memory and writes them down now and then: strangers cannot make a write each."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()
        self._due = time.monotonic() + WRITE_EVERY

    def add(self, path: str) -> None:
        """Count one more; every so often write all down."""
        if len(path) > MAX_PATH or path.startswith(_SECRET) or "@" in path or "\0" in path:
            return
        with self._lock:
            if path in self._counts or len(self._counts) < MAX_MISSED:
                self._counts[path] = self._counts.get(path, 0) + 1
            if time.monotonic() < self._due:
                return
        self.write()

    def write(self) -> None:
        """Write down what was counted; what is new finds room only while the table has less than its bound."""
        with self._lock:
            counts, self._counts = self._counts, {}
            self._due = time.monotonic() + WRITE_EVERY
        if not counts:
            return
        try:
            self._store(counts)
        except DatabaseError:
            # Numbers for the newsroom's curiosity: no reader gets an error for them.
            logger.warning("Missed addresses could not be written down", exc_info=True)

    def _store(self, counts: dict[str, int]) -> None:
        now = timezone.now()
        with transaction.atomic():
            known = set(MissedAddress.objects.filter(path__in=counts).values_list("path", flat=True))
            for path in known:
                MissedAddress.objects.filter(path=path).update(count=F("count") + counts[path], last_at=now)
            room = max(0, MAX_MISSED - MissedAddress.objects.count())
            new = sorted(counts.keys() - known, key=lambda path: -counts[path])[:room]
            MissedAddress.objects.bulk_create(
                [MissedAddress(path=path, count=counts[path], last_at=now) for path in new],
                ignore_conflicts=True,
            )


missed = MissedCounter()


def forget_missed() -> int:
    """Forget missed addresses that nobody asks for any more; return how many. A job of the background process."""
    now = timezone.now()
    old = Q(last_at__lt=now - FORGET) | Q(last_at__lt=now - FORGET_RARE, count__lte=2)
    return MissedAddress.objects.filter(old).delete()[0]
