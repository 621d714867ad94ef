"""Statements on the way of each delivery: compiled once for each database, then given to its driver as they are.

SQLAlchemy says what the SQL is and how each value goes in and comes out. What it does besides, each time that a
statement is run, takes several times as long as the statement.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

_Process = Callable[[Any], Any]
_NOTHING: Mapping[str, Any] = {}


class Cursor(Protocol):
    """What a driver gives for a statement that was run."""

    rowcount: int

    def fetchall(self) -> list[Sequence[Any]]:
        """All rows that are left."""


class _Compiled:
    """One statement for one database and one set of values."""

    def __init__(self, statement: sa.Executable, dialect: Dialect, names: Sequence[str]) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect, column_keys=list(names)))  # type: ignore[attr-defined]
        self.sql = str(compiled)
        self.defaults = {name: value for name, value in compiled.params.items() if name not in names}
        self._order = list(compiled.positiontup) if compiled.positional and compiled.positiontup is not None else None
        bound = ((name, bind.type) for name, bind in compiled.binds.items())
        self._going_in = _processors(dialect, bound, inwards=True)
        columns = getattr(statement, "exported_columns", ())
        self.row = _row_of([str(column.key) for column in columns])
        places = ((place, column.type) for place, column in enumerate(columns))
        self.coming_out = tuple(_processors(dialect, places, inwards=False).items())

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        given = {**self.defaults, **values}
        for name, process in self._going_in.items():
            given[name] = process(given[name])
        return given if self._order is None else [given[name] for name in self._order]


def _row_of(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    """Makes rows with these names; what has no name of its own gets that of its place."""
    kind: Any = namedtuple("row", names, rename=True)  # type: ignore[misc]
    return cast("Callable[[Iterable[Any]], Any]", kind._make)


def _processors(
    dialect: Dialect, types: Iterable[tuple[Any, TypeEngine[Any]]], *, inwards: bool
) -> dict[Any, _Process]:
    made: dict[Any, _Process] = {}
    for key, kind in types:
        own = kind.dialect_impl(dialect)
        process = own.bind_processor(dialect) if inwards else own.result_processor(dialect, None)
        if process is not None:
            made[key] = process
    return made


class Prepared:
    """A statement of SQLAlchemy's. Rows are named tuples of its columns. It may hold no list of values (`in_`)."""

    def __init__(self, statement: sa.Executable) -> None:
        self.statement = statement
        self._made: dict[tuple[str, ...], _Compiled] = {}

    def change(self, connection: Connection, values: Mapping[str, Any] = _NOTHING) -> int:
        """Runs it, and returns how many rows it met."""
        return self.run(connection, values)[1].rowcount

    def rows(self, connection: Connection, values: Mapping[str, Any] = _NOTHING) -> list[Any]:
        """Runs it, and returns all its rows."""
        compiled, cursor = self.run(connection, values)
        found = cursor.fetchall()
        if not compiled.coming_out:
            return [compiled.row(each) for each in found]
        made = []
        for each in map(list, found):
            for place, process in compiled.coming_out:
                each[place] = process(each[place])
            made.append(compiled.row(each))
        return made

    def row(self, connection: Connection, values: Mapping[str, Any] = _NOTHING) -> Any:
        """Its only row; None where it has none."""
        found = self.rows(connection, values)
        return found[0] if found else None

    def scalar(self, connection: Connection, values: Mapping[str, Any] = _NOTHING) -> Any:
        """The first value of its first row; None where it has none."""
        found = self.rows(connection, values)
        return found[0][0] if found else None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> tuple[_Compiled, Cursor]:
        """Gives it to the driver. Raises SQLAlchemy's errors, as a statement does that takes the ordinary way."""
        dialect = connection.dialect
        key = (dialect.name, *values)
        compiled = self._made.get(key)
        if compiled is None:
            compiled = self._made[key] = _Compiled(self.statement, dialect, tuple(values))
        raw: Any = connection.connection.dbapi_connection
        parameters = compiled.parameters(values)
        try:
            return compiled, hand_over(raw, compiled.sql, parameters)
        except _errors_of(dialect) as error:
            raise _wrapped(error, connection, compiled.sql) from error


def hand_over(raw: Any, sql: str, parameters: Any = ()) -> Cursor:
    """Gives SQL to the driver's own connection. Raises the driver's errors."""
    return cast("Cursor", raw.execute(sql, parameters))


def _errors_of(dialect: Dialect) -> type[Exception]:
    return cast("type[Exception]", dialect.loaded_dbapi.Error)


def _wrapped(error: Exception, connection: Connection, sql: str) -> BaseException:
    """The driver's error as SQLAlchemy's; a connection that is gone is not used again."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    made = sa.exc.DBAPIError.instance(
        sql, None, error, _errors_of(dialect), hide_parameters=True, connection_invalidated=gone, dialect=dialect
    )
    if gone:
        connection.invalidate(error)
    return made
