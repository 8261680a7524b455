"""What is kept for a time and no longer: the one way to choose what is forgotten next."""

from typing import Any

from django.db import models

from newsroom.verbs import Act

# Rows forgotten by one statement; databases bound what one may name.
BATCH = 500


def next_to_forget(act: Act, over: models.QuerySet[Any], what: str) -> list[int]:
    """Lock a batch of rows whose time is over, and return their ids, in the order of `over`.

    The log of the act tells how many of `what` it was; where there is none, nothing is done.
    """
    # What somebody holds is left for next time: waiting for it, row by row, could deadlock with a decision.
    free = over.select_for_update(skip_locked=True, no_key=True)
    rows = list(free.values_list("pk", flat=True)[:BATCH])
    if not rows:
        act.nothing()
    act.details[what] = len(rows)
    return rows
