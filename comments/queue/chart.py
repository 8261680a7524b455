"""A chart of numbers per day as SVG: pure text from numbers, without a script and without a style of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 720, 160
# Below the bars stands a line, above them the largest number.
TOP, GAP = 18, 2


@dataclass(frozen=True)
class Day:
    """How many comments were decided on in one day."""

    day: date
    number: int


def top_of(numbers: Sequence[int]) -> int:
    """Return a round number that none of these exceeds: 1, 2 or 5 times a power of ten."""
    largest, power = max([1, *numbers]), 1
    while power * 10 < largest:
        power *= 10
    return next(power * step for step in (1, 2, 5, 10) if power * step >= largest)


def bars(days: Sequence[Day], title: str, text: str, top: str = "") -> SafeString:
    """Return a bar per day, in the order given; `title` and `text` tell it to whoever does not see it.

    `top` is the largest number of the scale as a reader's language writes it.
    """
    scale = top_of([day.number for day in days])
    slot = WIDTH / max(1, len(days))
    drawn = []
    for place, day in enumerate(days):
        height = (HEIGHT - TOP) * day.number / scale
        # What is not nothing is seen.
        height = max(height, 1.5) if day.number else 0
        x, y = place * slot + GAP / 2, HEIGHT - height
        drawn.append((f"{x:.1f}", f"{y:.1f}", f"{slot - GAP:.1f}", f"{height:.1f}"))
    rects = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', drawn)
    return format_html(
        '<svg class="bars" viewBox="0 0 {width} {full}" role="img" aria-labelledby="bars-title bars-text">'
        '<title id="bars-title">{title}</title><desc id="bars-text">{text}</desc>'
        '<path d="M0 {edge}H{width}M0 {height}H{width}"/><text x="0" y="{above}">{top}</text>{rects}</svg>',
        width=WIDTH,
        height=HEIGHT,
        full=HEIGHT + 1,
        edge=TOP,
        above=TOP - 5,
        title=title,
        text=text,
        top=top or scale,
        rects=rects,
    )
