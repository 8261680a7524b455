"""Tables of TOML files, taken apart with a sentence for each mistake."""

import hashlib
import json
import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

_REQUIRED: Any = object()


class SeedError(Exception):
    """A seed that cannot be loaded; its text names the file and says what is wrong there."""


def digest_of(*parts: Any) -> str:
    """Return what tells whether a seed was changed (SHA-256, hex)."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


class Table:
    """A table of a TOML file, taken apart key by key; `done` refuses what nobody asked for."""

    def __init__(self, values: Any, file: str, place: str = ""):
        self.file, self.place = file, place
        if not isinstance(values, dict):
            raise self.wrong("must be a table: key = value")
        self._values = dict(values)
        # Tells whether somebody changed the table (SHA-256, hex).
        self.digest = digest_of(values)

    def wrong(self, what: str, key: str = "") -> SeedError:
        """Return the error that names file, place and key."""
        return SeedError(" ".join(filter(None, (f"{self.file}:", self._within(key), what))))

    def left(self) -> list[str]:
        """Return the keys that nobody has taken yet, in the order of the file."""
        return list(self._values)

    def _within(self, key: str) -> str:
        """Return where a key stands: "mill.en.name", "comment 3, reason"; without a key the table's own place."""
        if not self.place or not key:
            return key or self.place.rstrip(",")
        return f"{self.place} {key}" if self.place.endswith(",") else f"{self.place}.{key}"

    def _take(self, key: str, kind: type | tuple[type, ...], name: str, default: Any) -> Any:
        if key not in self._values:
            if default is _REQUIRED:
                raise self.wrong("is missing", key)
            return default
        value = self._values.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(f"must be {name}", key)
        return value

    def text(self, key: str, default: Any = _REQUIRED) -> str:
        """Take a text; required unless there is a default, and then not empty."""
        value = self._take(key, str, "a text", default)
        if default is _REQUIRED and not value.strip():
            raise self.wrong("is empty", key)
        return value.strip()

    def texts(self, key: str) -> list[str]:
        """Take a list of texts, none if it is not there."""
        value = self._take(key, list, "a list of texts", [])
        if not all(isinstance(item, str) for item in value):
            raise self.wrong("must be a list of texts", key)
        return value

    def one_of(self, key: str, choices: Collection[str], default: Any = _REQUIRED) -> str:
        """Take one of several words."""
        value = self.text(key, default)
        if value != default and value not in choices:
            raise self.wrong(f"must be one of {', '.join(choices)}", key)
        return value

    def number(self, key: str, default: Any = _REQUIRED) -> float:
        """Take a number."""
        return self._take(key, (int, float), "a number", default)

    def flag(self, key: str) -> bool:
        """Take true or false, false if it is not there."""
        return self._take(key, bool, "true or false", False)

    def span(self, key: str) -> timedelta:
        """Take a time between two moments, "hours:minutes"; none if it is not there."""
        value = self.text(key, "0:00")
        if not (found := re.fullmatch(r"([0-9]{1,4}):([0-5][0-9])", value)):
            raise self.wrong('must be hours and minutes, "2:15"', key)
        return timedelta(hours=int(found[1]), minutes=int(found[2]))

    def numbers(self, key: str, default: list[float]) -> list[float]:
        """Take a list of numbers."""
        value = self._take(key, list, "a list of numbers", default)
        if not all(isinstance(item, int | float) for item in value):
            raise self.wrong("must be a list of numbers", key)
        return value

    def table(self, key: str) -> "Table":
        """Take a table."""
        if key not in self._values:
            raise self.wrong("is missing", key)
        return Table(self._values.pop(key), self.file, self._within(key))

    def tables(self, key: str) -> list["Table"]:
        """Take a list of tables, written as [[key]]."""
        rows = self._take(key, list, f"a list of tables: [[{key}]]", [])
        return [Table(row, self.file, f"{self._within(key)} {number},") for number, row in enumerate(rows, 1)]

    def done(self) -> None:
        """Refuse keys that nobody has taken: a typing mistake would be silent else."""
        if self._values:
            raise self.wrong("is no key that means anything here", sorted(self._values)[0])
