"""Short transactions for long imports: other writers wait no longer than one batch takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Engine

_ROWS = 500
_T = TypeVar("_T")


def batches(rows: Iterable[_T]) -> Iterator[list[_T]]:
    """The rows in lists of at most 500."""
    remaining = iter(rows)
    while batch := list(islice(remaining, _ROWS)):
        yield batch


@contextmanager
def transactions(engine: Engine, dry_run: bool) -> Iterator[Callable[[], AbstractContextManager[Connection]]]:
    """What opens a transaction: one after the other, or in a dry run one for all, taken back at the end."""
    if not dry_run:
        yield engine.begin
        return
    with engine.connect() as conn, conn.begin() as all_of_it:
        yield lambda: nullcontext(conn)
        all_of_it.rollback()
