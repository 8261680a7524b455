"""How nginx knows that the time of a page is over: a path that leads somewhere before that time, and nowhere after it.

For a page that holds all through a quarter of an hour that path is the number of the quarter (`quarters`): its copy
lies there under each of the next ones. For the rest of its time there are clocks.

nginx cannot read when a page ends, nor compare two numbers; but it can ask whether a file is there, and it knows the
time. A clock is a folder `<clock>/aaaaaa/bb/cc` with an entry for each second before its end, where aaaaaabbcc are
the seconds since the epoch. Nobody makes two hundred million entries: what lies wholly before the end is a link to a
folder in which every entry is there.

    clocks/any4/00…99 -> ../any2        ten thousand seconds, all of them there
    clocks/any2/00…99 -> .              a hundred seconds
    clocks/any2/.copies -> ../../timed  see below
    clocks/1764151234/176414 -> ../any4
    clocks/1764151234/176415/00…11 -> ../../any2
    clocks/1764151234/176415/12/00…33 -> .
    clocks/1764151234/176415/12/.copies -> ../../../../timed

Beside the copy of a page that ends by itself lies a link to the clock of its end. nginx opens the copy through it, as
`<copy>.until/aaaaaa/bb/cc/.copies/<copy>`: one question to the file system, whether the page holds and what it is. No
address holds a name with a dot in front, so nobody can ask for such a path himself.
"""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

# nginx reads the clock once for all that it finds to do; it may be this much behind, in seconds.
NGINX_LATE = 1
# A clock ends no later than this after it is made, in seconds; then pages come from the application again.
LONGEST = 20 * 24 * 3600
# What leads from a clock to the copies.
COPIES = ".copies"
# How long what is called a quarter of an hour here is, in seconds: a power of ten, so that nginx reads its number off
# the time; and how many of them a copy lies in at most.
QUARTER = 1000
QUARTERS = 8
# How long a clock that has ended is kept, in seconds: nothing leads to it by then.
KEEP = 24 * 3600.0


def quarters(until: float | None, now: float) -> range:
    """Return the numbers of the next quarters all through which a page holds that is right until `until`, or always."""
    first = int(now) // QUARTER
    end = first + QUARTERS
    return range(first, end if until is None else min(end, (int(until) - NGINX_LATE) // QUARTER))


def ending(until: float, now: float) -> int:
    """Return the second before which nginx may answer with a page that is right until `until`.

    The further that is away the rounder, so that pages share clocks.
    """
    end = min(int(until) - NGINX_LATE, int(now) + LONGEST)
    left = end - now
    step = 10_000 if left > 2 * 24 * 3600 else 100 if left > 3600 else 1
    return end - end % step


def clock(folder: Path, end: int, now: float) -> Path:
    """Return the clock that ends at a second, made if it is not there.

    `folder` is for clocks alone; the copies of pages that end by themselves lie beside it in `timed`.
    """
    path = folder / str(end)
    if path.is_dir():
        return path
    _make_any(folder)
    _sweep(folder, now)
    first, second, third = end // 10_000, end // 100 % 100, end % 100
    made = folder / f"new-{uuid4().hex}"
    inner = made / str(first) / f"{second:02}"
    inner.mkdir(parents=True)
    for number in range(int(now) // 10_000, first):
        (made / str(number)).symlink_to("../any4")
    for number in range(second):
        (made / str(first) / f"{number:02}").symlink_to("../../any2")
    for number in range(third):
        (inner / f"{number:02}").symlink_to(".")
    (inner / COPIES).symlink_to("../../../../timed")
    with suppress(OSError):  # another one was first
        made.rename(path)
    shutil.rmtree(made, ignore_errors=True)
    return path


def _make_any(folder: Path) -> None:
    for name, target in (("any2", "."), ("any4", "../any2")):
        if (folder / name).is_dir():
            continue
        made = folder / f"new-{uuid4().hex}"
        made.mkdir(parents=True)
        for number in range(100):
            (made / f"{number:02}").symlink_to(target)
        if name == "any2":
            (made / COPIES).symlink_to("../../timed")
        with suppress(OSError):
            made.rename(folder / name)
        shutil.rmtree(made, ignore_errors=True)


def _sweep(folder: Path, now: float) -> None:
    """Remove clocks that ended long ago, and what a killed process left half made."""
    for entry in os.scandir(folder):
        over = entry.name.isdigit() and int(entry.name) < now - KEEP
        left = entry.name.startswith("new-") and entry.stat(follow_symlinks=False).st_mtime < now - KEEP
        if over or left:
            shutil.rmtree(entry.path, ignore_errors=True)


def shows(clock: Path, moment: float | None = None) -> bool:
    """Return whether a clock has not ended yet, as nginx asks."""
    seconds = int(time.time() if moment is None else moment)
    return (clock / str(seconds // 10_000) / f"{seconds // 100 % 100:02}" / f"{seconds % 100:02}").exists()
