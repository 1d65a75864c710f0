"""Remembers the newest transaction loaded of each sender, so that an older file is not laid over a newer one."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select, update

from bot.members.x12_loops import Transaction
from bot.records.tables import roster_files

_Key = tuple[str, str]  # plan, sender
_When = tuple[str, str, str]  # created, interchange, group


@dataclass(slots=True)
class Order:
    """What one import knows of its senders; what it loads of them is written with the members, by `write`."""

    _newest: dict[_Key, _When | None] = field(default_factory=dict)
    _unwritten: set[_Key] = field(default_factory=set)

    def knows(self, plan: str, transaction: Transaction) -> bool:
        """Whether `read` has been asked for this sender."""
        return (plan, transaction.sender) in self._newest

    def read(self, conn: Connection, plan: str, transaction: Transaction) -> None:
        """Look up what was loaded of this sender before."""
        found = conn.execute(
            select(roster_files.c.created, roster_files.c.interchange, roster_files.c.group_number).where(
                roster_files.c.plan == plan, roster_files.c.sender == transaction.sender
            )
        ).first()
        self._newest[plan, transaction.sender] = None if found is None else (found[0], found[1], found[2])

    def is_older(self, plan: str, transaction: Transaction) -> bool:
        """Whether one made later, or as late under a higher control number, was loaded. The same again is not older."""
        newest = self._newest.get((plan, transaction.sender))
        return newest is not None and _when(transaction) < newest

    def note(self, plan: str, transaction: Transaction) -> None:
        """This one is being loaded."""
        if not self.is_older(plan, transaction):
            self._newest[plan, transaction.sender] = _when(transaction)
            self._unwritten.add((plan, transaction.sender))

    def write(self, conn: Connection, now: float) -> None:
        for key in sorted(self._unwritten):
            this = (roster_files.c.plan == key[0], roster_files.c.sender == key[1])
            when = dict(zip(("created", "interchange", "group_number"), self._newest[key] or (), strict=True))
            values = when | {"loaded_at": now}
            if conn.execute(update(roster_files).where(*this).values(values)).rowcount == 0:
                conn.execute(insert(roster_files).values(values | {"plan": key[0], "sender": key[1]}))
        self._unwritten.clear()


def _when(transaction: Transaction) -> _When:
    return transaction.created, transaction.interchange, transaction.group
