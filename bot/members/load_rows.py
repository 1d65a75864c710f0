"""Brings member rows into the records, whatever file they came from: in batches, each member written at most once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy import Row as SqlRow

from bot.members.guardian_links import (
    OnFile,
    guardian_by_name,
    guardian_who_is_a_member,
    link_child,
    on_file,
    write_new,
)
from bot.members.member_rows import GuardianClaim, MemberRow
from bot.members.rejects import Origin
from bot.members.roster import member_id_index, name_index, open_details, phone_index, seal_details
from bot.members.seen import Seen
from bot.records.tables import members
from bot.vault import Vault

_LATE_PLACE = "import.late"  # sealed rows in the temporary file of bot.members.seen
# Columns of a row, and the field of Details that each fills.
_DETAILS = {column: column for column in ("birth_date", "zip", "sex", "address", "city", "state", "phone", "email")}
_DETAILS |= {"first_name": "first", "last_name": "last", "language": "language"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that has passed every check of its own."""

    origin: Origin
    row: MemberRow
    index: str  # member_id_index
    event: str = "updated"  # what to call it if it changes the member on file


class Late(msgspec.Struct, frozen=True):
    """A row whose guardian may stand further down."""

    origin: Origin
    index: str
    child: str
    plan: str
    claim: GuardianClaim


@dataclass(frozen=True, slots=True)
class Loader:
    """One import. `reject` is told of the rows that only what is on file shows to be wrong."""

    vault: Vault
    now: float
    seen: Seen
    reject: Callable[[Origin, list[str]], None]

    def load(self, conn: Connection, batch: Iterable[Taken]) -> None:
        """Add and update the members of these rows, and link their guardians. Of several rows for one member, each
        builds on the one before."""
        rows: dict[str, list[Taken]] = {}
        for taken in batch:
            rows.setdefault(taken.index, []).append(taken)
        plans = {each[0].row.plan for each in rows.values()}  # named, because the index of IDs begins with them
        found = conn.execute(select(members).where(members.c.plan.in_(plans), members.c.member_id_index.in_(rows)))
        known = {row.member_id_index: row for row in found}
        ids = self._write(conn, rows, known)
        claimed = [
            Late(taken.origin, index, ids[index], taken.row.plan, taken.row.guardian)
            for index, each in rows.items()
            for taken in each
            if index in ids and taken.row.guardian is not None
        ]
        for late in self._not_linked(conn, claimed):
            self.seen.keep(self.vault.seal(msgspec.msgpack.encode(late), _LATE_PLACE))

    def late(self) -> Iterator[Late]:
        """Rows whose guardian's own row came after their child's, or never. To be asked once all rows are loaded."""
        for sealed in self.seen.kept():
            yield msgspec.msgpack.decode(self.vault.open(sealed, _LATE_PLACE), type=Late)

    def link(self, conn: Connection, batch: Iterable[Late]) -> None:
        for late in self._not_linked(conn, list(batch)):
            reason = "guardian_member_id is not on file (the member was loaded, the guardian was not)"
            self.reject(late.origin, [reason])

    # --- members -----------------------------------------------------------------------------------------------------

    def _write(
        self, conn: Connection, rows: Mapping[str, list[Taken]], known: Mapping[str, SqlRow[tuple[object, ...]]]
    ) -> dict[str, str]:
        """The ids (ours) of the members that are on file now, by member_id_index."""
        ids: dict[str, str] = {}
        additions, changes = [], []
        for index, each in rows.items():
            row = known.get(index)
            before = None if row is None else _as_on_file(self.vault, row)
            after = self._folded(before, each)
            if after is None:
                continue
            ids[index] = secrets.token_hex(16) if row is None else row.id
            if row is None:
                own = {"id": ids[index], "plan": after.plan, "member_id_index": index, "version": 0}
                additions.append(own | self._columns(after))
            elif after != before:
                changes.append({"own_id": row.id} | self._columns(after))
            outcome = "added" if before is None else "unchanged" if after == before else each[-1].event
            self.seen.settle(index, ids[index], outcome)
        if additions:
            conn.execute(insert(members), additions)
        if changes:
            this = members.c.id == bindparam("own_id")
            conn.execute(update(members).where(this).values(version=members.c.version + 1), changes)
        return ids

    def _folded(self, before: MemberRow | None, rows: list[Taken]) -> MemberRow | None:
        """What shall be on file after these rows; None if nothing can be."""
        state, told = before, None
        for taken in rows:
            if state is None and taken.row.incomplete:
                lacking = ", ".join(taken.row.incomplete)
                if taken.origin is not told:  # a row for each guardian has one origin
                    self.reject(taken.origin, [f"the member is not on file, and cannot be added without {lacking}"])
                told = taken.origin
                continue
            state = _plain(taken.row) if state is None else _merged(taken.row, state)
        return state

    def _columns(self, row: MemberRow) -> dict[str, object]:
        details = row.details
        return {
            "phone_index": phone_index(self.vault, details.phone) if details.phone else None,
            "name_index": name_index(self.vault, details.first, details.last),
            "details_sealed": seal_details(self.vault, details),
            "language": row.language,
            "benefits_begin": row.benefits_begin,
            "benefits_end": row.benefits_end,
            "pmp_provider": row.pmp_provider or None,
            "updated_at": self.now,
        }

    # --- guardians ---------------------------------------------------------------------------------------------------

    def _not_linked(self, conn: Connection, batch: list[Late]) -> list[Late]:
        """Link these children to the guardians they name; those whose guardian is not on file (yet)."""
        if not batch:
            return []
        indexes = {self._guardians_index(late) for late in batch if late.claim.member_id}
        known = on_file(conn, indexes, {late.plan for late in batch}, {late.child for late in batch})
        unlinked = [late for late in batch if not self._link(conn, known, late)]
        write_new(conn, known)
        return unlinked

    def _guardians_index(self, late: Late) -> str:
        return member_id_index(self.vault, late.plan, late.claim.member_id)

    def _link(self, conn: Connection, known: OnFile, late: Late) -> bool:
        claim = late.claim
        if claim.member_id:
            guardian = guardian_who_is_a_member(self.vault, known, self._guardians_index(late))
        else:
            guardian = guardian_by_name(conn, self.vault, known, late.child, claim)
        if guardian is None:
            return False
        if not self.seen.link(late.child, guardian, f"{claim.relationship} {claim.ends}"):
            reason = "an earlier row names this guardian with another relationship or guardianship_ends"
            self.reject(late.origin, [reason])
        elif link_child(conn, known, late.child, guardian, claim) and self.seen.outcome(late.index) == "unchanged":
            self.seen.settle(late.index, late.child, "updated")
            version = {"version": members.c.version + 1, "updated_at": self.now}
            conn.execute(update(members).where(members.c.id == late.child).values(version))
        return True


def _plain(row: MemberRow) -> MemberRow:
    """A row as what is on file: complete, and without its guardian."""
    return replace(row, language=row.language or "en", absent=frozenset(), guardian=None)


def _as_on_file(vault: Vault, on_file: SqlRow[tuple[object, ...]]) -> MemberRow:
    return MemberRow(
        plan=on_file.plan,
        details=open_details(vault, on_file.details_sealed),
        language=on_file.language,
        benefits_begin=on_file.benefits_begin,
        benefits_end=on_file.benefits_end,
        pmp_provider=on_file.pmp_provider or "",
        absent=frozenset(),
        guardian=None,
    )


def _merged(row: MemberRow, old: MemberRow) -> MemberRow:
    """The row, with what it does not say taken from what is on file."""
    kept = {field: getattr(old.details, field) for column, field in _DETAILS.items() if column in row.absent}
    return replace(
        old,
        details=msgspec.structs.replace(row.details, **kept),
        language=row.language or old.language,
        benefits_begin=old.benefits_begin if "benefits_begin" in row.absent else row.benefits_begin,
        benefits_end=old.benefits_end if "benefits_end" in row.absent else row.benefits_end,
        pmp_provider=row.pmp_provider or old.pmp_provider,
    )
