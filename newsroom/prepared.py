"""Questions and insertions whose SQL is put together once: for what every page or every comment asks and stores.

Django writes a queryset's SQL anew each time, which takes it ten times as long as a database needs to find one row.
What changes from time to time is left open by `Given`:

    BY_PATH = Prepared(lambda: Article.objects.filter(path=Given("path", CharField())))
    ...
    articles = BY_PATH(path="/en/news/")

Nothing else may change: the queryset is made once in a thread.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Given(models.Expression):
    """A value that is given when a prepared question is asked; `field` is what it is a value of, or a number's."""

    def __init__(self, name: str, field: models.Field | None = None) -> None:
        super().__init__(output_field=field or models.BigIntegerField())
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Leave a place for the value, and name it there."""
        return "%s", (self,)


class Prepared(Generic[Row]):
    """A question that is put together once: for models, with what they are selected with, or for lists of values.

    `ask` returns the queryset, without annotations and without prefetches. Call this with what it leaves open.
    """

    def __init__(self, ask: "Callable[[], models.QuerySet[Any, Row]]") -> None:
        self._ask = ask
        # A connection belongs to a thread, and what is put together to a connection.
        self._of_thread = threading.local()

    def __call__(self, **given: Any) -> list[Row]:
        """Ask, and return the rows. Raises KeyError for a value that is not given."""
        connection = connections[DEFAULT_DB_ALIAS]
        question = getattr(self._of_thread, "question", None)
        if question is None or question.connection is not connection:
            question = self._of_thread.question = _put_together(self._ask(), connection)
        return question.ask(given)


def insert(*rows: models.Model) -> None:
    """Store new rows of one model, as `bulk_create` does: by no `save` and with no signal; their keys are set.

    Raises TypeError for a row that is stored already: `save` of what only grows refuses it, and so does this.
    """
    if not all(row._state.adding for row in rows):
        raise TypeError("Only new rows are inserted.")
    connection, model = connections[DEFAULT_DB_ALIAS], type(rows[0])
    fields, sql = _insertion(model, len(rows), connection.vendor)
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@lru_cache
def _insertion(model: type[models.Model], number: int, vendor: str) -> tuple[list[models.Field], str]:
    """Return the fields of a model whose key the database makes, and the SQL that stores so many rows of it."""
    quote, meta = connections[DEFAULT_DB_ALIAS].ops.quote_name, model._meta
    fields = [field for field in meta.local_concrete_fields if not field.primary_key]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    sql = (
        f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES {', '.join([row] * number)}"  # noqa: S608
        f" RETURNING {quote(str(meta.pk.column))}"
    )
    return fields, sql


@dataclass(frozen=True)
class _Question:
    """SQL, and how its rows are read."""

    connection: BaseDatabaseWrapper
    sql: str
    parameters: list[Any]
    # By the place in a row: what makes the database's value one of ours.
    converters: dict[int, Any]
    compiler: SQLCompiler
    read: Callable[[list[Any]], Any]

    def ask(self, given: Mapping[str, Any]) -> list[Any]:
        values = [
            one.output_field.get_db_prep_value(given[one.name], self.connection)
            if isinstance(one, Given)
            else one
            for one in self.parameters
        ]
        with self.connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            rows = cursor.fetchall()
        return [self.read(row) for row in self.compiler.apply_converters(rows, self.converters)]


def _put_together(queryset: models.QuerySet, connection: BaseDatabaseWrapper) -> _Question:
    compiler = queryset.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    fields = [expression for expression, _sql, _alias in compiler.select]
    read = _reader(compiler) if queryset._iterable_class is ModelIterable else tuple
    return _Question(connection, sql, list(parameters), compiler.get_converters(fields), compiler, read)


def _reader(compiler: SQLCompiler) -> Callable[[list[Any]], models.Model]:
    """Return what makes a model of a row, with the models that are selected with it, as Django's own iterable does."""
    info = compiler.klass_info
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    names = [expression.target.attname for expression, _sql, _alias in compiler.select[start:end]]
    # The stubs are those of a later Django.
    related = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]

    def read(row: list[Any]) -> models.Model:
        found = info["model"].from_db(DEFAULT_DB_ALIAS, names, row[start:end])
        for one in related:
            one.populate(row, found)
        return found

    return read
