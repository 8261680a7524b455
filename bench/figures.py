"""What the run found, as a table in Markdown, and what it found it on."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles


@dataclass
class Pair:
    """What one kind of page cost two servers, round by round, in nanoseconds per request."""

    kind: str
    least: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """The one divided by the other, of each round."""
        return [one / other for one, other in zip(self.least, self.ours, strict=True)]

    def passes(self, bound: float) -> bool:
        """Return whether the ratio in the middle is at least this."""
        return median(self.ratios) >= bound

    def row(self, bound: float) -> str:
        """Return the row of the table."""
        verdict = "PASS" if self.passes(bound) else "FAIL"
        middle = f"{median(self.ratios):.3f} ({quartiles(self.ratios)})"
        return f"| {self.kind} | {micro(self.least)} | {micro(self.ours)} | {middle} | ≥ {bound} {verdict} |"


def micro(nanoseconds: Sequence[float]) -> str:
    """Return the value in the middle, in microseconds."""
    value = median(nanoseconds) / 1000
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def spread(values: Sequence[float], digits: int) -> str:
    """Return the smallest and the largest value."""
    return f"{min(values):.{digits}f}–{max(values):.{digits}f}"


def quartiles(values: Sequence[float]) -> str:
    """Return between what half of the values lie."""
    low, _middle, high = quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
    return f"{low:.3f}–{high:.3f}"


def table(least: str, ours: str, pairs: Sequence[Pair], bound: float) -> str:
    """Return the table of all kinds of one pair of servers."""
    head = [
        f"| page | {least}, µs | {ours}, µs | ratio: median (quartiles) | |",
        "| --- | ---: | ---: | --- | --- |",
    ]
    return "\n".join([*head, *(pair.row(bound) for pair in pairs)])


def comparison(found: Mapping[str, Sequence[float]]) -> str:
    """Return the table of what is measured without a bound."""
    rows = [
        f"| {name} | {micro(values)} ({spread([value / 1000 for value in values], 0)}) |"
        for name, values in found.items()
    ]
    return "\n".join(["| for comparison | µs: median (min–max) |", "| --- | ---: |", *rows])


def machine() -> str:
    """Return what the run ran on."""
    try:
        told = Path("/proc/cpuinfo").read_text()
    except OSError:
        told = ""
    model = re.search(r"^model name\s*: (.+)$", told, re.M)
    name = model[1] if model else platform.machine()
    return f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def versions(nginx: str | None) -> str:
    """Return the versions of what was measured."""
    found = [
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("Django", "gunicorn")),
    ]
    if nginx:
        told = subprocess.run([nginx, "-v"], capture_output=True, text=True).stderr
        found.append(told.strip().rpartition(": ")[2].replace("/", " "))
    return ", ".join(found)
