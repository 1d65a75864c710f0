"""A conversation as staff see it."""

from __future__ import annotations

import re

import pytest

from bot import inputs
from bot.bootstrap import Bot
from bot.records import tables as t
from bot.staff import MAY
from tests.calls.poster import Poster
from tests.console.conftest import SignedIn
from tests.console.desk import AS_PART, Desk, audited, words
from tests.phone import Clock, Phone
from webhooks.console.case_view import LINES

VERIFIED = ("hi", "3", "999900000013", "7/30/1998", "46208")
SPANISH = ("hola", "3", "999900000023", "5/4/1990", "46222", "Mateo")  # a mother for her child


def asked(shown: str) -> str:
    """What the page says of the open question."""
    return shown.partition("Fill in the open question for the member")[2].partition("What was said")[0].strip()


def test_before_a_verification_it_says_to_say_nothing(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "3", "agent")
    shown = ana.shown()
    assert "Verified no: say nothing about a member yet" in shown
    assert "Asked for a person" in shown and "Waiting for a person" in shown
    assert "Welcome steps" not in shown and "Household" not in shown


def test_verified_it_shows_the_steps_the_task_and_about_whom(phone: Phone, ana: Desk) -> None:
    phone.texts(*VERIFIED, "agent")
    shown = ana.shown()
    assert "Conversation about Keisha" in shown and "Verified as member" in shown
    assert "How to reach them: open" in shown and "Health screening: open" in shown
    assert "question 1 of" in shown
    assert "(•••) •••-••99" in shown and phone.number[-10:] not in shown


def test_a_parents_household_is_first_names_and_ages(phone: Phone, ana: Desk) -> None:
    phone.texts(*SPANISH, "agente")
    shown = ana.shown()
    assert "Verified as member" in shown
    household = shown.partition("Household")[2].partition("What was said")[0]
    assert re.search(r"Mateo, \d+ ", household) and not re.search(r"\d{4}", household)


def test_the_open_question_and_what_was_said_are_in_english_for_a_member_who_speaks_spanish(
    phone: Phone, ana: Desk
) -> None:
    phone.texts(*SPANISH, "agente")
    ana.does("claim")
    shown = ana.shown()
    assert "Language Spanish" in shown
    assert asked(shown).startswith("How is Mateo's health most of the time?") and "Excellent" in asked(shown)
    assert "En general, ¿cómo es la salud de Mateo?" in shown
    assert re.search(r"In English: .*How is Mateo's health most of the time\?", shown)


def test_findings_and_answers_only_for_who_may_see_them(
    phone: Phone, ana: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.texts(*VERIFIED, "3")
    member = phone.session().person.id  # type: ignore[union-attr]
    row = {"member": member, "screening": "s", "rule": "R1", "rule_version": "1", "tier": "HIGH", "topic": "housing"}
    with phone.bot.records.begin() as conn:
        conn.execute(t.findings.insert().values(**row, at=phone.clock()))
    shown = ana.shown()
    assert "HIGH housing" in shown and "Answers so far (1)" in shown and "Good" in shown
    monkeypatch.setitem(MAY, "agent", MAY["agent"] - {"see_answers"})
    shown = ana.shown()
    assert "housing" not in shown and "Answers so far" not in shown


def test_an_auditor_reads_no_conversation(phone: Phone, signed_in: SignedIn) -> None:
    phone.text("hi")
    assert signed_in("auditor").get(f"/console/c/{phone.conversation}").status_code == 403


def test_marks_of_delivery_owners_and_notes_stand_in_order(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    ana.does("claim")
    ana.does("write", text="First of all, hello.")
    ana.does("note", text="Called the clinic.")
    phone.wait(5)
    ana.does("write", text="The second text.")
    with phone.bot.records.begin() as conn:
        conn.execute(t.outbox.update().where(t.outbox.c.reason == "agent").values(state="failed"))
    shown = ana.shown()
    order = (
        "put the conversation in line: asked for a person", "Agent took the conversation", "this is Agent at Member",
        "First of all, hello.", "Agent (note) Called the clinic.", "The second text.",
    )  # fmt: skip
    places = [shown.index(one) for one in order]
    assert places == sorted(places)
    assert re.search(r"The second text\. [\d:]+ [AP]M · failed", shown)
    assert ana.browser.get(ana.path).text.count('class="agent trouble"') == 2


def test_what_an_agent_took_before_it_went_out_is_marked_not_sent(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "1", "agent")
    from bot.turn import take_turn

    message = inputs.MessageReceived("SM" + "a" * 32, phone.clock(), phone.number, phone.ours, "help")
    take_turn(phone.bot, message)
    phone.wait(5)
    ana.does("claim")
    assert "· not sent" in ana.shown()


def test_opted_out_and_pictures(phone: Phone, ana: Desk) -> None:
    phone.text("hi")
    phone.text("", media=2)
    phone.text("STOP")
    shown = ana.shown()
    assert "(2 pictures, not shown)" in shown
    assert "This member has opted out of texts." in shown
    assert "Start it by text" not in shown


def test_a_call_is_read_with_its_keys_and_silences_and_taken_to_call_back(
    bot: Bot, clock: Clock, ana: Desk, mia: Desk
) -> None:
    call = Poster(bot, clock)
    call.begins()
    call.keys("1")
    call._post("silence", "")
    call.says("I want to talk to a person")
    path = f"/console/c/{call.conversation}"
    shown = words(ana.browser.get(path))
    assert "(the call began)" in shown and "(keys) 1" in shown and "(silence)" in shown
    assert "I want to talk to a person" in shown and "{" not in shown.partition("What was said")[2]
    assert "Channel Phone call" in shown
    ana.browser.post(f"{path}/claim", act="a" * 32)
    shown = words(ana.browser.get(path))
    assert "You have this conversation" in shown and "Close" in shown and "Give back" not in shown
    assert "With Agent" in words(mia.browser.get(path))
    assert "refused=a_call" in ana.browser.post(f"{path}/write", act="b" * 32, text="hi").location
    assert "said=close" in ana.browser.post(f"{path}/close", act="c" * 32).location
    assert "You have this" not in words(ana.browser.get(path))


def test_nothing_where_nothing_changed_and_a_fresh_part_where_it_did(phone: Phone, ana: Desk, mia: Desk) -> None:
    phone.texts(*VERIFIED, "agent")

    def fresh() -> tuple[int, str]:
        answer = ana.browser.get(f"{ana.path}?seen={version}", **AS_PART)
        return answer.status_code, answer.text

    def version_of(text: str) -> str:
        found = re.search(r"seen=(\w+)", text)
        assert found is not None
        return found[1]

    version = version_of(ana.browser.get(ana.path).text)
    reads = len(audited(phone, "read_conversation"))
    assert fresh() == (204, "")
    assert len(audited(phone, "read_conversation")) == reads
    member = phone.session().person.id  # type: ignore[union-attr]
    changes = (
        lambda: phone.text("are you there?"),
        lambda: mia.does("note", text="I know her."),
        lambda: mia.does("claim"),
        lambda: mia.browser.post(f"/console/m/{member}/step", act="d" * 32, step="pmp"),
        lambda: phone.wait(2 * 86_400.0),  # the verification runs out
    )
    for number, change in enumerate(changes, 1):
        change()
        ana.browser.sign_in("agent")
        status, text = fresh()
        assert status == 200 and text.lstrip().startswith('<div id="now"') and "<html" not in text
        version = version_of(text)
        assert len(audited(phone, "read_conversation")) == reads + number
        assert fresh()[0] == 204


def test_of_a_long_conversation_the_last_texts_are_shown_and_it_says_so(phone: Phone, ana: Desk) -> None:
    phone.text("hi")
    assert "Older texts are not shown" not in ana.shown()
    with phone.bot.records.begin() as conn:
        (kept,) = conn.execute(t.inbound.select().where(t.inbound.c.conversation == phone.conversation)).all()
        for number in range(LINES):
            row = {**kept._mapping, "message_id": f"m{number}", "version": 1000 + number}
            conn.execute(t.inbound.insert().values({**row, "arrived_at": kept.arrived_at + 1 + number}))
    page = ana.browser.get(ana.path).text
    assert "Older texts are not shown" in page
    assert page.count('<p class="who">') == LINES


def test_a_conversation_whose_plan_is_gone_is_shown_under_the_plan_of_its_number(phone: Phone, ana: Desk) -> None:
    phone.texts("hi", "agent")
    with phone.bot.records.begin() as conn:
        conn.execute(t.handoffs.update().values(plan="elsewhere"))
    assert "Asked for a person" in ana.shown()


def test_codes_there_are_none_of_say_nothing(phone: Phone, ana: Desk) -> None:
    phone.text("hi")
    plain = ana.shown()
    for query in ({"said": "<b>"}, {"refused": "everything"}, {"canned": "none", "language": "tlh"}):
        assert ana.shown(**query) == plain


def test_script_in_a_members_text_is_text(phone: Phone, ana: Desk) -> None:
    phone.text("<script>alert(1)</script>")
    page = ana.browser.get(ana.path).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("guess", ["0" * 32, "x", "a" * 5000, "%00", "' OR 1=1 --"])
def test_a_guessed_conversation_is_not_found_and_not_in_the_audit(ana: Desk, guess: str) -> None:
    before = audited(ana.phone)
    path = f"/console/c/{guess}"
    assert ana.browser.get(path).status_code == 404
    for name in ("claim", "give-back", "close", "start-task", "write", "fill-answer", "note"):
        assert ana.browser.post(f"{path}/{name}", act="a" * 32, text="hi", answer="1").status_code == 404, name
    assert audited(ana.phone) == before
