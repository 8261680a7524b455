"""What processes have used of the processor, from the kernel's own accounting."""

import os
from pathlib import Path

PROC = Path("/proc")


def nanoseconds(pid: int) -> int:
    """Return how long a process has run so far, in all its threads, system calls included.

    Ticks of `stat` are 10 ms, which is a hundred answers; `schedstat` counts nanoseconds.
    """
    return sum(parsed(read) for task in (PROC / str(pid) / "task").iterdir() if (read := _schedstat(task)))


def parsed(schedstat: str) -> int:
    """Return the time that a task has run, from the line that the kernel gives: time run, time waited, turns."""
    return int(schedstat.split()[0])


def _schedstat(task: Path) -> str:
    try:
        return (task / "schedstat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # the thread has ended
        return ""


def is_accounted() -> bool:
    """Return whether this machine tells what `nanoseconds` asks."""
    return bool(_schedstat(PROC / "self" / "task" / str(os.getpid())))


def parent(stat: str) -> int:
    """Return the parent's id from a process's `stat`; its name, in brackets, may hold anything."""
    return int(stat.rpartition(")")[2].split()[1])


def children(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started."""
    found = []
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                if parent((folder / "stat").read_text()) == pid:
                    found.append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def command(pid: int) -> list[str]:
    """Return the command line of a process."""
    return (PROC / str(pid) / "cmdline").read_text().split("\0")
