"""A task begun in one conversation goes on in another: of the same speaker, about the same person, both known."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from bot.bootstrap import Bot
from bot.members.roster import member as member_on_file
from bot.members.roster import seal_details
from bot.records import tables as t
from bot.records.database import reading
from tests.calls.poster import Poster
from tests.phone import Clock, Phone, count, rows
from tests.test_conversations import ANGELA, DANIEL, MAYA, member, other, step

RESUMED = "Let's go on where we left off."
DAY = 86_400.0


@pytest.fixture
def home(phone: Phone) -> Phone:
    return other(phone, "+13175550177")


def begun(phone: Phone, person: str = "Noah") -> None:
    phone.texts("hi", "1", *ANGELA, person, "email")
    assert step(phone) == "ask_email"


def goes_on(phone: Phone, *words: str) -> bool:
    reply = phone.texts(*words)
    return reply is not None and RESUMED in reply


def test_the_same_parent_goes_on_at_the_same_question(phone: Phone, home: Phone) -> None:
    begun(phone)
    assert goes_on(home, "hi", "1", *ANGELA, "Noah")
    assert step(home) == "ask_email"
    assert home.question() == home.question_from_the_log()
    home.text("noah@example.org")
    assert [("email",)] == [(row.channel,) for row in rows(phone.bot, t.preferences)]
    assert 0 == count(phone.bot, t.places), "finished: nothing to go on with"


def test_each_doctor_keeps_the_number_that_was_shown(phone: Phone, home: Phone) -> None:
    shown = phone.texts("hi", "2", *DANIEL, "no", "near 46204")
    assert shown is not None
    again = home.texts("hi", "2", *DANIEL)
    assert again is not None and RESUMED in again
    assert shown.splitlines()[-3:] == again.splitlines()[-3:]


def test_a_call_goes_on_where_texts_were_left_and_texts_where_a_call_was(phone: Phone, bot: Bot, clock: Clock) -> None:
    phone.texts("hi", "2", *DANIEL, "no")
    assert step(phone) == "ask_search"
    caller = Poster(bot, clock, phone.number)
    caller.begins()
    caller.says("choose a doctor")
    caller.keys(*DANIEL)
    assert caller.session().asked.endswith(":ask_search")
    caller.says("near 46204")
    assert caller.session().asked.endswith(":ask_pick")
    home = other(phone, "+13175550177")
    assert goes_on(home, "hi", "2", *DANIEL)
    assert step(home) == "ask_pick"


def test_a_dropped_call_goes_on_in_the_next(bot: Bot, clock: Clock) -> None:
    for expected in ("ask_keep", "ask_search"):
        caller = Poster(bot, clock)
        caller.begins()
        caller.says("choose a doctor")
        caller.keys(*DANIEL)
        assert caller.session().asked.endswith(f":{expected}")
        caller.says("no")


# --- what does not go on ----------------------------------------------------------------------------------------------


def test_nothing_is_said_or_offered_of_it_unless_the_task_is_asked_for(phone: Phone, home: Phone) -> None:
    begun(phone)
    reply = home.texts("hi", "4", *ANGELA, "Noah")
    assert reply is not None and RESUMED not in reply and "email" not in reply


def test_not_before_the_speaker_is_verified(phone: Phone, home: Phone) -> None:
    begun(phone)
    assert not any(goes_on(home, words) for words in ("hi", "1", *ANGELA[:2], "46299"))
    assert 1 == count(phone.bot, t.places)


def test_not_for_another_person(phone: Phone, home: Phone) -> None:
    begun(phone, "Noah")
    assert not goes_on(home, "hi", "1", *ANGELA, "Lily")
    assert step(home) == "ask_channel"


def test_not_for_another_speaker(phone: Phone, home: Phone) -> None:
    """The same keys, given by another parent."""
    phone.texts("hi", "1", *MAYA, "yes", "Denise Brooks", "email")
    with reading(phone.bot.records) as conn:
        assert conn.execute(t.places.select()).one().speaker.startswith("guardian:")
    with phone.bot.records.begin() as conn:
        conn.execute(update(t.places).values(speaker="guardian:another"))
    assert not goes_on(home, "hi", "1", *MAYA, "yes", "Denise Brooks")
    assert step(home) == "ask_channel"


def test_not_after_a_fortnight(phone: Phone, home: Phone) -> None:
    begun(phone)
    home.wait(14 * DAY + 60)
    assert not goes_on(home, "hi", "1", *ANGELA, "Noah")


def test_not_when_what_is_on_file_has_changed_since(phone: Phone, home: Phone) -> None:
    """A yes to one address is no yes to another."""
    phone.texts("hi", "1", *ANGELA, "Noah", "mail")
    assert step(phone) == "ask_address_ok"
    _moves(phone.bot, member(phone.bot, "999900000015"))
    assert not goes_on(home, "hi", "1", *ANGELA, "Noah")
    assert step(home) == "ask_channel"


def _moves(bot: Bot, who: str) -> None:
    with reading(bot.records) as conn:
        found = member_on_file(conn, bot.vault, who)
    assert found is not None
    details = msgspec.structs.replace(found.details, address="99 New St")
    with bot.records.begin() as conn:
        conn.execute(
            update(t.members).where(t.members.c.id == who).values(details_sealed=seal_details(bot.vault, details))
        )


@pytest.mark.parametrize("last", ["forget it", "noah@example.org"])
def test_not_when_it_was_dropped_or_done(phone: Phone, home: Phone, last: str) -> None:
    begun(phone)
    phone.text(last)
    assert 0 == count(phone.bot, t.places)
    assert not goes_on(home, "hi", "1", *ANGELA, "Noah")


def test_back_to_the_beginning_leaves_no_place(phone: Phone) -> None:
    begun(phone)
    phone.text("back")
    assert step(phone) == "ask_channel"
    assert 0 == count(phone.bot, t.places)


def test_no_key_of_the_verification_is_kept(phone: Phone) -> None:
    begun(phone)
    [row] = rows(phone.bot, t.places)
    kept: dict[str, Any] = msgspec.msgpack.decode(phone.bot.vault.open(row.marks_sealed, "places.marks"))
    assert ["ask_channel"] == [question for question, *_ in kept["marks"]]


# --- two at once ------------------------------------------------------------------------------------------------------


def test_both_may_go_on_and_the_last_word_counts(phone: Phone, home: Phone) -> None:
    begun(phone)
    home.texts("hi", "1", *ANGELA, "Noah")
    phone.text("first@example.org")
    home.text("second@example.org")
    sealed = [phone.bot.vault.open(row.contact_sealed, "preferences.contact") for row in rows(phone.bot, t.preferences)]
    assert [b"first@example.org", b"second@example.org"] == sealed
    assert 0 == count(phone.bot, t.places)


def test_a_place_that_moved_while_it_was_taken_is_read_again(
    phone: Phone, home: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first phone answers between the second's look at the place and its writing: the second follows."""
    begun(phone)
    home.texts("hi", "1", *ANGELA)
    look, looked = phone.bot.run_action, []

    def meanwhile(action: str, conversation: str, slots: dict[str, Any]) -> Any:
        found = look(action, conversation, slots)
        if action == "action_find_places" and not looked:
            looked.append(action)
            phone.text("back")
            phone.text("mail")
        return found

    monkeypatch.setattr(type(phone.bot), "run_action", property(lambda _bot: meanwhile), raising=False)
    assert goes_on(home, "Noah")
    assert step(home) == "ask_address_ok"
