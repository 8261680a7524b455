"""A chart of numbers per day as SVG: pure text from numbers, without a script and without a style of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Heights are pixels and widths per cent: whatever width there is, its figures stay as large as the text.
HEIGHT = 160
# Below the bars stands a line, above them the largest number. So much of its place a bar leaves free.
TOP, GAP = 20, 0.12


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
    slot = 100 / max(1, len(days))
    drawn = []
    for place, day in enumerate(days):
        height = (HEIGHT - TOP) * day.number / scale
        # What is not nothing is seen.
        height = max(height, 1.5) if day.number else 0
        x, y = (place + GAP / 2) * slot, HEIGHT - height
        drawn.append((f"{x:.2f}%", f"{y:.1f}", f"{slot * (1 - GAP):.2f}%", f"{height:.1f}"))
    rects = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', drawn)
    lines = format_html_join("", '<line x2="100%" y1="{0}" y2="{0}"/>', [(TOP,), (HEIGHT,)])
    return format_html(
        '<svg class="bars" height="{full}" role="img" aria-labelledby="bars-title bars-text">'
        '<title id="bars-title">{title}</title><desc id="bars-text">{text}</desc>'
        '{lines}<text x="0" y="{above}">{top}</text>{rects}</svg>',
        full=HEIGHT + 1,
        lines=lines,
        above=TOP - 5,
        title=title,
        text=text,
        top=top or scale,
        rects=rects,
    )
