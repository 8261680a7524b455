"""Which of the things that readers saw were old."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass
class Act:
    """A thing got a value: begun at a time, acknowledged at another; None if whoever did it was killed meanwhile."""

    value: Any
    begun: float
    acknowledged: float | None = None


@dataclass
class Sight:
    """A read that began and ended showed a value of a thing."""

    thing: str
    value: Any
    began: float
    ended: float
    address: str = ""


def stale(acts: Iterable[tuple[str, Act]], sights: Iterable[Sight]) -> list[str]:
    """Return what was seen that could not be seen any more, or not yet.

    A read may show each value that was begun before its end, unless a later one had been acknowledged when it began.
    The acts on a thing come one after the other.
    """
    history: dict[str, list[Act]] = defaultdict(list)
    for thing, act in acts:
        history[thing].append(act)
    for known in history.values():
        known.sort(key=lambda act: act.begun)
    found = []
    for sight in sights:
        known = history.get(sight.thing, [])
        last = max(
            (
                number
                for number, act in enumerate(known)
                if act.acknowledged is not None and act.acknowledged < sight.began
            ),
            default=0,
        )
        allowed = [act.value for act in known[last:] if act.begun < sight.ended]
        if known and sight.value not in allowed:
            since = known[last].acknowledged or 0.0
            found.append(
                f"{sight.address}: {sight.thing} was {sight.value!r}, not one of {allowed!r},"
                f" {sight.began - since:.4f} s after it changed"
            )
    return found
