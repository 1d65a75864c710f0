"""`--since` goes by the last change of a record, and the order is total."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, insert, update

from bot.inputs import MessageReceived
from bot.records.export import KINDS
from bot.records.sealing import seal_message, seal_reply
from bot.records.tables import callbacks, conversations, inbound, outbox, pmp_notices, referrals, screenings
from tests.exports.family import records, store_screening, table
from tests.members.people import VAULT, at

DAY = 86_400.0
FIRST = at(2026, 6, 1)


def add(engine: Engine, into: Any, *rows: dict[str, Any]) -> None:
    with engine.begin() as conn:
        conn.execute(insert(into), list(rows))


def change(engine: Engine, of: Any, **columns: Any) -> None:
    with engine.begin() as conn:
        conn.execute(update(of).values(**columns))


def changed(engine: Engine, kind: str, on_day: int) -> int:
    """How many records say that they changed on this day or later."""
    return len(records(engine, kind, FIRST + on_day * DAY))


def test_a_referral_is_told_again_when_it_is_taken_and_when_it_is_closed(engine: Engine) -> None:
    add(engine, referrals, {"screening": "r1", "member": "leo", "tier": "HIGH", "rules": "[]", "state": "open",
                            "at": FIRST})  # fmt: skip
    assert (1, 0) == (changed(engine, "referrals", 0), changed(engine, "referrals", 1))
    change(engine, referrals, state="taken", taken_by="agent:7", taken_at=FIRST + DAY)
    assert (1, 0) == (changed(engine, "referrals", 1), changed(engine, "referrals", 2))
    change(engine, referrals, state="closed", closed_at=FIRST + 2 * DAY)
    assert (1, 0) == (changed(engine, "referrals", 2), changed(engine, "referrals", 3))


def test_of_two_clocks_the_later_one_counts(engine: Engine) -> None:
    add(engine, referrals, {"screening": "r1", "member": "leo", "tier": "HIGH", "rules": "[]", "state": "closed",
                            "at": FIRST + 2 * DAY, "taken_by": "agent:7", "taken_at": FIRST + 3 * DAY,
                            "closed_at": FIRST})  # fmt: skip
    assert (1, 0) == (changed(engine, "referrals", 3), changed(engine, "referrals", 4))


def test_a_screening_is_told_again_with_every_answer(engine: Engine) -> None:
    store_screening(engine, "r1", "member:leo", None)
    assert 0 == changed(engine, "screenings", 1)
    change(engine, screenings, updated_at=FIRST + DAY)
    assert (1, 0) == (changed(engine, "screenings", 1), changed(engine, "screenings", 2))
    assert "2026-06-02T16:00:00Z" == records(engine, "screenings")[0]["meta"]["lastUpdated"]


def test_a_call_back_is_told_again_when_somebody_has_called(engine: Engine) -> None:
    add(engine, callbacks, {"conversation": "c", "member": "ann", "phone_index": "p", "due_at": FIRST, "zone": "UTC",
                            "phone_sealed": VAULT.seal(b"+13175550142", "callbacks.phone"), "language": "es",
                            "how": "sms", "state": "booked", "message_id": "SM1", "at": FIRST})  # fmt: skip
    assert 0 == changed(engine, "call-backs", 1)
    change(engine, callbacks, state="called", done_at=FIRST + DAY)
    assert (1, 0) == (changed(engine, "call-backs", 1), changed(engine, "call-backs", 2))


def test_a_notice_is_told_again_when_the_provider_is_back(engine: Engine) -> None:
    add(engine, pmp_notices, {"member": "ann", "provider": "p", "reason": "closed", "at": FIRST})
    assert 0 == changed(engine, "pmp-notices", 1)
    change(engine, pmp_notices, settled_at=FIRST + DAY)
    assert (1, 0) == (changed(engine, "pmp-notices", 1), changed(engine, "pmp-notices", 2))


def test_records_of_one_instant_keep_their_order(engine: Engine) -> None:
    for run in ("r3", "r1", "r2"):
        store_screening(engine, run, "member:leo", FIRST)
    assert ["r1", "r2", "r3"] == [record["id"] for record in records(engine, "screenings")]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_in_an_order_of_last_change_that_ties_do_not_upset(kind: str) -> None:
    told = KINDS[kind].rows
    assert f"ORDER BY {told.changed}, {told.key}" in str(told.from_(None)).replace("\n", " ")


# --- transcripts -----------------------------------------------------------------------------------------------------


def received(id: str, text: str, reply: str | None, when: float, **columns: Any) -> dict[str, Any]:
    message = MessageReceived(id, when, "+13175550101", "+13175550100", text)
    return {"message_id": id, "conversation": "c1", "state": "done", "body_sealed": seal_message(VAULT, message),
            "reply_sealed": seal_reply(VAULT, reply), "arrived_at": when, "done_at": when + 1,
            "answered_at": when + 2} | columns  # fmt: skip


def posted(id: str, text: str, when: float, **columns: Any) -> dict[str, Any]:
    return {"id": id, "conversation": "c1", "body_sealed": VAULT.seal(text.encode(), "outbox.body"), "state": "sent",
            "reason": "reminder", "due_at": when, "sent_at": when, "message_id": None,
            "by": None} | columns  # fmt: skip


def lines(engine: Engine, since: float | None = None) -> list[tuple[str, str]]:
    return [(row["who"], row["text"]) for row in table(engine, "transcripts", since)]


def test_a_transcript_has_what_arrived_and_what_left_and_who_wrote(engine: Engine) -> None:
    address = VAULT.seal(msgspec.msgpack.encode({}), "conversations.address")
    add(engine, conversations, {"id": "c1", "version": 1, "session_sealed": b"", "address_sealed": address,
                                "language": "es", "how": "relay", "updated_at": 0.0})  # fmt: skip
    add(
        engine,
        inbound,
        received("SM1", "hi", "hello", FIRST),
        received("SM2", "stop", None, FIRST + 10),
        received("SM3", "late?", "late!", FIRST + 20),
        received("SM4", "lost?", "on its way", FIRST + 30, answered_at=None),
    )
    add(
        engine,
        outbox,
        posted("o1", "late!", FIRST + 40, message_id="SM3", reason="late_reply"),
        posted("o2", "=reminder", FIRST + 50),
        posted("o3", "I am Kim", FIRST + 60, reason="agent", by="agent:7"),
        posted("o4", "never left", FIRST + 70, state="dropped"),
    )
    expected = [
        ("member", "hi"),
        ("bot", "hello"),
        ("member", "stop"),
        ("member", "late?"),
        ("member", "lost?"),
        ("bot", "late!"),
        ("bot", "=reminder"),
        ("agent:7", "I am Kim"),
    ]
    assert expected == lines(engine)
    assert expected[-3:] == lines(engine, FIRST + 40)
    [kim] = [row for row in table(engine, "transcripts") if row["uid"] == "o3"]
    assert ("c1", "es", "relay", "0", "", "") == tuple(
        kim[key] for key in ("conversation", "language", "channel", "media", "plan", "member_ids")
    )


def test_a_message_taken_long_after_it_came_is_told_from_when_it_was_taken(engine: Engine) -> None:
    add(engine, inbound, received("SM1", "hi", None, FIRST, done_at=FIRST + DAY))
    assert [("member", "hi")] == lines(engine, FIRST + DAY)
    [row] = table(engine, "transcripts")
    assert "2026-06-01T16:00:00Z" == row["at"]
