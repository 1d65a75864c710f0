"""What staff do with a conversation, form by form: done once, or refused in words."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from bot.bootstrap import Bot
from bot.desk_turn import stands
from bot.records import tables as t
from bot.session import Session
from tests.console.browser import Browser, add_staff
from tests.console.conftest import SignedIn
from tests.console.desk import Desk, account, audited
from tests.handoffs.desk import seen
from tests.phone import Phone, count, rows

VERIFIED = ("hi", "3", "999900000013", "7/30/1998", "46208")


def texts(phone: Phone) -> list[str]:
    return [line.text for line in seen(phone)]


def answers(session: Session) -> dict[str, object]:
    return {
        mark.question: mark.slots or mark.status
        for run in (*session.runs, *session.member_runs.values())
        for mark in run.marks
    }


def asks(phone: Phone) -> str:
    """The kind of the open question."""
    question = stands(phone.bot, phone.conversation).question
    assert question is not None
    return question.collect.kind


# --- who has it ------------------------------------------------------------------------------------------------------


def test_taken_once_and_a_colleague_is_told_who_has_it(phone: Phone, ana: Desk, mia: Desk) -> None:
    phone.texts("hi", "agent")
    assert ana.does("claim") == "said=claim"
    assert "You have this conversation. CareStart is silent" in ana.shown(said="claim")
    assert mia.does("claim") == "refused=held"
    assert "Agent has this conversation. Nothing was changed." in mia.shown(refused="held")
    assert mia.does("write", text="hello") == "refused=not_yours"
    assert "hello" not in texts(phone)


def test_who_has_it_is_named_as_they_are_called(phone: Phone, bot: Bot, ana: Desk) -> None:
    phone.texts("hi", "agent")
    add_staff(bot, "mia", "lead", name="Mia de la Cruz")
    other = Browser(ana.browser.app)
    other.sign_in("mia")
    Desk(other, phone).does("claim")
    assert "Mia de la Cruz has this conversation." in ana.shown(refused="held")
    Desk(other, phone).does("give-back")
    assert "Who has it now: CareStart. Nothing was sent." in ana.shown(refused="not_yours")


def test_only_a_lead_takes_over(phone: Phone, ana: Desk, mia: Desk) -> None:
    phone.texts("hi", "agent")
    mia.does("claim")
    assert ana.browser.post(f"{ana.path}/take-over", act=uuid4().hex).status_code == 403
    assert ana.does("transfer", to="queue") == "refused=not_yours"
    assert phone.session().owner == account(phone, "lead")
    add_staff(phone.bot, "max", "lead")
    other = Browser(mia.browser.app)
    other.sign_in("max")
    assert Desk(other, phone).does("take-over") == "said=take_over"
    assert phone.session().owner == account(phone, "max")
    assert mia.does("write", text="hello") == "refused=not_yours"


def test_handed_on_to_a_colleague_or_into_the_queue(phone: Phone, ana: Desk, mia: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    assert ana.does("transfer", to=account(phone, "lead")) == "said=transfer"
    assert phone.session().owner == account(phone, "lead")
    assert "Agent handed the conversation on to Lead" in mia.shown()
    mia.does("transfer", to="queue")
    assert phone.session().owner == "queue"


def test_it_is_handed_on_only_to_who_can_answer_it(phone: Phone, bot: Bot, ana: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    gone = add_staff(bot, "gone", "agent", name="Gone Away")
    with bot.records.begin() as conn:
        conn.execute(t.staff.update().where(t.staff.c.id == gone).values(active=False))
    shown = ana.browser.get(ana.path).text
    offered = set(re.findall(r'<option value="(agent:\w+)"', shown))
    assert offered == {account(phone, "lead"), account(phone, "admin")}
    for to in (f"agent:{gone}", account(phone, "auditor"), account(phone, "agent"), "agent:" + "0" * 12, "bot", ""):
        assert ana.browser.post(f"{ana.path}/transfer", act=uuid4().hex, to=to).status_code == 400, to
    assert phone.session().owner == account(phone, "agent")


def test_given_back_at_the_open_question_and_closed(phone: Phone, ana: Desk) -> None:
    phone.texts(*VERIFIED, "agent")
    open_question = phone.question()
    assert ana.does("give-back") == "refused=not_yours"
    ana.does("claim")
    assert ana.does("give-back") == "said=give_back"
    assert phone.question() == open_question and "Would you say that in general" in ana.last()
    ana.does("claim")
    assert ana.does("close") == "said=close"
    assert phone.session().owner == "nobody"
    assert "Closed" in ana.shown()


def test_a_task_is_started(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    assert ana.does("start-task", flow="choose_pmp") == "said=start_task"
    assert "What is the member ID" in ana.last()
    assert ana.does("start-task", flow="verify_member") == "refused=no_such_task"
    assert ana.does("start-task", flow="<b>") == "refused=no_such_task"


# --- what is written --------------------------------------------------------------------------------------------------


def test_written_once_though_the_form_is_sent_twice(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    form = uuid4().hex
    assert ana.does("write", act=form, text=" Two lines.\r\nHere. ") == "said=write"
    assert ana.does("write", act=form, text=" Two lines.\r\nHere. ") == "said=write"
    assert texts(phone).count("Two lines.\nHere.") == 1


@pytest.mark.parametrize(
    ("text", "said"), [("", "nothing"), (" \r\n ", "nothing"), ("x" * 1601, "too_long"), ("Hi {your_name}", "blanks")]
)
def test_what_cannot_be_meant_is_not_sent(phone: Phone, ana: Desk, text: str, said: str) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    before = texts(phone)
    assert ana.does("write", text=text) == f"said={said}"
    assert before == texts(phone)
    assert audited(phone, "write") == [(account(phone, "agent"), "write", phone.conversation, f"refused: {said}")]


def test_the_longest_text_is_sent(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    assert ana.does("write", text="x" * 1600) == "said=write"


def test_a_canned_reply_is_chosen_filled_and_sent_in_its_language(phone: Phone, ana: Desk) -> None:
    phone.texts("hola", "quiero hablar con una persona")
    ana.does("claim")
    shown = ana.browser.get(f"{ana.path}?canned=utter_canned_hello&language=es").text
    assert 'name="blank_your_name" required' in shown and "Servicios para Miembros" in shown
    chosen = {"canned": "utter_canned_hello", "language": "es"}
    assert ana.does("write", **chosen, blank_your_name="Ana") == "said=write"
    assert ana.last().startswith("Hola, soy Ana, de Servicios para Miembros")
    before = texts(phone)
    assert ana.does("write", **chosen) == "said=blanks"
    assert ana.does("write", **chosen, blank_your_name=" ") == "said=blanks"
    assert ana.does("write", **chosen, blank_your_name="x" * 500) == "said=blanks"
    assert ana.does("write", canned="utter_canned_hello", language="tlh", blank_your_name="Ana") == "said=nothing"
    assert ana.does("write", canned="utter_menu", language="es") == "said=nothing"
    assert before == texts(phone)


def test_after_stop_nothing_is_written(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    phone.text("STOP")
    assert ana.does("write", text="Are you there?") == "refused=opted_out"
    assert "opted out of texts. Nothing can be sent until they text START" in ana.shown(refused="opted_out")


def test_the_count_is_of_segments(signed_in: SignedIn) -> None:
    browser = signed_in("agent")
    short = browser.post("/console/count", text="hello").text
    assert "1" in short
    assert browser.post("/console/count", text="ñ" + "ж" * 100).text != short
    assert browser.post("/console/count", text="x" * 5000).status_code == 200


# --- on the member's behalf -------------------------------------------------------------------------------------------


@pytest.fixture
def at_the_screening(phone: Phone, ana: Desk) -> Desk:
    phone.texts(*VERIFIED, "agent")
    ana.does("claim")
    return ana


def test_an_option_is_filled_in_and_nothing_is_sent(phone: Phone, at_the_screening: Desk) -> None:
    ana, before = at_the_screening, texts(phone)
    first = phone.question()
    assert re.search(r'<option value="\w+">Excellent</option>', ana.browser.get(ana.path).text)
    value = re.findall(r'<option value="([\w-]+)">Good</option>', ana.browser.get(ana.path).text)[0]
    assert ana.fills(answer=value) == "said=fill_answer"
    assert phone.question() != first and phone.session().owner == account(phone, "agent")
    assert before == texts(phone)
    assert value in str(answers(phone.session()))


def test_declined_is_filled_in_where_it_may_be(phone: Phone, at_the_screening: Desk) -> None:
    first = phone.question()
    assert at_the_screening.fills(declined="yes", answer="1") == "said=fill_answer"
    assert answers(phone.session())[first.partition(":")[2]] == "declined"


def test_nothing_and_no_answer_are_refused(phone: Phone, at_the_screening: Desk) -> None:
    first = phone.question()
    assert at_the_screening.fills(answer=" ") == "said=nothing"
    assert at_the_screening.fills(answer="the weather is nice") == "refused=not_understood"
    assert phone.question() == first


def test_another_question_than_the_open_one_is_not_answered(phone: Phone, at_the_screening: Desk) -> None:
    first = phone.question()
    at_the_screening.fills(answer="1")
    second = phone.question()
    assert at_the_screening.does("fill-answer", question=first, answer="1") == "refused=moved_on"
    assert at_the_screening.does("fill-answer", question="", answer="1") == "refused=moved_on"
    assert phone.question() == second


def test_who_proves_who_they_are_is_the_member(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "3", "agent")
    ana.does("claim")
    first = phone.question()
    assert "Only the member may answer this one" in ana.shown()
    assert ana.fills(answer="999900000013") == "refused=not_allowed"
    assert phone.question() == first


def test_several_are_ticked_and_recorded_as_they_are(phone: Phone, at_the_screening: Desk) -> None:
    ana = at_the_screening
    for _ in range(4):
        ana.fills(answer="1")
    shown = ana.browser.get(ana.path).text
    boxes = dict(re.findall(r'type="checkbox" name="answer" value="([^"]*)"> ([^<]*)<', shown))
    titles = {title: value for value, title in boxes.items()}
    first = phone.question()
    assert ana.fills(answer=[titles["Asthma"], titles["None"]]) == "refused=not_understood"
    assert ana.fills(answer=[titles["Asthma"], titles["High blood pressure"]]) == "said=fill_answer"
    assert phone.question() != first
    recorded = answers(phone.session())[first.partition(":")[2]]
    assert next(iter(recorded.values())) == [titles["Asthma"], titles["High blood pressure"]]  # type: ignore[attr-defined]


def test_yes_and_no_are_offered_where_that_is_asked(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "2", "999900000011", "4/23/1979", "46204", "agent")  # has a doctor on file: keep this one?
    ana.does("claim")
    assert asks(phone) == "bool"
    assert '<option value="yes">Yes</option><option value="no">No</option></select>' in ana.browser.get(ana.path).text
    first = phone.question()
    assert ana.fills(answer="maybe some day") == "refused=not_understood"
    assert ana.fills(answer="no") == "said=fill_answer"
    assert answers(phone.session())[first.partition(":")[2]] == {"pmp_keep": False}


def test_free_words_are_understood_in_english_for_who_speaks_spanish(phone: Phone, ana: Desk) -> None:
    phone.texts("hola", "3", "999900000023", "5/4/1990", "46222", "Mateo", "agente")
    ana.does("claim")
    first = phone.question()
    assert ana.fills(answer="Very good") == "said=fill_answer"
    assert phone.question() != first


# --- the forms themselves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["", "x", "a" * 33, "é" * 32, "g" * 32, "١" * 32, "' OR 1=1 --"])
def test_a_form_whose_id_is_none_of_ours_is_refused(phone: Phone, ana: Desk, act: str) -> None:
    phone.texts("hi", "agent")
    for name in ("claim", "close", "note", "write"):
        assert ana.browser.post(f"{ana.path}/{name}", act=act, text="hi").status_code == 400
    assert phone.session().owner == "queue" and count(phone.bot, t.acts) == count(phone.bot, t.notes) == 0


def test_the_id_of_one_form_does_nothing_in_another(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    form = uuid4().hex
    ana.does("claim", act=form)
    ana.does("write", act=form, text="hello")
    assert "hello" not in texts(phone)


def test_a_note_is_kept_once_and_never_texted(phone: Phone, ana: Desk, mia: Desk) -> None:
    phone.texts(*VERIFIED)
    form = uuid4().hex
    assert ana.does("note", act=form, text=" Prefers mornings.\r\n") == "said=note"
    ana.does("note", act=form, text="Prefers mornings.")
    assert ana.does("note", text="  ") == "said=nothing"
    assert "Agent (note) Prefers mornings." in mia.shown() and count(phone.bot, t.notes) == 1
    assert "mornings" not in str(texts(phone))
    (row,) = rows(phone.bot, t.notes)
    assert row.member == phone.session().person.id and b"mornings" not in row.text_sealed  # type: ignore[union-attr]


def test_records_away_is_said_and_nothing_is_done(phone: Phone, ana: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.turn import RecordsAway

    phone.texts("hi", "agent")

    def away(*_: object) -> None:
        raise RecordsAway

    monkeypatch.setattr("webhooks.console.cases.take_act", away)
    answer = ana.browser.post(f"{ana.path}/claim", act=uuid4().hex)
    assert answer.status_code == 503 and "Nothing was saved" in answer.text
