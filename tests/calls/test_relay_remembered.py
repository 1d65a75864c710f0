"""Who calls through a relay operator is known for it on the next call, once verified; nobody else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.bootstrap import Bot
from bot.events import RelayUsed
from bot.records import tables as t
from bot.records import turn as records
from bot.records.taken import TurnTaken
from tests.calls.poster import Poster
from tests.phone import Clock, rows
from tests.test_conversations import DANIEL, HELEN


@pytest.fixture
def relayed(bot: Bot, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Poster:
    """A call of Daniel's, verified, whose last turn brought about RelayUsed."""
    caller = verified(bot, clock, *DANIEL)
    write = records.record

    def with_relay(engine: object, vault: object, turn: TurnTaken) -> object:
        used = RelayUsed()
        return write(engine, vault, replace(turn, events=[*turn.events, used, used]))  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(records, "record", with_relay)
        caller.says("repeat")
    return caller


def verified(bot: Bot, clock: Clock, *keys: str) -> Poster:
    caller = Poster(bot, clock)
    caller.begins()
    caller.says("see my progress")
    caller.keys(*keys)
    assert caller.session().verified_member
    return caller


def test_it_is_written_once_with_who_speaks(bot: Bot, relayed: Poster) -> None:
    [row] = rows(bot, t.accommodations)
    assert (f"member:{relayed.session().verified_member}", "relay") == (row.speaker, row.kind)


def test_the_next_call_knows_it_once_verified(bot: Bot, clock: Clock, relayed: Poster) -> None:
    assert verified(bot, clock, *DANIEL).session().facts["uses_relay"] is True


@pytest.mark.usefixtures("relayed")
def test_another_member_is_not_taken_for_one_who_does(bot: Bot, clock: Clock) -> None:
    assert verified(bot, clock, *HELEN).session().facts["uses_relay"] is False
