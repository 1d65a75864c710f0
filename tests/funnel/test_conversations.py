"""What each kind of conversation counts as, held by real ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from bot import inputs
from bot.inputs import MessageReceived
from bot.members.import_completions import import_completions
from bot.records import tables as t
from bot.records.database import reading
from bot.records.funnel import ACTIVE_S, STAGES, Entries, Funnel, Screening, count_funnel
from bot.turn import take_turn
from tests.funnel.sums import holds
from tests.handoffs.desk import Agent
from tests.phone import Phone

DANIEL = ("999900000011", "4/23/1979", "46204")  # a man of 47
ANGELA = ("999900000014", "2/17/1984", "46203")  # Noah, 10, and Lily, 5, are her children
HELEN = ("999900000021", "6/25/1971", "47906")  # her benefits begin in 2035
ALL_ELSEWHERE = ("preference", "pmp", "screening")


def funnel(phone: Phone, counted: Entries | None = None) -> Funnel:
    with reading(phone.bot.records) as conn:
        counts = count_funnel(conn, phone.bot.content.current, phone.clock.now, counted)
    holds(counts)
    return counts


def entered(counts: Funnel) -> tuple[int, ...]:
    return tuple(stage.entered for stage in counts.stages)


def other(phone: Phone, number: str) -> Phone:
    return Phone(phone.bot, phone.clock, number)


def call(phone: Phone, sid: str, *said: str) -> None:
    """A call from this phone: each thing said, one document after the other."""
    for document, words in enumerate(("", *said)):
        phone.clock.now += 5
        heard = "speech" if document else "began"
        take_turn(
            phone.bot,
            MessageReceived(
                f"{sid}.{document}", phone.clock(), phone.number, phone.ours, words,
                call=sid, document=document, heard=heard,  # type: ignore[arg-type]
            ),
        )  # fmt: skip


def adult(counts: Funnel) -> Screening:
    return next(one for one in counts.screenings if one.flow == "hns_adult")


def import_steps(phone: Phone, folder: Path, member_id: str, *steps: str) -> None:
    file = folder / "steps.csv"
    lines = [f"{member_id},{step},2027-02-01,portal" for step in steps]
    file.write_text("\n".join(["member_id,step,completed_on,source", *lines]) + "\n")
    import_completions(phone.bot.records, phone.bot.vault, phone.bot.content.current.plans, file, now=phone.clock())


def test_nobody_yet(phone: Phone) -> None:
    counts = funnel(phone)
    assert (0,) * len(STAGES) == entered(counts)
    assert () == counts.by_language == counts.by_channel


def test_a_phone_that_says_hello_has_started(phone: Phone) -> None:
    phone.text("hi")
    assert (1, 0, 0, 0, 0, 0) == entered(funnel(phone))
    assert 1 == funnel(phone).stages[0].still_here
    phone.wait(ACTIVE_S + 60)
    assert (0, 1) == (funnel(phone).stages[0].still_here, funnel(phone).stages[0].stopped)


def test_a_member_goes_through_verification_and_a_step(phone: Phone) -> None:
    phone.texts("hi", "1", *DANIEL)
    assert (1, 1, 0, 0, 0, 0) == entered(funnel(phone))
    assert (0, 1) == (funnel(phone).steps[0].under_way, funnel(phone).steps[0].not_begun)
    phone.text("mail")
    assert (1, 0) == (funnel(phone).steps[0].under_way, funnel(phone).steps[0].not_begun)
    phone.text("yes")
    assert (1, 1, 1, 0, 0, 0) == entered(funnel(phone))
    assert 1 == funnel(phone).steps[0].done_here


def test_a_step_begun_and_left(phone: Phone) -> None:
    phone.texts("hi", "1", *DANIEL, "mail")
    phone.wait(ACTIVE_S + 60)
    assert (0, 1) == (funnel(phone).steps[0].under_way, funnel(phone).steps[0].left)


def test_one_phone_with_two_members_has_two_entries(phone: Phone) -> None:
    phone.texts("hi", "1", *ANGELA, "Noah", "mail", "yes")
    phone.texts("MENU", "someone else", "Lily")
    counts = funnel(phone)
    # Angela, whose keys were given, and the two children whom it was about.
    assert (3, 3, 1, 0, 0, 0) == entered(counts)
    assert ["sms"] == [group.key for group in counts.by_channel]


def test_one_member_on_two_phones_is_one_entry(phone: Phone) -> None:
    phone.texts("hi", "1", *DANIEL)
    second = other(phone, "+13175550177")
    second.text("hi")
    assert (2, 1, 0, 0, 0, 0) == entered(funnel(phone))
    second.texts("1", *DANIEL)
    assert (1, 1, 0, 0, 0, 0) == entered(funnel(phone))


def test_a_call_then_texts_by_the_same_phone_are_one_entry_where_the_texts_verify(phone: Phone) -> None:
    call(phone, "CA1", "hello")
    call(phone, "CA2", "hello")
    assert (1, 0, 0, 0, 0, 0) == entered(funnel(phone)), "two calls of one phone"
    phone.texts("hi", "1", *DANIEL)
    assert (1, 1, 0, 0, 0, 0) == entered(funnel(phone))


def test_an_entry_counts_where_and_in_which_language_it_began(phone: Phone) -> None:
    call(phone, "CA1", "screening", "9 9 9 9 0 0 0 0 0 0 1 1", "yes", "April 23 1979", "yes", "4 6 2 0 4", "yes")
    phone.texts("hola", "ESPAÑOL", "1", *DANIEL)
    counts = funnel(phone)
    assert 1 == counts.entries
    assert [("voice", 1)] == [(group.key, group.stages[1].entered) for group in counts.by_channel]
    other(phone, "+13175550177").texts("hola", "español")
    counts = funnel(phone)
    assert [("en", 1), ("es", 1)] == [(group.key, group.stages[0].entered) for group in counts.by_language]
    assert 1 == funnel(phone, Entries(language="es")).entries == funnel(phone, Entries(channel="sms")).entries
    assert 0 == funnel(phone, Entries(language="es", channel="voice")).entries


def test_relay_calls_are_entries_of_their_own(phone: Phone) -> None:
    phone.texts("hi", "1", *DANIEL)
    for sid in ("CA1", "CA2"):
        call(phone, sid, "this is relay operator 4512 with a relay call have you received a relay call before")
    counts = funnel(phone)
    assert (3, 1, 0, 0, 0, 0) == entered(counts)
    assert [("sms", 1), ("relay", 2)] == [(group.key, group.stages[0].entered) for group in counts.by_channel]


def test_only_entries_begun_in_the_period_count(phone: Phone) -> None:
    other(phone, "+13175550177").text("hi")
    phone.wait(86_400)
    later = phone.clock.now
    phone.text("hi")
    assert (2, 1, 1, 0) == tuple(
        funnel(phone, Entries(since, until)).entries
        for since, until in ((None, None), (later, None), (None, later), (later + 86_400, None))
    )


def test_a_conversation_of_before_it_was_kept_is_unknown_not_lost(phone: Phone) -> None:
    phone.text("hi")
    with phone.bot.records.begin() as conn:
        conn.execute(update(t.conversations).values(language=None, how=None, started_at=None))
    counts = funnel(phone)
    assert ["unknown"] == [group.key for group in counts.by_language] == [group.key for group in counts.by_channel]
    assert 1 == funnel(phone, Entries(language="unknown")).entries


def test_steps_done_online_count_for_whom_we_spoke_with_only(phone: Phone, tmp_path: Path) -> None:
    import_steps(phone, tmp_path, DANIEL[0], "pmp", "screening")
    assert 0 == funnel(phone).entries
    phone.texts("hi", "1", *DANIEL)
    assert (1, 1, 1, 1, 0, 0) == entered(funnel(phone))
    assert [0, 1, 1] == [step.done_elsewhere for step in funnel(phone).steps]
    phone.texts("mail", "yes")
    assert (1, 1, 1, 1, 1, 1) == entered(funnel(phone))
    assert 1 == funnel(phone).stages[-1].went_on


def test_who_waits_for_benefits_has_not_stopped(phone: Phone, tmp_path: Path) -> None:
    import_steps(phone, tmp_path, HELEN[0], *ALL_ELSEWHERE)
    phone.texts("hi", "4", *HELEN)
    phone.wait(ACTIVE_S + 60)
    counts = funnel(phone)
    assert (1, 1, 1, 1, 1, 0) == entered(counts)
    assert (1, 0) == (counts.stages[4].still_here, counts.stages[4].stopped)


# --- questions -------------------------------------------------------------------------------------------------------


@pytest.fixture
def screened(phone: Phone) -> Phone:
    """Daniel, at the first question of the screening."""
    phone.texts("hi", "3", *DANIEL)
    assert "a_health" == phone.question().partition(":")[2]
    return phone


def standing(phone: Phone) -> dict[str, tuple[int, int, int, int]]:
    """Of every question that was reached: answered, declined, still here, stopped."""
    asked = adult(funnel(phone)).questions
    return {one.key: (one.answered, one.declined, one.still_here, one.stopped) for one in asked if one.reached}


def test_a_question_is_reached_answered_declined_or_left(screened: Phone) -> None:
    assert {"a_health": (0, 0, 1, 0)} == standing(screened)
    screened.text("1")
    assert {"a_health": (1, 0, 0, 0), "a_checkup": (0, 0, 1, 0)} == standing(screened)
    screened.text("SKIP")
    screened.wait(ACTIVE_S + 60)
    assert {"a_health": (1, 0, 0, 0), "a_checkup": (0, 1, 0, 0), "a_er": (0, 0, 0, 1)} == standing(screened)


def test_an_answer_taken_back_and_given_again_counts_once(screened: Phone) -> None:
    screened.texts("1", "BACK")
    assert {"a_health": (0, 0, 1, 0)} == standing(screened)
    screened.texts("SKIP")
    assert {"a_health": (0, 1, 0, 0), "a_checkup": (0, 0, 1, 0)} == standing(screened)


def test_a_question_that_was_not_asked_of_somebody_was_not_reached(screened: Phone) -> None:
    screened.texts("1", "1", "1", "1", "none")
    assert "a_cond_other" not in standing(screened)
    assert (0, 0, 1, 0) == standing(screened)["a_meds"]


def skip_to_the_end(phone: Phone) -> None:
    for _ in range(60):
        if phone.question().endswith("review"):
            return
        before = phone.question()
        phone.text("SKIP")
        if phone.question() == before:  # may not be skipped
            phone.text("1")
    raise AssertionError(phone.question())


@pytest.mark.slow
def test_a_screening_that_is_answered_but_not_sent_then_sent_then_done_again(screened: Phone) -> None:
    skip_to_the_end(screened)
    assert (1, 0, 1, 0) == sending(screened)
    screened.text("yes")
    assert (1, 1, 0, 0) == sending(screened)
    before = adult(funnel(screened))
    screened.texts("screening", "yes", "1")
    assert before == adult(funnel(screened)), "the first that was sent is the one that counts"
    skip_to_the_end(screened)
    screened.text("yes")
    counts = funnel(screened)
    assert before == adult(counts)
    assert (1, 1) == (counts.steps[2].done_here, counts.stages[2].entered)


def sending(phone: Phone) -> tuple[int, int, int, int]:
    one = adult(funnel(phone))
    return one.began, one.sent, one.unsent_still_here, one.unsent_stopped


def test_what_staff_write_down_is_no_other_channel(screened: Phone) -> None:
    agent = Agent(screened)
    agent.claims()
    agent.does(inputs.FillAnswer, question=screened.question(), text="1")
    assert (1, 0, 0, 0) == standing(screened)["a_health"]
    assert ["sms"] == [group.key for group in funnel(screened).by_channel]


def test_a_screening_of_before_its_question_was_kept_is_not_known_to_be_anywhere(screened: Phone) -> None:
    screened.text("1")
    with screened.bot.records.begin() as conn:
        conn.execute(update(t.screenings).values(open_question=None))
    assert 1 == adult(funnel(screened)).not_known
    assert {"a_health": (1, 0, 0, 0)} == standing(screened)
