"""Queries that are asked all the time, whose SQL is made once.

Django takes longer to build a query than PostgreSQL to answer it: FIGURE.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = tuple[Any, ...]


class Parameter(Expression):
    """What a prepared query is told each time that it is asked, of the type of `field`.

    One of `many` stands alone in the list of an `__in`, and is told a sequence that is not empty.
    """

    def __init__(self, name: str, field: "Field[Any, Any]", *, many: bool = False) -> None:
        super().__init__(output_field=field)
        self.name = name
        self.many = many

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]  # itself, so that it is found among the constants of the query

    def prepared(self, told: Any) -> list[Any]:
        """Return what the database is sent for it."""
        return [self.output_field.get_db_prep_value(each, connection) for each in (told if self.many else [told])]


class PreparedQuery:
    """A queryset of `values_list()` with parameters in it, built when it is first asked."""

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._build = build
        self._sql: _Sql | None = None

    def rows(self, **told: Any) -> list[Row]:
        """Return the rows for these values of its parameters."""
        if self._sql is None:
            self._sql = _Sql(self._build())
        return self._sql.run(told)


class _Sql:
    """A query's SQL, cut where its parameters and constants are, and how its rows are read."""

    def __init__(self, queryset: "QuerySet[Any, Any]") -> None:
        self._compiler = queryset.query.get_compiler(connection=connection)
        sql, self._arguments = self._compiler.as_sql()
        self._pieces = sql.split("%s")
        assert len(self._pieces) == len(self._arguments) + 1, sql
        columns = [column for column, *_ in self._compiler.select]
        self._converters = self._compiler.get_converters(columns)

    def run(self, told: dict[str, Any]) -> list[Row]:
        sent = [_sent(argument, told) for argument in self._arguments]
        with connection.cursor() as cursor:
            cursor.execute(self._with_places(sent), [value for values in sent for value in values])
            rows: Iterable[Sequence[Any]] = cursor.fetchall()
        if self._converters:
            rows = self._compiler.apply_converters(rows, self._converters)
        return [tuple(row) for row in rows]

    def _with_places(self, sent: Sequence[Sequence[Any]]) -> str:
        places = [", ".join(["%s"] * len(values)) for values in sent]
        return "".join(part for pair in zip(self._pieces, [*places, ""], strict=True) for part in pair)


def _sent(argument: Any, told: dict[str, Any]) -> list[Any]:
    return argument.prepared(told[argument.name]) if isinstance(argument, Parameter) else [argument]
