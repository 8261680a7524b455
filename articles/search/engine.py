"""What a database does for search: two engines that can do the same, and which of them is at work."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from django.db import connection
from django.db.models import BooleanField, Expression, F, Func, Value

from articles.search.query import Query

# What a word found in the headline, the standfirst, the body is worth.
WEIGHTS = (10, 4, 1)

BEHIND_ALL = 2**63 - 1


@dataclass(frozen=True)
class Text:
    """What the index holds of an article, as words ready made."""

    headline: list[str]
    standfirst: list[str]
    body: list[str]
    facts: list[str]

    @cached_property
    def digest(self) -> str:
        """What tells this from any other text."""
        parts = (self.headline, self.standfirst, self.body, self.facts)
        return sha256("\n".join(map(" ".join, parts)).encode()).hexdigest()


class Engine(ABC):
    """One database's full text search: a table `articles_search` whose rows are known by their places."""

    @abstractmethod
    def write(self, place: int, text: Text) -> None:
        """Put a row into the index, instead of any that stands at its place."""

    @abstractmethod
    def matches(self, query: Query) -> str:
        """Return a query in the engine's own words, for `Matches`."""

    @abstractmethod
    def ranks(self, query: Query, places: Collection[int]) -> dict[int, int]:
        """Return what each of these matches is worth: the sum of its terms, each at the best spot it stands at."""

    def erase(self, place: int) -> None:
        """Take a row out of the index, if it is there."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM articles_search WHERE rowid = %s", [place])

    def clear(self) -> None:
        """Take all rows out of the index."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM articles_search")

    def stored(self, places: Collection[int]) -> set[int]:
        """Return those of these places at which a row stands."""
        if not places:
            return set()
        return set(
            self._places(f"SELECT rowid FROM articles_search WHERE rowid IN ({marks(places)})", places)  # noqa: S608
        )

    def newest(self, limit: int, below: int = BEHIND_ALL) -> list[int]:
        """Return places of rows from the newest on, those below a place."""
        asked = "SELECT rowid FROM articles_search WHERE rowid < %s ORDER BY rowid DESC LIMIT %s"
        return self._places(asked, [below, limit])

    def _places(self, asked: str, params: Iterable[int]) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(asked, list(params))
            return [place for (place,) in cursor.fetchall()]


class Matches(Func):
    """The condition that a row of the index holds what is looked for."""

    output_field = BooleanField()

    def __init__(self, words: str | Expression, expression: str | Expression) -> None:
        super().__init__(
            F(words) if isinstance(words, str) else words,
            Value(expression) if isinstance(expression, str) else expression,
        )

    def as_sqlite(self, compiler, connection, **extra):
        """Name the table instead of a column: that is how FTS5 is asked about all of them."""
        column, expression = self.get_source_expressions()
        sql, params = compiler.compile(expression)
        return f'"{column.alias}".articles_search MATCH {sql}', params

    def as_postgresql(self, compiler, connection, **extra):
        """Compare vector and query."""
        return self.as_sql(compiler, connection, template="%(expressions)s::tsquery", arg_joiner=" @@ ")


def engine() -> Engine:
    """Return the engine of the database at work."""
    from articles.search import postgresql, sqlite

    return sqlite.ENGINE if connection.vendor == "sqlite" else postgresql.ENGINE


def marks(values: Iterable[object]) -> str:
    """Return a placeholder for each value."""
    return ", ".join("%s" for _ in values)
