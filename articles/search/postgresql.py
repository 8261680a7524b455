"""Search in PostgreSQL: a tsvector made here word by word, so that no configuration of the server has a say."""

from collections.abc import Collection

from django.db import connection

from articles.search.engine import WEIGHTS, Engine, Text, marks
from articles.search.query import Query, Term

# How PostgreSQL calls headline, standfirst and body.
LABELS = ("A", "B", "C")


class PostgreSQL(Engine):
    """Search by tsvector and GIN."""

    def write(self, place: int, text: Text) -> None:
        """Put a row into the index, instead of any that stands at its place."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO articles_search (rowid, words) VALUES (%s, %s::tsvector) "
                "ON CONFLICT (rowid) DO UPDATE SET words = excluded.words",
                [place, _vector(text)],
            )

    def matches(self, query: Query) -> str:
        """Return a query as a tsquery. Tokens hold letters, digits and marks only, so nothing is escaped."""
        # Without labels: with them every match would have to be read to see where its words stand.
        return " & ".join([*(f"'={fact}'" for fact in query.facts), *map(_phrase, query.terms)])

    def ranks(self, query: Query, places: Collection[int]) -> dict[int, int]:
        """Return what each of these matches is worth: the sum of its terms, each at the best spot it stands at."""
        if not places:
            return {}
        asked: list[str] = []
        params: list[str | int] = []
        for term in query.terms:
            cases = []
            for label, weight in zip(LABELS[:-1], WEIGHTS[:-1], strict=True):
                cases.append(f"WHEN words @@ %s::tsquery THEN {weight}")
                params.append(_phrase(term, label))
            asked.append(f"CASE {' '.join(cases)} ELSE {WEIGHTS[-1]} END")
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT rowid, {' + '.join(asked)} FROM articles_search "  # noqa: S608
                f"WHERE rowid IN ({marks(places)})",
                [*params, *places],
            )
            return dict(cursor.fetchall())


def _phrase(term: Term, label: str = "") -> str:
    words = (f"'{word}':{label}" if label else f"'{word}'" for word in term)
    return f"({' <-> '.join(words)})"


def _vector(text: Text) -> str:
    """Return the vector; between two parts of a text lies a gap, so that no phrase reaches across.

    PostgreSQL counts positions to 16 383, and 255 of a word: further on words are found, phrases are not.
    """
    spots: dict[str, list[str]] = {}
    position = 0
    for words, label in zip((text.headline, text.standfirst, text.body), LABELS, strict=True):
        for word in words:
            position += 1
            spots.setdefault(word, []).append(f"{position}{label}")
        position += 1
    # No word begins with this sign.
    lexemes = [f"'={fact}'" for fact in text.facts]
    return " ".join([*lexemes, *(f"'{word}':{','.join(where)}" for word, where in spots.items())])


ENGINE = PostgreSQL()
