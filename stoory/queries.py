"""Queries that are asked all the time, whose SQL is made once.

Django takes longer to build a query than PostgreSQL to answer it, and to make models of the rows. Measured: a page of
history took 3.7 ms of CPU here, a page of the list 13.3 ms; they take 0.7 ms and 3.5 ms. PostgreSQL plans such a query
once a connection, and answers in the binary format, which takes no parsing.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, connections
from django.db.models import BooleanField, Expression, Field, Func, JSONField, QuerySet, UUIDField
from django.db.models.sql.compiler import SQLCompiler
from psycopg.pq import Format

from stoory.times import utc_now

Row = tuple[Any, ...]


def database_time() -> datetime:
    """Return the present by the database's clock; the servers' own may differ."""
    if connection.vendor != "postgresql":
        return utc_now()  # it is on this machine
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


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

    def prepared(self, told: Any, connection: Any) -> list[Any]:
        """Return what the database is sent for it."""
        return [self.output_field.get_db_prep_value(each, connection) for each in (told if self.many else [told])]


class IdText(Func):
    """A UUID as every wire shows it. PostgreSQL writes it in a fifth of the time that Python takes, a microsecond."""

    arity = 1
    output_field = UUIDField()

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)::text", **context)

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)

    def get_db_converters(self, connection: Any) -> list[Any]:
        return [] if connection.vendor == "postgresql" else [lambda value, *_: value and str(value)]


class OneOf(Func):
    """Whether a column of text holds one of `values`: one parameter, however many they are; `__in` has one for each.

    Django, and psycopg once more, look at each parameter: with five hundred that was most of a query's cost.
    """

    arity = 1
    output_field = BooleanField()

    def __init__(self, column: str, values: Iterable[str]) -> None:
        super().__init__(column)
        self.values = list(values)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s = ANY(%%s)", asked=self.values, **context)

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "%(expressions)s IN (SELECT value FROM json_each(%%s))"
        return self.as_sql(compiler, connection, template=template, asked=json.dumps(self.values), **context)

    def as_sql(self, compiler: SQLCompiler, connection: Any, *, asked: Any, **context: Any) -> Any:  # type: ignore[override]
        sql, params = super().as_sql(compiler, connection, **context)
        return sql, [*params, asked]


class PreparedQuery:
    """A queryset of `values_list()` with parameters in it, built when it is first asked.

    PostgreSQL plans a query anew each time where a plan for these very values looks cheaper than one for any, which
    takes longer than to run it. One that is `planned_once` is planned for any values, as they are hidden from it.
    """

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"], *, planned_once: bool = False) -> None:
        self._build = build
        self._planned_once = planned_once
        self._sql: _Sql | None = None

    def rows(self, **told: Any) -> list[Row]:
        """Return the rows for these values of its parameters."""
        if self._sql is None:
            self._sql = _Sql(self._build(), self._planned_once)
        return self._sql.run(told)


class _Sql:
    """A query's SQL, cut where its parameters and constants are, and how its rows are read."""

    def __init__(self, queryset: "QuerySet[Any, Any]", planned_once: bool) -> None:
        compiler = queryset.query.get_compiler(connection=connection)
        self._on_postgres = connection.vendor == "postgresql"
        sql, self._arguments = compiler.as_sql()
        self._pieces = sql.split("%s")
        assert len(self._pieces) == len(self._arguments) + 1, sql
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        self._converters = [
            (place, functions, column)
            for place, (functions, column) in converters.items()
            if not (self._on_postgres and isinstance(column.output_field, JSONField))  # psycopg has read it
        ]
        if self._on_postgres:
            self._take_arrays()
            self._postgres_sql = self._with_hidden_places() if planned_once else "%s".join(self._pieces)

    def run(self, told: dict[str, Any]) -> list[Row]:
        database = connections[connection.alias]  # itself: `connection` looks it up for each value
        sent = [_sent(argument, told, database) for argument in self._arguments]
        with database.cursor() as cursor:
            if self._on_postgres:
                cursor.cursor.format = Format.BINARY
                cursor.execute(self._postgres_sql, list(map(_array, self._arguments, sent)))
            else:
                cursor.execute(self._with_places(sent), [value for values in sent for value in values])
            rows = cursor.fetchall()
        return [self._converted(row) for row in rows] if self._converters else rows

    def _take_arrays(self) -> None:
        """Have one of many be an array: its SQL, and so its plan, is the same for any number of them."""
        for place, argument in enumerate(self._arguments):
            if isinstance(argument, Parameter) and argument.many:
                self._pieces[place] = self._pieces[place].removesuffix("IN (") + "= ANY("

    def _with_hidden_places(self) -> str:
        """Return the SQL with each parameter in a query of its own, whose result no plan depends on."""
        places = [_hidden(argument) if isinstance(argument, Parameter) else "%s" for argument in self._arguments]
        return self._joined(places)

    def _converted(self, row: Row) -> Row:
        values = list(row)
        for place, functions, column in self._converters:
            if values[place] is not None:
                for function in functions:
                    values[place] = function(values[place], column, connection)
        return tuple(values)

    def _with_places(self, sent: Sequence[Sequence[Any]]) -> str:
        return self._joined([", ".join(["%s"] * len(values)) for values in sent])

    def _joined(self, places: Sequence[str]) -> str:
        return "".join(part for pair in zip(self._pieces, [*places, ""], strict=True) for part in pair)


def _hidden(parameter: Parameter) -> str:
    kind = parameter.output_field.db_type(connection)
    return f"(SELECT %s::{kind}[])::{kind}[]" if parameter.many else f"(SELECT %s::{kind})"


def _array(argument: Any, values: list[Any]) -> Any:
    return values if isinstance(argument, Parameter) and argument.many else values[0]


def _sent(argument: Any, told: dict[str, Any], database: Any) -> list[Any]:
    return argument.prepared(told[argument.name], database) if isinstance(argument, Parameter) else [argument]
