"""Say in plain text what was found in a raw text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from .document import Finding, Kind, ParsedText

_WIDTH = 12


# Controls, invisible characters, halves of pairs, separators of lines: categories of Unicode.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def printable(text: str) -> str:
    r"""Write what a terminal might obey, or cannot show, as "\x9b"."""
    return "".join(_spelt(char) if unicodedata.category(char) in _UNPRINTABLE else char for char in text)


def report(name: str, parsed: ParsedText, facts: Iterable[tuple[str, str]] = ()) -> str:
    """Write the report of one text: what it was taken apart into, `facts` (label, text), each finding with its line."""
    headings = [f"{block.text} (line {block.line})" for block in parsed.blocks if block.is_heading]
    paragraphs = len(parsed.blocks) - len(headings)
    told = [
        ("headline", parsed.headline),
        ("standfirst", _shortened(parsed.standfirst) or "–"),
        ("headings", headings[0] if headings else "–"),
        *(("", heading) for heading in headings[1:]),
        ("paragraphs", str(paragraphs)),
        ("left out", parsed.counter or "–"),
        ("language", parsed.language or "unknown"),
        *facts,
        ("findings", str(len(parsed.findings))),
    ]
    lines = [name, *(f"  {label:<{_WIDTH}}{value}" for label, value in told)]
    for finding in parsed.findings:
        lines += _finding_lines(finding)
    return "\n".join(map(printable, lines))


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _finding_lines(finding: Finding) -> list[str]:
    place = f"line {finding.line}" if finding.line else "text"
    if finding.other_lines and finding.kind in (Kind.AGENCY, Kind.AGENCY_DESCRIBED):
        place = "lines " + ", ".join(str(line) for line in (finding.line, *finding.other_lines))
    lines = [f"    {place}: {finding.kind}. {finding.message}."]
    if finding.excerpt:
        lines.append(f"        {finding.excerpt}")
    if finding.proposal:
        lines.append(f"        → {finding.proposal}")
    return lines


def _shortened(text: str, most: int = 120) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
