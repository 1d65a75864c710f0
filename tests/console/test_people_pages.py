"""Members found by what they say on the telephone, looked at, and helped."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from bot.bootstrap import Bot
from bot.members.roster import member_id_index
from bot.outbound import Simulator
from bot.records import tables as t
from bot.worker import send_due, work_once
from tests.console.browser import Browser
from tests.console.conftest import SignedIn
from tests.console.desk import Desk, account, audited, words
from tests.handoffs.desk import seen
from tests.phone import Clock, Phone, count, rows

KEISHA, ROSA_CHILD = "999900000013", "999900000023"
INDIANA = ZoneInfo("America/Indiana/Indianapolis")


def id_of(bot: Bot, member_id: str) -> str:
    (row,) = rows(bot, t.members, t.members.c.member_id_index == member_id_index(bot.vault, "indiana", member_id))
    return str(row.id)


def path_of(bot: Bot, member_id: str) -> str:
    return f"/console/m/{id_of(bot, member_id)}"


# --- search -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("999900000013", ["Keisha G."]),
        ("317-555-0112", ["Keisha G."]),
        ("(317) 555 0112", ["Keisha G."]),
        ("keisha grant", ["Keisha G."]),
        ("Grant, Keisha", ["Keisha G."]),
        ("Dorothy Price", ["Jaylen P."]),  # a guardian who is no member
        ("317-555-0116", ["Marcus R.", "Tanya R."]),
        ("Keisha", []),
        ("9999", []),
        ("' OR 1=1 --", []),
        (" ", []),
    ],
)
def test_by_id_phone_name_and_guardian_exactly(bot: Bot, signed_in: SignedIn, what: str, found: list[str]) -> None:
    answer = signed_in("agent").post("/console/search", what=what)
    assert sorted(re.findall(r'<a href="/console/m/\w+">([^<]+)</a>', answer.text)) == sorted(found)
    assert f"{len(found)} found" in answer.text
    row = rows(bot, t.audit)[-1]
    assert (row.action, row.subject, row.detail) == ("search", "members", f"found: {len(found)}")


def test_what_is_searched_for_is_in_no_address(signed_in: SignedIn) -> None:
    browser = signed_in("agent")
    form = browser.get("/console/search").text
    assert 'method="post"' in form and 'method="get"' not in form
    answer = browser.post("/console/search", what="Keisha Grant")
    assert "Location" not in answer.headers and 'value="Keisha' not in answer.text
    addresses = re.findall(r'(?:href|action|hx-\w+)="([^"]*)"', answer.text)
    assert not [one for one in addresses if re.search("(?i)keisha|grant", one)]
    assert browser.get("/console/search?what=Keisha+Grant").text.count("/console/m/") == 0


# --- the page ---------------------------------------------------------------------------------------------------------


def test_a_member_is_shown_with_masks(bot: Bot, phone: Phone, signed_in: SignedIn) -> None:
    phone.texts("hi", "3", KEISHA, "7/30/1998", "46208")
    browser = signed_in("agent")
    answer = browser.get(path_of(bot, KEISHA))
    shown = words(answer)
    masks = "Keisha G.", "••••13", "••/••/••••", "(•••) •••-••12"
    for part in (*masks, "may be texted", "Reward: not yet: steps are open"):
        assert part in shown
    for secret in ("Grant", KEISHA, "1998", "3402", "Capitol", "5550112", "0112"):
        assert secret not in answer.text
    assert f"/console/c/{phone.conversation}" in answer.text


def test_the_child_is_shown_with_who_may_speak_for_them(bot: Bot, signed_in: SignedIn) -> None:
    shown = words(signed_in("agent").get(path_of(bot, "999900000018")))
    assert "Dorothy (guardian)" in shown and "Price" not in shown


def test_each_look_is_one_row(bot: Bot, phone: Phone, signed_in: SignedIn) -> None:
    browser, path = signed_in("agent"), path_of(bot, KEISHA)
    before = len(audited(phone))
    browser.get(path)
    assert audited(phone)[before:] == [(account(phone, "agent"), "read_member", path[-32:], "")]


@pytest.mark.parametrize("guess", ["0" * 32, KEISHA, "x", "%00"])
def test_a_guessed_member_is_not_found(bot: Bot, phone: Phone, signed_in: SignedIn, guess: str) -> None:
    browser = signed_in("agent")
    before = audited(phone)
    assert browser.get(f"/console/m/{guess}").status_code == 404
    for form in ("step", "start"):
        answer = browser.post(f"/console/m/{guess}/{form}", act=uuid4().hex, step="pmp", flow="choose_pmp")
        assert answer.status_code == 404
    assert before == audited(phone)


# --- a step done by phone ---------------------------------------------------------------------------------------------


def test_steps_done_by_phone_are_recorded_once_and_the_reward_follows(bot: Bot, signed_in: SignedIn) -> None:
    browser, path = signed_in("agent"), path_of(bot, KEISHA)
    for step in ("preference", "pmp", "screening"):
        act = uuid4().hex
        for _ in range(2):
            assert browser.post(f"{path}/step", act=act, step=step).location == f"{path}?said=step"
    (agent,) = rows(bot, t.staff, t.staff.c.sign_in == "agent")
    done = rows(bot, t.completions, t.completions.c.member == path[-32:], t.completions.c.source == "phone")
    assert [row.step for row in done] == ["preference", "pmp", "screening"]
    assert {row.said_by for row in done} == {f"agent:{agent.id}"}
    shown = words(browser.get(f"{path}?said=step"))
    assert shown.count("(by phone)") == 3 and "Reward: earned" in shown
    assert "The step is recorded as done by phone." in shown
    assert count(bot, t.rewards, t.rewards.c.member == path[-32:]) == 1


def test_no_other_step_is_recorded(bot: Bot, signed_in: SignedIn) -> None:
    browser, path = signed_in("agent"), path_of(bot, KEISHA)
    before = count(bot, t.completions)
    assert browser.post(f"{path}/step", act=uuid4().hex, step="<b>").status_code == 400
    assert browser.post(f"{path}/step", act="", step="pmp").status_code == 400
    assert count(bot, t.completions) == before


# --- a task by text ---------------------------------------------------------------------------------------------------


def starts(browser: Browser, bot: Bot, member_id: str, flow: str = "do_screening", act: str = "") -> str:
    path = path_of(bot, member_id)
    return browser.post(f"{path}/start", act=act or uuid4().hex, flow=flow).location.removeprefix(f"{path}?")


def test_one_who_never_texted_is_texted_and_told_nothing_before_verifying(
    bot: Bot, clock: Clock, signed_in: SignedIn
) -> None:
    keisha = Phone(bot, clock, number="+13175550112")
    browser, act = signed_in("agent"), uuid4().hex
    assert starts(browser, bot, KEISHA, act=act) == starts(browser, bot, KEISHA, act=act) == "said=start"
    send_due(bot, Simulator())
    (told,) = [line.text for line in seen(keisha)]
    assert "member ID" in told and "Keisha" not in told and "Grant" not in told
    assert "birth" in str(keisha.text(KEISHA)).lower()
    assert audited(keisha, "start_task")[0][2:] == (id_of(bot, KEISHA), "do_screening")


def test_at_night_the_text_waits_for_the_morning(bot: Bot, clock: Clock, signed_in: SignedIn) -> None:
    clock.now = datetime(2027, 2, 2, 23, tzinfo=INDIANA).timestamp()
    keisha = Phone(bot, clock, number="+13175550112")
    assert starts(signed_in("agent"), bot, KEISHA) == "said=start"
    work_once(bot, Simulator())
    assert [] == seen(keisha)
    clock.now = datetime(2027, 2, 3, 9, 30, tzinfo=INDIANA).timestamp()
    work_once(bot, Simulator())
    assert len(seen(keisha)) == 1


def test_it_is_in_the_language_of_the_roster(bot: Bot, clock: Clock, signed_in: SignedIn) -> None:
    mother = Phone(bot, clock, number="+13175550119")
    starts(signed_in("agent"), bot, ROSA_CHILD, flow="choose_pmp")
    send_due(bot, Simulator())
    (told,) = [line.text for line in seen(mother)]
    assert "ID de miembro" in told


def test_after_stop_nobody_is_texted(bot: Bot, clock: Clock, signed_in: SignedIn) -> None:
    keisha = Phone(bot, clock, number="+13175550112")
    browser = signed_in("agent")
    keisha.texts("hi", "STOP")
    before = len(seen(keisha))
    page = browser.get(path_of(bot, KEISHA))
    assert "Texts opted out" in words(page) and "/start" not in page.text
    assert starts(browser, bot, KEISHA) == "refused=opted_out"
    send_due(bot, Simulator())
    assert len(seen(keisha)) == before
    assert "opted out" in words(browser.get(f"{path_of(bot, KEISHA)}?refused=opted_out"))


def test_stop_on_another_of_our_numbers_counts(bot: Bot, clock: Clock, signed_in: SignedIn) -> None:
    others = [number for plan in bot.content.current.plans.values() for number in plan.numbers]
    elsewhere = Phone(bot, clock, number="+13175550112", ours=others[-1])
    elsewhere.texts("hi", "STOP")
    keisha = Phone(bot, clock, number="+13175550112")
    starts(signed_in("agent"), bot, KEISHA)
    send_due(bot, Simulator())
    assert [line.who for line in seen(keisha) if "member ID" in line.text] == []


def test_a_colleagues_conversation_is_not_started_in(phone: Phone, bot: Bot, ana: Desk, mia: Desk) -> None:
    keisha = Phone(bot, phone.clock, number="+13175550112")
    keisha.texts("hi", "agent")
    Desk(mia.browser, keisha).does("claim")
    assert starts(ana.browser, bot, KEISHA) == "refused=held"
    assert starts(ana.browser, bot, KEISHA, flow="menu") == "refused=no_such_task"


def test_who_has_no_phone_on_file_is_not_texted(
    bot: Bot, phone: Phone, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhooks.console.people._phone_on_file", lambda _: "")
    browser = signed_in("agent")
    assert starts(browser, bot, KEISHA) == "said=no_phone"
    assert "Nothing was sent" in words(browser.get(f"{path_of(bot, KEISHA)}?said=no_phone"))
    assert audited(phone, "start_task")[0][2:] == (id_of(bot, KEISHA), "refused: no phone")
