"""Whether a transaction is over, asked by somebody else than who began it."""

from django.db import DatabaseError, DataError, connection, transaction

# How long to wait for whoever writes to SQLite, in milliseconds.
SETTLE_WITHIN = 100


def token() -> str:
    """Return the name of the current transaction, "" where the death of its process is its end.

    SQLite commits in the process itself. PostgreSQL may still carry out the COMMIT of a process that is dead.
    """
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        return str(cursor.fetchone()[0])


def is_over(name: str) -> bool:
    """Return whether the transaction of this name, whose process is dead, has come to its end.

    False as long as the database does not say so: the pages that it touches stay slow, not old.
    """
    if connection.in_atomic_block:
        # An error would break this transaction.
        return False
    try:
        if not name:
            return _settle()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_xact_status(%s::xid8)", [name])
            # Nothing is known any more of one that ended long ago.
            return cursor.fetchone()[0] != "in progress"
    except DataError:
        # It has not begun yet: this is another database than the one that named it.
        return True
    except DatabaseError:
        return False


def _settle() -> bool:
    """Have SQLite decide what becomes of a transaction whose process died while it committed; return True.

    Its last frame may lie in the write-ahead log without being announced to others: nobody sees it, until all have
    closed the database and the next one reads the log from the beginning. Whoever writes puts his own frames there.
    """
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        patience = int(cursor.fetchone()[0])
        # A reader does not wait for a long import: somebody else settles it later.
        cursor.execute(f"PRAGMA busy_timeout = {SETTLE_WITHIN}")
        try:
            with transaction.atomic():
                # A number for applications, which nobody else uses; what does not change is not written.
                cursor.execute("PRAGMA user_version")
                cursor.execute(f"PRAGMA user_version = {(int(cursor.fetchone()[0]) + 1) % 2**31}")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")
    return True
