"""How log lines are written: one line per record, without addresses that are secrets, without e-mails."""

import logging
import re

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
_ESCAPES[ord("\t")] = "\t"
# What stands between spaces, quotes and slashes: a segment of an address, a word of a message.
_PART = re.compile(r"[^\s/?&=\"'()<>,;]+")
# The end of what django.core.signing makes: the digest, 43 characters of base64, after a colon.
_SIGNED = re.compile(r"(?::|%3[Aa])[\w-]{43}(?![\w-])")
_EMAIL = re.compile(r"[^@]+@[^@]*\.[^@]*|[^@]+%40[^@]*\.[^@]*")


def _mask(match: re.Match[str]) -> str:
    part = match[0]
    if _SIGNED.search(part):
        return "[signed]"
    # No more of a part is looked at than an e-mail can be long.
    if ("@" in part or "%40" in part) and _EMAIL.match(part[:400]):
        return "[e-mail]"
    return part


# Most lines: nothing in them is to be escaped, and without these three there is neither a token nor an e-mail.
_HARMLESS = re.compile(r"[^:@%\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]*")


def masked(text: str) -> str:
    """Return a text of one line without e-mails and without signed tokens, which open private pages."""
    if _HARMLESS.fullmatch(text):
        return text
    return _PART.sub(_mask, text.translate(_ESCAPES))


class LineFormatter(logging.Formatter):
    """One line per record: control characters from paths, names or agents cannot forge another line.

    The lines of a traceback follow, each behind a bar.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        told = masked(f"{record.levelname} {record.name} {record.getMessage()}")
        lines = [f"{self.formatTime(record)} {told}"]
        if record.exc_info and record.exc_info[0]:
            lines += [f"  | {masked(line)}" for line in self.formatException(record.exc_info).splitlines()]
        if record.stack_info:
            lines += [f"  | {masked(line)}" for line in record.stack_info.splitlines()]
        return "\n".join(lines)
