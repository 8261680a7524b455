"""How log lines are written."""

import logging

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
_ESCAPES[ord("\t")] = "\t"


class LineFormatter(logging.Formatter):
    """One line per record: control characters from paths, names or agents cannot forge another line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's own name)
        """Return the record's line with every control character escaped."""
        return super().formatMessage(record).translate(_ESCAPES)
