"""Say in plain text what was found in a raw text."""

from __future__ import annotations

import unicodedata

from .document import Block, Finding, Kind, ParsedText

_WIDTH = 12


# Controls, invisible characters, halves of pairs, separators of lines: categories of Unicode.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def printable(text: str) -> str:
    r"""Write what a terminal might obey, or cannot show, as "\x9b"."""
    return "".join(_spelt(char) if unicodedata.category(char) in _UNPRINTABLE else char for char in text)


def report(name: str, parsed: ParsedText) -> str:
    """Write the report of one text: what it was taken apart into, then each finding with line and excerpt."""
    headings = sum(block.is_heading for block in parsed.blocks)
    paragraphs = len(parsed.blocks) - headings
    facts = [
        ("headline", parsed.headline),
        ("standfirst", _shortened(parsed.standfirst) or "–"),
        ("language", parsed.language or "unknown"),
        ("text", f"{_count(headings, 'heading')}, {_count(paragraphs, 'paragraph')}"),
    ]
    if parsed.counter:
        facts.append(("left out", parsed.counter))
    lines = [name, *(f"  {label:<{_WIDTH}}{value}" for label, value in facts)]
    lines += [
        f"  {'headings' if not at else '':<{_WIDTH}}{heading}" for at, heading in enumerate(_headings(parsed))
    ]
    lines.append(f"  {'findings':<{_WIDTH}}{len(parsed.findings)}")
    for finding in parsed.findings:
        lines += _finding_lines(finding)
    return "\n".join(map(printable, lines))


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _finding_lines(finding: Finding) -> list[str]:
    place = f"line {finding.line}" if finding.line else "text"
    if finding.other_lines and finding.kind == Kind.AGENCY:
        place = "lines " + ", ".join(str(line) for line in (finding.line, *finding.other_lines))
    lines = [f"    {place}: {finding.kind}. {finding.message}."]
    if finding.excerpt:
        lines.append(f"        {finding.excerpt}")
    if finding.proposal:
        lines.append(f"        → {finding.proposal}")
    return lines


def _headings(parsed: ParsedText) -> list[str]:
    return [f"{block.text} (line {block.line})" for block in parsed.blocks if block.kind == Block.HEADING]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _shortened(text: str, most: int = 120) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
