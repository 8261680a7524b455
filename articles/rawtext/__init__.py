"""Raw text as it comes out of a scrape: read it, take it apart, say what is wrong with it.

Pure functions: no models, no request. Text is never rewritten; whatever looks damaged becomes a finding.
"""

from .document import Block, Finding, Kind, ParsedText, body_html
from .parsing import parse
from .reading import MAX_BYTES, RawTextError, read_file
from .reports import printable, report

__all__ = [
    "MAX_BYTES",
    "Block",
    "Finding",
    "Kind",
    "ParsedText",
    "RawTextError",
    "body_html",
    "parse",
    "printable",
    "read_file",
    "report",
]
