"""Search in SQLite: a table of FTS5, which gives its matches from the newest on without sorting any."""

from collections.abc import Collection

from django.db import connection

from articles.search.engine import WEIGHTS, Engine, Text
from articles.search.query import Query, Term

COLUMNS = ("headline", "standfirst", "body")


class SQLite(Engine):
    """Search by FTS5; a phrase of one word is a word."""

    def write(self, place: int, text: Text) -> None:
        """Put a row into the index, instead of any that stands at its place."""
        parts = (text.headline, text.standfirst, text.body, text.facts)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO articles_search (rowid, headline, standfirst, body, facts) "
                "VALUES (%s, %s, %s, %s, %s)",
                [place, *map(" ".join, parts)],
            )

    def matches(self, query: Query) -> str:
        """Return a query in the words of FTS5. Tokens hold letters, digits and marks only, so nothing is escaped."""
        facts = (f'facts : "{fact}"' for fact in query.facts)
        terms = (f"{{headline standfirst body}} : {_phrase(term)}" for term in query.terms)
        return " AND ".join([*facts, *terms])

    def ranks(self, query: Query, places: Collection[int]) -> dict[int, int]:
        """Return what each of these matches is worth: the sum of its terms, each at the best spot it stands at."""
        if not places:
            return {}
        everything = self.matches(query)
        asked: list[str] = []
        params: list[str | int] = []
        for number, term in enumerate(query.terms):
            for column, weight in zip(COLUMNS[:-1], WEIGHTS[:-1], strict=True):
                # With all the rest of the query, so that a common word alone brings up no more than the matches.
                asked.append(
                    f"SELECT rowid, {number}, {weight} FROM articles_search "  # noqa: S608
                    "WHERE articles_search MATCH %s AND rowid BETWEEN %s AND %s"
                )
                params += [f"{everything} AND {column} : {_phrase(term)}", min(places), max(places)]
        best: dict[tuple[int, int], int] = {}
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked), params)
            for place, number, weight in cursor.fetchall():
                best[place, number] = max(weight, best.get((place, number), 0))
        numbers = range(len(query.terms))
        return {place: sum(best.get((place, n), WEIGHTS[-1]) for n in numbers) for place in places}


def _phrase(term: Term) -> str:
    return f'"{" ".join(term)}"'


ENGINE = SQLite()
