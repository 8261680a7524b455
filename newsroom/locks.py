"""Locks on what has no row yet."""

from collections.abc import Iterable
from hashlib import sha256

from django.db import connection


def hold(names: Iterable[str]) -> None:
    """Let nobody else who names one of these go on before this transaction has ended.

    Taken in one order, so that nobody deadlocks; at most one statement. On SQLite nobody else writes anyway, and the
    names are not even asked for.
    """
    if connection.vendor != "postgresql":
        return
    keys = sorted({int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True) for name in names})
    if not keys:
        return
    with connection.cursor() as cursor:
        # One statement; it takes them row by row, in the order of the list.
        cursor.execute("SELECT COUNT(pg_advisory_xact_lock(key)) FROM UNNEST(%s::bigint[]) AS key", [keys])
