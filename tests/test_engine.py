"""The pure core in tables: which rule wins, what counts as answered, and stored sessions that must keep opening."""

from __future__ import annotations

from dataclasses import replace as changed
from datetime import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bot import engine
from bot.engine import Moment, Outcome, Turn
from bot.events import HandoffRequested, Marked, OptedIn, OptedOut, RunStarted, Said, Withdrawn
from bot.flow import Act, Branch, Choice, Collect, Content, Flow, Hours, Plan, Rejection, Slot, Variation
from bot.inputs import MessageReceived
from bot.session import SCHEMA, Mark, OnCall, Person, Run, Session, decode, encode
from bot.walk import Question
from nlu.understanding import Ambiguous, Expecting, NotAnAnswer, Understanding, Value

SESSIONS = Path(__file__).parent / "sessions"
ASKED = 1000.0
MOMENT = Moment(now=ASKED + 100, today="2027-02-02", open_hours=True, verified_for=86_400.0, message_id="SM1")


# --- content the size of a hand --------------------------------------------------------------------------------------


def then(step: str) -> tuple[Branch, ...]:
    return (Branch(step),)


COLORS = tuple(Choice(name, {"en": name.title(), "es": name.title()}) for name in ("red", "green"))
PICK = Collect(
    "pick", "color", "utter_ask_color", "choice", then("why"), options=COLORS, ask_before_filling=True,
    rejections=(Rejection(lambda slots: slots["color"] == "green", "utter_not_green"),), why="utter_why_color",
)  # fmt: skip
WHY = Collect("why", "reason", "utter_ask_reason", "text", then("thanks"), ask_before_filling=True, skippable=True)
PAINT = Flow("paint", "", (PICK, WHY, Act("thanks", "utter_thanks", then("END"))), triggers=("paint",))
MENU = Flow(
    "menu", "", (Collect("ask", "menu_choice", "utter_ask_menu", "choice", then("END"), ask_before_filling=True),)
)
WELCOME = Flow("welcome", "", (Act("hello", "utter_welcome", then("END")),), triggers=("greet",))

PLAN = Plan(
    id="p", names={"en": "Plan"}, phone="1-800-555-0100", tty="711",
    hours=Hours("America/New_York", {0: ((time(8), time(20)),)}), hours_text={"en": "8 to 8"}, numbers=(),
    member_id_pattern=r"\d+", member_id_hint={}, identity_keys=(), networks=(), pmp_kinds=(), reward_name={},
    reward_windows=(), languages=("en", "es"), questionnaires={},
)  # fmt: skip
CONTENT = Content(
    flows={flow.id: flow for flow in (PAINT, MENU, WELCOME)},
    responses={name: (Variation({"en": name}),) for name in ("utter_faq_hours", "utter_welcome")},
    slots={name: Slot(name, "text") for name in ("color", "reason", "menu_choice")},
    actions=frozenset(), plans={"p": PLAN}, rules=(), questionnaires={}, digest="d",
)  # fmt: skip

NEW = Session("c", "phone", "p")
PAINTING = Session(
    "c", "phone", "p", version=3, language="en", runs=(Run("r", "paint"),), asked="r:pick", asked_at=ASKED
)


def open_question(session: Session) -> Question | None:
    found = engine.stands_at(session, CONTENT, MOMENT)
    return found if isinstance(found, Question) else None


def turn(meaning: Understanding, session: Session = PAINTING, at: float = ASKED + 50, **more: Any) -> Outcome:
    message = MessageReceived("SM1", at, "+13175550110", "+13175550100", more.pop("text", "x"), **more)
    question = open_question(session)
    return engine.advance(Turn(session, message, meaning, question, CONTENT, MOMENT))


def said(outcome: Outcome) -> list[str]:
    return [event.response for event in outcome[1] if isinstance(event, Said)]


def kinds(outcome: Outcome) -> list[str]:
    return [type(event).__name__ for event in outcome[1]]


RED = Understanding(answer=Value("red"))
EVERYTHING = Understanding(
    urgent="medical", opt="out", command="back", answer=Value("red"), intent="paint", confidence=1.0, language="es"
)


# --- the order of the rules ------------------------------------------------------------------------------------------


def test_the_rules_stand_in_the_order_that_was_agreed() -> None:
    assert [
        "crisis", "opt_out", "opt_in", "help_", "agent_owns", "reserved_word", "paused", "answer", "perhaps_danger",
        "quick_start_topic",
        "start_flow", "clarify", "nothing_open", "cannot_handle",
    ] == [rule.__name__ for rule in engine.RULES]  # fmt: skip


@pytest.mark.parametrize(
    ("meaning", "first"),
    [
        (EVERYTHING, "utter_crisis_medical"),
        (changed(EVERYTHING, urgent=None), "utter_opted_out"),
        (changed(EVERYTHING, urgent=None, opt="help"), "utter_help"),
        (changed(EVERYTHING, urgent=None, opt=None), "utter_back_at_start"),
        (changed(EVERYTHING, urgent=None, opt=None, command=None), "utter_ask_reason"),
        (Understanding(intent="faq_hours"), "utter_faq_hours"),
        (Understanding(), "utter_not_understood_1"),
    ],
)
def test_the_first_that_applies_wins(meaning: Understanding, first: str) -> None:
    assert first == said(turn(meaning))[0]


def test_danger_alerts_staff_and_pauses_and_answers_nothing() -> None:
    session, events = outcome = turn(changed(EVERYTHING, opt=None))
    assert [HandoffRequested("crisis_medical", urgent=True)] == [e for e in events if isinstance(e, HandoffRequested)]
    assert ["utter_crisis_medical"] == said(outcome)
    assert session.paused and not session.opted_out
    assert session.runs == PAINTING.runs


def test_stop_and_danger_in_one_text_are_both_honoured() -> None:
    session, events = outcome = turn(EVERYTHING)
    assert session.opted_out and OptedOut() in events
    assert ["utter_crisis_medical"] == said(outcome)


def test_danger_that_only_the_classifier_hears_is_met_with_whom_to_call_and_the_question() -> None:
    session, events = turn(Understanding(intent="crisis_self_harm", confidence=0.9), text="i dont see the point")
    assert ["utter_perhaps_danger", "utter_ask_color"] == said((session, events))
    assert [("perhaps_self_harm", False)] == [(e.reason, e.urgent) for e in events if isinstance(e, HandoffRequested)]
    assert not session.paused


@pytest.mark.parametrize("intent", ["opt_out", "wrong_number"])
def test_what_silences_us_takes_more_than_the_classifier(intent: str) -> None:
    content = changed(CONTENT, responses=dict.fromkeys(("utter_opt_out", "utter_wrong_number_check"), ()))
    message = MessageReceived("SM1", ASKED + 50, "+13175550110", "+13175550100", "x")
    meaning = Understanding(intent=intent, confidence=0.9)
    session, events = engine.advance(Turn(PAINTING, message, meaning, open_question(PAINTING), content, MOMENT))
    assert not session.opted_out
    assert "utter_ask_color" == said((session, events))[-1] and 2 == len(said((session, events)))


def test_after_an_opt_out_danger_alerts_staff_and_says_nothing() -> None:
    outcome = turn(EVERYTHING, replace(PAINTING, opted_out=True))
    assert ["HandoffRequested"] == kinds(outcome)


def test_danger_is_answered_while_an_agent_owns_the_conversation() -> None:
    assert ["utter_crisis_medical"] == said(turn(EVERYTHING, replace(PAINTING, owner="agent:7")))


# --- opting out and in -----------------------------------------------------------------------------------------------


def test_stop_is_confirmed_once() -> None:
    session, events = turn(Understanding(opt="out"))
    assert session.opted_out
    assert ["OptedOut", "Said"] == [type(event).__name__ for event in events]
    assert [] == turn(Understanding(opt="out"), session)[1]


def test_what_twilio_confirms_we_record_and_do_not_say() -> None:
    message = MessageReceived("SM1", ASKED + 50, "a", "b", "alto", opt_out_type="STOP")
    question = open_question(PAINTING)
    moment = changed(MOMENT, reply_is_twilios=True)
    outcome = engine.advance(Turn(PAINTING, message, Understanding(), question, CONTENT, moment))
    assert [OptedOut()] == outcome[1]


@pytest.mark.parametrize(
    "meaning",
    [
        Understanding(),
        RED,
        Understanding(command="menu"),
        Understanding(opt="help"),
        Understanding(intent="paint"),
        Understanding(intent="deny"),
    ],
)
def test_after_an_opt_out_there_is_silence(meaning: Understanding) -> None:
    stopped = replace(PAINTING, opted_out=True)
    assert (stopped, []) == turn(meaning, stopped)


@pytest.mark.parametrize(
    "meaning", [Understanding(opt="in"), Understanding(intent="affirm"), Understanding(answer=Value(True))]
)
def test_start_or_yes_opts_in_and_the_question_is_asked_again(meaning: Understanding) -> None:
    session, events = outcome = turn(meaning, replace(PAINTING, opted_out=True))
    assert not session.opted_out and OptedIn() in events
    assert ["utter_opted_in", "utter_ask_color"] == said(outcome)
    assert "Marked" not in kinds(outcome), "YES opts in and answers nothing"


def test_start_means_nothing_to_one_who_never_stopped() -> None:
    assert "OptedIn" not in kinds(turn(Understanding(opt="in")))


# --- who owns it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "meaning", [RED, Understanding(command="menu"), Understanding(intent="paint"), Understanding()]
)
def test_while_an_agent_owns_the_conversation_the_bot_is_silent(meaning: Understanding) -> None:
    owned = replace(PAINTING, owner="agent:7")
    assert (owned, []) == turn(meaning, owned)


def test_stop_counts_while_an_agent_owns_the_conversation() -> None:
    assert OptedOut() in turn(Understanding(opt="out"), replace(PAINTING, owner="agent:7"))[1]


# --- answers ---------------------------------------------------------------------------------------------------------


def test_an_answer_is_marked_and_the_next_question_asked() -> None:
    session, events = outcome = turn(RED)
    assert Marked("r", "paint", "pick", "value", {"color": "red"}) == events[0]
    assert (Mark("pick", "value", {"color": "red"}),) == session.runs[0].marks
    assert ["utter_ask_reason"] == said(outcome)
    assert "r:why" == session.asked


@pytest.mark.parametrize(
    ("session", "at"),
    [
        (PAINTING, ASKED - 1),  # written before the question went out
        (replace(PAINTING, asked="r:why"), ASKED + 50),  # another question was asked
        (replace(PAINTING, asked=""), ASKED + 50),
    ],
)
def test_an_answer_to_what_had_not_been_asked_fills_nothing(session: Session, at: float) -> None:
    after, _ = outcome = turn(RED, session, at)
    assert ["utter_answer_taken_late", "utter_ask_color"] == said(outcome)
    assert "Marked" not in kinds(outcome)
    assert PAINTING.runs == after.runs


def test_a_command_that_came_early_is_honoured() -> None:
    assert ["utter_why_color", "utter_ask_color"] == said(turn(Understanding(command="why"), at=ASKED - 1))


def test_a_skip_that_came_early_skips_nothing() -> None:
    at_why = replace(PAINTING, runs=(Run("r", "paint", (Mark("pick", "value", {"color": "red"}),)),), asked="r:why")
    assert ["utter_ask_reason"] == said(turn(Understanding(command="skip"), at_why, ASKED - 1))


def test_a_refused_value_is_explained_and_not_recorded() -> None:
    outcome = turn(Understanding(answer=Value("green")))
    assert ["utter_not_green", "utter_ask_color"] == said(outcome)
    assert "Marked" not in kinds(outcome)


def test_an_ambiguous_answer_is_asked_about() -> None:
    outcome = turn(Understanding(answer=Ambiguous(("red", "green"))))
    assert ["utter_which_one", "utter_ask_color"] == said(outcome)


def test_a_question_is_no_answer() -> None:
    assert "Marked" not in kinds(turn(changed(RED, question=True)))


def test_what_may_not_be_skipped_is_asked_again_and_what_may_is_a_refusal() -> None:
    assert "utter_cannot_skip" == said(turn(Understanding(command="skip")))[0]
    at_why = replace(PAINTING, runs=(Run("r", "paint", (Mark("pick", "value", {"color": "red"}),)),), asked="r:why")
    assert Marked("r", "paint", "why", "declined", {}) == turn(Understanding(command="skip"), at_why)[1][0]


def test_back_withdraws_the_last_answer() -> None:
    at_why = replace(PAINTING, runs=(Run("r", "paint", (Mark("pick", "value", {"color": "red"}),)),), asked="r:why")
    session, events = outcome = turn(Understanding(command="back"), at_why)
    assert Withdrawn("r", "paint", ("pick",)) == events[0]
    assert ["utter_ask_color"] == said(outcome)
    assert () == session.runs[0].marks


def test_three_misses_lead_to_a_person_and_an_answer_forgets_them() -> None:
    session, heard = PAINTING, []
    for _ in range(4):
        session, _ = outcome = turn(Understanding(), session)
        heard.append(said(outcome)[0])
    assert [
        "utter_not_understood_1",
        "utter_not_understood_2",
        "utter_not_understood_3",
        "utter_not_understood_3",
    ] == heard
    assert 0 == turn(RED, replace(session, asked_at=ASKED))[0].misses


# --- paused ----------------------------------------------------------------------------------------------------------


def test_after_danger_an_answer_only_brings_the_question_back() -> None:
    session, _ = outcome = turn(RED, replace(PAINTING, paused=True))
    assert ["utter_ask_color"] == said(outcome)
    assert "Marked" not in kinds(outcome)
    assert not session.paused


def test_after_danger_anything_else_is_met_with_how_to_go_on() -> None:
    session, _ = outcome = turn(Understanding(intent="paint"), replace(PAINTING, paused=True))
    assert ["utter_paused"] == said(outcome)
    assert session.paused


def test_a_reserved_word_ends_the_pause() -> None:
    session, _ = outcome = turn(Understanding(command="resume"), replace(PAINTING, paused=True))
    assert ["utter_ask_color"] == said(outcome)
    assert not session.paused


# --- beginning and ending --------------------------------------------------------------------------------------------


def test_a_new_texter_is_welcomed_whatever_they_send() -> None:
    assert "utter_welcome" == said(turn(Understanding(), NEW))[0]


def test_another_task_is_set_aside_and_taken_up_again_once() -> None:
    at_menu = replace(PAINTING, runs=())
    session, events = turn(Understanding(intent="paint"), at_menu)
    assert [True] == [isinstance(event, RunStarted) for event in events if isinstance(event, RunStarted)]
    again, events = turn(Understanding(intent="paint"), session)
    assert 1 == len(again.runs)
    assert "RunStarted" not in [type(event).__name__ for event in events]


def test_the_same_turn_taken_twice_gives_the_same() -> None:
    for meaning in (RED, EVERYTHING, Understanding(), Understanding(intent="paint"), Understanding(command="menu")):
        for session in (NEW, PAINTING, replace(PAINTING, runs=())):
            assert turn(meaning, session) == turn(meaning, session)


def test_a_flow_that_new_content_does_not_have_is_passed() -> None:
    gone = replace(PAINTING, runs=(Run("g", "gone", (Mark("x", "value", {"y": "z"}),)), Run("r", "paint")))
    assert open_question(gone) is not None
    only_gone = replace(PAINTING, runs=(Run("g", "gone"),), asked="g:x")
    assert None is open_question(only_gone)
    assert turn(Understanding(), only_gone)[1]


def test_a_verification_runs_out() -> None:
    verified = replace(PAINTING, verified_until=MOMENT.now + 1)
    assert verified == engine.current(verified, MOMENT)
    assert 0.0 == engine.current(verified, changed(MOMENT, now=MOMENT.now + 2)).verified_until


@pytest.mark.parametrize(("today", "stands"), [("2027-02-01", True), ("2027-02-02", False), ("2027-02-03", False)])
def test_a_verification_ends_with_the_day_somebody_of_the_household_turns_18(today: str, stands: bool) -> None:
    household = [{"value": "m", "title": "Ann", "until": None}, {"value": "k", "title": "Kim", "until": "2027-02-02"}]
    verified = replace(PAINTING, verified_until=MOMENT.now + 1, facts={"household": household})
    assert stands == bool(engine.current(verified, changed(MOMENT, today=today)).verified_until)


def test_nlu_is_told_what_the_open_question_can_take() -> None:
    found = engine.expecting(open_question(PAINTING), CONTENT, MOMENT)
    assert isinstance(found, Expecting)
    assert ("choice", [("red", "1"), ("green", "2")], r"\d+") == (
        found.kind, [(option.value, option.key) for option in found.options], found.pattern,
    )  # fmt: skip
    assert None is engine.expecting(None, CONTENT, MOMENT)
    assert isinstance(NotAnAnswer(), type(Understanding().answer))


# --- stored sessions -------------------------------------------------------------------------------------------------

FULL = Session(
    conversation="0a1b2c", phone_index="3d4e5f", plan="indiana", version=12, channel="twilio", language="es",
    owner="bot", opted_out=False, verified_member="m1", verified_guardian="g1", verified_until=1801670400.25,
    person=Person("m2", "Noah", 10, "M", False), member_version=4,
    facts={"household": [{"value": "m2", "title": "Noah", "age": 10, "self": False, "until": "2034-05-12"}],
           "household_size": 1.0, "phone_known": True, "pmp_problem": None},
    runs=(Run("r1", "choose_pmp", (Mark("look_up", "offered", {"pmp_on_file": False}),)),
          Run("r2", "do_screening", (Mark("verify/start", "done"), Mark("intro", "done", {})))),
    member_runs={"hns_child:m2": Run("r3", "hns_child", (
        Mark("c_health", "value", {"c_health": "good"}), Mark("c_cond", "value", {"c_cond": ["asthma", "allergy"]}),
        Mark("c_lead", "declined")))},
    asked="r3:c_er", asked_at=1801584000.5, asked_by="SM0", lead="utter_c_needs", misses=1, paused=False,
    resting=True, reminder=True, repeats=2, waiting_since=1801584000.25,
    call=OnCall(7, True, 1, 2, ("3", "4"), 1801584000.75, "my name is", (("es", "El resto."),), True, ("Ruiz",), True,
                True, number_known=False, no_texts=True),
)  # fmt: skip
STORED = sorted(SESSIONS.glob("*.msgpack"))


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_a_session_stored_by_an_earlier_version_still_opens(file: Path) -> None:
    """What each held is in the file beside it; a new field has its default."""
    session = decode(file.read_bytes())
    written = msgspec.json.decode(msgspec.json.encode(session))
    expected = msgspec.json.decode(file.with_suffix(".json").read_bytes())
    assert {key: written[key] for key in expected} == expected


def test_todays_shape_is_among_the_stored_sessions() -> None:
    """Has the shape changed? Raise SCHEMA and store FULL beside the old ones: tests/sessions/README.md."""
    stored = SESSIONS / f"schema-{SCHEMA}.msgpack"
    assert FULL == decode(stored.read_bytes())
    assert set(msgspec.to_builtins(FULL)) == set(msgspec.json.decode(stored.with_suffix(".json").read_bytes()))


def test_a_session_reads_back_as_it_was_written() -> None:
    for session in (NEW, PAINTING, FULL):
        assert session == decode(encode(session))


def test_what_is_no_session_is_refused() -> None:
    for data in (b"", b"\x80", msgspec.msgpack.encode({"conversation": 1, "phone_index": "", "plan": ""})):
        with pytest.raises(msgspec.DecodeError):
            decode(data)
