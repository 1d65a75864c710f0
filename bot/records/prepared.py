"""Statements of every turn: written with SQLAlchemy, compiled once, then run by the driver alone.

SQLAlchemy's own way of running a statement costs ten times what the database takes for one of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase


class Prepared:
    """An INSERT or UPDATE; `columns` are those it sets from values given by name. Values go to the driver as they are:
    texts, numbers, bytes and None."""

    def __init__(self, statement: UpdateBase, columns: tuple[str, ...] = ()) -> None:
        self._statement, self._columns = statement, columns
        self._compiled: dict[str, SQLCompiler] = {}

    def run(self, conn: Connection, *rows: Mapping[str, Any]) -> int:
        """How many rows it touched. `conn` is in a transaction. Raises what `conn.execute` raises."""
        compiled = self._compiled.get(conn.dialect.name) or self._compile(conn.dialect)
        given = [_for_the_driver(compiled, values) for values in rows]
        cursor = conn.connection.cursor()
        try:
            if len(given) == 1:
                conn.dialect.do_execute(cursor, compiled.string, given[0])
            else:
                conn.dialect.do_executemany(cursor, compiled.string, given)
            return int(cursor.rowcount)
        except conn.dialect.loaded_dbapi.Error as error:
            # Without the values: an error must not carry what was to be written.
            raise DBAPIError.instance(
                compiled.string,
                None,
                error,
                conn.dialect.loaded_dbapi.Error,
                hide_parameters=True,
                dialect=conn.dialect,
            ) from error
        finally:
            cursor.close()

    def _compile(self, dialect: Dialect) -> SQLCompiler:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(self._columns) or None)
        assert isinstance(compiled, SQLCompiler)
        self._compiled[dialect.name] = compiled
        return compiled


def _for_the_driver(compiled: SQLCompiler, values: Mapping[str, Any]) -> Any:
    """By name, or in the order in which the statement has them."""
    named = {**compiled.params, **values}
    return named if compiled.positiontup is None else tuple(map(named.__getitem__, compiled.positiontup))
